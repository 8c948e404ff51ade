"""Rows of single scenarios: no plan lies below one, however few coefficients are left of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.optimise.cuts import scenario_rows
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.cuts.scenario_rows import ScenarioRows

from ...helpers.small_study import between, random_slots, small_study

Floats = NDArray[np.float64]
FAST = {"specialists.other_exits_per_year": between(0.0, 40.0)}
"""Specialists who leave so fast that some cuts must be clipped."""


def pool_of(seed: int) -> CutPool:
    study = small_study(seed, applicants=1.0, leakage=(0.0, 0.02), scenarios=12, changes=FAST)
    return CutPool(prepare(study, sample_of(study), Workers(1)))


@pytest.mark.parametrize("negligible", [scenario_rows.NEGLIGIBLE, 0.3, 0.9])
@pytest.mark.parametrize("some", [False, True])
def test_no_plan_lies_below_a_row_and_its_own_meets_it_but_for_the_drop(
    negligible: float, some: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario_rows, "NEGLIGIBLE", negligible)
    pool = pool_of(1)
    study, rows = pool.oracle.study, ScenarioRows(pool)
    numbers = np.array([2, 5, 7]) if some else np.arange(12)
    plans = [random_slots(study, seed) for seed in range(6)]
    judged = [pool.oracle.shortfall(pool.system.levels(plan)) for plan in plans]
    clipped = 0
    assert len(rows.learn(plans[0], 0, numbers[:0], judged[0][0, :0])) == 0
    for n, (own, z) in enumerate(zip(plans, judged, strict=True)):
        added = rows.learn(own, 0, numbers, z[0, numbers])
        assert np.array_equal(added, np.arange(n * len(numbers), (n + 1) * len(numbers)))
        assert np.array_equal(rows.number[added], numbers)
        assert (rows.limit[added] == 0).all()
        slope = np.abs(rows.slope[added])
        kept = slope > 0.0
        largest = slope.max(axis=1, keepdims=True)
        assert (slope > negligible * largest)[kept].all()
        at = rows.constant[added] + rows.slope[added] @ own.ravel()
        if negligible < 0.1:  # nothing is left out
            assert at + rows.drop[added] == pytest.approx(z[0, numbers], abs=1e-6)
        clipped += int((rows.drop[added] > 1e-9).sum())
        for plan, there in zip(plans, judged, strict=True):
            bound = rows.constant[added] + rows.slope[added] @ plan.ravel()
            assert (bound <= there[0, numbers] + 1e-9).all()
    assert clipped > 0
    for each in (rows.limit, rows.number, rows.constant, rows.drop, rows.slope):
        assert len(each) == len(plans) * len(numbers)


def test_what_is_left_out_counts_as_what_helps_most_within_the_ramps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row of few coefficients lies below the whole one by no more than its own plan allows."""
    pool = pool_of(2)
    study, whole, few = pool.oracle.study, ScenarioRows(pool), ScenarioRows(pool)
    own = random_slots(study, 1)
    z = pool.oracle.shortfall(pool.system.levels(own))[0]
    whole.learn(own, 0, np.arange(12), z)
    monkeypatch.setattr(scenario_rows, "NEGLIGIBLE", 0.5)
    few.learn(own, 0, np.arange(12), z)
    out = np.where(few.slope == 0.0, whole.slope, 0.0)
    most, least = pool.system.most_slots.ravel(), pool.system.least_slots.ravel()
    taken = np.array([sum(min(c * m, c * s) for c, m, s in zip(row, most, least, strict=True))
                      for row in out])  # fmt: skip
    assert (taken < -1e-6).any()
    assert few.constant == pytest.approx(whole.constant + taken)
    assert np.array_equal(few.slope, whole.slope - out)


@pytest.mark.parametrize("guided", [False, True])
def test_a_scaled_row_holds_where_the_row_itself_does(guided: bool) -> None:
    pool = pool_of(1)
    study, rows = pool.oracle.study, ScenarioRows(pool)
    own = random_slots(study, 3)
    z = pool.oracle.shortfall(pool.system.levels(own))[0]
    numbers = rows.learn(own, 0, np.arange(12), z)
    rows.drop[:] = 0.25
    columns = np.arange(own.size)[::-1].reshape(own.shape) + 2
    some, most = numbers[1:7], float(np.median(z))
    matrix, bound = rows.within(some, most, columns, guided)
    dense = matrix.toarray()
    assert dense.shape == (6, own.size + 2)
    scale = np.abs(rows.slope[some]).max(axis=1)
    helped = scale > 0.0
    assert 0 < helped.sum() < 6  # of a scenario no plan can help nothing is scaled
    scale[~helped] = 1.0
    assert np.abs(dense).max(axis=1) == pytest.approx(helped.astype(float))
    for seed in range(5):
        plan = random_slots(study, seed)
        x = np.zeros(own.size + 2)
        x[columns.ravel()] = plan.ravel()
        left = rows.constant[some] + rows.slope[some] @ plan.ravel() + (0.25 if guided else 0.0)
        assert bound - dense @ x == pytest.approx((most - left) / scale)
