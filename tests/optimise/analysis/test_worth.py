"""What limits, scenarios and foresight are worth: laws over small random studies."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost
from lis1plan.optimise.analysis.fixed_plans import fixed_plans
from lis1plan.optimise.analysis.information import value_of_information
from lis1plan.optimise.analysis.look_ahead import look_ahead
from lis1plan.optimise.analysis.regret import regrets
from lis1plan.optimise.analysis.replication import replicate, verdict
from lis1plan.optimise.analysis.shadow_prices import shadow_prices
from lis1plan.optimise.analysis.sweep import value_of, varied, vary
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.fractional import cheapest_fractions
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.searching import searching
from ...helpers.small_study import changed, small_study, with_limits

pytestmark = pytest.mark.thorough

ONE = Workers(1)
SEEDS = (0, 1, 2, 3)


class Ready(NamedTuple):
    study: Study
    pool: CutPool
    limits: np.ndarray
    floors: np.ndarray
    ceilings: np.ndarray
    solution: Solution

    @property
    def search(self) -> Search:
        return searching(self.pool, self.study, self.limits, Clock(60.0))


@cache
def ready(seed: int) -> Ready:
    study = small_study(seed, regions=2, scenarios=40, slack=0.1)
    pool = CutPool(prepare(study, sample_of(study), ONE))
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    limits = low + 0.35 * (high - low)
    study = with_limits(study, limits)
    return Ready(
        study, pool, limits, low, high, find_plan(searching(pool, study, limits, Clock(60.0)))
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_hindsight_is_cheapest_and_the_mean_value_plan_dearest(seed: int) -> None:
    """WS <= RP <= EEV, and the mean-value plan by itself is cheaper than any that keeps limits."""
    this = ready(seed)
    found = value_of_information(this.search, np.full(2, 0.35))
    assert found.mean_value <= found.stochastic * (1.0 + 1e-6)
    assert found.stochastic <= this.solution.cost * (1.0 + 1e-6)
    assert found.mended >= found.stochastic * (1.0 - 1e-6)
    assert found.scenarios == 32
    part = CutPool(this.pool.oracle.only(np.arange(32)))
    alone = find_plan(searching(part, this.study, this.limits, Clock(60.0)))
    assert found.part_moved == (alone.status == "infeasible")
    assert 0.0 <= found.hindsight <= found.part * (1.0 + 1e-6)


def test_all_scenarios_alike_make_foresight_worthless() -> None:
    study = small_study(1, scenarios=1)
    pool = CutPool(prepare(study, sample_of(study), ONE))
    limits = 0.5 * (ceiling(pool) + floor(pool, Clock(60.0)))
    found = value_of_information(searching(pool, study, limits, Clock(60.0)), np.full(2, 0.5))
    assert found.hindsight == pytest.approx(found.part, rel=1e-5)
    assert found.mended == pytest.approx(found.stochastic, rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_dual_is_the_slope_of_the_cost(seed: int) -> None:
    """Of the LP, by solving it again with a hundredth of a step more."""
    this = ready(seed)
    shadows = shadow_prices(this.search, this.solution, 2)
    before = cheapest_fractions(this.search).objective
    for c, shadow in enumerate(shadows[: len(this.limits)]):
        assert shadow.dual >= 0.0
        more = this.limits.copy()
        more[c] += 0.01 * shadow.step
        after = cheapest_fractions(searching(this.pool, this.study, more, Clock(60.0))).objective
        saved = (before - after) * 1e6 / 0.01
        assert saved <= shadow.dual * (1.0 + 1e-3) + 1.0  # convex: it only falls from here
        assert saved >= 0.3 * shadow.dual - 1.0
    again = [shadow for shadow in shadows if np.isfinite(shadow.saved)]
    assert again
    for shadow in again:
        assert shadow.saved_low <= shadow.saved <= shadow.saved_high
        assert shadow.saved_high >= -1e-3


@pytest.mark.parametrize("seed", SEEDS)
def test_frontier_falls_and_is_convex_in_fractions(seed: int) -> None:
    this = ready(seed)
    key = "risk.country.limit"
    values = np.linspace(this.limits[0], this.ceilings[0], 5)
    found = vary(varied(this.study, key, list(values)), this.search)
    costs = np.array([one.solution.cost for one in found])
    bounds = np.array([one.solution.lp_bound for one in found])
    gap = this.study.solve.relative_gap
    assert (np.diff(costs) <= gap * costs[:-1]).all()
    assert (np.diff(bounds, 2) >= -1e-4 * bounds[0]).all()
    assert value_of(this.study, key) == this.limits[0]
    for wrong in ("risk.country.confidence", "training.mean_years", "risk.nowhere.limit"):
        with pytest.raises(KeyError):
            value_of(this.study, wrong)


@pytest.mark.parametrize("seed", SEEDS)
def test_look_ahead_keeps_every_limit_and_never_beats_the_optimum(seed: int) -> None:
    this = ready(seed)
    slots = look_ahead(this.study, ONE)
    assert system_of(this.study).keeps_limits(slots)
    assert (slots == np.round(slots)).all()
    plans = {"look_ahead": slots, "chosen": this.solution.slots, "none": np.zeros_like(slots)}
    risks = np.stack([this.pool.evaluate(each)[0] for each in plans.values()])
    found = regrets(this.search, plans, risks)
    for regret, each in zip(found, plans.values(), strict=True):
        assert regret.status == 1
        assert regret.regret >= -0.003 * max(plan_cost(this.study, each), 1.0)
    assert found[1].regret <= 0.003 * this.solution.cost
    assert found[2].regret == 0.0


def test_plan_beyond_the_limits_stands_beside_plans_that_may_break_them_as_far() -> None:
    this = ready(0)
    slots = np.full_like(this.solution.slots, 20.0)
    risks = this.pool.evaluate(slots)[0][None]
    (found,) = regrets(this.search, {"many": slots}, risks)
    assert found.status == 1
    assert found.regret + 0.003 * found.cost >= 0.0


def test_replications_are_the_same_each_time() -> None:
    this = ready(2)
    study = changed(this.study, {"sampling.fresh_scenarios": 60})
    first, second = (replicate(study, 3, ONE, Clock(60.0)) for _ in range(2))
    assert first.sizes == [10, 40]
    assert first.seeds == [2, 3, 4]
    for row, again in zip(first.solutions, second.solutions, strict=True):
        for one, other in zip(row, again, strict=True):
            assert one.status == other.status
            assert np.array_equal(one.slots, other.slots, equal_nan=True)
    assert np.array_equal(first.fresh, second.fresh, equal_nan=True)
    judged = verdict(study, first)
    assert (judged.spread >= 0.0).all()
    if judged.recommended:
        assert judged.recommended == 2 ** round(np.log2(judged.recommended))
    alone = find_plan(searching(this.pool, this.study, this.limits, Clock(60.0)))
    assert first.solutions[1][0].cost == pytest.approx(alone.cost, rel=2e-4)


def test_built_in_comparisons_open_what_the_sources_say() -> None:
    from lis1plan.configs.loader import load_study

    study = load_study("norway-2019")
    total = {
        name: plan.sum() for name, plan in fixed_plans(system_of(study), study.comparison).items()
    }
    assert total["none"] == 0
    assert total["association_200"] == 200  # its proposal; the others are its unmet need
    assert total["association_1300"] == 350
    assert total["association_1500"] == 550
    assert total["as_done"] == 1180 - 950  # what began in 2024, not what was offered
    assert total["directorate_by_ramp"] == 200
