"""Costs: the profile of a start, unit prices, discounting, what a plan costs whom."""

from __future__ import annotations

import numpy as np

from ..study.study import Study
from . import course
from .posts import Floats, starts_of_a_year


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
    first = study.first
    return remaining[first : first + len(study.decision_years)]


def plan_cost(study: Study, slots: Floats) -> float:
    """Return the discounted cost of `slots` [region, decision year], NOK."""
    return float((charged(study, slots).sum(axis=0) * slot_price(study)).sum())


def charged(study: Study, slots: Floats) -> Floats:
    """Return `slots` as they are paid for: one closed saves only a share of what one costs."""
    closing = study.limits.closing
    saved = 1.0 if closing is None else closing.saved_share.value
    return np.where(slots < 0.0, saved * slots, slots)
