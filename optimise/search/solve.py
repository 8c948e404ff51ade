"""Solving: the plan that keeps every rule, by cuts; chance limits by branch and cut."""

from __future__ import annotations

from ...core.system.limits import MILLION
from .chance import find_chance_plan
from .convex import Solution, best_seen, find_convex_plan, stopped
from .value import Search

__all__ = ["Solution", "find_plan"]


def find_plan(search: Search) -> Solution:
    """Find the cheapest plan whose risks stay within the limits; a price has none (infinite).

    CVaR, mean, worst case and price are convex: cuts alone are exact. Chance limits are not.
    """
    by_rule = find_convex_plan if search.pool.convex.all() else find_chance_plan
    found = by_rule(search)
    if search.pool.certified:
        return found
    return _unproved(search, found._replace(certified=False))


def _unproved(search: Search, found: Solution) -> Solution:
    """Return what is true where cuts may be false: the best plan ever looked at, and no refusal.

    "No plan" is only said where it is proved. Where cuts forbid a plan that was evaluated, what
    they bound is worth nothing; then only what the limits of the system cost at least is.
    """
    best = best_seen(search)
    if found.status == "infeasible":
        found = stopped(found, "proof", least_cost(search))
    if best.slots is None or best.cost >= found.cost:
        return found
    bound = found.lower_bound if found.lower_bound <= best.cost else least_cost(search)
    found = found._replace(
        slots=best.slots,
        cost=best.cost,
        risk=best.risk,
        lower_bound=min(bound, best.cost),
        shortage_cost=search.shortage_cost(best.risk),
    )
    if found.status == "optimal" and found.gap > search.solve.relative_gap:
        return found._replace(status="stopped", stopped_by="proof")
    return found


def least_cost(search: Search) -> float:
    """Return a bound of the cost of any plan inside the limits of the system, NOK."""
    return search.answer(search.program, 1e-9, whole=False).bound * MILLION
