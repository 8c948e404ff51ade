"""Input as an adversary writes it, drawn by hypothesis: refused in lines, and nothing is touched.

Bounded, so that it runs in every test; tests/test_mutations.py tries far more, by seed.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lis1plan.batch.cases import cases_of
from lis1plan.cli.commands import main
from lis1plan.configs.layers import leaves
from lis1plan.configs.loader import load_study, preset_files
from lis1plan.configs.plan_file import read_plan
from lis1plan.core.compute.parts import PartError, read_part, write_part
from lis1plan.core.errors import LisError
from lis1plan.core.files.store import open_result, write_result
from lis1plan.core.study.study import Study
from lis1plan.report.keys.search import found_by, misspelt

from .helpers.synthetic_result import synthetic_result

T = TypeVar("T")
BOUNDED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FILES = preset_files("tutorial")
LINES = FILES["tutorial.toml"].splitlines()
STUDY = load_study("tutorial")
JUNK = (
    "nan", "-inf", "1e400", "-0", "9" * 500, '""', '"../../x"', "[]", "{}", "true", "'\\u0000'",
    "2026-01-01", "[[[[[1]]]]]", "{ table = '/etc/passwd' }", "{ table = '../../x.csv' }",
    "{ value = 1 }", "{ distribution = 'normal', mean = 1e308, sd = 1e308, source = 'x' }",
)  # fmt: skip
KEYS = [
    "*",
    "*.*",
    "",
    ".",
    "regions.*",
    "risk.*.limit",
    "queue",
    "a.b.c.d",
    "specialists.stock.table",
]
KEYS += ["[a-z]*", "groups..choice", "risk.coast.*", "x" * 5000]

junk_lines = st.sampled_from(JUNK).map(lambda value: f"remove = {value}")
edits = st.lists(
    st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(["drop", "twice", "value"]),
              st.sampled_from(JUNK)),
    min_size=1, max_size=3,
)  # fmt: skip
few_letters = st.text(alphabet=string.ascii_letters + " .=[]{}\"'#,;*\n\t\x00æøå≠", max_size=400)


def tried(read: Callable[[], T]) -> T | None:
    """What is read, or None where it is refused: in lines, each of which somebody would read."""
    try:
        return read()
    except LisError as error:
        lines = error.told
    assert lines
    assert all("\n" not in line and len(line) < 4000 for line in lines)
    return None


def loaded(path: Path) -> Study | None:
    return tried(lambda: load_study(str(path)))


def written(folder: Path, text: str, name: str = "study.toml") -> Path:
    for file, content in FILES.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(content, "utf-8")
    (folder / name).write_text(text, "utf-8", newline="")
    return folder / name


@BOUNDED
@given(edits)
def test_an_edited_study_is_read_or_refused(tmp_path: Path, edited: Any) -> None:
    lines = [*LINES]
    for number, how, value in edited:
        if how == "value" and "=" in lines[number]:
            lines[number] = f"{lines[number].partition('=')[0]}= {value}"
        else:
            lines[number] = "" if how == "drop" else f"{lines[number]}\n{lines[number]}"
    study = loaded(written(tmp_path, "\n".join(lines)))
    assert study is None or study.sha256


@BOUNDED
@given(few_letters)
def test_any_text_is_no_study(tmp_path: Path, text: str) -> None:
    assert loaded(written(tmp_path, text)) is None


@BOUNDED
@given(st.one_of(st.lists(st.sampled_from(KEYS)).map(repr).map(lambda keys: f"remove = {keys}"),
                 junk_lines))  # fmt: skip
def test_whatever_is_removed_is_refused_or_leaves_a_study(tmp_path: Path, line: str) -> None:
    study = loaded(written(tmp_path, f'based_on = "tutorial"\nname = "a"\n{line}\n'))
    assert study is None or study.name == "a"


@BOUNDED
@given(st.lists(st.sampled_from([key for key, _ in leaves(STUDY.model_dump())]), max_size=3))
def test_what_is_removed_is_missing_or_has_its_default(tmp_path: Path, keys: list[str]) -> None:
    """No key of the study taken out of its base leaves anything half done."""
    listed = ", ".join(f'"{key}"' for key in keys)
    loaded(written(tmp_path, f'based_on = "tutorial.toml"\nremove = [{listed}]\nname = "a"\n'))


@BOUNDED
@given(
    st.sampled_from(sorted(file for file in FILES if file.endswith(".csv"))),
    st.binary(max_size=300),
)
def test_any_bytes_in_a_table_are_read_or_refused(tmp_path: Path, file: str, bad: bytes) -> None:
    path = written(tmp_path, FILES["tutorial.toml"])
    (tmp_path / file).write_bytes(bad)
    assert loaded(path) is None


@BOUNDED
@given(st.one_of(st.binary(max_size=300), few_letters.map(str.encode)))
def test_any_bytes_are_a_plan_or_cases_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.csv"
    for head in (b"", b"year,region,slots\n", b"scenario,sampling.seed\n"):
        path.write_bytes(head + content)
        tried(lambda: read_plan(path, STUDY))
        tried(lambda: cases_of(path))


@BOUNDED
@given(st.text(max_size=60))
def test_any_word_is_looked_for(word: str) -> None:
    assert len(found_by(word)) >= 0
    assert len(misspelt(word)) <= 3


@BOUNDED
@given(st.data())
def test_a_damaged_part_is_no_part(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "part.npz"
    write_part(path, {"a": np.arange(5.0), "b": 3})
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    damaged = whole[:place] if cut else whole
    if not cut:
        damaged[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(damaged)
    try:
        found = read_part(path)
    except PartError:
        return
    assert found["b"] == 3  # in a byte that no value stands in
    assert np.array_equal(found["a"], np.arange(5.0))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    data = synthetic_result()
    return write_result(data, tmp_path_factory.mktemp("r") / "r.nc", data.attrs).read_bytes()


@settings(BOUNDED, max_examples=15)
@given(st.data())
def test_a_damaged_result_is_refused_or_the_same(tmp_path: Path, result: bytes, data: Any) -> None:
    place = data.draw(st.integers(0, len(result) - 1))
    damaged = bytearray(result[:place] if data.draw(st.booleans()) else result)
    if place < len(damaged):
        damaged[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "r.nc"
    path.write_bytes(damaged)
    found = tried(lambda: open_result(path))
    assert found is None or found.attrs["data_sha256"]


NAMES = ["../x", "..", "/abs", "a/b", "a\\b", "CON:", "a\x00b", "~", "$(x)", "-rf", "A"]


@pytest.mark.parametrize("name", NAMES)
def test_a_study_names_no_place_outside(name: str) -> None:
    run = CliRunner().invoke(main, ["validate", "tutorial", "--show", "--set", f"name={name}"])
    assert run.exit_code == 2
    assert "name: " in run.stderr


@pytest.mark.parametrize("preset", ["../tutorial", "/etc/passwd", "..", "tutorial.toml"])
def test_only_presets_are_copied(preset: str, tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["init", str(tmp_path / "a"), "--preset", preset])
    assert run.exit_code == 2
    assert not (tmp_path / "a").exists()


def test_what_is_written_lies_in_the_output_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "out", tmp_path / "else"
    outside.mkdir()
    evil = '../../else/<script>"$(touch x)'
    small = ["--scenarios", "8", "--set", "sampling.fresh_scenarios=8"]
    named = ["--set", f"title={evil!r}", "--set", f"risk.coast.name={evil!r}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(outside)
        run = CliRunner().invoke(
            main,
            ["project", "tutorial", *small, "--out", str(inside), "--quiet", *named],
        )
    assert run.exit_code == 0, run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["else", "out"]
    assert list(outside.iterdir()) == []
    assert {path.parent for path in inside.rglob("*")} == {inside}
    (page,) = inside.glob("*.html")
    assert '<script>"$(touch' not in page.read_text("utf-8")
