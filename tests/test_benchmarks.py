"""The pages of benchmarks: what they quote exists, and only their tables are renewed."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
ALL: dict[str, Any] = runpy.run_path(str(ROOT / "benchmarks" / "all.py"))
PAGES = [path.read_text("utf-8") for path in ALL["PAGES"]]
QUOTED = [(page, command) for page in PAGES for command in ALL["commands"](page)]

PAGE = """\
# Times

Made by `python benchmarks/all.py --write`, by hand:

| size | s |
|---|---|
| 1 | 9.0 |

## One

`python benchmarks/one.py 5 --most`: so and so.

| size | s |
|---|---|
| 1 | 0.5 |

Half a second. By hand:

| by hand | s |
|---|---|
| 1 | 7.0 |

| other | s |
|---|---|
| 2 | 1.5 |

## Two

| size | s |
|---|---|
| 1 | 8.0 |
"""
PRINTED = """\
Told on the way.

| other | s |
|---|---|
| 2 | 1.6 |

| size | s |
|---|---|
| 1 | 0.6 |
| 2 | 0.7 |
All is well.
"""


def test_tables_of_a_command_are_renewed_and_all_else_stays() -> None:
    assert ALL["commands"](PAGE) == [["benchmarks/one.py", "5", "--most"]]
    new = ALL["renewed"](PAGE, ["benchmarks/one.py", "5", "--most"], PRINTED)
    assert new == PAGE.replace("| 1 | 0.5 |", "| 1 | 0.6 |\n| 2 | 0.7 |").replace("1.5", "1.6")


def test_a_table_without_a_place_is_named() -> None:
    command = ["benchmarks/one.py", "5", "--most"]
    with pytest.raises(
        KeyError, match=r"after `python benchmarks/one\.py 5 --most`: \| another \|"
    ):
        ALL["renewed"](PAGE, command, PRINTED.replace("| other |", "| another |"))


@pytest.mark.parametrize(("page", "command"), QUOTED, ids=lambda part: " ".join(part)[:60])
def test_every_benchmark_is_quoted_once_and_its_own_tables_change_nothing(
    page: str, command: list[str]
) -> None:
    assert (ROOT / command[0]).is_file()
    start, end = ALL["section"](page, command)
    own = page[start:end]
    assert ALL["tables"](own), "a benchmark without a table"
    assert ALL["renewed"](page, command, own) == page


@pytest.mark.parametrize(("page", "command"), QUOTED, ids=lambda part: " ".join(part)[:60])
def test_the_script_prints_a_table_the_page_has(page: str, command: list[str]) -> None:
    """Its source holds every title of some header after it, as far as titles are written out."""
    source = (ROOT / command[0]).read_text("utf-8")
    start, end = ALL["section"](page, command)
    headers = [re.findall(r"[^|]+", header) for header in ALL["tables"](page[start:end])]
    assert any(
        all(title.strip().split(",")[0] in source for title in header if title.strip())
        for header in headers
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_bench_installs_what_the_benchmarks_need_first(tmp_path: Path) -> None:
    command = ["make", "--dry-run", "bench", f"VENV={tmp_path / 'venv'}"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert 0 < said.find(".[benchmarks]") < said.find("benchmarks/all.py")


@pytest.mark.thorough
def test_phases_of_a_run_are_those_of_the_program_as_it_is() -> None:
    """Types of benchmarks are not checked: what they call may have moved on."""
    scaling = runpy.run_path(str(ROOT / "benchmarks" / "scaling.py"))
    found = scaling["measure"](64)
    assert found.keys() == {*scaling["PHASES"], "peak_gb", "rounds", "gap"}
    assert all(found[phase] > 0.0 for phase in scaling["PHASES"])
