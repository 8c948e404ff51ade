"""Near-optimal plans: ranges are those of all plans there are, listed one by one."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.features import FIRST_YEAR, REGION, TOTAL, YEARS, features_of
from lis1plan.optimise.analysis import near_optimal as module
from lis1plan.optimise.analysis.near_optimal import PLANS, NearOptimal, Range, near_optimal
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ..helpers.amount import amount
from ..helpers.enumerated import oracle_of
from ..helpers.limited_study import closing
from ..helpers.searching import attained, searching
from ..helpers.small_study import changed, fixed, small_study
from ..helpers.tiny import Listed, every_plan, limits_among, tiny_study
from .test_posts_told import study_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SECONDS = 120.0
SEEDS = range(amount(240))
SOME = range(24)
SHARES = (0.0, 0.02, 0.3)


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
        """Return what the search says of plans within a share, by a clock of its own.

        The study is kept from test to test, and a clock would run out in between.
        """
        solve = self.search.solve.model_copy(update={"near_optimal": share})
        study = self.study.model_copy(update={"solve": solve})
        search = replace(self.search, clock=Clock(SECONDS))
        found = near_optimal(search.under(study, self.search.limits), self.solution)
        assert found is not None
        return found


@cache
def neighbourhood(seed: int) -> Neighbourhood | None:
    """All that there is around the cheapest plan; None where a study is refused or has no plan."""
    study = tiny_study(seed)
    oracle = oracle_of(study)
    if oracle is None:
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
    assert len({slots.tobytes() for slots in near.slots}) == len(near.slots)
    for each in near.ranges:
        for end, sign in ((each.least, 1.0), (each.most, -1.0)):
            assert end.value == each.feature.of(near.slots[end.plan])
            least = (sign * values(this, each, certain)).min(initial=np.inf)
            assert sign * end.value >= (sign * values(this, each, perhaps)).min()
            assert end.value == sign * min(sign * each.feature.of(slots) for slots in near.slots)
            if np.isfinite(end.bound):
                assert sign * end.bound <= least + 1e-6
                assert sign * end.bound <= sign * end.value
            if end.status == "proved":
                assert sign * end.value <= least + 1e-6
                assert end.bound == pytest.approx(end.value, abs=1e-6)
            else:
                assert np.isnan(end.bound) or end.bound != end.value
        assert each.least.value <= each.feature.of(this.solution.slots) <= each.most.value


@pytest.mark.thorough
@pytest.mark.random
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", SEEDS)
def test_ranges_are_those_of_all_plans_there_are(seed: int, share: float) -> None:
    this = found(seed)
    require_right(this, share, this.asked(share))


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_without_a_share_only_plans_as_cheap_are_left(seed: int) -> None:
    this = found(seed)
    near = this.asked(0.0)
    assert all(cost <= this.solution.cost + 1e-7 * this.search.money for cost in near.cost)
    assert np.array_equal(near.slots[0], this.solution.slots)


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_ranges_are_right_in_a_few(seed: int) -> None:
    this = found(seed)
    require_right(this, 0.02, this.asked(0.02))


@pytest.mark.thorough
@pytest.mark.random
@pytest.mark.parametrize("seed", SEEDS)
def test_ranges_grow_with_the_share(seed: int) -> None:
    """Ends that are proved lie no farther in for a greater share; so do all bounds."""
    this = found(seed)
    for narrow, wide in pairwise(this.asked(share) for share in SHARES):
        for a, b in zip(narrow.ranges, wide.ranges, strict=True):
            if b.least.status == "proved":
                assert b.least.value <= a.least.value
            if b.most.status == "proved":
                assert b.most.value >= a.most.value


@pytest.mark.thorough
@pytest.mark.random
def test_the_tiny_studies_are_hard_enough() -> None:
    """Ranges are wide in some, proved in most; some have chance limits, prices and closing."""
    those = [this for this in map(neighbourhood, SOME) if this is not None]
    ranges = [each for this in those for each in this.asked(0.3).ranges]
    ends = [end for each in ranges for end in (each.least, each.most)]
    rules = {limit.rule for this in those for limit in this.study.risk.values()}
    assert np.mean([each.least.value < each.most.value for each in ranges]) > 0.2
    assert np.mean([end.status == "proved" for end in ends]) > 0.6
    assert any(end.status == "open" for end in ends)
    assert {"chance", "price", "cvar"} <= rules
    assert any(this.study.limits.closing is not None for this in those)


@pytest.mark.thorough
@pytest.mark.random
def test_where_cuts_are_tight_every_end_is_proved() -> None:
    """Without a chance limit, and where the condition of concavity holds in every scenario."""
    tight = 0
    for this in filter(None, map(neighbourhood, SEEDS)):
        if this.search.pool.convex.all() and this.search.pool.certificate.tight:
            tight += 1
            for each in this.asked(0.3).ranges:
                assert (each.least.status, each.most.status) == ("proved", "proved")
    assert tight >= len(SEEDS) // 4


@pytest.mark.thorough
def test_without_effort_ends_stay_open_and_true(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round in fractions: bounds hold, and lie outside what was found, on both sides."""
    for name, most in (("ROUNDS", 0), ("ROUNDS_IN_FRACTIONS", 1), ("ROUNDS_APART", 1)):
        monkeypatch.setattr(module, name, most)
    ranges = list[Range]()
    for this in filter(None, map(neighbourhood, SEEDS)):
        pool, limits = CutPool(this.search.pool.oracle), this.search.limits
        fresh = Search.of(pool, Clock(SECONDS), limits).under(this.study, limits)
        near = this._replace(search=fresh).asked(0.3)
        require_right(this, 0.3, near)
        ranges += near.ranges
    assert any(r.least.bound < r.least.value for r in ranges)
    assert any(r.most.bound > r.most.value for r in ranges)


