"""Solving with convex rules: the LP relaxation to convergence, then the integer master."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.system.limits import MILLION
from ..cuts.pool import Round
from ..master.rows import with_cuts
from ..solvers.program import Plan, Status, plan_of
from .repair import repair, round_up
from .value import Search

Floats = NDArray[np.float64]
STATUS: dict[Status, int] = {"infeasible": 0, "optimal": 1, "stopped": 2}
"""The codes of result files."""
LP_TOLERANCE, BEFORE_WHOLE_SLOTS = 1e-8, 1e-6
"""Of the LP relaxation for its own sake, and where it only gathers cuts for whole slots."""
ROUNDS = 300


class Solution(NamedTuple):
    """The answer with its proof. Costs in NOK, discounted; slots [region, decision year].

    Where a study prices shortage, cost and bounds include the expected cost of shortage. Under a
    chance limit, which has no LP, `lp_bound` is NaN and `lp_slots` the cheapest plan in fractions
    of slots that discarding scenarios found.
    """

    status: Status
    slots: Floats
    cost: float  # upper bound: what the plan costs
    lower_bound: float  # no plan that keeps all limits is cheaper
    lp_bound: float
    lp_slots: Floats
    rounded_cost: float  # the LP solution rounded up
    rounded_feasible: bool
    risk: Floats  # [limit] risk of the plan
    rounds: int
    shortage_cost: float = 0.0  # what of the cost is the price of shortage
    certified: bool = True  # the lower bound is proved: every cut it rests on is valid

    @property
    def gap(self) -> float:
        """Return (cost - lower bound) / |cost|: a plan that closes slots can save money."""
        if self.cost == self.lower_bound:
            return 0.0
        return (self.cost - self.lower_bound) / abs(self.cost) if self.cost else np.inf


class Incumbent(NamedTuple):
    """The best plan so far."""

    slots: Floats | None
    cost: float
    risk: Floats


def find_convex_plan(search: Search) -> Solution:
    """Find the cheapest plan whose risks stay within the limits, none of them a chance limit.

    Cuts learned before (by other limits, by attainable intervals) hold for any limits and are used
    again.
    """
    relaxed, rounds = relaxed_plan(search, BEFORE_WHOLE_SLOTS)
    if relaxed.status == "infeasible":
        return no_plan(search, rounds)
    if np.isnan(relaxed.objective):
        return stopped(no_plan(search, rounds), relaxed.bound * MILLION)
    rounded = round_up(relaxed.slots)
    rounded_risk, _ = search.pool.evaluate(rounded)
    status, best, bound, rounds = _whole_plan(search, relaxed.bound, rounds)
    search.progress("integer rounds", rounds, 0)
    if best.slots is None:
        nothing = no_plan(search, rounds)
        return nothing if status == "infeasible" else stopped(nothing, bound)
    return Solution(
        status=status,
        slots=best.slots,
        cost=best.cost,
        lower_bound=min(bound, best.cost),
        lp_bound=relaxed.bound * MILLION,
        lp_slots=relaxed.slots,
        rounded_cost=search.total_cost(rounded, rounded_risk),
        rounded_feasible=search.system.keeps_limits(rounded) and search.keeps(rounded_risk),
        risk=best.risk,
        rounds=rounds,
        shortage_cost=search.shortage_cost(best.risk),
    )


def _whole_plan(
    search: Search, lp_bound: float, rounds: int
) -> tuple[Status, Incumbent, float, int]:
    """Return status, best plan, lower bound (NOK) and rounds of the integer master with cuts."""
    best, pool = no_incumbent(search), search.pool
    bound, target = lp_bound * MILLION, search.solve.relative_gap
    while rounds < ROUNDS and search.clock.left > 0:
        rounds += 1
        answer = _master(search, 0.4 * target, whole=True)
        if answer.status == "infeasible":  # a plan found before is within the tolerance alone
            none = best.slots is None
            return "infeasible" if none else "optimal", best, best.cost, rounds
        bound = max(bound, answer.bound * MILLION)
        if np.isnan(answer.objective):
            break
        best = _improved(search, np.round(answer.slots), best)
        pool.note(Round(bound, best.cost, len(pool.cuts), whole=True))
        if best.slots is not None and best.cost - bound <= target * abs(best.cost):
            return "optimal", best, bound, rounds
        if answer.status == "stopped":
            break
    return "stopped", best, bound, rounds


def _improved(search: Search, plan: Floats, best: Incumbent) -> Incumbent:
    """Return the better of the best plan and this one, repaired if need be; learn its cuts."""
    pool = search.pool
    risk, z = pool.evaluate(plan)
    broken = [int(c) for c in np.flatnonzero(risk > search.limits + search.tolerance())]
    pool.learn(plan, sorted({*broken, *search.prices}), risk, z)
    if broken:
        repaired = repair(search, plan)
        if repaired is None:
            return best
        plan = repaired
        risk, _ = pool.evaluate(plan)
        if not search.keeps(risk):
            return best
    cost = search.total_cost(plan, risk)
    return Incumbent(plan, cost, risk) if cost < best.cost else best


def relaxed_plan(search: Search, precision: float = LP_TOLERANCE) -> tuple[Plan, int]:
    """Return the LP optimum over plans in fractions of slots, by cuts to convergence.

    `precision`: by how much of a limit the last plan may exceed it; the bound holds at any.
    """
    pool, slack = search.pool, search.tolerance(precision)
    for rounds in range(1, ROUNDS):
        answer = _master(search, 1e-9, whole=False)
        if answer.status == "infeasible" or np.isnan(answer.objective):
            return answer, rounds
        risk, z = pool.evaluate(answer.slots)
        broken = [int(c) for c in np.flatnonzero(risk > search.limits + slack)]
        cost = search.total_cost(answer.slots, risk) / MILLION
        if search.prices and cost - answer.objective > LP_TOLERANCE * max(cost, 1.0):
            broken += search.prices
        search.progress("LP rounds", rounds, 0)
        pool.note(Round(answer.bound * MILLION, np.inf, len(pool.cuts), whole=False))
        if not broken or search.clock.left <= 0:
            return answer, rounds
        pool.learn(answer.slots, broken, risk, z)
    return answer, ROUNDS


def _master(search: Search, gap: float, *, whole: bool) -> Plan:
    program = with_cuts(search.program, search.pool.cuts, search.limits)
    found = search.answer(program, gap, whole=whole, nodes=search.solve.node_limit)
    return plan_of(program, found)


def no_incumbent(search: Search) -> Incumbent:
    """Return what is known before any plan is found."""
    return Incumbent(None, np.inf, np.full(len(search.limits), np.nan))


def no_plan(search: Search, rounds: int) -> Solution:
    """Return the answer that no plan keeps all limits."""
    nothing, unknown = search.system.unknown_slots, np.full(len(search.limits), np.nan)
    return Solution(
        "infeasible", nothing, np.nan, np.inf, np.inf, nothing, np.nan, False, unknown, rounds
    )


def stopped(nothing: Solution, bound: float) -> Solution:
    """Return the answer that no plan was found in time."""
    return nothing._replace(status="stopped", lower_bound=bound)
