"""Fresh scenarios: each in its place, how far the work is, what they drew, how sure a risk is."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.demand import build_demand
from lis1plan.core.risk.evaluation import (
    REPLICATES,
    Judgements,
    conditions_block,
    in_sample_error,
    intervals,
    judge_plans,
    replicates,
    risks,
)
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.scenarios.factors import GROWTH, conditions
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels

from ...helpers.small_study import random_slots, small_study


def two_plans(study: Study) -> list[NDArray[np.float64]]:
    return [levels(study, random_slots(study, seed)) for seed in (1, 2)]


def test_every_scenario_is_judged_in_its_place_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lis1plan.core.risk.oracle.BLOCK", 64)
    study = small_study(3, scenarios=150)
    plans, told = two_plans(study), list[tuple[str, int, int]]()
    found = judge_plans(study, sample_of(study), plans, Workers(1), lambda *each: told.append(each))
    oracle = prepare(study, sample_of(study), Workers(1))
    assert np.array_equal(found.z, np.stack([oracle.shortfall(each) for each in plans]))
    assert found.weight is None
    assert told == [("scenarios", done, 150) for done in (64, 128, 150)]
    wanted = [[oracle.risk(each)] for each in plans]
    assert risks(study, found) == pytest.approx(np.concatenate(wanted))


def test_growth_is_that_of_all_who_are_wanted_a_year() -> None:
    study = small_study(3, scenarios=4)
    plan, _ = two_plans(study)
    seen = conditions_block(0, 4, study, sample_of(study), plan)
    wanted = build_demand(study, draw(study, sample_of(study), 0, 4)).sum(axis=(2, 3))
    first, last = study.time.first_year, study.time.window[1]
    growth = (wanted[:, last - first] - wanted[:, 0]) / (last - first)
    assert seen.values[:, list(conditions(study)).index(GROWTH)] == pytest.approx(growth)
    oracle = prepare(study, sample_of(study), Workers(1))
    assert np.array_equal(seen.z, oracle.shortfall(plan))


def test_an_interval_holds_the_risk_between_its_ends() -> None:
    study = small_study(3)
    z = np.random.default_rng(1).random((2, len(study.risk), 40))
    judged = Judgements(z, None)
    low, high = intervals(study, judged)
    assert (low < risks(study, judged)).all()
    assert (risks(study, judged) < high).all()


@pytest.mark.parametrize("scenarios", [2 * REPLICATES - 1, 2 * REPLICATES])
def test_the_error_of_points_is_that_of_the_mean_of_eight_samples(scenarios: int) -> None:
    study = small_study(3, scenarios=scenarios, changes={"sampling.method": "latin_hypercube"})
    sample, plans = sample_of(study), two_plans(study)
    oracle = prepare(study, sample, Workers(1))
    error = in_sample_error(study, sample, oracle, plans, Workers(1))
    if scenarios < 2 * REPLICATES:
        assert np.isnan(error).all()
        return
    each = [risks(study, judge_plans(study, one, plans, Workers(1))) for one in replicates(sample)]
    spread = np.array([[np.std(of_one, ddof=1) for of_one in of_plan]
                       for of_plan in np.moveaxis(each, 0, -1)])  # fmt: skip
    known = np.array([limit.risk_rule.error_known for limit in study.risk.values()])
    assert error[:, known] == pytest.approx(spread[:, known] / np.sqrt(REPLICATES))
    assert known.any()
