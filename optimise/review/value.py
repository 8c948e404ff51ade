"""What learning is worth: in the scenarios it was planned on, and in fresh ones, at the same risk.

In sample the value is what the fixed plan costs more. Thresholds and plans are fitted to these
scenarios, so the fresh figure counts: each fresh scenario is seen by the reviews and follows the
plan of its branch. There one of the two plans may keep the limits on risk less well; so much the
fixed plan would have been allowed, too:

    value = fixed plan - plan that learns - (LP(limits) - LP(limits + excess)),
    excess[c] = max(0, fresh risk[c] of the plan that learns - fresh risk[c] of the fixed plan)

both with the expected cost of fresh shortage where it has a price; LP(...) is the cheapest fixed
plan in fractions of slots.

Beside both stands the look-ahead rule, which does not optimise: applied anew at the same reviews,
its gap expected over the futures that come there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.branches import ByBranch, Followed, Judged, judge_branches, judged
from ...core.scenarios.draws import sample_of
from ...core.study.settings import Review
from ...core.system.limits import MILLION
from ..analysis.look_ahead import look_ahead_reviewed
from ..search.fractional import cheapest_fractions
from ..search.solve import Solution
from ..search.value import Search
from .adaptive import Adaptive, Branches, adaptive_plan, branches_of, search_in

Floats = NDArray[np.float64]
OF_THE_TIME = 0.8
"""Of the time left: for the search of the plan that learns; the rest is for what it is worth."""


class Outcome(NamedTuple):
    """Plans of branches, and what follows from them. Costs in NOK, discounted."""

    plans: Floats  # [branch, row, decision year]
    cost: Floats  # [branch] of each of them
    z: Floats  # [limit, realization] in sample, each scenario under the plan of its own branch
    in_sample: Judged
    fresh: Judged
    expected_cost: float  # in sample, with that of priced shortage
    fresh_cost: float  # the same in fresh scenarios


class Reviewed(NamedTuple):
    """The cheapest plan that learns, and what learning is worth. Costs in NOK, discounted."""

    review: Review
    adaptive: Adaptive
    own: Outcome  # of the plan that learns
    rule: Outcome  # of the look-ahead rule applied anew at the same reviews
    fresh_fixed_cost: float  # of the fixed plan, expected in fresh scenarios
    at_same_risk: float  # what a fixed plan saves that may exceed the limits as this one does
    value: float  # in sample
    fresh_value: float  # NaN, like at_same_risk, where an LP of that was not solved


def reviewed(search: Search, fixed: Solution, fresh_risk: Floats) -> Reviewed | None:
    """Return the cheapest plan that learns beside the fixed one; None where nothing is reviewed.

    `fresh_risk` [plan, limit], the fixed plan's first. It adds cuts to those of the search. The
    search of the tree leaves the value a part of its time.

    Raises
    ------
    InputError
        If too few scenarios lie in a branch.
    """
    study = search.pool.oracle.study
    review, of_fixed = study.review, fresh_risk[0]
    if review is None or review.branches == 1:
        return None
    branches = branches_of(search, review)
    of_tree = search_in(search.within(OF_THE_TIME), branches, review.branch_limits)
    adaptive = adaptive_plan(of_tree, branches, review, fixed.slots)
    weight = branches.seen.weight
    by_rule = look_ahead_reviewed(study, branches.tree, branches.branch, weight)
    plans = adaptive.plans, by_rule
    level = np.array([[search.system.levels(one) for one in each] for each in plans])
    limits = slice(len(search.limits))  # then those inside branches
    z = [of_tree.pool.oracle.shortfall(np.concatenate(one))[limits] for one in level]
    del of_tree  # its scenarios are a copy: not held beside fresh ones
    own, rule = _followed(search, branches, plans, level, z)
    fresh_fixed = fixed.cost - fixed.shortage_cost + search.shortage_cost(of_fixed)
    at_same_risk = saved(search, np.maximum(own.fresh.risk - of_fixed, 0.0))
    return Reviewed(
        review=review,
        adaptive=adaptive,
        own=own,
        rule=rule,
        fresh_fixed_cost=fresh_fixed,
        at_same_risk=at_same_risk,
        value=fixed.cost - adaptive.solution.cost,
        fresh_value=fresh_fixed - own.fresh_cost - at_same_risk,
    )


def _followed(
    search: Search, branches: Branches, plans: Sequence[Floats], level: Floats, z: Sequence[Floats]
) -> list[Outcome]:
    """Return what follows from each of `plans` [branch, row, year], in sample and fresh.

    All go through the fresh scenarios at once.

    Parameters
    ----------
    level : of each plan, [plan, branch, row, year]
    z : of each plan in sample, [limit, realization]
    """
    oracle, tree = search.pool.oracle, branches.tree
    study, workers = oracle.study, oracle.held.workers
    fresh, followed = sample_of(study, "fresh"), Followed(tree, level)
    drawn = judge_branches(study, fresh, followed, workers, search.progress)
    found = list[Outcome]()
    for each, in_sample, of_fresh in zip(plans, z, drawn, strict=True):
        planned_on = ByBranch(in_sample, branches.branch, oracle.weight)
        cost = np.array([search.system.prices.plan(one) for one in each])
        rules = [limit.risk_rule for limit in oracle.limits]
        both = [judged(rules, one, tree.ends) for one in (planned_on, of_fresh)]
        paid = [
            float((one.probability * cost).sum()) + search.shortage_cost(one.risk) for one in both
        ]
        found.append(Outcome(each, cost, in_sample, both[0], both[1], paid[0], paid[1]))
    return found


def saved(search: Search, excess: Floats) -> float:
    """Return what the cheapest fixed plan in fractions saves if limits give so much, NOK.

    NaN where one of both LPs was not solved: time ran out, or no cut led on.
    """
    if not (excess[np.isfinite(search.limits)] > 0.0).any():
        return 0.0
    within = cheapest_fractions(search)
    beyond = cheapest_fractions(search.with_limits(search.limits + excess))
    # not `max`, which takes 0 for the larger of 0 and NaN
    return float(np.maximum(0.0, (within.objective - beyond.objective) * MILLION))
