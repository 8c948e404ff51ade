"""Branch and cut over which scenarios break a chance limit: a flag for each that is still open.

    slope . x + constant <= limit + M b,   sum weight b <= room,   b whole

M is the most the row can exceed the limit by in any plan not yet ruled out: by the cutoff, by the
quantile bounds. Rows of scenarios come as plans break them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ...core.system.limits import MILLION
from ..cuts.scenario_rows import ScenarioRows
from ..master.rows import with_cuts
from ..solvers.highs import HeldProgram
from ..solvers.program import INFINITE, Plan, Program, with_flags, with_rows
from .chance_subset import Kept, better, learn_broken
from .convex import Incumbent
from .mixing import Direction, Open, mixing_rows, settled
from .value import Search

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
ROOT_ROUNDS, ROUNDS = 12, 40


class Proof(NamedTuple):
    """The best plan, a lower bound of the cost of any (NOK), and whether there is none at all."""

    best: Incumbent
    bound: float
    rounds: int
    infeasible: bool


class Flags(NamedTuple):
    """Where the flags of one limit's open scenarios stand among the columns."""

    open_: Open
    directions: list[Direction]
    first: int


def with_cutoff(program: Program, search: Search, best: Incumbent, bound: float) -> Program:
    """Return the program of plans clearly cheaper than the best, not below the bound (million)."""
    row = csr_matrix(program.cost)
    most = INFINITE
    if best.slots is not None:
        most = cutoff(search, best) / MILLION - program.offset
    return with_rows(program, row, np.array([bound - program.offset - 1e-7]), np.array([most]))


def cutoff(search: Search, best: Incumbent) -> float:
    """Return the cost (NOK) a plan must stay below to be worth finding; infinite without a best."""
    if best.slots is None:
        return np.inf
    return best.cost - 0.5 * search.solve.relative_gap * abs(best.cost)


def branch_and_cut(
    search: Search,
    rows: ScenarioRows,
    program: Program,
    choices: Sequence[tuple[Open, list[Direction]]],
    known: Proof,
) -> Proof:
    """Return the best plan found and a bound, from `program` with its cutoff and what is known."""
    beyond = cutoff(search, known.best) / MILLION
    flags, columns = list[Flags](), len(program.cost)
    for each, along in choices:
        still, left = settled(each, along, beyond - program.offset)
        if still.room < 0.0:  # more are out of reach than may be: nothing cheaper exists
            return _nothing_cheaper(search, known)
        flags.append(Flags(still, left, columns))
        columns += len(still.number)
    narrow = _along_directions(program, flags)
    whole = with_flags(narrow, columns - len(program.cost))
    for each_flags in flags:
        row = np.zeros(columns)
        place = each_flags.first + np.arange(len(each_flags.open_.number))
        row[place] = each_flags.open_.weight
        if len(place):
            room = np.array([each_flags.open_.room])
            whole = with_rows(whole, csr_matrix(row), np.array([-INFINITE]), room)
    tree = Tree(search, rows, HeldProgram(narrow), flags)
    whole, used = tree.with_scenarios(whole, 0)
    return tree.search_on(whole, used, known)


def _along_directions(program: Program, flags: Sequence[Flags]) -> Program:
    """Return the program with the quantile bound of every direction but the cost."""
    for each in flags:
        for one in each.directions[1:]:
            if np.isfinite(one.quantile):
                low, high = np.array([one.quantile - 1e-9]), np.array([INFINITE])
                program = with_rows(program, csr_matrix(one.direction), low, high)
    return program


def _nothing_cheaper(search: Search, known: Proof) -> Proof:
    if known.best.slots is None:
        return known._replace(bound=np.inf, infeasible=True)
    return known._replace(bound=max(known.bound, cutoff(search, known.best)), infeasible=False)


