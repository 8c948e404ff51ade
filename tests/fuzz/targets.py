"""What is fuzzed: files of every kind that lis1plan reads, names that it writes, and its server.

A target is where drawn values come from, and what is done with each. What is done asserts the laws
of SECURITY.md: refused in lines with a documented exit code or done; never a traceback; no
file outside the folder it was told to write to and no program started; no cell that a spreadsheet
would run; no markup in a page but its own.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from click.testing import CliRunner
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from lis1plan.cli.commands import main
from lis1plan.configs.loader import load_study, preset_files
from lis1plan.configs.schema import BASED_ON
from lis1plan.core.compute import parts
from lis1plan.core.errors import LisError
from lis1plan.core.files.store import write_result
from lis1plan.core.study.study import Study
from lis1plan.explore import page
from lis1plan.jobs.working_folder import read_manifest

from ..helpers.damage import CHANGES
from ..helpers.synthetic_result import synthetic_result, synthetic_study
from .watch import harm_outside

Tried = Callable[[Any], None]
DONE = {0, 1, 2}
"""How a command may end that reads what another wrote: done, a check fails, bad input."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FILES = preset_files("tutorial")
LINES = FILES["tutorial.toml"].splitlines()
TABLES = sorted(name for name in FILES if name.endswith(".csv"))
VALUES = (
    "nan", "-inf", "1e400", "-0", "9" * 500, '""', '"../../x"', "[]", "{}", "true", "'\\u0000'",
    "2026-01-01", "[[[[[1]]]]]", "{ table = '/etc/passwd' }", "{ table = '../../x.csv' }",
    "{ value = 1 }", "{ distribution = 'normal', mean = 1e308, sd = 1e308, source = 'x' }",
    "{ distribution = 'pert', low = 0, mode = 0, high = 0, source = 'x' }", "-1", "1e-320",
    "{ table = 'data' }", "['*']", '"=1+1"', "0x7fffffffffffffff", "1_0", "{ value = '1' }",
)  # fmt: skip
CELLS = (
    "", " ", "nan", "inf", "-1", "1e400", "9" * 400, '"', '""', "\x00", "\ufeff", "2026", "city",
    "1,5", "1.000,5", "1;2", "=1+1", "٣", "²", "1e3", "0x10", "--", "\r", "NA", "true", "'1",
)  # fmt: skip
MARKS = (
    *FORMULA, "<xq-a>", "</script><xq-b>", '"onxq=1 x="', "'", "&lt;", "<!--",
    "]]>", "{{", "\u202e", "\x1b[31m", "\n", "[link=x]", "💥", "\\", "%00", "`",
)  # fmt: skip


class Target(NamedTuple):
    """Where values come from, and what tries one within a folder of its own."""

    values: SearchStrategy[Any]
    opened: Callable[[Path], AbstractContextManager[Tried]]


def command(folder: Path, *arguments: object, codes: set[int] = DONE) -> str:
    """Give a command as a user would; return what it printed."""
    with harm_outside(folder) as harm:
        done = CliRunner().invoke(main, [str(each) for each in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    assert done.exit_code in codes, f"{done.exit_code}: {done.stderr[-600:]}"
    assert not harm, harm
    said = done.stderr
    assert "Traceback" not in said
    assert bool(said.strip()) or done.exit_code in (0, 1)
    shown = done.stdout + said
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in shown), repr(shown[-600:])
    return done.stdout


def encodable(text: str) -> str:
    """Return a text with marks in place of what no file can hold."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def refused_or(read: Callable[[], Any], folder: Path) -> Any:
    """Return what is read, or None where it is refused: in lines, each of which can be read."""
    with harm_outside(folder) as harm:
        try:
            found, told = read(), ["read"]
        except LisError as error:
            found, told = None, error.told
    assert told
    assert all(len(line) < 4_000 for line in told)
    assert not harm, harm
    return found


# ------------------------------------------------------------------------ studies, tables, plans


def _written(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, "utf-8", newline="")


def few(*each: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Return some changes, each of these parts."""
    return st.lists(st.tuples(*each), min_size=1, max_size=4)


edits = few(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["drop", "twice", "value", "key", "line"]),
    st.sampled_from(VALUES) | st.text(max_size=12),
)


