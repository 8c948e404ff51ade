"""The cheapest plan for scenarios that must keep a chance limit: rows of the most violated ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..cuts.pool import CutPool
from ..cuts.repair import repair, tolerance
from ..cuts.scenario_rows import ScenarioRows
from ..master.build import MILLION
from ..master.rows import master_of, solve_rows, with_cuts
from ..solvers.clock import Clock
from ..solvers.program import INFINITE, Found, Program, Solver, with_rows
from ..system.feasible import keeps_system_limits
from .convex import Incumbent, priced, total_cost

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Kept = dict[int, NDArray[np.bool_]]
"""Chance limit -> [realization] whether the scenario must keep it."""
AT_ONCE = 24
"""Rows added a round and limit: the most violated scenarios."""
ROUNDS = 60
FINE = 1e-7


class Cheapest(NamedTuple):
    """A fractional plan that suits the kept scenarios, and what keeping each of them costs."""

    slots: Floats
    cost: float
    dear: Floats  # [limit, realization] dual values, not negative


def base_program(pool: CutPool, limits: Floats) -> Program:
    """Return the master with all convex cuts so far as plain rows."""
    return with_cuts(master_of(pool), pool.cuts, limits)


def rows_of(rows: ScenarioRows, kept: Kept) -> Numbers:
    """Return the numbers of the rows that speak of kept scenarios."""
    inside = [
        limit in kept and bool(kept[limit][number])
        for limit, number in zip(rows.limit.tolist(), rows.number.tolist(), strict=True)
    ]
    return np.flatnonzero(inside)


def program_for(
    pool: CutPool, limits: Floats, rows: ScenarioRows, kept: Kept
) -> tuple[Program, Numbers]:
    """Return the master with the rows of kept scenarios, and which rows those are, last."""
    program, used = base_program(pool, limits), rows_of(rows, kept)
    for c in kept:
        some = used[rows.limit[used] == c]
        if len(some):
            matrix, upper = rows.within(some, float(limits[c]), program.slots)
            program = with_rows(program, matrix, np.full(len(some), -INFINITE), upper)
    order = [used[rows.limit[used] == c] for c in kept]
    return program, np.concatenate(order) if order else used


def cheapest(
    pool: CutPool, limits: Floats, rows: ScenarioRows, kept: Kept, clock: Clock
) -> Cheapest | None:
    """Return the cheapest fractional plan for the kept scenarios.

    None where there is none, or where clock or rounds ended before the first that suits.
    """
    for _ in range(ROUNDS):
        program, used = program_for(pool, limits, rows, kept)
        found = Solver(program).solve(seconds=clock.left)
        if np.isnan(found.objective):
            return None
        slots = found.values[program.slots]
        broken = learn_broken(pool, limits, rows, kept, slots, found.objective, FINE)
        if not broken or clock.left <= 0:
            cost = found.objective * MILLION
            return Cheapest(slots, cost, _dear(pool, rows, used, found))
    return None


def cheapest_whole(
    pool: CutPool, limits: Floats, rows: ScenarioRows, kept: Kept, clock: Clock
) -> Incumbent:
    """Return the cheapest plan in whole slots found for the kept scenarios, repaired if need be."""
    best = Incumbent(None, np.inf, np.full(len(limits), np.nan))
    for _ in range(ROUNDS):
        program, _ = program_for(pool, limits, rows, kept)
        solve = pool.study.solve
        found = solve_rows(program, solve.solver, True, 0.4 * solve.relative_gap, clock.left)
        if np.isnan(found.objective):
            break
        slots = np.round(found.values[program.slots])
        best = better(pool, limits, slots, best, clock)
        cheap = best.cost <= found.objective * MILLION * (1.0 + pool.study.solve.relative_gap)
        broken = learn_broken(pool, limits, rows, kept, slots, found.objective)
        if cheap or not broken or clock.left <= 0:
            break
    return best


def better(
    pool: CutPool, limits: Floats, slots: Floats, best: Incumbent, clock: Clock
) -> Incumbent:
    """Return the better of the best plan and this one, repaired if it breaks a limit."""
    study = pool.study
    for plan in (slots, None):
        trial = plan if plan is not None else repair(study, pool, slots, limits, clock)
        if trial is None or not keeps_system_limits(study, trial):
            return best
        risk, _ = pool.evaluate(trial)
        if (risk <= limits + tolerance(limits)).all():
            cost = total_cost(study, trial, risk)
            return Incumbent(trial, cost, risk) if cost < best.cost else best
    return best


def learn_broken(
    pool: CutPool,
    limits: Floats,
    rows: ScenarioRows,
    kept: Kept,
    slots: Floats,
    objective: float,
    fine: float = 1e-9,
) -> bool:
    """Learn what a plan breaks: cuts of convex limits, rows of kept scenarios; False: nothing.

    Prices have their cuts where the plan costs more than the `objective` it was found with.
    """
    risk, z = pool.evaluate(slots)
    slack = tolerance(limits, fine)
    broken = [int(c) for c in np.flatnonzero(risk > limits + slack) if c not in kept]
    cost = total_cost(pool.study, slots, risk) / MILLION
    if cost - objective > max(fine, 1e-8) * max(cost, 1.0):
        broken += priced(pool.study)
    pool.learn(slots, broken, risk, z)
    learned = bool(broken)
    for c, mask in kept.items():
        over = np.where(mask, z[c] - limits[c] - slack[c], 0.0)
        worst = np.argsort(-over, kind="stable")[:AT_ONCE]
        worst = np.sort(worst[over[worst] > 0.0])
        if len(worst):
            rows.learn(slots, c, worst, z[c][worst])
            learned = True
    return learned


def _dear(pool: CutPool, rows: ScenarioRows, used: Numbers, found: Found) -> Floats:
    """Return what the limit costs in every scenario, [limit, realization]: its rows' duals."""
    dear = np.zeros((len(pool.study.risk), pool.oracle.scenarios))
    duals = np.abs(found.duals[len(found.duals) - len(used) :])
    np.add.at(dear, (rows.limit[used], rows.number[used]), duals)
    return dear
