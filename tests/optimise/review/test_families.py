"""Plans that learn where LIS2/3 posts and tracks are decided beside slots.

Forty studies at night, a tenth in `make thorough` (tests/helpers/amount.py).
"""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from lis1plan.core.risk.tree import Seen, Tree
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.review.adaptive import branches_in, search_in
from lis1plan.optimise.search.convex import Solution, find_convex_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.amount import amount
from ...helpers.enumerated import oracle_of
from ...helpers.searching import searching
from ...helpers.tiny import limits_among
from ...helpers.tiny_families import tiny_families_study
from ...helpers.tiny_posts import every_posts_plan

pytestmark = [pytest.mark.thorough, pytest.mark.random]

SECONDS, SOME = 10.0, 100
"""For a search; plans among whose risks limits are chosen."""
ROUNDING = 1e-6


class Known(NamedTuple):
    """A tiny study with all it has, by CVaR, mean, worst case and price alone."""

    search: Search
    fixed: Solution


@cache
def known(seed: int) -> Known:
    """Such a study; skipped where it is refused, or where no plan keeps its limits."""
    study = tiny_families_study(seed)
    risk = {name: limit for name, limit in study.risk.items() if limit.risk_rule.convex}
    oracle = oracle_of(study.model_copy(update={"risk": risk})) if risk else None
    if oracle is None:
        pytest.skip("refused, or with chance limits alone")
    plans = every_posts_plan(oracle.study)
    some = np.unique(np.linspace(0, len(plans.level) - 1, SOME).astype(int))
    risks = np.array([oracle.risk(level) for level in plans.level[some]])
    choose = random.Random(seed)
    limits = np.array(limits_among(oracle.study, risks, plans.keeps[some], choose))
    search = searching(CutPool(oracle), oracle.study, limits, Clock(SECONDS))
    fixed = find_convex_plan(search)
    if np.isnan(fixed.cost):
        pytest.skip("without a plan")
    return Known(search, fixed)


def of_tree(this: Known) -> tuple[Tree, Search]:
    oracle = this.search.pool.oracle
    count, years = oracle.scenarios, len(oracle.study.decision_years)
    ranks = np.random.default_rng(count).permutation(count)
    tree = Tree(2, (1,), years, (np.array([[0.5 * count - 0.75]]),))
    seen = Seen(ranks[:, None] * 1.0, oracle.raw_weight)
    return tree, search_in(this.search, branches_in(tree, seen), {})


@pytest.mark.parametrize("seed", range(amount(40)))
def test_learning_costs_no_more_than_deciding_once(seed: int) -> None:
    this = known(seed)
    tree, search = of_tree(this)
    found = find_convex_plan(search, this.fixed.slots[:, tree.year])
    size = ROUNDING * max(abs(this.fixed.cost), 1e-9)
    assert found.lower_bound - size <= found.cost <= this.fixed.cost + size
    assert search.admits(found.slots, found.risk)


@pytest.mark.parametrize("seed", range(amount(40)))
def test_cuts_hold_at_plans_that_differ_by_branch(seed: int) -> None:
    """Every cut learned at one plan lies below the risk of others: evaluation asserts it.

    Where more is earmarked than newcomers fill no cut holds: then none of it is.
    """
    this = known(seed)
    _, search = of_tree(this)
    draw, system = np.random.default_rng(seed), search.system
    most = np.floor(system.most_slots)
    for _ in range(6):
        slots = np.floor(draw.uniform(0.0, most + 1.0)) * system.whole
        if not system.bounded(slots):
            assert system.tracks is not None
            slots[system.tracks.rows] = 0.0
        assert system.bounded(slots)
        risk, z = search.pool.evaluate(slots)
        search.pool.learn(slots, list(range(len(risk))), risk, z)
    assert search.pool.cuts
    assert search.pool.largest_violation <= 1e-9
