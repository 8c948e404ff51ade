"""The fewest earmarked posts: of plans that open the same posts, the one that earmarks least.

Where an earmarked post costs no more than any other, a search is free to earmark what nobody needs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.system.families import Family
from ..master.exclusions import without_plans
from ..master.rows import with_cuts
from ..solvers.program import Program, plan_of
from .convex import Solution
from .value import Search

Floats = NDArray[np.float64]
ROUNDS, SHARE_OF_TIME = 40, 0.25


def fewest_earmarked(search: Search, solution: Solution) -> Solution:
    """Return the solution with as few earmarked posts, in years on offer, as its limits allow.

    All else it opens stays, so its cost does but for grants, of which it pays no more. By cuts, as
    any plan is found, and kept from plans that their own cuts do not exclude; left as it is under
    chance limits and prices of shortage, without time, and where such a plan is in fractions.
    """
    system = search.system
    settled = np.isnan(solution.cost) or search.prices or not search.pool.convex.all()
    if system.tracks is None or settled:
        return solution
    search = search.within(SHARE_OF_TIME)
    program, tracks = _fewest(search, system.tracks, solution), system.tracks.rows
    excluded = list[Floats]()  # plans that break a limit, which clipped cuts do not say
    for _ in range(ROUNDS):
        left = without_plans(program, excluded)
        cut = with_cuts(left, search.pool.cuts, search.limits)
        found = plan_of(cut, search.answer(cut, 0.0, whole=True))
        if np.isnan(found.objective) or search.clock.left <= 0:
            return solution
        plan = solution.slots.copy()
        plan[tracks] = system.rounded(found.slots)[tracks]
        risk, z = search.pool.evaluate(plan)
        if search.admits(plan, risk):
            cost = search.total_cost(plan, risk)
            fewer = cost <= solution.cost
            return solution._replace(slots=plan, cost=cost, risk=risk) if fewer else solution
        if search.stuck(plan):
            if not system.tracks.whole:
                return solution
            excluded.append(plan)
            continue
        broken = risk > search.limits + search.tolerance()
        search.pool.learn(plan, np.flatnonzero(broken).tolist(), risk, z)
    return solution


def _fewest(search: Search, tracks: Family, solution: Solution) -> Program:
    """Return the master of plans that open the same, in which years of earmarked posts cost one."""
    program = search.program
    columns, own = program.slots, program.slots[tracks.rows]
    lower, upper = program.lower.copy(), program.upper.copy()
    others = np.ones(len(columns), dtype=bool)
    others[tracks.rows] = False
    lower[columns[others]] = upper[columns[others]] = solution.slots[others]
    cost = np.zeros(len(program.cost))
    cost[own] = np.arange(own.shape[1], 0, -1)
    return program._replace(cost=cost, offset=0.0, lower=lower, upper=upper)
