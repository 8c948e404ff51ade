"""Near-optimal plans: ranges are those of all plans there are, listed one by one."""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import NoWeightError, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.analysis.near_optimal import NearOptimal, Range, near_optimal
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import overfull

from ..helpers.searching import attained, searching
from ..helpers.tiny import Listed, every_plan, limits_among, tiny_study

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SECONDS = 120.0
ROUNDING = 1e-9


class Neighbourhood(NamedTuple):
    """A tiny study, all its plans, and the search and its answer."""

    study: Study
    plans: Listed
    risks: Floats  # [plan, limit]
    search: Search
    solution: Solution

    def within(self, share: float, more: float = 0.0) -> Flags:
        """Return the plans inside all limits that cost so much more than the answer at most.

        `more`: of a limit, and of the dearest price, by which they may be beyond.
        """
        limits = self.search.limits
        finite = np.where(np.isfinite(limits), limits, 0.0)
        kept = (self.risks <= limits + more * np.maximum(finite, 1.0)).all(axis=1)
        prices = [limit.price or 0.0 for limit in self.study.risk.values()]
        cost = self.plans.cost + self.risks @ np.array(prices)
        most = self.solution.cost + share * abs(self.solution.cost)
        keeps = self.plans.may_keep if more else self.plans.keeps
        return np.asarray(keeps & kept & (cost <= most + more * self.search.money))

    def asked(self, share: float) -> NearOptimal:
        """Return what the search says of plans within a share."""
        solve = self.search.solve.model_copy(update={"near_optimal": share})
        study = self.study.model_copy(update={"solve": solve})
        found = near_optimal(self.search.under(study, self.search.limits), self.solution)
        assert found is not None
        return found


@cache
def neighbourhood(seed: int) -> Neighbourhood | None:
    """All that there is around the cheapest plan; None where a study is refused or has no plan."""
    study = tiny_study(seed)
    if overfull(system_of(study)):
        return None
    try:
        oracle = prepare(study, sample_of(study), Workers(1))
    except NoWeightError:
        return None
    plans = every_plan(study)
    risks = np.array([oracle.risk(level) for level in plans.level])
    limits = np.array(limits_among(study, risks, plans.keeps, random.Random(seed)))
    _, pool = attained(oracle, SECONDS)
    search = searching(pool, study, limits, Clock(SECONDS))
    solution = find_plan(search)
    if np.isnan(solution.cost):
        return None
    return Neighbourhood(study, plans, risks, search, solution)


def found(seed: int) -> Neighbourhood:
    this = neighbourhood(seed)
    if this is None:
        pytest.skip("refused, or there is no plan")
    return this


def values(this: Neighbourhood, each: Range, plans: Flags) -> Floats:
    return np.array([each.feature.of(slots) for slots in this.plans.slots[plans]])


def require_right(this: Neighbourhood, share: float, near: NearOptimal) -> None:
    """Ends are attained by plans inside, and bounds hold for all plans there are."""
    certain, perhaps = this.within(share), this.within(share, 1e-7)
    for slots, cost, risk in zip(near.slots, near.cost, near.risk, strict=True):
        same = (this.plans.slots == slots).all(axis=(1, 2))
        assert same.sum() == 1
        assert perhaps[same].all()
        assert risk == pytest.approx(this.risks[same][0], rel=1e-9, abs=1e-12)
        assert cost <= near.most_cost + 1e-7 * this.search.money
    for each in near.ranges:
        listed = values(this, each, certain)
        for end, sign in ((each.least, 1.0), (each.most, -1.0)):
            assert end.value == each.feature.of(near.slots[end.plan])
            assert sign * end.value >= sign * values(this, each, perhaps)[None].min() or sign < 0
            if np.isfinite(end.bound) and len(listed):
                extreme = (sign * listed).min()
                assert sign * end.bound <= extreme + 1e-6
                assert sign * end.bound <= sign * end.value + 1e-6
            if end.status == "proved" and len(listed):
                assert sign * end.value <= (sign * listed).min() + 1e-6
        chosen = each.feature.of(this.solution.slots)
        assert each.least.value <= chosen <= each.most.value


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3])
@pytest.mark.parametrize("seed", range(24))
def test_ranges_are_those_of_all_plans_there_are(seed: int, share: float) -> None:
    this = found(seed)
    require_right(this, share, this.asked(share))
