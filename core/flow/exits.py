"""Exits by calendar year of the specialists at work at the start, laid on the axis of ages.

One response per scenario serves all who are appointed later: what it says of exits depends on the
years since, not on the calendar. Those at work at the start are no part of it. They get places of
their own before the ages, a run for each age at the start: a place for every projected year. The
kernel moves everybody one place up a year, so in year y they stand at place y of their run, with
the exits of that age in that year. Who joins later stands at the ages, as ever.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernels.cohorts import Rates
from ..study.specialists import YearOfExitsRow

Floats = NDArray[np.float64]


class Runs(NamedTuple):
    """The places of those at work at the start: ages they begin at, and the age at each place."""

    begin: NDArray[np.int64]  # [run] index of an age
    age: NDArray[np.int64]  # [run, year] index of an age; one too many: beyond the oldest


class ExitsByYear(NamedTuple):
    """A table of exits by year, and what it speaks of."""

    rows: tuple[YearOfExitsRow, ...]
    groups: tuple[str, ...]
    years: tuple[int, ...]


def with_exits_by_year(rates: Rates, table: ExitsByYear) -> Rates:
    """Return rates in which those at work at the start leave as the table by year says.

    Without a row the rates are returned as they are.
    """
    if not table.rows:
        return rates
    runs = _runs(rates.specialists, len(table.years))
    nobody = np.zeros((len(rates.fte), *runs.age.shape))
    return rates._replace(
        specialists=_before(_at_begin(rates.specialists, runs), 0.0 * rates.specialists),
        entry_age=_before(nobody, rates.entry_age),
        foreign_age=_before(nobody, rates.foreign_age),
        survival=_before(_survival(table, rates.survival, runs), rates.survival),
        fte=_before(_along(rates.fte, runs, rates.fte[:, -1:]), rates.fte),
    )


def _runs(stock: Floats, years: int) -> Runs:
    """Return the runs of a stock [group, region, age]: one for each age with anybody of it."""
    begin = np.flatnonzero(stock.sum(axis=(0, 1)) > 0.0)
    return Runs(begin, np.minimum(begin[:, None] + np.arange(years), stock.shape[2]))


def _along(values: Floats, runs: Runs, beyond: Floats) -> Floats:
    """Return `values` [..., age] at the places, [..., run, year], and `beyond` the oldest age."""
    return np.asarray(np.concatenate([values, beyond], axis=-1)[..., runs.age])


def _survival(table: ExitsByYear, survival: Floats, runs: Runs) -> Floats:
    """Return the half-yearly share who stay, [n, group, run, year].

    With q the yearly share leaving by age, f the factor or v the share of the group's row for y,

        √(1 − min(f[y] · q, 1))  or  √(1 − v[y]).

    A share is that of all who leave, so that even beyond the oldest age others stay.
    """
    stay = _along(survival, runs, 0.0 * survival[..., :1])
    for row in table.rows:
        place = (slice(None), table.groups.index(row.group), slice(None), row.year - table.years[0])
        leaving = 1.0 - stay[place] ** 2
        if row.factor is None:
            leaving = np.full(leaving.shape, row.yearly_share)
        else:  # who is beyond the oldest age leaves by growing older, not by leaving early
            young = runs.age[:, place[3]] < survival.shape[2]
            leaving = np.where(young, np.minimum(row.factor * leaving, 1.0), 1.0)
        stay[place] = np.sqrt(1.0 - leaving)
    return stay


def _at_begin(stock: Floats, runs: Runs) -> Floats:
    """Return the stock [group, region, age] at the places, [group, region, run, year]."""
    result = np.zeros((*stock.shape[:2], *runs.age.shape))
    result[..., 0] = stock[..., runs.begin]
    return result


def _before(places: Floats, ages: Floats) -> Floats:
    """Return one axis of the places [..., run, year], each run ended by an empty one, and ages."""
    ended = np.concatenate([places, np.zeros((*places.shape[:-1], 1))], axis=-1)
    flat = ended.reshape(*ended.shape[:-2], -1)
    return np.ascontiguousarray(np.concatenate([flat, ages], axis=-1))
