"""Cuts where one appointed early is missing later, when one counts for more: valid all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels
from lis1plan.optimise.cuts.certificate import highest_levels

from ...helpers.amount import amount
from ...helpers.small_study import between, one_limit, random_slots, small_study

Floats = NDArray[np.float64]
FAILING: dict[str, Any] = {
    "specialists.other_exits_per_year": between(0.0, 40.0),
    "specialists.mobility_per_year": between(0.1, 0.3),
    "risk": {
        "nord": one_limit(("nord",)),
        "summed": one_limit(("nord", "midt"), scope="summed", measure="absolute", statistic="max"),
    },
}
"""Specialists who leave and move much faster than applicants give up."""


def failing(seed: int) -> Study:
    return small_study(seed, applicants=1.0, leakage=(0.0, 0.02), changes=FAILING)


def prepared(study: Study) -> Oracle:
    return prepare(study, sample_of(study), Workers(1))


def compared(study: Study, seed: int) -> tuple[float, float, float]:
    """By how much a cut, and a cut that leaves the drop out, lie above other plans; the drop."""
    oracle = prepared(study)
    plans = [levels(study, random_slots(study, 100 * seed + n)) for n in range(8)]
    judged = [oracle.shortfall(each) for each in plans]
    worst = bare = drop = 0.0
    for base, z in zip(plans, judged, strict=True):
        for c in range(len(z)):
            bound, together = oracle.each_bound(base, c), oracle.bound(base, c, z[c])
            drop = max(drop, float(bound.drop.max()))
            for plan, there in zip(plans, judged, strict=True):
                step, fine = plan - base, max(1.0, float(np.abs(there[c]).max()))
                tangent = z[c] + (bound.slope * step).sum(axis=(1, 2))
                worst = max(worst, float((tangent - bound.drop - there[c]).max()) / fine)
                bare = max(bare, float((tangent - there[c]).max()) / fine)
                risk = oracle.risk_of(z)[c] - together.drop + float((together.slope * step).sum())
                worst = max(worst, (risk - float(oracle.risk_of(there)[c])) / fine)
    return worst, bare, drop


def test_no_plan_lies_below_a_cut_where_the_condition_fails() -> None:
    study = failing(1)
    excess = prepared(study).concavity_excess(highest_levels(system_of(study)))
    assert (excess > 1e-3).any()
    worst, bare, drop = compared(study, 1)
    assert worst < 1e-9
    assert bare > 1e-6  # without the drop it would be false
    assert drop > 1e-6


@pytest.mark.thorough
@pytest.mark.random
def test_no_plan_lies_below_a_cut_of_many_studies() -> None:
    for seed in range(amount(300)):
        assert compared(failing(seed), seed)[0] < 1e-9, seed


def test_where_the_condition_holds_nothing_is_clipped() -> None:
    study = small_study(2, leakage=(0.3, 0.4))
    oracle = prepared(study)
    assert not oracle.concavity_excess(highest_levels(system_of(study))).any()
    level = levels(study, random_slots(study, 2))
    z = oracle.shortfall(level)
    for c in range(len(z)):
        assert not oracle.each_bound(level, c).drop.any()
        assert oracle.bound(level, c, z[c]).drop == 0.0
    assert np.array_equal(oracle.least_within(level, level), z)


def test_no_plan_lies_below_the_least_of_its_levels() -> None:
    study = failing(1)
    oracle, highest = prepared(study), highest_levels(system_of(study))
    least, hurt = oracle.least_within(highest, highest), 0
    for seed in range(20):
        z = oracle.shortfall(levels(study, random_slots(study, seed)))
        assert (z >= least - 1e-9).all()
        hurt += int((oracle.shortfall(highest) > z + 1e-9).any())
    assert hurt > 0  # more posts can hurt here: the highest levels are not the best
