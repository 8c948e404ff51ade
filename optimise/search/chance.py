"""Chance limits P(Z <= limit) >= confidence: a plan by tuned CVaR and discarding, then its proof.

Which scenarios may break the limit is a choice of its own; the optimum lies at the best choice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.study.measures import kept_at
from ...core.study.study import Study
from ..cuts.certificate import highest_levels
from ..cuts.pool import CutPool
from ..cuts.repair import round_up, tolerance
from ..cuts.scenario_rows import ScenarioRows
from ..solvers.clock import Clock
from ..system.feasible import keeps_system_limits
from .chance_bound import prove
from .chance_subset import Kept, cheapest, cheapest_whole
from .convex import Incumbent, Solution, no_plan, shortage_cost, stopped, total_cost

Floats = NDArray[np.float64]
TUNING, DISCARDING = 12, 12
SHARE_OF_TIME = 0.5


def find_chance_plan(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, progress: Progress = silent
) -> Solution:
    """Find a cheap plan that keeps chance and other limits, and how much cheaper one could be.

    The bound comes from branch and cut where few enough scenarios are open, else from quantiles.
    """
    if _out_of_reach(study, pool, limits):
        return no_plan(study, limits, 0)
    clock = clock.part(SHARE_OF_TIME)
    tuned = tuned_plan(study, pool, limits, clock)
    progress("chance: tuned CVaR", 1, 0)
    rows = ScenarioRows(pool)
    start, kept = discarded(study, pool, limits, rows, tuned, clock)
    progress("chance: discarding", 1, 0)
    best = Incumbent(None, np.inf, np.full(len(limits), np.nan))
    if kept is not None:
        best = cheapest_whole(pool, limits, rows, kept, clock)
    progress("chance: whole slots", 1, 0)
    proof = prove(pool, limits, rows, best, start, clock, progress)
    best = proof.best
    if best.slots is None:
        nothing = no_plan(study, limits, proof.rounds)
        return nothing if proof.infeasible else stopped(nothing, proof.bound)
    return _solution(study, pool, limits, start, best, min(proof.bound, best.cost), proof.rounds)


def _solution(
    study: Study,
    pool: CutPool,
    limits: Floats,
    start: Floats,
    best: Incumbent,
    bound: float,
    rounds: int,
) -> Solution:
    assert best.slots is not None
    rounded = round_up(start)
    risk, _ = pool.evaluate(rounded)
    kept = keeps_system_limits(study, rounded) and bool((risk <= limits + tolerance(limits)).all())
    solution = Solution(
        status="stopped",
        slots=best.slots,
        cost=best.cost,
        lower_bound=bound,
        lp_bound=np.nan,
        lp_slots=start,
        rounded_cost=total_cost(study, rounded, risk),
        rounded_feasible=kept,
        risk=best.risk,
        rounds=rounds,
        shortage_cost=shortage_cost(study, best.risk),
    )
    optimal = solution.gap <= study.solve.relative_gap
    return solution._replace(status="optimal") if optimal else solution


def _out_of_reach(study: Study, pool: CutPool, limits: Floats) -> bool:
    """Return whether even levels no feasible plan exceeds break a chance limit: a proof."""
    risk = pool.oracle.risk(highest_levels(study))
    return bool((risk > limits + tolerance(limits))[~study.convex].any())


def tuned_plan(study: Study, pool: CutPool, limits: Floats, clock: Clock) -> Floats:
    """Return fractional slots of a CVaR limit tuned until the quantile just reaches the limit.

    A CVaR within the limit would be safe and far too dear; its right-hand side moves by what the
    quantile falls short, until nothing moves.
    """
    tails, aim = pool.tails(), limits.copy()
    chance = ~study.convex
    nothing = np.zeros((len(study.regions), len(study.decision_years)))
    highest = tails.oracle.risk_of(tails.evaluate(nothing)[1])[chance]
    slots, nobody = nothing, ScenarioRows(tails)
    for _ in range(TUNING):
        answer = cheapest(tails, aim, nobody, {}, clock)
        if answer is None:
            aim[chance] += 0.25 * np.maximum(highest - aim[chance], 0.0)
            continue
        slots = answer.slots
        spare = (limits - pool.evaluate(slots)[0])[chance]
        if np.abs(spare).max() <= 1e-5 * max(float(limits[chance].max()), 1e-3) or clock.left <= 0:
            break
        aim[chance] = np.minimum(aim[chance] + spare, np.maximum(highest, aim[chance]))
    return slots


def discarded(
    study: Study, pool: CutPool, limits: Floats, rows: ScenarioRows, slots: Floats, clock: Clock
) -> tuple[Floats, Kept | None]:
    """Return the cheapest fractional plan found by discarding the worst scenarios, and those kept.

    Those worst under a plan are given up, the plan is made anew for the others; where it happens
    to mend some that were given up, the most expensive of the others take their place.
    """
    best_cost, best, kept = np.inf, slots, None
    order: Floats | None = None
    for _ in range(DISCARDING):
        _, z = pool.evaluate(slots)
        trial = kept_scenarios(study, pool, limits, z, order)
        found = cheapest(pool, limits, rows, trial, clock)
        if found is None or found.cost >= best_cost * (1.0 - 1e-7):
            break
        best_cost, best, kept, slots, order = (
            found.cost,
            found.slots,
            trial,
            found.slots,
            found.dear,
        )
        if clock.left <= 0:
            break
    return best, kept


def kept_scenarios(
    study: Study, pool: CutPool, limits: Floats, z: Floats, dear: Floats | None
) -> Kept:
    """Return, for each chance limit, which scenarios must keep it: all but the worst.

    Z [limit, realization]; of those just at the limit the dearest (`dear`, same shape) go first.
    """
    kept: Kept = {}
    for c, limit in enumerate(study.risk.values()):
        if not limit.risk_rule.convex:
            row = z[c]
            if dear is not None:
                near = np.abs(row - limits[c]) <= 1e-6 * max(limits[c], 1e-3)
                row = np.where(near, limits[c] + 1e-9 * dear[c] / max(dear[c].max(), 1e-12), row)
            kept[c] = kept_at(row, limit.confidence or 0.0, pool.oracle.weight)
    return kept
