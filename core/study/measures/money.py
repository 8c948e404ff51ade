"""Money: what measures cost, by payer and year.

A unit is paid for every year it is in use; what begins in one year may be paid for several.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .measure import Measure

Floats = NDArray[np.float64]


def paid(measure: Measure, years: Sequence[int], payers: Sequence[str]) -> Floats:
    """Return what a measure costs each payer, [payer, year], in NOK of the price year.

    nok · (units[y] + ... + units[y − n + 1]) + nok_once · (units[y] − units[y − 1]),  n the years
    for which what begins in a year is paid. Rows are longer than `years`: what begins in the last
    one is paid to its end, though nothing begins after it.
    """
    longest = max((price.years for price in measure.prices), default=1)
    cost = np.zeros((len(payers), len(years) + longest - 1))
    units = np.array([measure.units_in(year) for year in years])
    begun = np.maximum(np.diff(units, prepend=0.0), 0.0)
    for price in measure.prices:
        row = cost[payers.index(price.payer)]
        for since in range(price.years):
            row[since : since + len(years)] += price.nok * units
        row[: len(years)] += price.nok_once * begun
    return cost