def test_a_study_that_does_not_ask_is_not_answered() -> None:
    this = next(each for each in map(neighbourhood, SEEDS) if each is not None)
    assert near_optimal(this.search, this.solution) is None


def test_features_say_what_they_count() -> None:
    """By hand: two regions, three years, closing in one of them."""
    study = changed(
        small_study(1), {"limits.closing": closing({"nord": 2.0}, 0.5), "time.last_decision": 2022}
    )
    features = {each.identifier: each for each in features_of(system_of(study))}
    regions = list(study.regions)
    assert list(features) == [TOTAL, FIRST_YEAR, *(f"{REGION}{name}" for name in regions), YEARS]
    slots = np.array([[2.0, 0.0, 3.0], [-1.0, -2.0, 0.0]])
    told = {name: each.of(slots) for name, each in features.items()}
    wanted = {TOTAL: 2.0, FIRST_YEAR: 1.0, f"{REGION}{regions[0]}": 5.0, YEARS: 2.0}
    assert {name: told[name] for name in wanted} == wanted
    later = {"ramp.lead_time_years": dict.fromkeys(regions, fixed(1.0))}
    features = {each.identifier: each for each in features_of(system_of(changed(study, later)))}
    assert features[FIRST_YEAR].of(slots) == 1.0  # in a region that may close posts from the first
    still = changed(small_study(1), later)
    features = {each.identifier: each for each in features_of(system_of(still))}
    assert features[FIRST_YEAR].of(np.full((2, 5), [0.0, 3.0, 1.0, 0.0, 0.0])) == 6.0
    assert features[FIRST_YEAR].title == "LIS1 posts in 2021"


@pytest.mark.thorough
def test_posts_beside_lis1_have_a_range_too() -> None:
    """LIS2/3 posts in all, on a tiny study that decides on both."""
    study = changed(study_of(), {"solve.relative_gap": 0.01, "solve.near_optimal": 0.05})
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    least, none = floor(pool, Clock(60.0))[0], ceiling(pool)[0]
    limits = study.risk_at_most.copy()
    limits[0] = least + 0.5 * (none - least)
    search = Search.of(pool, Clock(200.0), limits)
    solution = find_plan(search)
    near = near_optimal(search, solution)
    assert near is not None
    ranges = {each.feature.identifier: each for each in near.ranges}
    assert {TOTAL, "posts.total"} <= set(ranges)
    posts, family = ranges["posts.total"], search.system.family("posts")
    assert family is not None
    chosen = float(solution.slots[family.rows].sum())
    assert posts.least.value <= chosen <= posts.most.value
    assert posts.least.value < posts.most.value
    for slots, risk in zip(near.slots, near.risk, strict=True):
        assert search.admits(slots, risk)
        assert search.system.is_whole(slots)


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_as_many_plans_are_told_as_there_are_or_ten(seed: int) -> None:
    this = found(seed)
    near = this.asked(0.3)
    few = int(this.within(0.3).sum())
    assert len(near.slots) >= min(PLANS, few) or not this.search.pool.convex.all()
    assert len(near.slots) <= max(PLANS, 1 + 2 * len(near.ranges))


def test_plans_are_told_by_their_distance() -> None:
    """On a line: the chosen at 0, then the farthest from all before; what is needed is told."""
    this = next(filter(None, map(neighbourhood, SEEDS)))
    places = [0.0, 1.0, 2.0, 3.0, 8.0, 20.0, *np.arange(100.0, 112.0)]
    plans = [module._Plan(np.array([[x]]), 0.0, np.zeros(1)) for x in places]
    order = module._Near(this.search, 0.0, plans)._far_apart({0, 1, 3})
    assert len(order) == PLANS
    assert {0, 1, 3} <= set(order)
    assert [places[n] for n in order[:3]] == [0.0, 111.0, 20.0]
    assert len(module._Near(this.search, 0.0, plans[:4])._far_apart({0, 1})) == 4