@contextmanager
def studies(folder: Path) -> Iterator[Tried]:
    """Study files: lines of the tutorial changed, as a study and as one based on it."""
    _written(folder, FILES)
    based = f'{BASED_ON} = "study.toml"\nname = "based"\n'
    (folder / "based.toml").write_text(based, "utf-8")

    def tried(edited: list[tuple[int, str, str]]) -> None:
        lines = [*LINES]
        for number, how, value in edited:
            key = lines[number].partition("=")[0]
            changed = {"drop": "", "twice": f"{lines[number]}\n{lines[number]}", "line": value}
            changed |= {"value": f"{key}= {value}", "key": f"{key.strip()}{value} = 1"}
            lines[number] = changed[how]
        text = "\n".join(lines).encode("utf-8", "surrogatepass")
        (folder / "study.toml").write_bytes(text)
        for name in ("study.toml", "based.toml"):
            command(folder, "validate", folder / name, "--show", codes={0, 2})

    yield tried


rows = few(
    st.sampled_from(TABLES),
    st.integers(0, 30),
    st.integers(0, 8),
    st.sampled_from(CELLS) | st.text(max_size=8),
)


@contextmanager
def tables(folder: Path) -> Iterator[Tried]:
    """Tables of a study: cells changed, rows and columns too many or too few, or any bytes."""
    _written(folder, FILES)

    def tried(value: tuple[list[tuple[str, int, int, str]], bytes]) -> None:
        changed, tail = value
        _written(folder, FILES)
        for name, line, column, cell in changed:
            lines = FILES[name].split("\n")
            row = lines[line % len(lines)].split(",")
            row[column % len(row) : column % len(row) + 1] = [cell] if column else []
            lines[line % len(lines)] = ",".join(row)
            content = "\n".join(lines).encode("utf-8", "surrogatepass")
            (folder / name).write_bytes(content + tail)
        command(folder, "validate", folder / "tutorial.toml", "--show", codes={0, 2})

    yield tried


@contextmanager
def plans(folder: Path) -> Iterator[Tried]:
    """Plans and cases of campaigns: cells and any bytes below headings that are right."""
    from lis1plan.batch.cases import cases_of
    from lis1plan.configs.plan_file import read_plan, read_plans

    study, path = load_study("tutorial"), folder / "file.csv"

    def tried(value: tuple[str, list[list[str]], bytes]) -> None:
        head, cells, tail = value
        body = "\n".join(",".join(row) for row in cells).encode("utf-8", "surrogatepass")
        path.write_bytes(f"{head}\n".encode() + body + tail)
        refused_or(lambda: read_plan(path, study), folder)
        refused_or(lambda: read_plans(path, study), folder)
        refused_or(lambda: cases_of(path), folder)

    yield tried


HEADS = ("year,region,slots", "plan,year,region,slots", "year;region;slots", "scenario,name", "")
cells = st.sampled_from(CELLS) | st.integers(2024, 2041).map(str) | st.sampled_from(["city", "2"])


# ------------------------------------------------------------------------ what lis1plan wrote


def _small_result() -> xr.Dataset:
    sampling = json.loads(load_study("norway-2019").canonical_text)["sampling"]
    return synthetic_result(synthetic_study(sampling=sampling | {"scenarios": 128}))


READERS: tuple[tuple[str, ...], ...] = (
    ("report", "R", "--out", "O/page.html"),
    ("diff", "R", "W"),
    ("export", "R", "--format", "csv", "--out", "O"),
    ("export", "R", "--format", "xlsx", "--out", "O", "--locale", "nb"),
    ("verify", "R"),
)


@contextmanager
def results(folder: Path) -> Iterator[Tried]:
    """Result files with other content, signed anew, or other bytes, for all that reads them."""
    result, out = _small_result(), folder / "out"
    whole = write_result(result, folder / "whole.nc", result.attrs)
    content, path = whole.read_bytes(), folder / "result.nc"
    places = {"R": str(path), "W": str(whole)}

    def tried(value: tuple[int, int, tuple[str, ...], bytes | None]) -> None:
        seed, changes, reader, damage = value
        out.mkdir()
        try:
            if damage is None:
                if not _changed(result, path, random.Random(seed), changes):
                    return
            else:
                at = seed % len(content)
                path.write_bytes(content[:at] + damage + content[at + len(damage) :])
            asked = [places.get(each, each.replace("O", str(out), 1)) for each in reader]
            command(out, *asked)
            _no_formulas(out)
        finally:
            shutil.rmtree(out)

    yield tried


