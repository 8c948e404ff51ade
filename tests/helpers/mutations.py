"""Studies, tables and plans as nobody should write them: one thing wrong in each, by seed.

Each is a `Case`: files to write, a command to give, and what a refusal has to name. Most must be
refused; some are still right, and then the command must do its work.
"""

from __future__ import annotations

import copy
import json
import os
import random
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lis1plan.configs.loader import preset_files

Data = dict[str, Any]
Key = tuple[str | int, ...]
MARKUP = "[/x] [link=http://x.invalid]y[/link] <b>&amp; ![z](http://x.invalid/z.png)"
ESCAPES = "\x1b[31mred\x1b]8;;http://x.invalid\x07z\r\x08\u202e"
DIGITS = "9" * 5_000
MANY = 100_000
PIPE = b"a named pipe: nobody writes into it"


class Case(NamedTuple):
    """A command on files with one thing wrong."""

    name: str
    files: dict[str, bytes | None]  # by path; None: a folder, PIPE: a named pipe
    command: tuple[str, ...]
    blamed: tuple[str, ...]  # one of these stands in what is said when it is refused

    def write(self, folder: Path) -> None:
        """Write the files of the case into a folder."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.mkdir()
            elif content is PIPE:
                os.mkfifo(path)
            else:
                path.write_bytes(content)


class Raw(str):
    """Text that stands in a study as it is."""

    __slots__ = ()


# ------------------------------------------------------------------------ the study that is right

SHORT = {"last_year": 2040, "last_decision": 2029, "window": [2034, 2038]}
WHY = {"assumption": "invented"}


@cache
def _base(closing: bool = False) -> Data:
    """The tutorial, shorter and with every section a study may have beside the others."""
    data = tomllib.loads(preset_files("tutorial")["tutorial.toml"])
    data["time"] |= SHORT
    data["sampling"] |= {"scenarios": 8, "fresh_scenarios": 8, "method": "monte_carlo"}
    data["solve"] |= {"frontier_points": 1, "time_limit_seconds": 5.0, "node_limit": 100}
    data["posts"]["history"] = [{"year": 2025, "region": "city", "posts": 20} | WHY]
    data["applicants"]["home"] |= {
        "added_from": {"2030": 1.0},
        "process": {"process": "autoregressive", "sd": 0.05, "correlation": 0.3} | WHY,
    }
    data["lis1"]["late_withdrawal"] = {"hospital": {"value": 0.01} | WHY}
    data["groups"]["hospital"]["fte_per_head"] = {"value": 0.95} | WHY
    data["correlation"] = [{"keys": ["lis1.leave", "queue.leakage"], "rank": 0.3} | WHY]
    data["ramp"]["lead_time_years"] = {"coast": {"value": 0} | WHY}
    data["demand"]["factor"] = {
        "demography": {"name": "Demography", "growth_per_year": {"value": 0.01} | WHY}
    }
    data["specialists"]["exits_by_year"] = [
        {"group": "hospital", "year": 2027, "factor": 1.2} | WHY
    ]
    data["limits"] = {
        "capacity": [
            {"limit": "hospital_supervision", "region": "city", "year": 2027, "capacity": 1e5} | WHY
        ],
        "budget": [{"payer": "all", "year": 2029, "nok": 1e9} | WHY],
        "least_share": {"coast": {"value": 0.0} | WHY},
        "intake_change": {"city": {"value": 50.0} | WHY},
        "constant_after": 3,
        "multiples_of": 2,
    }
    data["limits"] |= (
        {
            "closing": {
                "most_per_year": {"city": {"value": 1} | WHY},
                "saved_share": {"value": 0.5} | WHY,
            }
        }
        if closing
        else {"trainees": {"all": {"name": "All", "regions": ["city", "coast"], "most": 1e4} | WHY}}
    )
    return data


def base_files() -> dict[str, bytes | None]:
    """The study that is right, and its tables."""
    tables = {n: t.encode() for n, t in preset_files("tutorial").items() if n.endswith(".csv")}
    return {"study.toml": "\n".join(toml_lines(_base())[0]).encode(), **tables}


def _toml(value: Any) -> str:
    match value:
        case Raw():
            return str(value)
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    return repr(value)


def toml_lines(data: Data) -> tuple[list[str], dict[Key, int]]:
    """Return a study as lines of TOML and the line of each key that has one of its own."""
    lines, places = list[str](), dict[Key, int]()

    def put(within: Key, table: Data, depth: int) -> None:
        for last in (False, True):
            for key, value in table.items():
                section = depth < 2 and isinstance(value, dict) and not _is_figure(value)
                if section != last:
                    continue
                places[*within, key] = len(lines) + 1
                if section:
                    lines.append("[" + ".".join([*map(str, within), str(key)]) + "]")
                    put((*within, key), value, depth + 1)
                else:
                    lines.append(
                        f"{key if key.isidentifier() else json.dumps(key)} = {_toml(value)}"
                    )

    put((), data, 0)
    return lines, places


def _is_figure(value: Data) -> bool:
    return bool({"value", "distribution", "table", "process"} & set(value))


# ------------------------------------------------------------------------ studies

VALUES: dict[str, Any] = {
    "text": "many", "number": 3.5, "truth": True, "empty list": [], "empty table": {},
    "list of lists": [[1], ["x"]], "not a number": Raw("nan"), "infinite": Raw("inf"),
    "minus infinite": Raw("-inf"), "huge": 1e308, "minus huge": -1e308, "tiny": 5e-324, "zero": 0,
    "minus one": -1, "10^12": 10**12, "10^18": 10**18, "10^20": 10**20, "-10^20": -(10**20),
    "5 000 digits": Raw(DIGITS), "5 000 digits of a real": Raw(f"{DIGITS}.5"),
    "exponent of 400": Raw("1e400"), "nested lists": Raw("[" * 3_000 + "]" * 3_000),
    "nested tables": Raw("{a=" * 1_500 + "1" + "}" * 1_500), "empty text": "", "blank text": "  ",
    "markup": MARKUP, "escapes": ESCAPES, "long text": "x" * MANY, "many numbers": [1.5] * MANY,
    "many texts": ["city"] * MANY, "date": Raw("2026-11-28"), "moment": Raw("07:32:00"),
    "broken": Raw("= ="), "open text": Raw('"city'), "year 1e5": MANY,
}  # fmt: skip
"""What may stand where something else was asked for."""
DONE_TO_KEYS = ("missing", "twice", "renamed", "unknown beside", "unknown by the thousand")
GENERAL = {"value", "low", "high", "mode", "mean", "sd", "distribution", "assumption", "name"}
"""Keys that say nothing without the one above."""
COMMANDS = (
    ("project", "study.toml", "--out", "out", "--workers", "1"),
    ("project", "study.toml", "--out", "out", "--workers", "1", "--json", "--quiet"),
    ("project", "study.toml", "--out", "out", "--workers", "1"),
    ("project", "study.toml", "--out", "out", "--workers", "1", "--realization", "0"),
    ("validate", "study.toml", "--workers", "1"),
    ("run", "study.toml", "--out", "out", "--workers", "1"),
    ("run", "study.toml", "--out", "out", "--workers", "1", "--json", "--quiet"),
)


def studies(seed: int) -> Iterator[Case]:
    """Yield studies with one key mutated, without end: every key with every kind in turn."""
    choose, count = random.Random(seed), 0
    keys = [*_keys(_base()), *(key for key in _keys(_base(closing=True)) if "closing" in key)]
    pairs = [(key, kind) for key in keys for kind in (*VALUES, *DONE_TO_KEYS)]
    pairs.remove((("sampling", "scenarios"), "year 1e5"))  # right, and minutes of work
    pairs.remove((("sampling", "fresh_scenarios"), "year 1e5"))
    while True:
        choose.shuffle(pairs)
        for key, kind in pairs:
            count += 1
            yield _study(key, kind, COMMANDS[count % len(COMMANDS)])


def _keys(value: Any, within: Key = ()) -> Iterator[Key]:
    items = enumerate(value) if isinstance(value, list) else getattr(value, "items", tuple)()
    for key, item in items:
        yield (*within, key)
        yield from _keys(item, (*within, key))


def _study(key: Key, kind: str, command: tuple[str, ...]) -> Case:
    data = copy.deepcopy(_base("closing" in key))
    *parents, last = key
    place: Any = data
    for part in parents:
        place = place[part]
    twice = None
    if kind in VALUES:
        place[last] = VALUES[kind]
    elif kind == "missing":
        del place[last]
    elif kind == "twice":
        twice = place[last]
    elif isinstance(place, list):
        place.append(place[last])
    elif kind == "renamed":
        place[f"{last}s"] = place.pop(last)
    else:
        for n in range(1 if kind == "unknown beside" else MANY // 4):
            place[f"unknown_{n}"] = n
    lines, places = toml_lines(data)
    line = next((places[key[:n]] for n in range(len(key), 0, -1) if key[:n] in places), 1)
    if twice is not None and isinstance(last, str) and len(key) <= 2:
        lines.insert(line, f"{json.dumps(last)} = {_toml(twice)}")
    named = next((n for n, part in enumerate(key) if isinstance(part, int)), len(key))
    dotted = [".".join(map(str, key[:n])) for n in range(len(key), 0, -1)]
    alone = isinstance(last, str) and last not in GENERAL
    wide = len(key) > 2 or not alone or kind == "missing"  # what is left of its section
    blamed = [*dotted[: 2 if wide else 1], f"(at line {line}, "]
    blamed += [".".join(map(str, key[:named]))] * (named < len(key))
    blamed += [f"(at line {line + 1}, "] * (twice is not None) + [str(last)] * alone
    blamed += ["(at end of document)"] * (line == len(lines))  # a text left open there
    blamed += [".".join([key[0], "*", *map(str, key[2:3])])] * (len(key) > 2)
    if last in GENERAL and len(key) > 1:
        blamed.append(f"{key[-2]}, ")  # as bound of another figure
    blamed += ["unknown_0"] if kind.startswith("unknown") else []
    files = base_files() | {"study.toml": "\n".join(lines).encode()}
    return Case(f"study: {dotted[0]}: {kind}", files, command, tuple(blamed))


# ------------------------------------------------------------------------ tables and plans

CELLS = {
    "emptied": "", "nan": "nan", "inf": "inf", "1e400": "1e400", "huge": "1e308", "negative": "-5",
    "digits": DIGITS, "markup": MARKUP.replace(",", ""), "escapes": "\x1b[31mred",
    "zero byte": "\0", "formula": "=1+1", "thousands": "1.234", "long": "x" * 200_000,
    "open quote": '"city', "minus sign": "\N{MINUS SIGN}5", "text": "many", "big": "1e15",
    "decomposed": "a\u030a", "infinity": "Infinity", "underscore": "1_0", "blank": "  ",
    "ages": "0-999", "old": "10000000",
}  # fmt: skip


def _cell(kind: str) -> Callable[[random.Random, list[list[str]]], int]:
    def put(choose: random.Random, rows: list[list[str]]) -> int:
        at = choose.randrange(1, len(rows))
        rows[at][choose.randrange(len(rows[at]))] = CELLS[kind]
        return at + 1

    return put


def _doubled(choose: random.Random, rows: list[list[str]]) -> int:
    at = choose.randrange(1, len(rows))
    rows.insert(at, list(rows[at]))
    return at + 2


def _cut(choose: random.Random, rows: list[list[str]]) -> int:
    at = choose.randrange(len(rows))
    del rows[at][choose.randrange(len(rows[at])) :]
    return at + 1


def _longer(choose: random.Random, rows: list[list[str]]) -> int:
    at = choose.randrange(len(rows))
    rows[at].append("more")
    return at + 1


def _dropped(choose: random.Random, rows: list[list[str]]) -> int:
    at = choose.randrange(len(rows))
    del rows[at]
    return at + 1


def _no_rows(_: random.Random, rows: list[list[str]]) -> int:
    del rows[1:]
    return 1


def _bad_rows(choose: random.Random, rows: list[list[str]]) -> int:
    at = choose.randrange(len(rows[0]))
    bad = [[*row] for row in rows[1:2]]
    bad[0][at] = "many"
    rows += bad * MANY
    return len(rows) - MANY + 1


def _columns(_: random.Random, rows: list[list[str]]) -> int:
    rows[0] += [f"column_{n}" for n in range(MANY)]
    return 1


def _renamed(choose: random.Random, rows: list[list[str]]) -> int:
    at = choose.randrange(len(rows[0]))
    rows[0][at] = choose.choice(["", rows[0][at - 1], rows[0][at] + "s", MARKUP, "x" * MANY])
    return 1


ROWS: dict[str, Callable[[random.Random, list[list[str]]], int]] = {
    **{f"cell {kind}": _cell(kind) for kind in CELLS},
    "row doubled": _doubled, "row cut": _cut, "row longer": _longer, "row dropped": _dropped,
    "no rows": _no_rows, "many bad rows": _bad_rows, "many columns": _columns,
    "column renamed": _renamed,
}  # fmt: skip
"""What is done to the rows of a table; each returns the line on which it did so."""


ANY_LINE = 0
"""Where a whole file is changed, whichever of its lines is named."""


def _flipped(choose: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(choose.choice([1, 4, 64])):
        changed[choose.randrange(len(changed))] = choose.randrange(256)
    return bytes(changed)


BYTES: dict[str, Callable[[random.Random, bytes], bytes | None]] = {
    "flipped": _flipped,
    "truncated": lambda choose, content: content[: choose.randrange(len(content))],
    "emptied": lambda *_: b"",
    "utf-16": lambda _, content: content.decode(errors="replace").encode("utf-16"),
    "utf-16 without mark": lambda _, content: content.decode(errors="replace").encode("utf-16-le"),
    "utf-32": lambda _, content: content.decode(errors="replace").encode("utf-32"),
    "latin-1": lambda _, content: content.replace(b"invented", "påhitt".encode("latin-1")),
    "cp1252": lambda _, content: content.replace(b"invented", b"2019 \x96 2026"),
    "byte order mark": lambda _, content: b"\xef\xbb\xbf" + content,
    "semicolons": lambda _, content: content.replace(b",", b";"),
    "tabs": lambda _, content: content.replace(b",", b"\t"),
    "bars": lambda _, content: content.replace(b",", b"|"),
    "old ends of lines": lambda _, content: content.replace(b"\n", b"\r"),
    "noise": lambda choose, _: choose.randbytes(5_000),
    "zero bytes": lambda *_: bytes(10_000),
    "quotes": lambda _, content: content.replace(b",", b'"'),
    "a folder": lambda *_: None,
    "a pipe": lambda *_: PIPE,
}
"""What is done to the bytes of a file."""
PLAN = "year,region,slots\n2026,city,2\n2027,coast,1\n2028,city,1\n"
PLANS = "plan,year,region,slots\nearly,2026,city,2\nearly,2027,coast,1\nlate,2028,city,1\n"


def tables(seed: int) -> Iterator[Case]:
    """Yield tables with one thing wrong, without end."""
    names = [name for name in base_files() if name.endswith(".csv")]
    study = base_files()["study.toml"] or b""
    keys = {
        name: next(line for line in study.decode().splitlines() if Path(name).name in line)
        for name in names
    }

    def case(count: int, name: str, content: bytes | None, said: str, line: int) -> Case:
        known = keys[name].partition(" = ")[0]
        short = Path(name).name
        blamed = (*_places(short, line), known)
        if short == "tutorial_demand.csv":  # names what others refer to: they know no such label
            blamed += ("demand.weights: unknown label", "demand.weight_table")
        files = base_files() | {name: content}
        return Case(f"table: {short}: {said}", files, COMMANDS[count % 4], blamed)

    return _mutated(seed, {name: base_files()[name] or b"" for name in names}, case)


def plans(seed: int) -> Iterator[Case]:
    """Yield plan files with one thing wrong, without end."""
    study = base_files()
    options = {"plan.csv": (COMMANDS[0], "--plan"), "plans.csv": (COMMANDS[5], "--compare")}

    def case(_: int, name: str, content: bytes | None, said: str, line: int) -> Case:
        command, option = options[name]
        files = study | {name: content}
        blamed = _places(name, ANY_LINE if "open quote" in said else line)
        return Case(f"plan: {name}: {said}", files, (*command, option, name), blamed)

    return _mutated(seed, {"plan.csv": PLAN.encode(), "plans.csv": PLANS.encode()}, case)


def _places(name: str, line: int) -> tuple[str, ...]:
    """Return what names a line of a file; with the quote left open it is the last one read."""
    if line == ANY_LINE:
        return (f"{name}:",)
    return f"{name}:{line}:", f"{name}:{max(1, line - 1)}:", f"{name}:{line + 1}:", f"{name}: "


def _mutated(
    seed: int, files: dict[str, bytes], case: Callable[[int, str, bytes | None, str, int], Case]
) -> Iterator[Case]:
    """Yield cases made of files, each with what was done to one of them."""
    choose, count = random.Random(seed), 0
    pairs = [(name, kind) for name in files for kind in (*ROWS, *BYTES)]
    while True:
        choose.shuffle(pairs)
        for name, kind in pairs:
            count += 1
            if kind in BYTES:
                yield case(count, name, BYTES[kind](choose, files[name]), kind, ANY_LINE)
                continue
            rows = [line.split(",") for line in files[name].decode().splitlines()]
            line = ROWS[kind](choose, rows)
            content = "".join(",".join(row) + "\n" for row in rows).encode()
            yield case(count, name, content, kind, line)
