"""mpi-sppy as a second opinion: its extensive form and its L-shaped method find our optimum."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ..conftest import missing_tool

HOUSE = Path(__file__).resolve().parents[2]
BRIDGE = HOUSE / "benchmarks" / "mpisppy_bridge.py"


def require_libraries() -> None:
    """Skip, or fail where all tools must be there, without mpi-sppy and MPI."""
    for library in ("mpisppy", "mpi4py"):
        if find_spec(library) is None:
            missing_tool(f"{library} is not installed; .ci/run installs the extra benchmarks")


@pytest.mark.tools
def test_mpi_sppy_finds_our_optimum() -> None:
    """The script ends with 1 where an optimum is more than 1e-6 apart."""
    require_libraries()
    command = [sys.executable, str(BRIDGE), "5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("| 5 |")]
    form, shaped = (float(apart) for apart in row.split("|")[3:5])
    assert max(form, shaped) <= 1e-6


@pytest.mark.tools
def test_mpi_sppy_finds_our_optimum_of_both_queues() -> None:
    """A small study that opens LIS1 and LIS2/3 posts; its scenarios come from the naive flow."""
    require_libraries()
    command = [sys.executable, "-m", "lis1plan.tests.helpers.mpisppy_posts"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=900, check=False, cwd=HOUSE.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = done.stdout.splitlines()[-1]  # mpi-sppy tells what it does before
    ours, form, shaped, slots, posts = map(float, found.split())
    assert min(slots, posts) > 0.5
    assert form == pytest.approx(ours, rel=1e-6)
    assert shaped == pytest.approx(ours, rel=1e-6)
