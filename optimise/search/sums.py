"""Sums in whole slots: how many a group of regions can open together, year by year.

Each region's whole slots keep its own capacity and ramp; what the group opens in all is a sum of
such paths, one of each region. Where a limit on risk sees that sum alone, the master of fractions
takes room that no whole slot fits into: half a slot in each of 17 regions, eight or nine in all. A
path follows the levels year by year, so that the best of a region for any worth of its slots is
found by dynamic programming, and with it rows that every sum of whole paths keeps:

    sum_y worth[y] opened[y] <= sum_r max { sum_y worth[y] path[y] : path of region r }
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ...core.system.arrays import System
from ...core.system.limit import ROUNDING
from ...core.system.limits import Capacity
from ..cuts.certificate import highest_levels
from ..solvers.program import INFINITE, Program
from ..solvers.solver import HIGHS

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
STATES = 400
"""Numbers of slots a region may have opened, at most: steps grow with their square. Where there are
more a slot is a small part of what there is, and fractions say what whole slots do."""
COLUMNS = 60
"""Rounds of paths for one row; more of them bring little."""
OUTSIDE, ENOUGH, ROOM = 1e-4, 0.5, 1e-7
"""Slots by which a sum is outside; such a part of that is enough of a row; a hair for rounding."""


class Paths(NamedTuple):
    """What one region may have opened by each decision year, in whole slots."""

    opened: Floats  # [state] slots in all since the first decision
    follows: NDArray[np.bool_]  # [decision year, state before, state after]

    def best(self, worth: Floats) -> tuple[float, Floats]:
        """Return the most worth of a path, and that path, [decision year] slots in all.

        `worth` [decision year] of one slot that is open then. Ties: the fewest slots.
        """
        value = np.where(self.opened == 0.0, 0.0, -np.inf)
        before = np.empty((len(worth), len(value)), dtype=np.int64)
        for y, follows in enumerate(self.follows):
            reached = np.where(follows, value[:, None], -np.inf)
            before[y] = reached.argmax(axis=0)
            value = reached.max(axis=0) + worth[y] * self.opened
        state, path = int(value.argmax()), np.empty(len(worth))
        most = float(value[state])
        for y in reversed(range(len(worth))):
            path[y] = self.opened[state]
            state = before[y, state]
        return most, path


class Row(NamedTuple):
    """What every sum of whole paths keeps: sum_y worth[y] opened[y] <= most."""

    worth: Floats  # [decision year] of one slot that is open then
    most: float


def paths_of(system: System, region: int, highest: Floats) -> Paths | None:
    """Return a region's paths inside ramp and capacity; None where there are too many states.

    `highest` [row, year] are levels that no feasible plan exceeds.

    Of a capacity only rows of one level, or of two years one after the other, are kept: paths may
    break what else there is, and bound all the more.
    """
    most, least = np.floor(system.most_slots[region]), np.ceil(system.least_slots[region])
    room = float(np.floor((highest[region] - system.level0[region]).max() + ROUNDING))
    opened = np.arange(least.sum(), min(most.sum(), room) + 1.0)
    if len(opened) > STATES:
        return None
    step = opened[None, :] - opened[:, None]
    follows = (step <= most[:, None, None]) & (step >= least[:, None, None])
    for limit in system.of_kind(Capacity):
        if limit.place[1] == region:
            _within(limit, system.need_by_offset[limit.place[0]], opened, follows)
    return Paths(opened, follows)


def _within(limit: Capacity, need: Floats, opened: Floats, follows: NDArray[np.bool_]) -> None:
    """Take out what breaks a capacity: need[o] · opened[t - o] beside that of posts there are."""
    years = len(follows)
    nothing = np.zeros((limit.place[1] + 1, years))
    left = limit.room * (1.0 + ROUNDING) + ROUNDING - limit.used(nothing)
    for t, room in enumerate(left):
        by_year = np.zeros(years)
        since = np.arange(min(t + 1, len(need)))
        np.add.at(by_year, np.minimum(t - since, years - 1), need[since])
        counted = np.flatnonzero(by_year)
        if not len(counted) or counted[-1] - counted[0] > 1:
            continue
        last = counted[-1]
        used = by_year[last] * opened[None, :]
        if len(counted) > 1:
            used = used + by_year[last - 1] * opened[:, None]
        follows[last] &= used <= room


class Sums:
    """The whole paths of a group of regions, as far as they were asked for."""

    def __init__(self, paths: list[Paths]) -> None:
        self._paths = paths
        self._years = len(paths[0].follows)
        self._found: list[list[Floats]] = [[] for _ in paths]
        for worth in (np.ones(self._years), -np.ones(self._years)):
            self._grow(worth)

    def _grow(self, worth: Floats) -> tuple[float, bool]:
        """Return the most worth of a sum, and whether a path of it is new; keep its paths."""
        total, new = 0.0, False
        for paths, found in zip(self._paths, self._found, strict=True):
            most, path = paths.best(worth)
            total += most
            if not any((path == one).all() for one in found):
                found.append(path)
                new = True
        return total, new

    def row(self, opened: Floats) -> Row | None:
        """Return a row that a sum `opened` [decision year] breaks; None where it breaks none.

        Of mixtures of the paths known the nearest, the sum of distances over years, has duals that
        are a row, true of these paths alone: with the best path of each region for that worth it
        holds for all of them. These are known next time; the row that is broken most is taken.
        """
        best, broken = None, OUTSIDE * ENOUGH
        for _ in range(COLUMNS):
            distance, worth = self._nearest(opened)
            if distance <= OUTSIDE:
                return None
            most, new = self._grow(worth)
            over = float(worth @ opened) - most
            if over > broken:
                best, broken = Row(worth, most), over
            if not new or broken >= ENOUGH * distance:
                break
        return best

    def _nearest(self, opened: Floats) -> tuple[float, Floats]:
        """Return how far a sum is from mixtures of the paths known, and what slots are worth."""
        years, regions = self._years, len(self._paths)
        owner = np.concatenate([np.full(len(own), r) for r, own in enumerate(self._found)])
        paths = np.concatenate([np.stack(own) for own in self._found]).T
        mixed = (owner[None, :] == np.arange(regions)[:, None]) * 1.0
        apart = np.concatenate([np.eye(years), -np.eye(years)], axis=1)
        rows = np.block([[paths, apart], [mixed, np.zeros((regions, 2 * years))]])
        count, sides = rows.shape[1], np.append(opened, np.ones(regions))
        program = Program(
            cost=np.append(np.zeros(len(owner)), np.ones(2 * years)),
            offset=0.0,
            lower=np.zeros(count),
            upper=np.full(count, INFINITE),
            whole=np.zeros(count, dtype=bool),
            rows=csr_matrix(rows),
            row_lower=sides,
            row_upper=sides,
            names=(),
            slots=np.zeros((0, 0), dtype=np.int64),
            missing={},
            gives=np.zeros(0, dtype=np.int64),
            raised={},
        )
        found = HIGHS.solve(program, 0.0, np.inf, whole=False)
        return found.objective, found.duals[:years]


def sums_of(system: System, regions: Rows) -> Sums | None:
    """Return the sums of a group of regions; None where one of them has too many paths."""
    highest = highest_levels(system)
    paths = [paths_of(system, int(region), highest) for region in regions]
    known = [one for one in paths if one is not None]
    return Sums(known) if len(known) == len(paths) else None
