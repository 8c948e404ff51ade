"""Published calculations of the cost of LIS1, which use the model's course of a start (C1-C12).

The items of a start are those of configs/data/cost_components.csv with the amounts of the inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..study.cost import ComponentRow
from ..system.course import SPRING_MONTH, start_profile, yearly_cost
from .row import MILLION, Floats, Formula, Inputs, flat, whole

TIMING = {  # item -> who pays, when
    "travel_grant": ("state", "start"),
    "hospital_guidance_grant": ("state", "start"),
    "hospital_pay": ("hospital", "stay:hospital"),
    "hospital_training": ("hospital", "stay:hospital"),
    "municipality_net_cost": ("municipality", "stay:municipality"),
    "county_governor_course_grant": ("state", "stay_start:municipality"),
    "municipal_guidance_grant": ("state", "autumn_after:municipality"),
}
MONTHS_OF_A_YEAR = 12
YEARS_SHOWN = 3  # first, second, later: after them nothing changes any more


def _item(name: str, payer: str, timing: str, amount: float) -> ComponentRow:
    return ComponentRow.model_validate(
        {
            "item": name,
            "payer": payer,
            "timing": timing,
            "amount_nok": amount,
            "in_report": True,
            "in_gross": True,
            "source": "published inputs",
        }
    )


def _items(given: Inputs) -> list[ComponentRow]:
    """Return those items of a start that the inputs give an amount for."""
    return [_item(name, *TIMING[name], float(given[name][0])) for name in TIMING if name in given]


def _stages(given: Inputs) -> tuple[str, ...]:
    (hospital,) = whole(given["hospital_half_years"])
    (municipal,) = whole(given["municipal_half_years"])
    return ("hospital",) * hospital + ("municipality",) * municipal


def _months(given: Inputs) -> list[int]:
    months = whole(given["start_month"])
    if max(months) > MONTHS_OF_A_YEAR:
        raise ValueError(f"start_month {max(months)} must be a calendar month, 1 to 12")
    return months


def _in_all(amounts: Sequence[float] | Floats) -> float:
    """Return what a start costs that has these amounts; when they are paid does not matter."""
    items = [_item(f"item_{i}", "one", "start", float(a)) for i, a in enumerate(amounts)]
    _, report = start_profile(items, ("hospital",), SPRING_MONTH)
    return float(report.sum())


def all_amounts(given: Inputs) -> list[float]:
    """Sum of all amounts of a start."""
    return flat(_in_all(flat(*given.values())))


def all_amounts_in_millions(given: Inputs) -> list[float]:
    """Sum of all amounts of a start, million NOK."""
    return flat(_in_all(flat(*given.values())) / MILLION)


def municipal_net_cost(given: Inputs) -> list[float]:
    """Cost - income, as the chapter and as the appendix lists them."""
    places = ("chapter", "appendix")
    return [_in_all(flat(given[f"{p}_cost"], -given[f"{p}_income"])) for p in places]


def real_rise(given: Inputs) -> list[float]:
    """Cost now - cost then in prices of now, NOK."""
    return flat(MILLION * (given["cost_2018"] - given["cost_2014_in_2018_prices"]))


def half_years_of_a_start(given: Inputs) -> list[float]:
    """Cost by half-year from the start, and its sum."""
    (month,) = _months(given)
    _, report = start_profile(_items(given), _stages(given), month)
    return flat(report, report.sum())


def cohorts(given: Inputs) -> list[float]:
    """Cost by half-year of cohorts that start one half-year after the other."""
    months, (shown,) = _months(given), whole(given["half_years_shown"])
    total = np.zeros(shown)
    for first, month in enumerate(months):
        _, report = start_profile(_items(given), _stages(given), month)
        seen = report[: max(shown - first, 0)]
        total[first : first + len(seen)] += seen
    return flat(total)


def price_of_starts(given: Inputs) -> list[float]:
    """Starts x cost of one, million NOK."""
    one = _in_all([row.amount_nok for row in _items(given)])
    return flat(given["starts"] * one / MILLION)


def _rise(given: Inputs, payer: str | None = None) -> Floats:
    """Return cost [intake, year] of the same starts every year, by the years since the first.

    Of one payer or of all; million NOK.
    """
    starts = zip(_months(given), given["starts"], strict=True)
    items = [row for row in _items(given) if payer in (None, row.payer)]
    by_year = np.zeros((len(given["starts"]), YEARS_SHOWN))
    for intake, start in enumerate(starts):
        _, report = yearly_cost(items, _stages(given), [start])
        kept = np.cumsum(np.pad(report, (0, YEARS_SHOWN)))[:YEARS_SHOWN]
        by_year[intake] = kept / MILLION
    return by_year


def hundred_starts(given: Inputs) -> list[float]:
    """First, second, later years: hospital and municipality by intake, and their sums."""
    hospital, municipal = _rise(given, "hospital"), _rise(given, "municipality")
    sums = (hospital + municipal).sum(axis=0)
    second = flat(hospital[:, 1].sum(), municipal[:, 1], sums[1])
    later = flat(hospital[:, 2].sum(), municipal[:, 2].sum(), sums[2])
    return [*flat(hospital[:, 0], sums[0]), *second, *later]


def three_years(given: Inputs) -> list[float]:
    """First, second, later years, all items together."""
    return flat(_rise(given).sum(axis=0))


def paid_to_nobody(given: Inputs) -> list[float]:
    """Expenditure - income of all parties: the gross cost of a start net of transfers."""
    signs = {name: -1.0 if name.endswith("_income") else 1.0 for name in given}
    return [_in_all(flat(*(signs[name] * given[name] for name in given)))]


FORMULAS: dict[str, Formula] = {
    "C1": all_amounts_in_millions,
    "C2": all_amounts,
    "C3": all_amounts,
    "C4": municipal_net_cost,
    "C5": real_rise,
    "C6": half_years_of_a_start,
    "C7": cohorts,
    "C8": price_of_starts,
    "C9": hundred_starts,
    "C10": three_years,
    "C11": three_years,
    "C12": paid_to_nobody,
}
