"""Measures that a search decides by columns: what units cost, what room they add, how many.

Their rows come last in every plan: units of each measure that come into use in a decision year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..study.measures.in_force import amount_of
from ..study.measures.measure import Measure
from ..study.measures.money import paid
from .limit import ROUNDING, SystemLimit, Taken

Floats = NDArray[np.float64]
Measures = Mapping[str, Measure]
"""The measures decided by columns, in the order of their rows."""
WHOLE = 1e-9
"""Units by which what may begin in a year misses a whole number: rounding."""


class Paying(NamedTuple):
    """When units can be paid for, and by whom."""

    years: Sequence[int]  # of the projection
    payers: Sequence[str]
    first: int  # index of the first decision year


@dataclass(frozen=True, eq=False)
class Widening:
    """Room that units of measures add to capacities, from so many years after they begin on."""

    first: int  # row of levels of the first measure
    added: Floats  # [measure, capacity, region] in the capacity's unit, for a unit in use
    delay: tuple[int, ...]  # by measure, years from use to effect

    def under(self, level: Floats) -> Floats:
        """Return the room that `level` [row, year] adds, [capacity, region, year].

        sum_m added[m, c, r] · units[m, y − delay[m]]
        """
        room = np.zeros((*self.added.shape[1:], level.shape[1]))
        for m, delay in enumerate(self.delay):
            units = np.zeros(level.shape[1])
            units[delay:] = level[self.first + m, : level.shape[1] - delay]
            room += self.added[m, :, :, None] * units
        return room


@dataclass(frozen=True, eq=False)
class MeasurePrices:
    """What units of measures cost by the year in which they begin, real NOK; nothing is saved."""

    rows: slice  # of plans
    by_start: Floats  # [measure, year begun, payer, year] of one unit from then on
    discounted: Floats  # [measure, year begun] with all that is paid after the projection
    first: int  # index of the first decision year
    closing: bool = False

    def by_row(self, decisions: int) -> Floats:
        """Return what one unit costs, discounted, [row, decision year] NOK."""
        return self.discounted[:, self.first : self.first + decisions]

    def once_by_row(self, decisions: int) -> Floats:
        """Return what closing would not save: nothing is closed, [row, decision year]."""
        return np.zeros((len(self.by_start), decisions))

    def plan(self, slots: Floats) -> float:
        """Return what a plan [row, decision year] costs, discounted, NOK."""
        return float((slots[self.rows] * self.by_row(slots.shape[1])).sum())

    def of(self, added: Floats) -> Floats:
        """Return the yearly cost of units in use, `added` [row, year], [payer, year] NOK."""
        begun = np.diff(added[self.rows], axis=1, prepend=0.0)
        return np.asarray(np.einsum("my,mypt->pt", begun, self.by_start))


@dataclass(frozen=True, eq=False)
class MostUnits(SystemLimit):
    """The units of a measure that can be had: in all, and newly in a year; none is taken back."""

    kind = "measure_most"
    named = "{name}"
    said = "measure.{name}"
    lawful = True
    divisible = False
    name: str
    title: str
    subject: str
    unit: str
    place: tuple[int]  # number of its row
    room: Floats
    most: Floats  # [decision year] that can come into use

    def used(self, slots: Floats) -> Floats:
        """Return the units in use, [year] from the first decision on."""
        begun = np.zeros(len(self.room))
        own = slots[self.place[0]]
        begun[: len(own)] = own
        return np.cumsum(begun)

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return in which years there are so many, and in which so many can begin."""
        kept, own = super().keeps(slots), slots[self.place[0]]
        kept[: len(own)] &= (own >= -ROUNDING) & (own <= self.most + ROUNDING)
        return kept

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Never asked: there are no more."""
        raise NotImplementedError


def widening(
    measures: Measures, first: int, limits: Sequence[str], share: Callable[[str | None], Floats]
) -> Widening:
    """Return the room that units add; the rows of measures begin with `first`.

    `share` returns how what acts in one region or in all (None) is spread over them, [region].
    """
    added = np.zeros((len(measures), len(limits), len(share(None))))
    for m, measure in enumerate(measures.values()):
        for effect in measure.effects:
            if effect.lever == "capacity":
                added[m, limits.index(effect.key)] += amount_of(effect) * share(effect.region)
    return Widening(first, added, tuple(measure.delay_years for measure in measures.values()))


def most_units(measures: Measures, first_decision: int, decisions: int) -> Floats:
    """Return the most units that can come into use, [measure, decision year]: whole ones."""
    most = np.zeros((len(measures), decisions))
    for m, measure in enumerate(measures.values()):
        begins = max(measure.in_use_from - first_decision, 0)
        most[m, begins:] = np.floor(min(measure.most_begun, measure.most) + WHOLE)
    return most


def measure_prices(
    measures: Measures, rows: slice, paying: Paying, factor: Floats, discount: Floats
) -> MeasurePrices:
    """Return what units cost; `factor` and `discount` are by year.

    These go so far beyond the projection that what begins in its last year is paid to its end.
    """
    years, payers, first = paying
    by_start = np.zeros((len(measures), len(years), len(payers), len(years)))
    discounted = np.zeros((len(measures), len(years)))
    for m, measure in enumerate(measures.values()):
        for y, year in enumerate(years):
            one = measure.model_copy(update={"use_by_year": {str(year): 1.0}})
            cost = paid(one, years, payers)
            cost = cost * factor[: cost.shape[1]]
            by_start[m, y] = cost[:, : len(years)]
            discounted[m, y] = (cost * discount[: cost.shape[1]]).sum()
    return MeasurePrices(rows, by_start, discounted, first)


def longest_paid(measures: Measures) -> int:
    """Return the most years for which what begins in a year is paid."""
    prices = [price.years for measure in measures.values() for price in measure.prices]
    return max(prices, default=1)


def limits_of_units(
    measures: Measures, first: int, most: Floats, years: int
) -> Iterator[SystemLimit]:
    """Yield the limits on units of measures; `most` [row, decision year] of all rows."""
    for row, (key, measure) in enumerate(measures.items(), start=first):
        name, room = measure.name, np.full(years, np.floor(measure.most + WHOLE))
        about = key, name, name, measure.unit, (row,)
        yield MostUnits(*about, room, most[row])
