"""The course of LIS1 starts: which places they fill by year, and what they cost whom by year.

Months are counted from the January of the starting year: 0 is that January. A list of `starts`
says how many begin in which calendar month (3: the spring intake, 9: the autumn intake).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..study.cost import ComponentRow

Floats = NDArray[np.float64]
Starts = Sequence[tuple[int, float]]  # calendar month, starts
SPRING_MONTH, AUTUMN_MONTH = 3, 9


def stay(stages: Sequence[str], month: int, arena: str) -> list[int]:
    """Return the months that one who starts in calendar `month` spends in an arena."""
    begins = [month - 1 + 6 * s for s, where in enumerate(stages) if where == arena]
    return [begin + m for begin in begins for m in range(6)]


def place_years(stages: Sequence[str], starts: Starts, arena: str) -> Floats:
    """Return places kept busy by what starts in one year, by calendar years since, [offset].

    A start on 1 March fills its hospital place for 10 + 2 months, one on 1 September for 4 + 8
    (Helsedirektoratet 2019, app. 20 table 2); six months in a municipality follow.
    """
    months = np.zeros(2 + (AUTUMN_MONTH + 6 * len(stages)) // 12)
    for month, number in starts:
        for busy in stay(stages, month, arena):
            months[busy // 12] += number
    return months / 12.0


def need(per_place_year: float, busy: Floats, level: Floats) -> Floats:
    """Return what places kept `busy` [offset] per start need, [region, year], for `level` likewise.

    Before its first year the levels are taken to be those of that year.
    """
    result, years = np.zeros(level.shape), level.shape[1]
    for offset, share in enumerate(busy):
        before = np.repeat(level[:, :1], min(offset, years), axis=1)
        earlier = np.concatenate([before, level[:, : max(years - offset, 0)]], axis=1)
        result += per_place_year * share * earlier
    return result


def payers(components: Sequence[ComponentRow]) -> list[str]:
    """Return the payers in the order of the component table."""
    return list(dict.fromkeys(row.payer for row in components))


def start_profile(
    components: Sequence[ComponentRow], stages: Sequence[str], month: int
) -> tuple[Floats, Floats]:
    """Return what one start costs by payer and calendar half-year, in NOK of the price year.

    Returns
    -------
    gross : [payer, half_year] resources net of transfers between payers
    report : [half_year] what the report adds up (Helsedirektoratet 2019, table 9)

    Both from the calendar half-year in which the start falls: 1 March in the first half of a year,
    1 September in the second.
    """
    amounts = _half_yearly(components, stages, month)[:, (month - 1) // 6 :]
    return amounts[:-1], amounts[-1]


def yearly_cost(
    components: Sequence[ComponentRow], stages: Sequence[str], starts: Starts
) -> tuple[Floats, Floats]:
    """Return what one year's `starts` cost: gross [payer, year], report [year], NOK."""
    parts = []
    for month, number in starts:
        by_half = _half_yearly(components, stages, month)
        parts.append(number * by_half.reshape(len(by_half), -1, 2).sum(axis=2))
    width = max(part.shape[1] for part in parts)
    total = np.sum([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts], axis=0)
    return total[:-1], total[-1]


def _half_yearly(components: Sequence[ComponentRow], stages: Sequence[str], month: int) -> Floats:
    """Return the cost of one start from its January on, [payer, then report; half_year]."""
    names = payers(components)
    end = month - 1 + 6 * len(stages)
    amounts = np.zeros((len(names) + 1, 12 * (_next_autumn(end) // 12 + 1)))
    for row in components:
        months = _months(row.timing, stages, month)
        for paid in months:
            if row.in_gross:
                amounts[names.index(row.payer), paid] += row.amount_nok / len(months)
            if row.in_report:
                amounts[-1, paid] += row.amount_nok / len(months)
    return np.asarray(amounts.reshape(len(amounts), -1, 6).sum(axis=2))


def _months(timing: str, stages: Sequence[str], month: int) -> list[int]:
    """Return the months over which an item is spread, see `question.Timing`."""
    what, _, arena = timing.partition(":")
    match what:
        case "start":
            return [month - 1]
        case "stay":
            return stay(stages, month, arena)
        case "stay_start":
            return stay(stages, month, arena)[:1]
        case _:  # autumn_after
            return [_next_autumn(stay(stages, month, arena)[-1] + 1)]


def _next_autumn(month: int) -> int:
    """Return the first September not before a month."""
    return month + (AUTUMN_MONTH - 1 - month) % 12
