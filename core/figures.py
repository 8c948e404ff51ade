"""Figures: the study's figures for a block of scenarios, drawn where uncertain, else repeated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .scenarios import Draws
from .study import Study

Floats = NDArray[np.float64]


class Figures:
    """What the study's figures are in each scenario of a block."""

    def __init__(self, study: Study, draws: Draws) -> None:
        self._drawn, self._known = draws.figures, study.quantities
        self._factors, self._years = draws.factors, len(study.years)
        self.count = len(draws.alternative)

    def __getitem__(self, key: str) -> Floats:
        """Return the figure with this dotted key, [n]."""
        if key in self._drawn:
            return self._drawn[key]
        return np.full(self.count, self._known[key].central)

    def factor(self, key: str) -> Floats:
        """Return the yearly factor of the process with this dotted key, [n, year]; 1 without."""
        return self._factors.get(key, np.ones((self.count, self._years)))


def added_up(values: Floats) -> Floats:
    """Add up the last axis from first to last: the same bits on every numpy."""
    total: Floats = values[..., 0].copy()
    for i in range(1, values.shape[-1]):
        total += values[..., i]
    return total
