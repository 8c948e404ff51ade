"""The system's deterministic side: supervision need and capacity, and the cost of a slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .study import Study

Floats = NDArray[np.float64]
SPRING_MONTH, AUTUMN_MONTH = 3, 9


def place_years(study: Study, arena: str) -> Floats:
    """Return places kept busy per start a year, by calendar years since the start, [offset].

    A start on 1 March fills its hospital place for 10 + 2 months, one on 1 September for 4 + 8
    (Helsedirektoratet 2019, app. 20 table 2); six months in a municipality follow.
    """
    stages = study.posts.stages
    months = np.zeros(2 + (AUTUMN_MONTH + 6 * len(stages)) // 12)
    spring = study.posts.spring_share.value
    for start, share in ((SPRING_MONTH, spring), (AUTUMN_MONTH, 1.0 - spring)):
        for stage, where in enumerate(stages):
            if where == arena:
                for month in range(start - 1 + 6 * stage, start + 5 + 6 * stage):
                    months[month // 12] += share
    return months / 12.0


def need(study: Study, level: Floats) -> Floats:
    """Return what the places on offer need, [limit, region, year], for `level` [region, year].

    Before the projection the levels are taken to be those of its first year.
    """
    result = np.zeros((len(study.capacity), *level.shape))
    for c, capacity in enumerate(study.capacity.values()):
        for offset, busy in enumerate(place_years(study, capacity.arena)):
            earlier = np.concatenate(
                [np.repeat(level[:, :1], offset, axis=1), level[:, : level.shape[1] - offset]],
                axis=1,
            )
            result[c] += capacity.need_per_place_year.central * busy * earlier
    return result


def capacity(study: Study) -> Floats:
    """Return capacity, [limit, region, year]: today's use x (1 + slack), growing from year one."""
    rows = {(row.limit, row.region): row for row in study.supervision}
    elapsed = np.arange(len(study.years))
    result = np.empty((len(study.capacity), len(study.regions), len(study.years)))
    for c, (limit, value) in enumerate(study.capacity.items()):
        per_post = value.need_per_place_year.central * place_years(study, value.arena).sum()
        for r, (name, region) in enumerate(study.regions.items()):
            row = rows[limit, name]
            today = per_post * region.posts_in_use.value * (1.0 + row.slack)
            result[c, r] = today * (1.0 + row.growth_per_year) ** elapsed
    return result


def payers(study: Study) -> list[str]:
    """Return the payers in the order of the component table."""
    return list(dict.fromkeys(row.payer for row in study.cost.components))


def start_profile(study: Study, autumn: bool) -> tuple[Floats, Floats]:
    """Return what one start costs by payer and calendar half-year, in NOK of the price year.

    Returns
    -------
    gross : [payer, half_year] resources net of transfers between payers
    report : [half_year] what the report adds up (Helsedirektoratet 2019, table 9)

    Both from the calendar half-year in which the start falls: 1 March in the first half of a year,
    1 September in the second.
    """
    names = payers(study)
    stages = study.posts.stages
    start = AUTUMN_MONTH if autumn else SPRING_MONTH
    begin = start - 1  # months since the January of the starting year
    last = begin + 6 * len(stages) + 12
    gross, report = np.zeros((len(names), last)), np.zeros(last)
    for row in study.cost.components:
        months = _months(row.timing, begin, stages)
        for month in months:
            if row.in_gross:
                gross[names.index(row.payer), month] += row.amount_nok / len(months)
            if row.in_report:
                report[month] += row.amount_nok / len(months)
    first_half = begin // 6
    width = last // 6 * 6
    by_half = gross[:, :width].reshape(len(names), -1, 6).sum(axis=2)
    return by_half[:, first_half:], report[:width].reshape(-1, 6).sum(axis=1)[first_half:]


