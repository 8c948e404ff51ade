"""The cheapest plan for scenarios that must keep a chance limit: rows of the most violated ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.system.limits import MILLION
from ..cuts.scenario_rows import ScenarioRows
from ..master.rows import with_cuts
from ..solvers.highs import HeldProgram
from ..solvers.program import INFINITE, Found, Plan, Program, plan_of, with_rows
from .convex import Incumbent, better_of, no_incumbent
from .repair import repair
from .value import Search, tolerance

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


def base_program(search: Search) -> Program:
    """Return the master with all convex cuts so far as plain rows."""
    return with_cuts(search.program, search.cuts, search.limits)


def rows_of(rows: ScenarioRows, kept: Kept) -> Numbers:
    """Return the numbers of the rows that speak of kept scenarios."""
    inside = [
        limit in kept and bool(kept[limit][number])
        for limit, number in zip(rows.limit.tolist(), rows.number.tolist(), strict=True)
    ]
    return np.flatnonzero(inside)


def program_for(search: Search, rows: ScenarioRows, kept: Kept) -> tuple[Program, Numbers]:
    """Return the master with the rows of kept scenarios, and which rows those are, last."""
    program, used = base_program(search), rows_of(rows, kept)
    for c in kept:
        some = used[rows.limit[used] == c]
        if len(some):
            most = float(search.limits[c])
            matrix, upper = rows.within(some, most, program.slots, search.guided)
            program = with_rows(program, matrix, np.full(len(some), -INFINITE), upper)
    order = [used[rows.limit[used] == c] for c in kept]
    return program, np.concatenate(order) if order else used


def cheapest(search: Search, rows: ScenarioRows, kept: Kept) -> Cheapest | None:
    """Return the cheapest fractional plan for the kept scenarios.

    None where there is none, or where clock or rounds ended before the first that suits.
    """
    for _ in range(ROUNDS):
        program, used = program_for(search, rows, kept)
        found = HeldProgram(program).solve(seconds=search.clock.left)
        if np.isnan(found.objective):
            return None
        plan = plan_of(program, found)
        broken = learn_broken(search, rows, kept, plan, FINE)
        if not broken or search.clock.left <= 0:
            cost = plan.objective * MILLION
            return Cheapest(plan.slots, cost, _dear(search, rows, used, found))
    return None


def cheapest_whole(search: Search, rows: ScenarioRows, kept: Kept) -> Incumbent:
    """Return the cheapest plan in whole slots found for the kept scenarios, repaired if need be."""
    best, gap = no_incumbent(search), search.solve.relative_gap
    for _ in range(ROUNDS):
        program, _ = program_for(search, rows, kept)
        plan = plan_of(program, search.answer(program, 0.4 * gap, whole=True))
        if np.isnan(plan.objective):
            break
        plan = plan._replace(slots=search.system.rounded(plan.slots))
        best = better(search, plan.slots, best)
        cheap = best.cost <= plan.objective * MILLION * (1.0 + gap)
        broken = learn_broken(search, rows, kept, plan)
        if cheap or not broken or search.clock.left <= 0:
            break
    return best


def better(search: Search, slots: Floats, best: Incumbent) -> Incumbent:
    """Return the better of the best plan and this one, repaired if it breaks a limit."""
    for plan in (slots, None):
        trial = plan if plan is not None else repair(search, slots)
        if trial is None or not search.system.keeps_limits(trial):
            return best
        risk, _ = search.pool.evaluate(trial)
        if search.keeps(risk):
            return better_of(search, best, trial, risk)
    return best


def learn_broken(
    search: Search, rows: ScenarioRows, kept: Kept, plan: Plan, fine: float = 1e-9
) -> bool:
    """Learn what a plan breaks: cuts of convex limits, rows of kept scenarios; False: nothing.

    Prices have their cuts where the plan costs more than the objective it was found with.
    """
    pool, limits, slots = search.pool, search.limits, plan.slots
    risk, z = pool.evaluate(slots)
    slack = tolerance(limits, fine)
    broken = [int(c) for c in np.flatnonzero(risk > limits + slack) if c not in kept]
    cost, unit = search.total_cost(slots, risk) / MILLION, search.money / MILLION
    if cost - plan.objective > max(fine, 1e-8) * max(abs(cost), unit):
        broken += search.prices
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


def _dear(search: Search, rows: ScenarioRows, used: Numbers, found: Found) -> Floats:
    """Return what the limit costs in every scenario, [limit, realization]: its rows' duals."""
    dear = np.zeros((len(search.limits), search.pool.oracle.scenarios))
    duals = np.abs(found.duals[len(found.duals) - len(used) :])
    np.add.at(dear, (rows.limit[used], rows.number[used]), duals)
    return dear
