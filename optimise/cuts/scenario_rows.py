"""Rows of single scenarios: what evaluated plans teach about the Z of one scenario under others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ...core.system.arrays import System
from .pool import CutPool, per_slot

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
NEGLIGIBLE = 1e-8
"""Of the largest coefficient; HiGHS drops coefficients up to 1e-9."""
NO_SLOPE = 1e-9
"""Of what is bounded: less of it per slot is what sums over scenarios round by."""


class ScenarioRows:
    """Z of limit c in scenario i under any slots x is at least constant + slope . x; many such.

    `limit`, `number`, `constant` and `drop` [row], `slope` [row, region x decision year]; with its
    drop added a row meets Z of the plan it was learned at, and is a guide, no bound.
    """

    def __init__(self, pool: CutPool) -> None:
        self._pool = pool
        system = pool.system
        self._most, self._least = system.most_slots.ravel(), system.least_slots.ravel()
        self.limit = np.zeros(0, dtype=np.int64)
        self.number = np.zeros(0, dtype=np.int64)
        self.constant = np.zeros(0)
        self.drop = np.zeros(0)
        self.slope = np.zeros((0, len(self._most)))

    def learn(self, slots: Floats, limit: int, numbers: Numbers, z: Floats) -> Numbers:
        """Add a row for each of some scenarios at an evaluated plan; return the rows' numbers.

        `z` [number] is their Z of the limit there.
        """
        if not len(numbers):
            return numbers
        system, oracle = self._pool.system, self._pool.oracle
        some = oracle if len(numbers) == oracle.scenarios else oracle.only(numbers)
        bounds = some.each_bound(system.levels(slots), limit)
        slope = slot_slopes(system, bounds.slope)
        constant = z - bounds.drop - slope @ slots.ravel()
        largest = np.abs(slope).max(axis=1, keepdims=True)
        rounding = NO_SLOPE * np.maximum(np.abs(constant), np.abs(z))[:, None]
        small = np.abs(slope) <= np.maximum(NEGLIGIBLE * largest, rounding)
        dropped = np.where(small, slope, 0.0)
        constant += np.minimum(dropped * self._most, dropped * self._least).sum(axis=1)
        slope[small] = 0.0
        begin = len(self.limit)
        self.limit = np.append(self.limit, np.full(len(numbers), limit))
        self.number = np.append(self.number, numbers)
        self.constant = np.append(self.constant, constant)
        self.drop = np.append(self.drop, bounds.drop)
        self.slope = np.concatenate([self.slope, slope])
        return np.arange(begin, len(self.limit))

    def within(
        self, rows: Numbers, most: float, columns: Numbers, guided: bool = False
    ) -> tuple[csr_matrix, Floats]:
        """Return rows constant + slope . x <= most, scaled, over `columns` of x; and their bounds.

        `guided`: with their drops, to find plans.

        A scenario no plan can help has a row that nothing satisfies.
        """
        scale = np.abs(self.slope[rows]).max(axis=1)
        scale[scale == 0.0] = 1.0
        wide = np.zeros((len(rows), int(columns.max()) + 1))
        wide[:, columns.ravel()] = self.slope[rows] / scale[:, None]
        constant = self.constant[rows] + (self.drop[rows] if guided else 0.0)
        return csr_matrix(wide), (most - constant) / scale


def slot_slopes(system: System, by_level: Floats) -> Floats:
    """Return slopes in slots [n, region x decision year] from those in levels [n, region, year]."""
    first = system.first
    by_slot = per_slot(by_level)[..., first : first + len(system.decision_years)]
    return by_slot.reshape(len(by_level), -1).copy()
