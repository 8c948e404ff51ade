"""Plans that learn and are of few decisions: each branch has its own number after a review."""

from __future__ import annotations

import random
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.review.adaptive import Branches, search_in
from lis1plan.optimise.search.convex import Solution, find_convex_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import overfull

from ...helpers.amount import amount
from ...helpers.searching import searching
from ...helpers.small_study import changed, small_study
from ...helpers.tiny import every_plan, limits_among
from ...helpers.tiny_rooms import few_decisions
from .test_laws import no_more, tree_over, without_chance

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SECONDS = 60.0


class Tied(NamedTuple):
    """A tiny study of few decisions with one review, and all plans of an end branch."""

    study: Study
    start: int  # decision year of the review
    slots: Floats  # [plan, row, year] those that a branch may follow
    cost: Floats
    z: Floats  # [plan, limit, realization]
    search: Search
    fixed: Solution
    oracle: Oracle


def tied(seed: int) -> Tied | None:
    """Three years, now constant from the first or second on; None where plans are too many."""
    choose, study = random.Random(seed), without_chance(seed)
    if study is None or study.limits.closing is not None:
        return None
    last = study.time.first_decision + 2
    if last > study.time.last_year:
        return None
    after, start, of = choose.choice([0, 0, 1]), choose.choice([1, 1, 2]), choose.choice([1, 1, 2])
    form = {"limits.constant_after": after, "limits.multiples_of": of}
    free = changed(study, {"time.last_decision": last, "limits.multiples_of": of})
    study = changed(free, form)
    if overfull(system_of(study)):
        return None
    oracle, plans = prepare(study, sample_of(study), Workers()), every_plan(free)
    own = np.ones(len(plans.slots), dtype=np.bool_)
    for away, most in few_decisions(study, plans.slots, (start,)):
        own &= away.max(axis=1) <= most
    keeps = plans.keeps & own
    if not 1 < keeps.sum() <= 200:
        return None
    z = np.stack([oracle.shortfall(level) for level in plans.level[keeps]])
    risks = np.stack([oracle.risk_of(each) for each in z])
    limits = np.array(limits_among(study, risks, np.ones(len(z), bool), random.Random(seed)))
    search = searching(CutPool(oracle), study, limits, Clock(SECONDS))
    fixed = find_convex_plan(search)
    return Tied(study, start, plans.slots[keeps], plans.cost[keeps], z, search, fixed, oracle)


def least_cost(this: Tied, branches: Branches) -> float:
    """The cheapest of all pairs of plans that share the years before the review."""
    prices = np.array([limit.price or 0.0 for limit in this.study.risk.values()])
    room, best = this.search.limits + this.search.tolerance(), np.inf
    shared = this.slots[:, :, : this.start].reshape(len(this.slots), -1)
    for one in range(len(this.slots)):
        for other in np.flatnonzero((shared == shared[one]).all(axis=1)).tolist():
            z = np.where(branches.branch == 0, this.z[one], this.z[other])
            risk = this.oracle.risk_of(z)
            if (risk <= room).all():
                own = branches.probability @ this.cost[[one, other]]
                best = min(best, float(own + risk @ prices))
    return best


@pytest.mark.thorough
@pytest.mark.random
@pytest.mark.parametrize("seed", range(amount(200)))
def test_no_plan_of_all_is_cheaper_than_the_bound_nor_the_one_found_too_dear(seed: int) -> None:
    this = tied(seed)
    if this is None:
        pytest.skip("no tree of few decisions with so few plans")
    branches = tree_over(this.oracle, 2, (this.start,), seed)
    of_tree = search_in(this.search, branches, {})
    tree = branches.tree
    known = None if np.isnan(this.fixed.cost) else this.fixed.slots[:, tree.year]
    solution, best = find_convex_plan(of_tree, known), least_cost(this, branches)
    if np.isinf(best):
        assert np.isnan(solution.cost)
        return
    assert solution.status != "infeasible"
    assert no_more(solution.lower_bound, best)
    if known is not None:
        assert no_more(solution.cost, this.fixed.cost)
    if np.isfinite(solution.cost):
        assert no_more(best, solution.cost)
        for plan in tree.plans(solution.slots):
            assert (this.slots == plan).all(axis=(1, 2)).any()
    if solution.status == "optimal":
        gap = of_tree.solve.relative_gap
        assert solution.cost <= best * (1.0 + gap) + 1e-6 * abs(best)


def test_a_review_begins_a_number_anew_and_branches_share_it_until_then() -> None:
    """Four years, one number from the first on, reviews in the second and the fourth."""
    study = small_study(3, regions=2, scenarios=12, slack=1.0)
    form = {"limits.constant_after": 0, "time.last_decision": study.time.first_decision + 3}
    study = changed(study, form)
    oracle = prepare(study, sample_of(study), Workers())
    search = searching(CutPool(oracle), study, np.full(len(study.risk), np.inf), Clock(SECONDS))
    of_tree = search_in(search, tree_over(oracle, 2, (1, 3), 1), {})
    tree, decisions = of_tree.system.tree, of_tree.system.decisions
    assert [run.columns.tolist() for run in decisions.runs if run.row == 0] == [[1, 2], [3, 4]]
    assert tree.year.tolist() == [0, 1, 2, 1, 2, 3, 3, 3, 3]
    assert len(search.system.decisions.runs[0].columns) == 4
    slots = np.zeros((len(of_tree.system.most_slots), 9))
    slots[0] = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 2.0]
    limit = of_tree.system.own.limit("constant_after")
    assert all(limit.keeps(plan).all() for plan in tree.plans(slots))
    assert not any(search.system.limit("constant_after").keeps(p).all() for p in tree.plans(slots))
    slots[0, 4] = 0.0
    assert [limit.keeps(plan).all() for plan in tree.plans(slots)] == [True, True, False, False]
    wanted = np.zeros(slots.shape)
    wanted[0] = [0.2, 0.0, 0.0, 0.4, 0.4, 0.0, 0.0, 0.5, 0.5]
    rounded = of_tree.system.rounded_up(wanted)
    assert rounded[0].tolist() == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]
