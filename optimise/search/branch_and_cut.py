"""Branch and cut over which scenarios break a chance limit: a flag for each that is still open.

    slope . x + constant <= limit + M b,   sum weight b <= room,   b whole

M is the most the row can exceed the limit by in any plan not yet ruled out: by the cutoff, by the
quantile bounds. Rows of scenarios come as plans break them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ...core.study.study import Study
from ..cuts.pool import CutPool
from ..cuts.repair import tolerance
from ..cuts.scenario_rows import ScenarioRows
from ..master.build import MILLION
from ..master.rows import solve_rows, with_cuts
from ..solvers.clock import Clock
from ..solvers.program import INFINITE, Found, Program, Solver, with_flags, with_rows
from .chance_subset import better, learn_broken
from .convex import Incumbent
from .mixing import Direction, Open, mixing_rows, settled

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


def with_cutoff(program: Program, study: Study, best: Incumbent, bound: float) -> Program:
    """Return the program of plans clearly cheaper than the best, not below the bound (million)."""
    row = csr_matrix(program.cost)
    most = INFINITE
    if best.slots is not None:
        most = cutoff(study, best) / MILLION - program.offset
    return with_rows(program, row, np.array([bound - program.offset - 1e-7]), np.array([most]))


def cutoff(study: Study, best: Incumbent) -> float:
    """Return the cost (NOK) a plan must stay below to be worth finding."""
    return best.cost - 0.5 * study.solve.relative_gap * abs(best.cost)


def branch_and_cut(
    pool: CutPool,
    limits: Floats,
    rows: ScenarioRows,
    program: Program,
    open_: list[Open],
    directions: list[list[Direction]],
    best: Incumbent,
    bound: float,
    clock: Clock,
) -> Proof:
    """Return the best plan found and a bound, from `program` with its cutoff (NOK)."""
    beyond = cutoff(pool.study, best) / MILLION if best.slots is not None else np.inf
    flags, columns = list[Flags](), len(program.cost)
    for each, along in zip(open_, directions, strict=True):
        still, left = settled(each, along, beyond - program.offset)
        if still.room < 0.0:  # more are out of reach than may be: nothing cheaper exists
            return _nothing_cheaper(pool, best, bound)
        flags.append(Flags(still, left, columns))
        columns += len(still.number)
    narrow = program
    for each_flags in flags:
        for one in each_flags.directions[1:]:
            if np.isfinite(one.quantile):
                low, high = np.array([one.quantile - 1e-9]), np.array([INFINITE])
                narrow = with_rows(narrow, csr_matrix(one.direction), low, high)
    whole = with_flags(narrow, columns - len(program.cost))
    for each_flags in flags:
        row = np.zeros(columns)
        place = each_flags.first + np.arange(len(each_flags.open_.number))
        row[place] = each_flags.open_.weight
        if len(place):
            room = np.array([each_flags.open_.room])
            whole = with_rows(whole, csr_matrix(row), np.array([-INFINITE]), room)
    tightener, used = Solver(narrow), 0
    whole, used = _add_rows(whole, tightener, rows, used, limits, flags)
    return _search(pool, limits, rows, whole, tightener, flags, best, bound, used, clock)


def _nothing_cheaper(pool: CutPool, best: Incumbent, bound: float) -> Proof:
    if best.slots is None:
        return Proof(best, np.inf, 0, True)
    return Proof(best, max(bound, cutoff(pool.study, best)), 0, False)


def _search(
    pool: CutPool,
    limits: Floats,
    rows: ScenarioRows,
    whole: Program,
    tightener: Solver,
    flags: list[Flags],
    best: Incumbent,
    bound: float,
    used: int,
    clock: Clock,
) -> Proof:
    """Solve, learn what the plan found breaks, and solve again until the gap closes."""
    target, known = pool.study.solve.relative_gap, len(pool.cuts)
    for rounds in range(1, ROOT_ROUNDS + ROUNDS):
        root = rounds <= ROOT_ROUNDS
        found = _solved(pool, whole, not root, 0.4 * target, clock)
        if found.infeasible:
            nothing = _nothing_cheaper(pool, best, bound)
            return nothing._replace(rounds=rounds)
        reach = cutoff(pool.study, best) if best.slots is not None else np.inf
        bound = max(bound, min(found.bound * MILLION, reach))
        if np.isnan(found.objective) or clock.left <= 0:
            break
        slots = found.values[whole.slots]
        slots = slots if root else np.round(slots)
        if not root:
            best = better(pool, limits, slots, best, clock)
        if best.slots is not None and best.cost - bound <= target * abs(best.cost):
            break
        kept = _kept(pool, flags, found.values)
        learned = learn_broken(pool, limits, rows, kept, slots, found.objective)
        whole, known = with_cuts(whole, pool.cuts[known:], limits), len(pool.cuts)
        whole, used = _add_rows(whole, tightener, rows, used, limits, flags)
        whole, mixed = _add_mixing(whole, flags, found.values, tightener)
        if not learned and not mixed and not root:
            break
    return Proof(best, bound, rounds, False)


def _solved(pool: CutPool, program: Program, whole: bool, gap: float, clock: Clock) -> Found:
    """Return the answer to a program; kept in the folder of the run unless it was cut short."""
    rows, solver = program.rows, pool.study.solve.solver
    plain = [rows.data, rows.indices, rows.indptr, *(x for x in program if x is not rows)]
    return pool.oracle.held.workers.kept.answer(
        "program",
        (plain, whole, gap, solver),
        lambda: solve_rows(program, solver, whole, gap, clock.left),
        lambda found: not found.stopped,
    )


def _kept(pool: CutPool, flags: list[Flags], values: Floats) -> dict[int, NDArray[np.bool_]]:
    """Return which open scenarios the point says keep their limit."""
    kept = {}
    for each in flags:
        mask = np.zeros(pool.oracle.scenarios, dtype=np.bool_)
        point = values[each.first : each.first + len(each.open_.number)]
        mask[each.open_.number[point < 0.5]] = True
        kept[each.open_.limit] = mask
    return kept


def _add_rows(
    whole: Program,
    tightener: Solver,
    rows: ScenarioRows,
    used: int,
    limits: Floats,
    flags: list[Flags],
) -> tuple[Program, int]:
    """Add the scenario rows learned since, each with its tightest M; return how many are in."""
    for each in flags:
        position = {number: n for n, number in enumerate(each.open_.number.tolist())}
        fresh = [
            n
            for n in range(used, len(rows.limit))
            if rows.limit[n] == each.open_.limit and int(rows.number[n]) in position
        ]
        if not fresh:
            continue
        most = float(limits[each.open_.limit] + tolerance(limits)[each.open_.limit])
        matrix, upper = rows.within(np.array(fresh), most, whole.slots)
        reach = np.array([_most(tightener, matrix[n]) for n in range(len(fresh))])
        excess = np.maximum(reach - upper, 0.0)
        keep = excess > 1e-9
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


def _most(tightener: Solver, row: csr_matrix) -> float:
    """Return the most a row can be over all plans not ruled out."""
    cost = np.zeros(len(tightener.program.cost))
    cost[row.indices] = -row.data
    tightener.minimise(cost)
    found = tightener.solve()
    if found.infeasible:
        return -np.inf
    return -(found.bound - tightener.program.offset) + 1e-9


def _add_mixing(
    whole: Program, flags: list[Flags], values: Floats, tightener: Solver
) -> tuple[Program, bool]:
    """Add the mixing inequalities that cut this point off; say whether there are any."""
    mixed = False
    for each in flags:
        point = values[each.first : each.first + len(each.open_.number)]
        others = values[: len(tightener.program.cost)]
        matrix, lower = mixing_rows(each.open_, each.directions, point, others, each.first)
        if matrix.shape[0]:
            whole = with_rows(whole, matrix, lower, np.full(len(lower), INFINITE))
            mixed = True
    return whole, mixed
