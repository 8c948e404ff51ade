"""Scenarios that count are brought together: their slopes are those of each, whoever works on them.

Enough of them for more groups of blocks than one, of which the last is not full.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.kernels.shortage import TOGETHER
from lis1plan.core.kernels.state import LANES
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels

from ...helpers.small_study import random_slots, small_study

Floats = NDArray[np.float64]
N = 2 * TOGETHER * LANES + LANES + 7


@cache
def study() -> Study:
    return small_study(3, scenarios=N)


@cache
def oracle() -> Oracle:
    return prepare(study(), sample_of(study()), Workers(1))


def shares() -> dict[str, list[Floats]]:
    """What scenarios weigh, by limit: a few, none of a group, the last alone, all, none."""
    choose, limits = np.random.default_rng(5), len(study().risk)
    few = [np.where(choose.random(N) < 0.1, choose.random(N), 0.0) for _ in range(limits)]
    gap = [np.where(np.arange(N) < TOGETHER * LANES, 0.0, each) for each in few]
    last = [np.where(np.arange(N) >= 2 * TOGETHER * LANES, 1.0, 0.0)] * limits
    every = [choose.random(N) + 0.1 for _ in range(limits)]
    mixed = [every[0], *few[1:]]
    return {
        "few": few, "gap": gap, "last": last, "all": every, "mixed": mixed,
        "none": [np.zeros(N)] * limits,
    }  # fmt: skip


@pytest.mark.parametrize("weigh", shares())
def test_slopes_are_those_of_each_as_it_weighs(weigh: str) -> None:
    level, weights = levels(study(), random_slots(study(), 4)), shares()[weigh]
    found = oracle().bounds_by(level, range(len(weights)), weights)
    for limit, (own, weight) in enumerate(zip(found, weights, strict=True)):
        each = oracle().each_bound(level, limit)
        wanted = np.tensordot(weight, each.slope, axes=1)
        assert own.slope == pytest.approx(wanted, rel=1e-9, abs=1e-12)
        assert own.drop == pytest.approx(weight @ each.drop, rel=1e-9, abs=1e-12)
        assert np.any(wanted != 0.0) == (weigh != "none")


def test_two_threads_find_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lis1plan.core.risk.lanes.TASK_BYTES", 1)
    level, weights = levels(study(), random_slots(study(), 4)), shares()["mixed"]
    workers = Workers(2)
    try:
        two = prepare(study(), sample_of(study()), workers)
        assert len(two.held.shares) == 3  # type: ignore[attr-defined]
        for one, other in zip(
            two.bounds_by(level, range(len(weights)), weights),
            oracle().bounds_by(level, range(len(weights)), weights),
            strict=True,
        ):
            assert one.slope.tobytes() == other.slope.tobytes()
            assert one.drop == other.drop
    finally:
        workers.close()
