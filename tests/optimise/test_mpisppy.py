"""mpi-sppy as a second opinion: its extensive form and its L-shaped method find our optimum."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ..conftest import missing_tool

BRIDGE = Path(__file__).resolve().parents[2] / "benchmarks" / "mpisppy_bridge.py"


@pytest.mark.tools
def test_mpi_sppy_finds_our_optimum() -> None:
    """The script ends with 1 where an optimum is more than 1e-6 apart."""
    for library in ("mpisppy", "mpi4py"):
        if find_spec(library) is None:
            missing_tool(f"{library} is not installed; .ci/run installs the extra benchmarks")
    command = [sys.executable, str(BRIDGE), "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("| 5 |")]
    form, shaped = (float(apart) for apart in row.split("|")[3:5])
    assert max(form, shaped) <= 1e-6
