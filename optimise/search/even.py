"""Plans made even: regions that no limit on risk tells apart grow alike.

Where a limit sees the sum of several regions alone, very many plans cost the same, and a solver
names the corners among them: all new slots in as few regions as their ramps allow. There queues are
emptied first, so that risk is higher than it need be, and the cut of a corner says little of the
others: 17 counties under one national limit took 300 rounds and were not solved. Supply is concave
in the slots, so risk is least, but for what ramps and capacity forbid, where the regions' levels
keep their proportions; the cut of such a plan has nearly the same slope in all of them, a cut on
their sum. Plans are therefore looked at as evenly spread as the limits of the system allow, at the
same number of slots a year.

Which plans are looked at proves nothing and spoils nothing: cuts hold wherever they are learned,
bounds come from masters alone. So it need not be true that these regions are alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack

from ..solvers.program import INFINITE, Plan, Program, with_rows
from ..solvers.solver import HIGHS
from .value import Search

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
PIECES = 4
"""Pieces of the square on each side of where a level is looked for."""
STEPS = (1.0, 0.25, 0.06, 0.015)
"""Slots that a piece is wide, coarse to fine, where fractions are spread."""
GAP, NODES = 0.05, 200
"""How nearly whole slots are spread as evenly as can be, and after how many nodes that is given
up: what matters is the bulk of it."""


def alike(search: Search) -> tuple[Rows, ...]:
    """Return groups of regions, by their rows, that no limit on risk tells apart.

    None where a limit tells all of them apart, nor where more than LIS1 posts opened is decided,
    where shortage has a price, or a plan learns at reviews: other ways lead on there.
    """
    system = search.system
    plain = system.most_slots.shape == (len(system.regions), len(system.decision_years))
    if not plain or len(system.families) > 1 or system.closing or search.prices:
        return ()
    seen = dict[tuple[object, ...], list[int]]()
    for r, region in enumerate(system.regions):
        judged = [region in limit.regions for limit in search.pool.risk]
        own = any(
            limit.over_regions and its for limit, its in zip(search.pool.risk, judged, strict=True)
        )
        seen.setdefault((*judged, r if own else None), []).append(r)
    return tuple(np.array(rows) for rows in seen.values() if len(rows) > 1)


class Looked(NamedTuple):
    """What a master's plan came to, spread evenly in fractions."""

    slots: Floats  # [row, decision year]
    kept: bool  # whether it keeps every limit on risk
    excludes: bool  # whether a cut learned there excludes the master's plan


def look_at_even_plan(search: Search, found: Plan, share: float, slack: Floats) -> Looked | None:
    """Judge a master's plan spread evenly, at no more than a `share` of cost more; learn its cuts.

    `slack` [limit] is by how much limits on risk may be exceeded. None where there is no such plan.
    """
    pool, known, most = search.pool, len(search.pool.cuts), search.limits + slack
    cost = found.objective + share * abs(found.objective)
    even = even_plan(search, search.program, found.slots, cost)
    if even is None:
        return None
    risk, z = pool.evaluate(even)
    broken = [int(c) for c in np.flatnonzero(risk > most)]
    pool.learn(even, broken, risk, z)
    excludes = any(cut.at(found.slots) > most[cut.limit] for cut in search.cuts[known:])
    return Looked(even, not broken, excludes)


class _Spread(NamedTuple):
    """What is asked of an even plan: the slots of each year, and the levels all would like."""

    rows: Rows  # regions of all groups
    totals: list[tuple[Rows, Floats]]  # of each group its regions, and slots [decision year]
    target: Floats  # [row of `rows`, decision year] cumulated slots at even levels
    weight: Floats  # [row of `rows`] the square counts relative to posts there were
    slots: Floats  # [row, decision year] of the plan; regions in no group keep theirs


def even_plan(search: Search, program: Program, slots: Floats, cost: float) -> Floats | None:
    """Return the plan in fractions with as many slots a year, spread as evenly as rows allow.

    It minimises the sum of (level - share of the level of all)^2 / posts there were over regions
    and years, by pieces that are refined, at no more than `cost` in the program's unit.

    None where HiGHS finds none within those tolerances.
    """
    spread = _spread(search, slots)
    found: Floats | None = None
    centre = spread.target
    for step in STEPS:
        ends = centre[..., None] + step * np.arange(-PIECES, PIECES + 1)
        finer = _spread_out(search, _with_cost(program, cost), spread, ends, whole=False)
        if finer is None:
            return found
        found = finer
        centre = np.cumsum(found[spread.rows], axis=1)
    return found


