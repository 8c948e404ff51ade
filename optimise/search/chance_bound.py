"""How much cheaper a plan could be: quantile bounds for any number of scenarios, and their parts.

A scenario i that keeps limit c keeps a . x >= h_i(a), the least a . x over plans that suit it.
All but a weight `room` of scenarios must: so a . x is at least the h at the quantile (Luedtke and
others 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.study.tails import ROUNDING
from ...core.system.limits import MILLION
from ..cuts.certificate import highest_levels, lowest_levels
from ..cuts.scenario_rows import ScenarioRows
from ..solvers.highs import HeldProgram
from ..solvers.program import INFINITE, Program
from .branch_and_cut import Proof, branch_and_cut, with_cutoff
from .chance_subset import base_program
from .convex import Incumbent
from .mixing import Direction, Open
from .value import Search

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
OPEN_AT_MOST = 600
"""Open scenarios a branch and cut takes on; beyond, quantiles alone give the bound."""
REFINEMENTS = 4
MARGIN = 1.05


class Along(NamedTuple):
    """How far every plan must go along a direction for each open scenario, [open]."""

    least: Floats
    quantile: float


@dataclass(frozen=True, eq=False)
class Suited:
    """Plans that suit single open scenarios: by rows of them, from below.

    `few`: every open scenario is asked; else those alone of which there is a row.
    """

    search: Search
    rows: ScenarioRows
    few: bool

    def along(self, program: Program, each: Open, direction: Floats) -> Along:
        """Return h of every open scenario along a direction; minus infinity where not asked."""
        solver, least = HeldProgram(program), np.full(len(each.number), -np.inf)
        solver.minimise(direction)
        known = set(self.rows.number[self.rows.limit == each.limit].tolist())
        for n, number in enumerate(each.number.tolist()):
            if self.search.clock.left <= 0:
                break
            if self.few or number in known:
                least[n] = self._least(solver, each.limit, number)
        return Along(least, quantile_bound(least, each.weight, each.room))

    def _least(self, solver: HeldProgram, c: int, number: int) -> float:
        """Return the least objective of a plan that suits one scenario."""
        rows, search = self.rows, self.search
        most = float(search.limits[c] + search.tolerance()[c])
        own = np.flatnonzero((rows.limit == c) & (rows.number == number))
        value, added = -np.inf, 0
        one = search.pool.oracle.only(np.array([number]))
        for _ in range(REFINEMENTS):
            if len(own):
                matrix, upper = rows.within(own, most, solver.program.slots)
                solver.add(matrix, np.full(len(own), -INFINITE), upper)
                added += len(own)
            found = solver.solve()
            if found.status == "infeasible":
                value = np.inf
                break
            if np.isnan(found.objective):  # stopped by the clock: what is known already stands
                break
            value = found.objective
            slots = found.values[solver.program.slots]
            z = one.shortfall(search.system.levels(slots))[c]
            if z[0] <= most + 1e-6 * max(most, 1e-3):
                break
            own = rows.learn(slots, c, np.array([number]), z)
        solver.drop(added)
        return value - solver.program.offset


def prove(search: Search, rows: ScenarioRows, best: Incumbent, start: Floats) -> Proof:
    """Return the best plan, a lower bound of its cost (NOK), and whether there is none at all."""
    open_ = [open_scenarios(search, c) for c in np.flatnonzero(~search.pool.convex).tolist()]
    program = base_program(search)
    found = HeldProgram(program).solve(seconds=search.clock.left)
    if found.status == "infeasible":
        return Proof(best, np.inf, 0, True)
    few = sum(len(each.number) for each in open_) <= OPEN_AT_MOST
    for each in open_:
        _learn_near(search, rows, each, start if best.slots is None else best.slots, few)
    bound, directions = found.bound, list[list[Direction]]()
    suited = Suited(search, rows, few)
    for place, each in enumerate(open_):
        cost = suited.along(program, each, program.cost)
        if cost.quantile == np.inf:
            return Proof(best, np.inf, 0, True)
        bound = max(bound, cost.quantile + program.offset)
        search.progress("chance: quantile bounds", place + 1, len(open_))
        directions.append([Direction(program.cost, cost.least, cost.quantile)])
    if not few or search.clock.left <= 0:
        return Proof(best, bound * MILLION, 0, False)
    narrow = with_cutoff(program, search, best, bound)
    for place, each in enumerate(open_):
        effect = _effect(rows, each, program)
        far = suited.along(narrow, each, effect)
        directions[place].append(Direction(effect, far.least, far.quantile))
    choices = list(zip(open_, directions, strict=True))
    return branch_and_cut(search, rows, narrow, choices, Proof(best, bound * MILLION, 0, False))


def open_scenarios(search: Search, c: int) -> Open:
    """Return which scenarios can go either way: not those no plan breaks or no plan keeps."""
    system, oracle = search.system, search.pool.oracle
    weight = np.ones(oracle.scenarios) if oracle.weight is None else oracle.weight
    confidence = search.pool.risk[c].confidence or 0.0
    most = search.limits[c] + search.tolerance()[c]
    lowest = lowest_levels(system)
    can_break = oracle.shortfall(lowest)[c] > most
    if system.tracks is not None:  # more earmarked posts may break what fewer keep
        can_break[:] = True
    must_break = oracle.least_within(highest_levels(system), lowest)[c] > most
    number = np.flatnonzero(can_break & ~must_break)
    room = (1.0 - confidence) * weight.sum() - weight[must_break].sum()
    return Open(c, number, weight[number], room + ROUNDING)


def quantile_bound(least: Floats, weight: Floats, room: float) -> float:
    """Return the largest value that more than `room` of the weight does not fall short of."""
    order = np.argsort(-least, kind="stable")
    reached = np.cumsum(weight[order]) > room
    return float(least[order[np.argmax(reached)]]) if reached.any() else -np.inf


def _learn_near(search: Search, rows: ScenarioRows, each: Open, slots: Floats, few: bool) -> None:
    """Learn a row of every open scenario that matters at the best plan so far."""
    z = search.pool.oracle.shortfall(search.system.levels(slots))[each.limit]
    some = each.number if few else _likely(each, z)
    rows.learn(slots, each.limit, some, z[some])


def _likely(each: Open, z: Floats) -> Numbers:
    """Return the worst open scenarios, a little more of them than may break the limit."""
    order = np.argsort(-z[each.number], kind="stable")
    count = int(np.searchsorted(np.cumsum(each.weight[order]), MARGIN * each.room)) + 10
    return np.sort(each.number[order[:count]])


def _effect(rows: ScenarioRows, each: Open, program: Program) -> Floats:
    """Return the direction in which the open scenarios' shortage falls on average, [column]."""
    direction = np.zeros(len(program.cost))
    if not (rows.limit == each.limit).any():
        return direction
    mean = rows.slope[rows.limit == each.limit].mean(axis=0)
    direction[program.slots.ravel()] = -mean / max(np.abs(mean).max(), 1e-12)
    return direction