def _months(timing: str, begin: int, stages: tuple[str, ...]) -> list[int]:
    """Return the months, from January of the starting year, over which an item is spread."""
    stay = {
        arena: [
            begin + 6 * s + m for s, where in enumerate(stages) if where == arena for m in range(6)
        ]
        for arena in set(stages)
    }
    match timing:
        case "start":
            return [begin]
        case "hospital_stay":
            return stay["hospital"]
        case "municipality_stay":
            return stay["municipality"]
        case "municipality_start":
            return stay["municipality"][:1]
        case _:  # autumn_after_municipality: the first September not before the stay has ended
            end = stay["municipality"][-1] + 1
            return [end + (AUTUMN_MONTH - 1 - end) % 12]


def slot_cost(study: Study) -> tuple[Floats, Floats]:
    """Return the yearly cost of a slot opened in the first projected year and kept, undiscounted.

    Returns
    -------
    gross : [payer, year since opening], and report : [year since opening]
    NOK of the price year for one start a year in that year's two intakes only; each start is
    charged in full, also beyond the last projected year.
    """
    spring = study.posts.spring_share.value
    parts = []
    for autumn, share in ((False, spring), (True, 1.0 - spring)):
        gross, report = start_profile(study, autumn)
        by_half = np.vstack([gross, report])
        if autumn:  # begins in the second half of its first calendar year
            by_half = np.hstack([np.zeros((len(by_half), 1)), by_half])
        whole = by_half.shape[1] // 2 * 2
        parts.append(share * by_half[:, :whole].reshape(len(by_half), -1, 2).sum(axis=2))
    width = max(part.shape[1] for part in parts)
    total = sum(np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in parts)
    return np.asarray(total)[:-1], np.asarray(total)[-1]


def price_factor(study: Study, years: int) -> Floats:
    """Return real unit-cost growth since the price year, [year] from the first projected year."""
    elapsed = np.arange(years) + study.time.first_year - study.cost.price_year
    return (1.0 + study.cost.real_growth.value) ** np.maximum(elapsed, 0)


def discount_factor(study: Study, years: int) -> Floats:
    """Return the factor to the first decision year, [year] from the first projected year on."""
    elapsed = np.arange(years) + study.time.first_year - study.time.first_decision
    return (1.0 + study.cost.discount_rate.value) ** -elapsed.astype(float)


def yearly_cost(study: Study, level: Floats) -> tuple[Floats, Floats]:
    """Return the cost of the starts added to those before any decision, undiscounted, real NOK.

    Returns
    -------
    gross : [payer, year], report : [year]
    Years go beyond the projection by the length of a start's cost profile.
    """
    gross, report = slot_cost(study)
    added = (level - study.level0[:, None]).sum(axis=0)
    years = len(study.years) + gross.shape[1] - 1
    by_payer, total = np.zeros((len(gross), years)), np.zeros(years)
    for y, starts in enumerate(added):
        by_payer[:, y : y + gross.shape[1]] += starts * gross
        total[y : y + gross.shape[1]] += starts * report
    price = price_factor(study, years)
    return by_payer * price, total * price


def slot_price(study: Study) -> Floats:
    """Return the discounted cost of one slot by the year in which it opens, [decision year] NOK.

    Every start from then to the last projected year is charged with its full profile.
    """
    gross, report = slot_cost(study)
    unit = report if study.cost.basis == "report" else gross.sum(axis=0)
    years = len(study.years) + len(unit) - 1
    weight = price_factor(study, years) * discount_factor(study, years)
    per_start = np.array(
        [float((unit * weight[y : y + len(unit)]).sum()) for y in range(len(study.years))]
    )
    remaining = np.cumsum(per_start[::-1])[::-1]
    first = study.time.first_decision - study.time.first_year
    return remaining[first : first + len(study.decision_years)]


def plan_cost(study: Study, slots: Floats) -> float:
    """Return the discounted cost of `slots` [region, decision year], NOK."""
    return float((slots.sum(axis=0) * slot_price(study)).sum())


def levels(study: Study, slots: Floats) -> Floats:
    """Return `level` [region, year] from new slots [region, decision year]."""
    opened = np.zeros((len(study.regions), len(study.years)))
    first = study.time.first_decision - study.time.first_year
    opened[:, first : first + slots.shape[1]] = slots
    return study.level0[:, None] + np.cumsum(opened, axis=1)
