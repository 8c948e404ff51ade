"""Laws of plans that learn, on tiny random studies: bounds, enumeration, refinement.

Two hundred studies at night, a tenth in `make thorough` (tests/helpers/amount.py).
"""

from __future__ import annotations

import itertools
import random
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.risk.tree import Seen, Tree, grown
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.distributions import Fixed
from lis1plan.core.study.settings import Review
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.limits import MILLION
from lis1plan.optimise.analysis.wait_and_see import cost_in_hindsight
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.review import value
from lis1plan.optimise.review.adaptive import Branches, branches_in, search_in
from lis1plan.optimise.search.convex import Solution, find_convex_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.program import Plan
from lis1plan.optimise.system.feasible import overfull

from ...helpers.amount import amount
from ...helpers.searching import searching
from ...helpers.small_study import WHY
from ...helpers.tiny import Listed, every_plan, limits_among, tiny_study

Floats = NDArray[np.float64]
SEEDS = range(amount(200))
SECONDS = 60.0
ROUNDING = 1e-6


class Tiny(NamedTuple):
    """A tiny study, all its single plans with their Z, and a search within its limits."""

    study: Study
    plans: Listed
    z: Floats  # [plan, limit, realization]
    search: Search
    fixed: Solution


def without_chance(seed: int) -> Study | None:
    """A tiny study without chance limits; None where nothing else limits risk."""
    study = tiny_study(seed)
    risk = {name: limit for name, limit in study.risk.items() if limit.risk_rule.convex}
    return study.model_copy(update={"risk": risk}) if risk else None


@cache
def tiny(seed: int) -> Tiny | None:
    """The first such study from a seed on that has a plan; None where posts overfill it."""
    study = without_chance(seed)
    if study is None or overfull(system_of(study)):
        return None
    sample = sample_of(study)
    oracle = prepare(study, sample, Workers())
    plans = every_plan(study)
    z = np.stack([oracle.shortfall(level) for level in plans.level])
    risks = np.stack([oracle.risk_of(each) for each in z])
    limits = np.array(limits_among(study, risks, plans.keeps, random.Random(seed)))
    search = searching(CutPool(oracle), study, limits, Clock(SECONDS))
    return Tiny(study, plans, z, search, find_convex_plan(search))


def tree_over(oracle: Oracle, branches: int, starts: tuple[int, ...], seed: int) -> Branches:
    """A tree over the scenarios of an oracle by figures drawn at random, no branch empty."""
    study, count = oracle.study, oracle.scenarios
    generator, first = np.random.default_rng(seed), study.time.first_decision
    values = np.stack([generator.permutation(count) for _ in starts], axis=1) + 1.0
    review = Review(
        years=tuple(first + start for start in starts),
        branches=branches,
        observation_error=Fixed(value=0.0, assumption=WHY),
    )
    tree = grown(review, first, len(study.decision_years), Seen(values, np.ones(count)))
    return branches_in(tree, Seen(values, oracle.raw_weight))


def some_tree(found: Tiny, seed: int) -> Branches:
    """One or two reviews, two or three branches each, as many as there are scenarios for."""
    years, oracle = len(found.study.decision_years), found.search.pool.oracle
    choose = random.Random(seed)
    branches = choose.choice([2, 3])
    starts = (1, 2) if years > 2 and choose.random() < 0.5 else (choose.randrange(1, years),)
    if 2 * branches ** len(starts) > oracle.scenarios:
        branches, starts = 2, starts[:1]
    return tree_over(oracle, branches, starts, seed)


def learning(found: Tiny, branches: Branches) -> Solution:
    """The cheapest plan of a tree."""
    of_tree = search_in(found.search, branches, {})
    known = None
    if not np.isnan(found.fixed.cost):
        known = found.fixed.slots[:, branches.tree.year]
    return find_convex_plan(of_tree, known)


def no_more(one: float, other: float) -> bool:
    """Whether a cost is no more than another, but for rounding."""
    return one <= other + ROUNDING * max(abs(one), abs(other))


@pytest.mark.thorough
@pytest.mark.random
@pytest.mark.parametrize("seed", SEEDS)
def test_hindsight_costs_no_more_than_learning_nor_learning_than_a_fixed_plan(seed: int) -> None:
    found = tiny(seed)
    if found is None or np.isnan(found.fixed.cost):
        return
    adaptive = learning(found, some_tree(found, seed))
    assert no_more(adaptive.lower_bound, adaptive.cost)
    assert no_more(adaptive.cost, found.fixed.cost)
    assert no_more(adaptive.lower_bound, found.fixed.cost)
    if (found.search.pool.oracle.raw_weight > 0.0).all():  # a future of no weight has no plan
        hindsight = cost_in_hindsight(found.search) * MILLION
        assert np.isnan(hindsight) or no_more(hindsight, adaptive.cost)


class Every(NamedTuple):
    """All plans of a tree of two end branches."""

    cost: Floats
    keeps: NDArray[np.bool_]


