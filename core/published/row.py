"""A published calculation, what it printed, and what recomputing it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Inputs = Mapping[str, Floats]
Formula = Callable[[Inputs], list[float]]
Expected = Literal["agrees", "source inconsistent"]
Status = Literal["agrees", "source inconsistent", "differs"]

PER_CENT, THOUSAND, MILLION = 100.0, 1e3, 1e6  # conversions of units
KNOWN_TO = 1e-6
"""Relative precision to which the values of an inconsistent row are written down."""


@dataclass(frozen=True)
class Row:
    """One published calculation.

    `printed` are the published values, `rounding` the units to which each is rounded, `inputs` the
    published terms by name, in the order of their positions (years, ages, or 1, 2, 3). Of a row
    that is inconsistent in the source, `recomputed` are the values that its remark explains.
    """

    id: str
    section: str
    what: str
    document: str
    place: str
    printed: tuple[float, ...]
    rounding: tuple[float, ...]
    expected: Expected
    recomputed: tuple[float, ...]
    remark: str
    inputs: Inputs


@dataclass(frozen=True)
class Outcome:
    """A published calculation and the values its formula gives, in the order of `row.printed`."""

    row: Row
    computed: tuple[float, ...]

    @property
    def differences(self) -> tuple[float, ...]:
        """Computed less printed, value by value."""
        return tuple(c - p for c, p in zip(self.computed, self.row.printed, strict=False))

    @property
    def missed(self) -> tuple[int, ...]:
        """Which values, counted from 0, lie farther off than half of the unit of rounding."""
        allowed = [0.5 * unit + 1e-9 * max(1.0, unit) for unit in self.row.rounding]
        return tuple(i for i, found in enumerate(self.differences) if abs(found) > allowed[i])

    @property
    def reproduced(self) -> bool:
        """Whether there are as many values as printed and none is missed."""
        return len(self.computed) == len(self.row.printed) and not self.missed

    @property
    def status(self) -> Status:
        """Agrees, is inconsistent in the source as its remark explains, or differs."""
        if self.row.expected == "source inconsistent":
            return "source inconsistent" if self._as_explained else "differs"
        return "agrees" if self.reproduced else "differs"

    @property
    def _as_explained(self) -> bool:
        """Whether the values are those that the row's remark explains."""
        known = self.row.recomputed
        return len(known) == len(self.computed) and bool(
            np.allclose(self.computed, known, rtol=KNOWN_TO, atol=0.0)
        )


def flat(*parts: ArrayLike) -> list[float]:
    """Return all values of some numbers and arrays, one after the other."""
    return [float(value) for part in parts for value in np.ravel(np.asarray(part, dtype=float))]


def whole(values: Floats, least: int = 1) -> list[int]:
    """Return values that count something as whole numbers.

    Raises
    ------
    ValueError
        If one is not whole or lies below `least`.
    """
    for value in values:
        if value != int(value) or value < least:
            raise ValueError(f"{value:g} must be a whole number, {least} or more")
    return [int(value) for value in values]


def margins(table: Floats) -> tuple[Floats, Floats, Floats]:
    """Return of [kind, year]: sums by year; sums by kind, then of all; their means over years."""
    sums = np.append(table.sum(axis=1), table.sum())
    return table.sum(axis=0), sums, sums / table.shape[1]


def change(levels: Floats) -> Floats:
    """Return the differences of successive levels."""
    return np.diff(levels)
