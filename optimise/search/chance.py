"""Chance limits P(Z <= limit) >= confidence: a plan by tuned CVaR and discarding, then its proof.

Which scenarios may break the limit is a choice of its own; the optimum lies at the best choice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.study.tails import kept_at
from ..cuts.certificate import highest_levels, lowest_levels
from ..cuts.scenario_rows import ScenarioRows
from .chance_bound import prove
from .chance_subset import Kept, cheapest, cheapest_whole
from .convex import Incumbent, Solution, no_incumbent, no_plan, stopped
from .masters import Stop
from .value import Search

Floats = NDArray[np.float64]
TUNING, DISCARDING = 12, 12
SHARE_OF_TIME = 0.5


def find_chance_plan(search: Search) -> Solution:
    """Find a cheap plan that keeps chance and other limits, and how much cheaper one could be.

    The bound comes from branch and cut where few enough scenarios are open, else from quantiles.
    """
    if _out_of_reach(search):
        return no_plan(search, 0)
    search = search.within(SHARE_OF_TIME)
    guided = search.by_tangents()
    tuned = tuned_plan(guided)
    search.progress("chance: tuned CVaR", 1, 0)
    rows = ScenarioRows(search.pool)
    start, kept = discarded(guided, rows, tuned)
    search.progress("chance: discarding", 1, 0)
    best = no_incumbent(search) if kept is None else cheapest_whole(guided, rows, kept)
    search.progress("chance: whole slots", 1, 0)
    proof = prove(search, rows, best, start)
    best = proof.best
    if best.slots is None:
        nothing = no_plan(search, proof.rounds)
        return nothing if proof.infeasible else stopped(nothing, _by(search), proof.bound)
    solution = _solution(search, start, best, proof.rounds)
    return _proved(search, solution, min(proof.bound, best.cost))


def _by(search: Search) -> Stop:
    return "time" if search.clock.left <= 0 else "rounds"


def _solution(search: Search, start: Floats, best: Incumbent, rounds: int) -> Solution:
    """Return the plan found beside the one in fractions of slots, nothing of it proved."""
    assert best.slots is not None
    rounded = search.system.rounded_up(start)
    risk, _ = search.pool.evaluate(rounded)
    return Solution(
        status="stopped",
        slots=best.slots,
        cost=best.cost,
        lower_bound=-np.inf,
        lp_bound=np.nan,
        lp_slots=start,
        rounded_cost=search.total_cost(rounded, risk),
        rounded_feasible=search.admits(rounded, risk),
        risk=best.risk,
        rounds=rounds,
        shortage_cost=search.shortage_cost(best.risk),
    )


def _proved(search: Search, solution: Solution, bound: float) -> Solution:
    """Return the solution with its bound: optimal where that lies within the gap asked."""
    solution = solution._replace(lower_bound=bound)
    optimal = solution.gap <= search.solve.relative_gap
    by: Stop = "" if optimal else _by(search)
    return solution._replace(status="optimal" if optimal else "stopped", stopped_by=by)


def _out_of_reach(search: Search) -> bool:
    """Return whether even levels no feasible plan exceeds break a chance limit: a proof."""
    oracle, system = search.pool.oracle, search.system
    risk = oracle.risk_of(oracle.least_within(highest_levels(system), lowest_levels(system)))
    return bool((risk > search.limits + search.tolerance())[~search.pool.convex].any())


def tuned_plan(search: Search) -> Floats:
    """Return fractional slots of a CVaR limit tuned until the quantile just reaches the limit.

    A CVaR within the limit would be safe and far too dear; its right-hand side moves by what the
    quantile falls short, until nothing moves.
    """
    tails, limits, chance = search.judged_by_tails(), search.limits, ~search.pool.convex
    aim, slots = limits.copy(), search.system.no_slots
    highest = tails.pool.oracle.risk_of(tails.pool.evaluate(slots)[1])[chance]
    nobody = ScenarioRows(tails.pool)
    for _ in range(TUNING):
        answer = cheapest(tails.with_limits(aim), nobody, {})
        if answer is None:
            aim[chance] += 0.25 * np.maximum(highest - aim[chance], 0.0)
            continue
        slots = answer.slots
        spare = (limits - search.pool.evaluate(slots)[0])[chance]
        near = 1e-5 * max(float(limits[chance].max()), 1e-3)
        if np.abs(spare).max() <= near or search.clock.left <= 0:
            break
        aim[chance] = np.minimum(aim[chance] + spare, np.maximum(highest, aim[chance]))
    return slots


def discarded(search: Search, rows: ScenarioRows, slots: Floats) -> tuple[Floats, Kept | None]:
    """Return the cheapest fractional plan found by discarding the worst scenarios, and those kept.

    Those worst under a plan are given up, the plan is made anew for the others; where it happens
    to mend some that were given up, the most expensive of the others take their place.
    """
    best_cost, best, kept = np.inf, slots, None
    order: Floats | None = None
    for _ in range(DISCARDING):
        _, z = search.pool.evaluate(slots)
        trial = kept_scenarios(search, z, order)
        found = cheapest(search, rows, trial)
        if found is None or found.cost >= best_cost * (1.0 - 1e-7):
            break
        best_cost, best, kept, slots, order = (
            found.cost,
            found.slots,
            trial,
            found.slots,
            found.dear,
        )
        if search.clock.left <= 0:
            break
    return best, kept


def kept_scenarios(search: Search, z: Floats, dear: Floats | None) -> Kept:
    """Return, for each chance limit, which scenarios must keep it: all but the worst.

    Z [limit, realization]; of those just at the limit the dearest (`dear`, same shape) go first.
    """
    kept: Kept = {}
    limits, pool = search.limits, search.pool
    for c in np.flatnonzero(~pool.convex).tolist():
        row = z[c]
        if dear is not None:
            near = np.abs(row - limits[c]) <= 1e-6 * max(limits[c], 1e-3)
            row = np.where(near, limits[c] + 1e-9 * dear[c] / max(dear[c].max(), 1e-12), row)
        kept[c] = kept_at(row, pool.risk[c].confidence or 0.0, pool.oracle.weight)
    return kept
