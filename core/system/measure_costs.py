"""Costs of measures in force, by payer and year: told beside the cost of a plan, never part of it.

A unit is paid for every year it is in use; what begins in one year may be paid for several.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..study.measures.measure import Measure
from .posts import Floats


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


def of_starts(yearly: Floats, starts: Floats) -> Floats:
    """Return what starts [year] cost, [payer, year], each by its `yearly` [payer, year since].

    Longer than the starts: each is charged in full.
    """
    cost = np.zeros((len(yearly), len(starts) + yearly.shape[1] - 1))
    for y, number in enumerate(starts):
        cost[:, y : y + yearly.shape[1]] += number * yearly
    return cost


def added_up(parts: Sequence[Floats]) -> Floats:
    """Return costs [payer, year] of different lengths added up."""
    width = max(part.shape[1] for part in parts)
    total = np.zeros((len(parts[0]), width))
    for part in parts:
        total[:, : part.shape[1]] += part
    return total
