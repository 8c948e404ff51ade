"""What learning is worth: in the scenarios it was planned on, and in fresh ones, at the same risk.

In sample the value is what the fixed plan costs more. Thresholds and plans are fitted to these
scenarios, so the fresh figure counts: each fresh scenario is seen by the reviews and follows the
plan of its branch. There one of the two plans may keep the limits on risk less well; so much the
fixed plan would have been allowed, too:

    value = fixed plan - plan that learns - (LP(limits) - LP(limits + excess)),
    excess[c] = max(0, fresh risk[c] of the plan that learns - fresh risk[c] of the fixed plan)

both with the expected cost of fresh shortage where it has a price; LP(...) is the cheapest fixed
plan in fractions of slots.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.branches import ByBranch, Followed, Judged, judge_branches, judged
from ...core.scenarios.draws import sample_of
from ...core.study.settings import Review
from ...core.system.limits import MILLION
from ..search.fractional import cheapest_fractions
from ..search.solve import Solution
from ..search.value import Search
from .adaptive import Adaptive, adaptive_plan, branches_of

Floats = NDArray[np.float64]


class Reviewed(NamedTuple):
    """The cheapest plan that learns, and what learning is worth. Costs in NOK, discounted."""

    review: Review
    adaptive: Adaptive
    cost: Floats  # [branch] of the plan of each end branch
    in_sample: Judged
    fresh: Judged
    fresh_cost: float  # of the plan that learns, expected in fresh scenarios
    fresh_fixed_cost: float  # of the fixed plan
    at_same_risk: float  # what a fixed plan saves that may exceed the limits as this one does
    value: float  # in sample
    fresh_value: float  # NaN, like at_same_risk, where an LP of that was not solved


def reviewed(search: Search, fixed: Solution, fresh_risk: Floats) -> Reviewed | None:
    """Return the cheapest plan that learns beside the fixed one; None where nothing is reviewed.

    `fresh_risk` [plan, limit], the fixed plan's first. It adds cuts to those of the search.

    Raises
    ------
    InputError
        If too few scenarios lie in a branch.
    """
    oracle, study = search.pool.oracle, search.pool.oracle.study
    review, of_fixed = study.review, fresh_risk[0]
    if review is None or review.branches == 1:
        return None
    adaptive = adaptive_plan(search, branches_of(search, review), review, fixed.slots)
    branches, plans = adaptive.branches, adaptive.plans
    cost = np.array([search.system.prices.plan(one) for one in plans])
    level = np.stack([search.system.levels(one) for one in plans])
    ends, rules = branches.tree.ends, [limit.risk_rule for limit in oracle.limits]
    in_sample = judged(rules, ByBranch(adaptive.z, branches.branch, oracle.weight), ends)
    followed, workers = Followed(branches.tree, level), oracle.held.workers
    drawn = judge_branches(study, sample_of(study, "fresh"), followed, workers, search.progress)
    fresh = judged(rules, drawn, ends)
    fresh_cost = float((fresh.probability * cost).sum()) + search.shortage_cost(fresh.risk)
    slots_alone = fixed.cost - fixed.shortage_cost
    fresh_fixed = slots_alone + search.shortage_cost(of_fixed)
    at_same_risk = saved(search, np.maximum(fresh.risk - of_fixed, 0.0))
    return Reviewed(
        review=review,
        adaptive=adaptive,
        cost=cost,
        in_sample=in_sample,
        fresh=fresh,
        fresh_cost=fresh_cost,
        fresh_fixed_cost=fresh_fixed,
        at_same_risk=at_same_risk,
        value=fixed.cost - adaptive.solution.cost,
        fresh_value=fresh_fixed - fresh_cost - at_same_risk,
    )


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
