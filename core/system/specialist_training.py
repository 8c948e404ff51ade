"""Specialist training: what doctors cost in LIS2/3 whom a plan adds there, and what they produce.

A plan leaves no choice of them: this is told beside the cost of the slots, which is minimised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..study.cost import SpecialistTraining

Floats = NDArray[np.float64]


def year_in_training(told: SpecialistTraining) -> tuple[float, float]:
    """Return what one doctor's year in LIS2/3 costs, NOK of the price year.

    Training with the added cost of treatment, and the pay that is not in it:

        pay[service] = service_share * pay
    """
    factor = told.price_factor.value
    service = told.service_share.value * told.pay.value
    return factor * told.training_and_treatment.value, factor * service


def doctor_years(stock: Floats) -> Floats:
    """Return years spent in LIS2/3, [year, ...], of a `stock` [year, ...] at the ends of years.

    Who is there at the end of a half-year was there during all of it. The year's first half is
    taken to end midway between the stocks around it:

        years[y] = 1/4 stock[y - 1] + 3/4 stock[y],    stock[-1] = 0
    """
    before = np.concatenate([np.zeros_like(stock[:1]), stock[:-1]])
    return np.asarray(0.25 * before + 0.75 * stock)


def more_posts(stock: Floats) -> Floats:
    """Return by how much a `stock` [year, ...] exceeds all of the years before, [year, ...]."""
    most = np.maximum.accumulate(np.maximum(stock, 0.0), axis=0)
    return np.diff(most, axis=0, prepend=np.zeros_like(most[:1]))


@dataclass(frozen=True, eq=False)
class TrainingPrices:
    """What LIS2/3 costs whom, as plain arrays: NOK are real, years all projected ones.

    `added` [year, group, region] are the doctors a plan adds to LIS2/3 at the end of the year.
    """

    year: Floats  # [year] NOK of a doctor's year: training, treatment, and the pay not in them
    pay: Floats  # [year] NOK of a doctor's year, whole
    post: Floats  # [year] NOK of one more post, once
    payer: tuple[int, ...]  # by group, its place among the payers
    payers: int

    def paid(self, added: Floats) -> Floats:
        """Return what the doctors added cost, posts included, [payer, year] NOK, undiscounted."""
        return self._shared(doctor_years(added), self.year) + self.paid_for_posts(added)

    def paid_for_posts(self, added: Floats) -> Floats:
        """Return what more posts cost, [payer, year] NOK, undiscounted."""
        return self._shared(more_posts(added), self.post)

    def whole_pay(self, added: Floats) -> Floats:
        """Return the pay of the doctors added, [payer, year] NOK, undiscounted."""
        return self._shared(doctor_years(added), self.pay)

    def _shared(self, number: Floats, price: Floats) -> Floats:
        """Return number [year, group, region] times price [year] by payer, [payer, year]."""
        result = np.zeros((self.payers, len(price)))
        for payer, each in zip(self.payer, number.sum(axis=2).T, strict=True):
            result[payer] += each * price
        return result