def _changed(result: xr.Dataset, path: Path, choose: random.Random, changes: int) -> bool:
    """Write a result with some changes; False where no file can say so."""
    data = result.copy(deep=True)
    try:
        for _ in range(changes):
            choose.choice(CHANGES)[1](choose, data)
        write_result(data, path, data.attrs)
    except (TypeError, ValueError, RuntimeError, AttributeError, LookupError, ArithmeticError):
        return False
    return True


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**30) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["array", "scalar", "dict", "named", "items", "list", "tuple"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["array", "shape", "scalar", "dict", "named", "items", "list",
                                       "tuple", "x"]), inner, max_size=3)
    | st.tuples(st.sampled_from(["lis1plan.core.risk.streams", "lis1plan.nothing", "os",
                                 "lis1plan.core.errors", "lis1plan."]),
                st.sampled_from(["Exit", "system", "InputError", "Path", "", "Stream"]), inner)
    .map(lambda each: {"named": [each[0], each[1]], "items": each[2]}),
    max_leaves=8,
)  # fmt: skip


@contextmanager
def parts_kept(folder: Path) -> Iterator[Tried]:
    """Parts: any tree with a checksum that is right, and any bytes."""
    path = folder / "part.npz"
    arrays = [np.arange(4.0), np.array(["a", "b"]), np.zeros((0, 2))]

    def tried(value: tuple[Any, str | None, int, bytes]) -> None:
        tree, text, at, damage = value
        told = json.dumps(tree) if text is None else text
        told = encodable(told)
        members = {str(n): each for n, each in enumerate(arrays)}
        members["tree"] = np.frombuffer(told.encode(), np.uint8)
        members["sha256"] = np.frombuffer(parts._checksum(told, arrays), np.uint8)
        held = io.BytesIO()
        np.savez(held, **members)  # type: ignore[arg-type]
        content = held.getvalue()
        at %= len(content)
        path.write_bytes(content[:at] + damage + content[at + len(damage) :])
        with harm_outside(folder) as harm:
            try:
                parts.read_part(path)
                told = str(path)
            except parts.PartError as error:
                told = str(error)
        assert str(path) in told
        assert not harm, harm

    yield tried


@contextmanager
def manifests(folder: Path) -> Iterator[Tried]:
    """Manifests of interrupted runs: one value in them replaced by any other."""
    study = load_study("tutorial")
    whole = {
        "format": 2, "kind": "run", "study_name": study.name, "study_json": study.canonical_text,
        "plans": {"plan": [[0.0] * len(study.decision_years)] * len(study.regions)},
        "options": {"seed": None}, "versions": {"numpy": "2"},
    }  # fmt: skip

    def tried(value: tuple[list[int], Any]) -> None:
        (first, *steps), other = value
        content = json.loads(json.dumps(whole))
        inside = json.loads(content["study_json"])
        found: Any = inside if first % 2 else content
        for step in steps:
            if not isinstance(found, dict | list) or not found:
                break
            place = found
            key = (list(place) if isinstance(place, dict) else range(len(place)))[step % len(place)]
            found = place[key]
        place[key] = other
        if first % 2:
            content["study_json"] = json.dumps(inside)
        (folder / "manifest.json").write_text(json.dumps(content), "utf-8")
        refused_or(lambda: read_manifest(folder), folder)

    yield tried


# ------------------------------------------------------------------------ names that are written


