"""Starting is quick: help imports no heavy library, and a second run compiles nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("numba", "dask", "distributed", "xarray", "pyomo", "highspy", "scipy", "pandas", "altair")
LOADED = f"""
import sys
try:
    from lis1plan.cli import main
    main(prog_name="lis1plan")
finally:
    print("loaded:", *[name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        *((c, "--help") for c in ("run", "validate", "project", "report")),
    ],
    ids=" ".join,
)
def test_help_imports_no_heavy_library(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_second_run_compiles_nothing(second_run: tuple[Path, str]) -> None:
    """The first run filled numba's cache; the second one only reads it, whatever the arrays."""
    said = [line for line in second_run[1].splitlines() if line.startswith("[cache]")]
    assert any("data loaded from" in line for line in said)
    assert [line for line in said if "saved" in line] == []
