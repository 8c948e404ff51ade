"""Kernels that are told that the arrays of a call lie apart are called so, and compiled so."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from numba.core.caching import NullCache
from numpy.typing import NDArray

from lis1plan.core.kernels.compiled import compiled

COMPILES = pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="nothing is compiled")

RUN = """
import numpy as np
from lis1plan.core.kernels import compiled as module

called = set()

def arrays_of(given):
    for each in given:
        if isinstance(each, np.ndarray):
            yield each
        elif isinstance(each, tuple):
            yield from arrays_of(each)

def checking(*, contract=False, apart=False, **_options):
    def decorate(function):
        def checked(*given):
            arrays = [each for each in arrays_of(given) if each.size]
            before = [each.tobytes() for each in arrays]
            found = function(*given)
            for n, one in enumerate(arrays):
                if one.tobytes() != before[n]:
                    others = arrays[:n] + arrays[n + 1 :]
                    assert not any(np.may_share_memory(one, each) for each in others), function
            called.add(function.__name__)
            return found
        return checked if apart else function
    return decorate

module.compiled = checking

from lis1plan.core.kernels import state
state.LANES = 2  # whoever takes the number from there is imported later

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.projection import Request, project_plans
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.system.arrays import system_of
from lis1plan.tests.helpers.decided_posts import decided_study
from lis1plan.tests.helpers.small_study import small_study
from lis1plan.tests.helpers.tracked import tracked

plain, in_tracks = small_study(1, regions=4), tracked(small_study(2, groups=2))
for study in (plain, decided_study(1), in_tracks):
    sample = sample_of(study)._replace(scenarios=2)
    oracle = prepare(study, sample, Workers(1))
    level = system_of(study).levels(system_of(study).no_slots + 1.0)
    z = oracle.shortfall(level)
    oracle.bounds(level, range(len(z)), z)
    oracle.each_bound(level, 0)
    project_plans(Request(study, sample, {"one": level}), Workers(1))
print(*sorted(called))
"""
APART = {
    *("_come_to_four", "_come_to_one", "_finish", "_lacking", "_per_demand", "_queue_slope"),
    *("_sum_over_rounds", "_sum_over_years", "_weigh", "add_lanes", "add_response"),
    *("appoint_lanes", "begin", "judge"),
    *("record_intake", "record_training", "record_work", "respond_back", "train"),
}


def test_what_a_kernel_writes_shares_no_memory_with_what_else_it_is_given() -> None:
    """In plain Python: one queue and two, tracks, plans judged, slopes, the whole flow."""
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert set(done.stdout.split()) == APART


@COMPILES
def test_the_compiler_is_told() -> None:
    """By what numba has for its own kernels, and no option names."""

    def add(one: NDArray[np.float64], other: NDArray[np.float64]) -> None:
        for i in range(one.shape[0]):
            one[i] += other[i]

    found = []
    for apart in (False, True):
        door = compiled(apart=apart)(add).door  # type: ignore[attr-defined]
        door._cache = NullCache()
        door(np.zeros(2), np.ones(2))
        (text,) = door.inspect_llvm().values()
        found.append(len(re.findall(r"noalias[^,]*%arg", text)))
    assert found[0] == 0 < found[1]
