"""What a little more of each limit is worth: LP duals of all, finite differences of whole plans.

The dual is the reduced cost of a limit's `give` (optimise/master/elastic.py), held at zero in the
LP at its optimum: what the cheapest plan in fractions of slots saves per share of the limit, in all
its years at once. The finite difference solves the whole-number problem again with one step more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.system.limit import Limit, SystemLimit
from ...core.system.limits import MILLION
from ..infeasible.relaxations import Relaxation, Relief, all_limits, relaxed, with_gives
from ..master.build import minimise_cost, prices_of_risk
from ..master.elastic import RiskBound, elastic_master
from ..master.risk_blocks import add_shortage_cost
from ..master.rows import with_cuts
from ..search.convex import relaxed_plan
from ..search.solve import Solution, find_plan
from ..search.value import Search
from ..solvers.program import program_of
from ..solvers.solver import HIGHS

Floats = NDArray[np.float64]
WORTH_LOOKING = 1e-9


class Shadow(NamedTuple):
    """What one step more of a limit saves, NOK; NaN where it was not solved again."""

    limit: Limit
    step: float  # in the limit's own unit, in every year it is watched
    dual: float  # LP: NOK saved by one step, to first order; NaN where a chance limit has no LP
    saved: float  # whole plans: cost less the cost with one step more
    saved_low: float  # the same, as far as the bounds of both prove it
    saved_high: float


def shadow_prices(search: Search, solution: Solution, solved_again: int) -> list[Shadow]:
    """Return the dual of every limit, and for the dearest the saving of whole plans too.

    Under a chance limit there are no duals: its own limits are solved again, as many as may be.
    """
    limits = all_limits(search)
    shadows = [
        Shadow(limit, limit.step, dual, np.nan, np.nan, np.nan)
        for limit, dual in zip(limits, _duals(search, limits), strict=True)
    ]
    again = _worth_solving(shadows)[:solved_again]
    for number, n in enumerate(again, start=1):
        fair = search.among(len(again) + 1 - number)
        shadows[n] = _solved_again(fair, solution, shadows[n])
        search.progress("shadow prices", number, len(again))
    return shadows


def _duals(search: Search, limits: Sequence[Limit]) -> list[float]:
    """Return what a step of every limit saves in the LP, NOK; NaN where there is none to ask."""
    if not search.pool.convex.all():
        return [np.nan] * len(limits)
    relaxed_plan(search.quietly())  # cuts for a plan in whole slots leave it 1e-6 off
    model = elastic_master(search.system, limits, 0.0)
    minimise_cost(model, search.system)
    add_shortage_cost(model, prices_of_risk(search.pool))
    elastic = with_gives(program_of(model, by_rows=True), limits)
    program = with_cuts(elastic, search.pool.cuts, search.limits)
    found = HIGHS.solve(program, 1e-9, search.clock.left, whole=False)
    if found.status != "optimal":
        return [np.nan] * len(limits)
    duals = []
    for limit, per_share in zip(limits, found.reduced[program.gives], strict=True):
        share = limit.step / float(limit.scale[np.isfinite(limit.scale)].mean())
        duals.append(float(0.0 + np.maximum(-per_share, 0.0) * MILLION * share))
    return duals


def _worth_solving(shadows: Sequence[Shadow]) -> list[int]:
    """Return which limits to solve again for, the most promising first."""
    limits = [each.limit for each in shadows]
    chance = [
        n
        for n, limit in enumerate(limits)
        if isinstance(limit, RiskBound) and not limit.asked.risk_rule.convex
    ]
    dear = [
        n
        for n, limit in enumerate(limits)
        if shadows[n].dual > WORTH_LOOKING
        and not (isinstance(limit, SystemLimit) and not limit.divisible)
    ]
    return chance + sorted(dear, key=lambda n: -shadows[n].dual)


def _solved_again(search: Search, before: Solution, shadow: Shadow) -> Shadow:
    limit = shadow.limit
    years = np.where(np.isfinite(limit.scale), shadow.step, 0.0)
    relief = Relief(limit, 0.0, years)
    taken = Relaxation((limit,), "enough", [relief], 0.0, 0.0, before.slots)
    after = find_plan(relaxed(search.quietly(), taken))
    if np.isnan(after.cost):
        return shadow
    return shadow._replace(
        saved=before.cost - after.cost,
        saved_low=before.lower_bound - after.cost,
        saved_high=before.cost - after.lower_bound,
    )