@dataclass(frozen=True, eq=False)
class Tree:
    """What branch and cut works on: rows of scenarios, their flags, and how far a row can go."""

    search: Search
    rows: ScenarioRows
    tightener: HeldProgram
    flags: list[Flags]

    def search_on(self, whole: Program, used: int, known: Proof) -> Proof:
        """Solve, learn what the plan found breaks, and solve again until the gap closes."""
        search, pool = self.search, self.search.pool
        best, bound = known.best, known.bound
        target, cuts = search.solve.relative_gap, len(pool.cuts)
        for rounds in range(1, ROOT_ROUNDS + ROUNDS):
            root = rounds <= ROOT_ROUNDS
            found = search.answer(whole, 0.4 * target, whole=not root)
            if found.status == "infeasible":
                return _nothing_cheaper(search, Proof(best, bound, rounds, False))
            bound = max(bound, min(found.bound * MILLION, cutoff(search, best)))
            if np.isnan(found.objective) or search.clock.left <= 0:
                break
            slots = found.values[whole.slots]
            slots = slots if root else search.system.rounded(slots)
            if not root:
                best = better(search, slots, best)
            if best.slots is not None and best.cost - bound <= target * abs(best.cost):
                break
            plan = Plan(found.status, slots, found.objective, found.bound)
            learned = learn_broken(search, self.rows, self._kept(found.values), plan)
            whole, cuts = with_cuts(whole, pool.cuts[cuts:], search.limits), len(pool.cuts)
            whole, used = self.with_scenarios(whole, used)
            whole, mixed = self._with_mixing(whole, found.values)
            if not learned and not mixed and not root:
                break
        return Proof(best, bound, rounds, False)

    def with_scenarios(self, whole: Program, used: int) -> tuple[Program, int]:
        """Add the scenario rows learned since, each with its tightest M; return how many are in."""
        rows, limits = self.rows, self.search.limits
        for each in self.flags:
            position = {number: n for n, number in enumerate(each.open_.number.tolist())}
            fresh = [
                n
                for n in range(used, len(rows.limit))
                if rows.limit[n] == each.open_.limit and int(rows.number[n]) in position
            ]
            if not fresh:
                continue
            most = float((limits + self.search.tolerance())[each.open_.limit])
            matrix, upper = rows.within(np.array(fresh), most, whole.slots)
            reach = np.array([self._most(matrix[n]) for n in range(len(fresh))])
            excess = np.maximum(reach - upper, 0.0)
            keep = (excess > 1e-9) & np.isfinite(excess)  # without an M there is no row
            place = np.array([each.first + position[int(rows.number[n])] for n in fresh])[keep]
            if not len(place):
                continue
            loose = csr_matrix(
                (-excess[keep], (np.arange(len(place)), place)), (len(place), len(whole.cost))
            )
            wide = csr_matrix(matrix[keep])
            wide.resize(loose.shape)
            whole = with_rows(whole, wide + loose, np.full(len(place), -INFINITE), upper[keep])
        return whole, len(rows.limit)

    def _kept(self, values: Floats) -> Kept:
        """Return which open scenarios the point says keep their limit."""
        kept = {}
        for each in self.flags:
            mask = np.zeros(self.search.pool.oracle.scenarios, dtype=np.bool_)
            point = values[each.first : each.first + len(each.open_.number)]
            mask[each.open_.number[point < 0.5]] = True
            kept[each.open_.limit] = mask
        return kept

    def _most(self, row: csr_matrix) -> float:
        """Return the most a row can be over all plans not ruled out."""
        program = self.tightener.program
        cost = np.zeros(len(program.cost))
        cost[row.indices] = -row.data
        self.tightener.minimise(cost)
        found = self.tightener.solve()
        return -np.inf if found.status == "infeasible" else -(found.bound - program.offset) + 1e-9

    def _with_mixing(self, whole: Program, values: Floats) -> tuple[Program, bool]:
        """Add the mixing inequalities that cut this point off; say whether there are any."""
        mixed, others = False, values[: len(self.tightener.program.cost)]
        for each in self.flags:
            point = values[each.first : each.first + len(each.open_.number)]
            matrix, lower = mixing_rows(each.open_, each.directions, point, others, each.first)
            if matrix.shape[0]:
                whole = with_rows(whole, matrix, lower, np.full(len(lower), INFINITE))
                mixed = True
        return whole, mixed
