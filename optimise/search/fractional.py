"""Plans in fractions of slots: the LP over cuts, where laws hold to the last digit.

`convex.relaxed_plan` finds them on the way to whole slots; here the first years may be given, HiGHS
solves whatever the study's solver, and a plan that time cut short is none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.system.limits import MILLION
from ..master.rows import with_cuts
from ..solvers.highs import HeldProgram
from ..solvers.program import Plan, Program, plan_of
from .value import Search

Floats = NDArray[np.float64]
COARSER, COARSER_OF_POSTS = 10.0, 1e4
"""Times the tolerance on the risk of whole slots: LP solvers keep their rows no better. A
thousandth of a percentage point where LIS2/3 posts are decided, whose plans in fractions take
hundreds of rounds to tell apart."""
PRICED = 1e-8
"""Of the cost: by how much priced shortage may exceed what cuts say of it."""
ROUNDS = 300


def cheapest_fractions(search: Search, given: Floats | None = None) -> Plan:
    """Return the cheapest plan in fractions of slots; its first years as `given` [region, year].

    The objective is in million NOK; NaN where there is no plan or no time.
    """
    program, pool = search.program, search.pool
    if given is not None:
        program = _with_first_years(program, given)
    nothing = search.system.unknown_slots
    coarser = COARSER_OF_POSTS if search.system.decides("posts") else COARSER
    slack = coarser * search.tolerance()
    for _ in range(ROUNDS):
        cut = with_cuts(program, pool.cuts, search.limits)
        plan = plan_of(cut, HeldProgram(cut).solve(1e-9, search.clock.left))
        if plan.status == "infeasible":
            return plan
        if np.isnan(plan.objective):
            break
        risk, z = pool.evaluate(plan.slots)
        broken = np.flatnonzero(risk > search.limits + slack).tolist()
        cost, unit = search.total_cost(plan.slots, risk) / MILLION, search.money / MILLION
        if cost - plan.objective > PRICED * max(abs(cost), unit):
            broken += search.prices
        if not broken:
            return plan
        if search.clock.left <= 0 or pool.stuck(plan.slots):
            break
        pool.learn(plan.slots, broken, risk, z)
    return Plan("stopped", nothing, np.nan, -np.inf)


def _with_first_years(program: Program, given: Floats) -> Program:
    """Return the program with the slots of the first years as `given` [region, year]."""
    lower, upper = program.lower.copy(), program.upper.copy()
    first = program.slots[:, : given.shape[1]]
    lower[first], upper[first] = given, given
    return program._replace(lower=lower, upper=upper)