def every_plan_of(found: Tiny, branches: Branches) -> Every:
    """All plans that share the years before the review, each with its two ways on."""
    tree, plans, oracle = branches.tree, found.plans, found.search.pool.oracle
    shared = plans.slots[:, :, : tree.starts[0]].reshape(len(plans.slots), -1)
    prices = np.array([limit.price or 0.0 for limit in found.study.risk.values()])
    room = found.search.limits + found.search.tolerance()
    cost, keeps = list[float](), list[bool]()
    for one, other in itertools.product(range(len(plans.slots)), repeat=2):
        if not (shared[one] == shared[other]).all():
            continue
        z = np.where(branches.branch == 0, found.z[one], found.z[other])
        risk = oracle.risk_of(z)
        own = branches.probability @ plans.cost[[one, other]]
        cost.append(float(own + risk @ prices))
        keeps.append(bool(plans.keeps[[one, other]].all() and (risk <= room).all()))
    return Every(np.array(cost), np.array(keeps))


@pytest.mark.thorough
@pytest.mark.random
@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_of_all_is_cheaper_than_the_bound_nor_the_one_found_too_dear(seed: int) -> None:
    found = tiny(seed)
    if found is None or len(found.plans.slots) > 260:
        return
    branches = tree_over(found.search.pool.oracle, 2, (1,), seed)
    every, adaptive = every_plan_of(found, branches), learning(found, branches)
    if not every.keeps.any():
        assert np.isnan(adaptive.cost)
        return
    best = float(every.cost[every.keeps].min())
    assert adaptive.status != "infeasible"
    assert no_more(adaptive.lower_bound, best)
    if adaptive.status == "optimal":
        gap = found.search.solve.relative_gap * abs(best)
        assert adaptive.cost <= best + gap + ROUNDING * abs(best)
    if np.isfinite(adaptive.cost):
        assert no_more(best, adaptive.cost)


@pytest.mark.thorough
@pytest.mark.random
@pytest.mark.parametrize("seed", range(amount(60)))
def test_a_finer_partition_costs_no_more(seed: int) -> None:
    found = tiny(seed)
    if found is None or np.isnan(found.fixed.cost):
        return
    oracle = found.search.pool.oracle
    if oracle.scenarios < 4:
        return
    ranks = np.random.default_rng(seed).permutation(oracle.scenarios)
    seen = Seen(4.0 * ranks[:, None] / oracle.scenarios, oracle.raw_weight)
    years = len(found.study.decision_years)
    coarse, fine = (
        branches_in(Tree(count, (1,), years, (np.array([thresholds]),)), seen)
        for count, thresholds in ((2, [1.9]), (4, [0.9, 1.9, 2.9]))
    )
    assert no_more(learning(found, fine).lower_bound, learning(found, coarse).cost)
    assert (fine.branch // 2 == coarse.branch).all()


def some_tiny() -> Tiny:
    """The first tiny study that has a plan which opens slots."""
    each = (tiny(seed) for seed in itertools.count())
    return next(t for t in each if t and not np.isnan(t.fixed.cost) and t.fixed.slots.any())


def test_a_single_branch_is_the_fixed_plan_to_the_last_bit() -> None:
    found = some_tiny()
    branches = tree_over(found.search.pool.oracle, 1, (1,), 0)
    adaptive = learning(found, branches)
    assert adaptive.slots.tobytes() == found.fixed.slots.tobytes()
    assert adaptive.cost == found.fixed.cost
    assert (adaptive.risk == found.fixed.risk).all()


def test_the_same_slopes_as_for_single_plans() -> None:
    """The slope of a plan that is the same in all branches adds up to that of the single plan."""
    found = some_tiny()
    of_tree = search_in(found.search, tree_over(found.search.pool.oracle, 2, (1,), 3), {})
    tree, slots = of_tree.pool.system.tree, found.fixed.slots
    wide = slots[:, tree.year]
    for pool, plan in ((found.search.pool, slots), (of_tree.pool, wide)):
        pool.evaluate(plan)
    risk, z = found.search.pool.evaluate(slots)
    again, same = of_tree.pool.evaluate(wide)
    assert np.allclose(risk, again, rtol=0, atol=1e-12)
    assert (z == same).all()
    for limit in range(len(risk)):
        single = found.search.pool.slope(slots, limit, z[limit][None].repeat(len(z), 0))
        parted = of_tree.pool.slope(wide, limit, z[limit][None].repeat(len(z), 0))
        summed = np.stack([parted[:, tree.year == y].sum(axis=1) for y in range(tree.years)], 1)
        assert np.allclose(single, summed, rtol=1e-9, atol=1e-15)


def test_what_a_fixed_plan_saves_is_unknown_where_its_lp_was_not_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = (tiny(seed) for seed in itertools.count())
    with_plan = (t.search for t in each if t and not np.isnan(t.fixed.cost))
    search = next(
        one for one in with_plan if value.saved(one, np.full(len(one.limits), 0.01)) > 0.0
    )
    excess = np.full(len(search.limits), 0.01)
    assert value.saved(search, 0.0 * excess) == 0.0
    stopped = Plan("stopped", search.system.unknown_slots, np.nan, -np.inf)
    monkeypatch.setattr(value, "cheapest_fractions", lambda _: stopped)
    assert np.isnan(value.saved(search, excess))
