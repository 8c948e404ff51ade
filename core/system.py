"""The system's deterministic side: supervision need and capacity, and the cost of a slot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import course
from .course import Starts
from .study import Study

Floats = NDArray[np.float64]


def starts_of_a_year(study: Study) -> Starts:
    """Return calendar month and share of the two intakes of a year."""
    spring = study.posts.spring_share.value
    first, second = study.posts.intake_months
    return ((first, spring), (second, 1.0 - spring))


def place_years(study: Study, arena: str) -> Floats:
    """Return places kept busy per start a year, by calendar years since the start, [offset]."""
    return course.place_years(study.posts.stages, starts_of_a_year(study), arena)


def need(study: Study, level: Floats) -> Floats:
    """Return what the places on offer need, [limit, region, year], for `level` [region, year].

    Before the projection the levels are taken to be those of its first year.
    """
    result = np.empty((len(study.capacity), *level.shape))
    for c, limit in enumerate(study.capacity.values()):
        busy = place_years(study, limit.arena)
        result[c] = course.need(limit.need_per_place_year.central, busy, level)
    return result


def capacity_at_start(study: Study) -> Floats:
    """Return capacity today, [limit, region]: today's use x (1 + slack).

    Today is the last year of the posts' history, or the first of the projection without one.
    """
    slack = {(row.limit, row.region): row.slack for row in study.supervision}
    in_use = np.array([region.posts_in_use.value for region in study.regions.values()])
    posts = study.level0 if study.posts.history else in_use
    result = np.empty((len(study.capacity), len(study.regions)))
    for c, (limit, value) in enumerate(study.capacity.items()):
        per_post = value.need_per_place_year.central * place_years(study, value.arena).sum()
        for r, name in enumerate(study.regions):
            result[c, r] = per_post * posts[r] * (1.0 + slack[limit, name])
    return result


def capacity(study: Study) -> Floats:
    """Return capacity, [limit, region, year]: that at the start, growing from today on.

    What `limits.capacity` says of a limit, region and year stands instead. Infinite where a risk
    limit watches a capacity that grows with the specialists (`supervises`).
    """
    growth = {(row.limit, row.region): row.growth_per_year for row in study.supervision}
    today = max((row.year for row in study.posts.history), default=study.time.first_year)
    elapsed = np.maximum(np.arange(len(study.years)) + study.time.first_year - today, 0)
    limits, regions = list(study.capacity), list(study.regions)
    yearly = np.array([[growth[limit, region] for region in regions] for limit in limits])
    result = capacity_at_start(study)[:, :, None] * (1.0 + yearly[:, :, None]) ** elapsed
    for watch in study.risk.values():
        if watch.supervises is not None:
            result[limits.index(watch.supervises), [regions.index(r) for r in watch.regions]] = (
                np.inf
            )
    for given in study.limits.capacity:
        place = limits.index(given.limit), regions.index(given.region)
        result[(*place, given.year - study.time.first_year)] = given.capacity
    return result


def lead_time(study: Study, region: str) -> int:
    """Return the decision years that pass before a region can open slots."""
    lead = study.ramp.lead_time_years.get(region)
    return 0 if lead is None else int(lead.value)


def payers(study: Study) -> list[str]:
    """Return the payers in the order of the component table."""
    return course.payers(study.cost.components)


def start_profile(study: Study, autumn: bool) -> tuple[Floats, Floats]:
    """Return what one start costs: gross [payer, half_year], report [half_year] (see `course`)."""
    month = study.posts.intake_months[1 if autumn else 0]
    return course.start_profile(study.cost.components, study.posts.stages, month)


def slot_cost(study: Study) -> tuple[Floats, Floats]:
    """Return the yearly cost of a slot opened in the first projected year and kept, undiscounted.

    Returns
    -------
    gross : [payer, year since opening], and report : [year since opening]
    NOK of the price year for one start a year in that year's two intakes only; each start is
    charged in full, also beyond the last projected year.
    """
    starts = starts_of_a_year(study)
    return course.yearly_cost(study.cost.components, study.posts.stages, starts)


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

    A slot closed saves the share of its cost that `limits.closing` says.

    Returns
    -------
    gross : [payer, year], report : [year]
    Years go beyond the projection by the length of a start's cost profile.
    """
    gross, report = slot_cost(study)
    change = np.diff(level - study.given_levels, axis=1, prepend=0.0)
    added = (level - study.given_levels).sum(axis=0)
    if (change < 0.0).any():
        added = np.cumsum(charged(study, change).sum(axis=0))
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
    return float((charged(study, slots).sum(axis=0) * slot_price(study)).sum())


def charged(study: Study, slots: Floats) -> Floats:
    """Return `slots` as they are paid for: one closed saves only a share of what one costs."""
    closing = study.limits.closing
    saved = 1.0 if closing is None else closing.saved_share.value
    return np.where(slots < 0.0, saved * slots, slots)


def levels(study: Study, slots: Floats) -> Floats:
    """Return `level` [region, year] from new slots [region, decision year], history included."""
    opened = np.zeros((len(study.regions), len(study.years)))
    first = study.time.first_decision - study.time.first_year
    opened[:, first : first + slots.shape[1]] = slots
    return study.given_levels + np.cumsum(opened, axis=1)