class _Tags(HTMLParser):
    """Tags and attributes of a page, and what they load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


@contextmanager
def names(folder: Path) -> Iterator[Tried]:
    """Names of a study as its report, its tables and its workbook show them."""
    plain, out = _small_result(), folder / "out"
    own = _tags(plain, folder)

    def tried(value: tuple[str, str, str]) -> None:
        title, region, limit = map(encodable, value)
        study = json.loads(plain.attrs["study_json"])
        study["title"] = title
        next(iter(study["regions"].values()))["name"] = region
        next(iter(study["risk"].values()))["name"] = limit
        named = _named(study)
        if named is None:
            return
        result = synthetic_result(named)
        path = write_result(result, folder / "named.nc", result.attrs)
        out.mkdir()
        try:
            command(out, "export", path, "--format", "csv", "--out", out, codes={0})
            command(out, "export", path, "--format", "xlsx", "--out", out, codes={0})
            _no_formulas(out)
            assert _tags(result, folder) <= own
        finally:
            shutil.rmtree(out)

    yield tried


def _named(study: dict[str, Any]) -> Study | None:
    from lis1plan.configs.loader import study_from_text

    try:
        return study_from_text(json.dumps(study))
    except LisError:
        return None


def _tags(result: xr.Dataset, folder: Path) -> set[str]:
    """Return the tags and attributes of the report of a result."""
    path = write_result(result, folder / "tagged.nc", result.attrs)
    command(folder, "report", path, "--out", folder / "page.html", codes={0})
    seen = _Tags()
    seen.feed((folder / "page.html").read_text("utf-8"))
    return seen.found


def _no_formulas(folder: Path) -> None:
    """Hold that no cell of any table in a folder would be run, but sums of the program's own."""
    import openpyxl

    for file in folder.glob("*.csv"):
        text = file.read_bytes().decode("utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                assert not cell.startswith(FORMULA) or _is_number(cell), (file.name, cell)
    for file in folder.glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(file):
            for line in sheet.iter_rows():
                for each in line:
                    assert each.data_type != "f" or str(each.value).startswith("=SUM("), each.value


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


# ------------------------------------------------------------------------ the desk's server


@contextmanager
def served(folder: Path) -> Iterator[Tried]:
    """Requests to the desk: paths, hosts, bodies of JSON and of plan files."""
    with asyncio.Runner() as loop, page.serving([("made up.nc", _small_result())]) as desk:
        loop.run(_begun(desk))

        def tried(value: tuple[str, str, bytes, str | None]) -> None:
            path, query, body, host = value
            headers = {} if host is None else {"Host": host}
            with harm_outside(folder) as harm:
                code = loop.run(_asked(f"{desk.address}{path}{query}", body, headers))
            own = [each for each in harm if f"'127.0.0.1', {desk.port}" not in each]
            assert not own, own
            allowed = {200, 400, 404, 405, 413} if host is None else {400, 403}
            assert code in allowed, code

        yield tried


async def _begun(desk: page.Page) -> None:
    desk.start()


async def _asked(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Return the status of a request; one that cannot be sent is no request."""
    try:
        request = HTTPRequest(url, method="POST", body=body, headers=headers)
        return (await AsyncHTTPClient().fetch(request, raise_error=False)).code
    except (ValueError, UnicodeError):
        return 404


YEARS = len(load_study("norway-2019").decision_years)
numbers = st.floats(0, 50) | st.sampled_from([0, 1e300, -1, 10**400, None, "1", True, [1]])
grids = st.lists(st.lists(numbers, min_size=YEARS, max_size=YEARS), min_size=4, max_size=4)
asked_plans = st.fixed_dictionaries(
    {"plan": grids | json_values}, optional={"units": json_values, "x": json_values}
)
questions = st.fixed_dictionaries(
    {"a": asked_plans, "b": asked_plans}, optional={"place": json_values, "group": json_values}
)
bodies = (
    (questions | asked_plans | json_values).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.sampled_from([b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe", b"NaN", b"1e999"])
)
queries = st.sampled_from(["", "?result=0", "?name=x.csv", "?result=" + "9" * 5_000])
queries |= st.text("0123456789²-x%&=", max_size=9).map(lambda text: f"?result={text}")
hosts = st.none() | st.sampled_from(["x.invalid", "127.0.0.1", "localhost:1", "", "[::1]"])
marked = st.lists(st.sampled_from(MARKS) | st.text(max_size=4), min_size=1, max_size=4).map("".join)
TARGETS = {
    "studies": Target(edits, studies),
    "tables": Target(st.tuples(rows, st.binary(max_size=6)), tables),
    "plans": Target(
        st.tuples(
            st.sampled_from(HEADS), st.lists(st.lists(cells, max_size=5), max_size=4),
            st.binary(max_size=8),
        ),
        plans,
    ),
    "results": Target(
        st.tuples(
            st.integers(0, 2**32), st.integers(1, 3), st.sampled_from(READERS),
            st.none() | st.binary(min_size=1, max_size=4),
        ),
        results,
    ),
    "parts": Target(
        st.tuples(
            json_values, st.none() | st.text(max_size=30) | st.just("[" * 100_000),
            st.integers(0, 10**6), st.just(b"") | st.binary(max_size=3),
        ),
        parts_kept,
    ),
    "manifests": Target(
        st.tuples(st.lists(st.integers(0, 60), min_size=2, max_size=7), json_values), manifests
    ),
    "names": Target(st.tuples(marked, marked, marked), names),
    "served": Target(
        st.tuples(
            st.sampled_from(["answer", "plan.csv", "open", "", "start.json", "desk.js", "../x"]),
            queries, bodies, hosts,
        ),
        served,
    ),
}  # fmt: skip
