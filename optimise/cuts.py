"""Cuts: what each evaluated plan teaches about the risk of every other plan."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.oracle import Oracle
from ..core.study import Study
from ..core.system import levels

Floats = NDArray[np.float64]
SLACK = 1e-9
"""Risk units by which a cut may exceed the risk it bounds: rounding of a million-term sum."""


class Cut(NamedTuple):
    """Risk of limit `limit` under any slots x is at least `constant + sum(slope * x)`."""

    limit: int
    constant: float
    slope: Floats  # [region, decision year] per slot

    def at(self, slots: Floats) -> float:
        """Return the bound under `slots` [region, decision year]."""
        return self.constant + float((self.slope * slots).sum())


class InvalidCutError(RuntimeError):
    """A stored cut exceeds the risk of an evaluated plan: a defect of the program."""


class CutPool:
    """The oracle's answers so far: cuts in their order, all asserted at every plan evaluated."""

    def __init__(self, study: Study, oracle: Oracle, certified: bool = True) -> None:
        self.study = study
        self.cuts: list[Cut] = []
        self.evaluations = 0
        self.certified = certified
        self.largest_violation = 0.0
        self._oracle = oracle

    def evaluate(self, slots: Floats) -> tuple[Floats, Floats]:
        """Return risk [limit] and Z [limit, realization] under `slots` [region, decision year].

        Raises
        ------
        InvalidCutError
            If a stored cut is violated although the concavity condition holds in every scenario.
        """
        z = self._oracle.shortfall(levels(self.study, slots))
        risk = self._oracle.risk_of(z)
        self.evaluations += 1
        for number, cut in enumerate(self.cuts):
            above = cut.at(slots) - risk[cut.limit]
            self.largest_violation = max(self.largest_violation, above)
            if above > SLACK and self.certified:
                raise InvalidCutError(
                    f"cut {number} of limit {cut.limit} exceeds the risk of a plan by {above:.3g}"
                )
        return risk, z

    def learn(self, slots: Floats, limits: list[int], risk: Floats, z: Floats) -> None:
        """Add one cut per limit at an evaluated plan."""
        first = self.study.time.first_decision - self.study.time.first_year
        for limit in limits:
            by_level = self._oracle.slope(levels(self.study, slots), limit, z[limit])
            by_slot = np.cumsum(by_level[:, ::-1], axis=1)[:, ::-1]
            slope = by_slot[:, first : first + slots.shape[1]].copy()
            constant = float(risk[limit]) - float((slope * slots).sum())
            self.cuts.append(Cut(limit, constant, slope))