def even_whole_plan(search: Search, program: Program, slots: Floats, cost: float) -> Floats | None:
    """Return the plan in whole slots with as many a year, spread as evenly as rows allow.

    The pieces of the square end at whole numbers. None where HiGHS finds none within few nodes.
    """
    spread = _spread(search, slots)
    ends = np.floor(spread.target)[..., None] + np.arange(1.0 - PIECES, PIECES + 1.0)
    found = _spread_out(search, _with_cost(program, cost), spread, ends, whole=True)
    return None if found is None else search.system.rounded(found)


def _spread(search: Search, slots: Floats) -> _Spread:
    groups = alike(search)
    targets, weights, totals = [], [], []
    for rows in groups:
        before = np.maximum(search.system.level0[rows], 1.0)
        total = slots[rows].sum(axis=0)
        level = before.sum() + np.cumsum(total)
        targets.append(np.outer(before / before.sum(), level) - before[:, None])
        weights.append(before)
        totals.append((rows, total))
    rows, target, weight = (np.concatenate(each) for each in (groups, targets, weights))
    return _Spread(rows, totals, target, weight, slots)


def _with_cost(program: Program, cost: float) -> Program:
    """Return the program of plans that cost no more; what a region buys depends on its levels."""
    size = np.abs(program.cost).max()
    if size == 0.0:
        return program
    most = np.array([(cost - program.offset) / size])
    return with_rows(program, csr_matrix(program.cost / size), np.array([-INFINITE]), most)


def _spread_out(
    search: Search, program: Program, spread: _Spread, ends: Floats, *, whole: bool
) -> Floats | None:
    """Return the plan of least squares, these linear between `ends` [row, decision year, end].

    cumulated[r, y] = ends[r, y, 0] + sum_k piece[r, y, k],   sum_r x[r, y] = as many as before
    """
    squares = (ends - spread.target[..., None]) ** 2 / spread.weight[:, None, None]
    width = ends[..., 1:] - ends[..., :-1]
    slope = (squares[..., 1:] - squares[..., :-1]) / width
    lower, upper = np.zeros(width.shape), width.copy()
    lower[..., 0], upper[..., -1] = -INFINITE, INFINITE
    count, first = slope.size, len(program.cost)
    rows, most = _rows_of(program, spread, ends)
    own_lower, own_upper = program.lower.copy(), program.upper.copy()
    others = np.setdiff1d(np.arange(len(spread.slots)), spread.rows)
    kept = program.slots[others]
    own_lower[kept] = own_upper[kept] = (
        np.round(spread.slots[others]) if whole else spread.slots[others]
    )
    wide = program._replace(
        cost=np.append(np.zeros(first), slope.ravel()),
        offset=0.0,
        lower=np.append(own_lower, lower.ravel()),
        upper=np.append(own_upper, upper.ravel()),
        whole=np.append(program.whole, np.zeros(count, dtype=bool)),
        rows=vstack([hstack([program.rows, csr_matrix((program.rows.shape[0], count))]), rows]),
        row_lower=np.append(program.row_lower, most),
        row_upper=np.append(program.row_upper, most),
    )
    wide = wide._replace(rows=wide.rows.tocsr())
    nodes = NODES if whole else None
    found = HIGHS.solve(wide, GAP, search.clock.left, whole=whole, nodes=nodes)
    return None if np.isnan(found.objective) else found.values[program.slots]


def _rows_of(program: Program, spread: _Spread, ends: Floats) -> tuple[csr_matrix, Floats]:
    """Return the rows of pieces, each year from the year before, then of totals; and their sides.

    sum_k piece[r, y, k] - sum_k piece[r, y-1, k] - x[r, y] = ends[r, y-1, 0] - ends[r, y, 0]
    """
    first, (regions, years, pieces) = len(program.cost), np.diff(ends).shape
    own = np.arange(regions * years).reshape(regions, years)
    columns = first + np.arange(own.size * pieces).reshape(regions, years, pieces)
    x = program.slots[spread.rows]
    places: list[tuple[Rows, Rows, float]] = [
        (np.broadcast_to(own[..., None], columns.shape), columns, 1.0),
        (np.broadcast_to(own[:, 1:, None], columns[:, :-1].shape), columns[:, :-1], -1.0),
        (own, x, -1.0),
    ]
    begin = np.concatenate([np.zeros((regions, 1)), ends[..., 0]], axis=1)
    sides = [(begin[:, :-1] - begin[:, 1:]).ravel()]
    for n, (rows, total) in enumerate(spread.totals):
        sums = np.broadcast_to(own.size + n * years + np.arange(years), (len(rows), years))
        places.append((sums, program.slots[rows], 1.0))
        sides.append(total)
    row = np.concatenate([own_row.ravel() for own_row, _, _ in places])
    column = np.concatenate([own_column.ravel() for _, own_column, _ in places])
    value = np.concatenate([np.full(each.size, one) for _, each, one in places])
    most = np.concatenate(sides)
    return csr_matrix((value, (row, column)), (len(most), first + own.size * pieces)), most
