"""The value of the stochastic solution and of perfect information, under risk limits.

All in fractions of slots, where the laws hold exactly: WS <= RP <= EEV.

RP   the cheapest plan that keeps the risk limits.
EEV  the mean-value plan is the cheapest that keeps them in the one scenario where everything is at
     its mean; over all scenarios it may take too little or keep them (of 239 random studies 19).
     It is followed for the first four years; after that review the cheapest way on that keeps the
     risk limits is taken. Where there is none any more, EEV is infinite. The value of the
     stochastic solution is EEV - RP.
WS   a plan of its own for each scenario, the risk limits kept over all of them together; on the
     first scenarios of the sample only. The value of perfect information is RP - WS, RP on those.
     Few scenarios may not reach the limits; then theirs lie at the same fractions of the intervals
     that those few can attain.

Where shortage has a price it is part of every cost. Chance limits are not convex: nothing is said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.mean_scenario import mean_scenario
from ...core.system.limits import MILLION
from ..cuts.pool import CutPool
from ..search.attainable import ceiling, floor
from ..search.fractional import cheapest_fractions
from ..search.value import Search
from ..solvers.program import Plan
from .wait_and_see import cost_in_hindsight

Floats = NDArray[np.float64]
REVIEW = 4
"""Years for which the mean-value plan is followed, one term of parliament; half at most."""
STEPS = 9
"""Fractions tried until the part of the scenarios can keep all its limits together."""
HINDSIGHT, FEWEST = 32, 4
"""Scenarios with a plan of their own: one program over all of them. Fewer where plans have more
rows than regions, so that the program is no larger; at least so many."""


class Information(NamedTuple):
    """Costs in NOK, NaN where there is no such plan; slots of the mean-value plan, rounded up."""

    stochastic: float  # RP
    mean_value: float  # of the mean-value plan itself, which breaks the limits
    mended: float  # EEV; infinite where the limits can no longer be kept after the review
    part: float  # RP on the part of the scenarios
    hindsight: float  # WS on the same
    scenarios: int  # in that part
    mean_value_slots: Floats  # [region, decision year]
    part_moved: bool = False  # whether that part cannot keep the limits, and has its own


def value_of_information(search: Search, fractions: Floats) -> Information:
    """Return what planning with scenarios is worth, and what knowing the future would be.

    `fractions` [limit] say where the limits on risk lie in their attainable intervals.
    """
    oracle, nothing = search.pool.oracle, search.system.unknown_slots
    if not search.pool.convex.all():
        return Information(*(np.nan,) * 5, 0, nothing)
    best = cheapest_fractions(search)
    naive = cheapest_fractions(replace(search, pool=CutPool(mean_scenario(oracle))))
    mended = _mended(search, naive)
    numbers = np.arange(oracle.scenarios)
    count = max(HINDSIGHT * len(search.system.regions) // len(nothing), FEWEST)
    numbers = (numbers if oracle.weight is None else numbers[oracle.weight > 0.0])[:count]
    some = replace(search, pool=CutPool(oracle.only(numbers), search.pool.certificate))
    some, part = _in_part(some, fractions)
    hindsight = np.nan if np.isnan(part.objective) else cost_in_hindsight(some)
    return Information(
        stochastic=best.objective * MILLION,
        mean_value=naive.objective * MILLION,
        mended=mended * MILLION,
        part=part.objective * MILLION,
        hindsight=hindsight * MILLION,
        scenarios=len(numbers),
        mean_value_slots=nothing
        if np.isnan(naive.objective)
        else search.system.rounded_up(naive.slots),
        part_moved=some.limits is not search.limits,
    )


def _in_part(some: Search, fractions: Floats) -> tuple[Search, Plan]:
    """Return the search on a part of the scenarios and its cheapest plan.

    Where the part cannot keep the limits they move to the same fractions of the part's own
    intervals; where even these cannot be kept together, towards the ceilings, which no new slots
    reach.
    """
    own = cheapest_fractions(some)
    if own.status != "infeasible":
        return some, own
    high = ceiling(some.pool)
    low = floor(some.pool, some.clock)
    for step in np.linspace(0.0, 1.0, STEPS):
        share = fractions + step * np.maximum(1.0 - fractions, 0.0)
        moved = np.where(np.isfinite(some.limits), low + share * (high - low), some.limits)
        search = some.with_limits(moved)
        part = cheapest_fractions(search)
        if part.status != "infeasible":
            return search, part
    return some, own


def _mended(search: Search, naive: Plan) -> float:
    """Return the cost of following the mean-value plan to the review, million NOK."""
    if np.isnan(naive.objective):
        return np.nan
    years = min(REVIEW, naive.slots.shape[1] // 2)
    followed = search.system.decisions.evened(naive.slots)[:, :years]
    answer = cheapest_fractions(search, followed)
    return np.inf if answer.status == "infeasible" else answer.objective
