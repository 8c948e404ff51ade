"""What a real process writes on its standard output, where C libraries write as well.

Click's runner replaces Python's stream only: what HiGHS prints passes it by.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..test_house import PACKAGED, ROOT

SMALL = (
    *("--scenarios", "64", "--set", "sampling.fresh_scenarios=64"),
    *("--set", "solve.frontier_points=2"),
)


def printed(folder: Path, *arguments: str, ending: int = 0) -> str:
    """Return what lis1plan prints on standard output in a process of its own."""
    command = [sys.executable, "-c", "from lis1plan.cli import main; main()", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == ending, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "ending", "key"),
    [
        (("run", "tutorial", *SMALL), 0, "cost_nok"),
        (("validate", "tutorial", *SMALL), 0, "risk"),
        (("run", "tutorial", *SMALL, "--set", "risk.coast.limit=0.001"), 3, "irreducible_rows"),
    ],
    ids=["run", "validate", "infeasible"],
)
def test_json_is_all_that_is_printed(
    tmp_path: Path, arguments: tuple[str, ...], ending: int, key: str
) -> None:
    outcome: dict[str, Any] = json.loads(printed(tmp_path, *arguments, "--json", ending=ending))
    assert outcome[key]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "tutorial", *SMALL),
        ("run", "tutorial", *SMALL, "--solver", "highs"),
        ("run", "tutorial", *SMALL, "--solver", "appsi_highs"),
    ],
    ids=["highs itself", "pyomo's present interface", "pyomo's older interface"],
)
def test_quiet_is_quiet(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert printed(tmp_path, *arguments, "--quiet") == ""


def test_highs_is_constructed_in_silence_only() -> None:
    """A second construction in one process prints nothing: the tests above would not see it."""
    loud = [
        str(module)
        for module in PACKAGED
        if "highspy.Highs()" in (ROOT / module).read_text("utf-8")
    ]
    assert loud == []


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize(
    ("arguments", "ending"),
    [
        (("presets",), 0),
        (("validate", "tutorial", *SMALL), 0),
        (("run", "tutorial", *SMALL, "--set", "risk.coast.limit=0.001"), 3),
        (("project", "tutorial", *SMALL), 0),
        (("project", "tutorial", *SMALL, "--realization", "3"), 0),
        (("published",), 0),
        (("published", "--format", "csv"), 0),
        (("diff", "--help"), 0),
        (("run", "nowhere.toml"), 2),
    ],
)
def test_a_narrow_standard_output_ends_no_command(
    tmp_path: Path, arguments: tuple[str, ...], ending: int, encoding: str
) -> None:
    """As a Norwegian Windows has it, or a bare terminal: what it lacks is replaced."""
    command = [sys.executable, "-m", "lis1plan", *arguments]
    narrow = {**os.environ, "PYTHONIOENCODING": encoding}
    narrow.pop("NUMBA_DISABLE_JIT", None)
    done = subprocess.run(command, cwd=tmp_path, env=narrow, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode(encoding)
    assert done.returncode == ending, said
    assert "Traceback" not in said
    assert "should not have happened" not in said
