"""Specialist training: what comes after LIS1 costs what the flow and the study's figures say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..study.cost import SpecialistTraining
from ..study.settings import NO_POSTS
from .arithmetic import discounted_from, payments_for, posts_of, real_in
from .evidence import Evidence, Floats, NotHeldError, differ

NOK, FINE = 1.0, {"training_years": 1e-6}


def cost_after_lis1(evidence: Evidence) -> Iterator[str]:
    """What LIS2/3 costs and doctors in training produce follows from the flow and the study."""
    told = evidence.study.cost.after_lis1
    if told is None:
        raise NotHeldError("the study does not tell what comes after LIS1")
    if evidence.is_scenario:
        raise NotHeldError("one scenario is not set beside no new posts")
    stock = evidence.values("training_group_mean")  # [year, plan, group, region]
    stock = stock - stock[:, [evidence.plans.index(NO_POSTS)]]
    for p, name in enumerate(evidence.plans):
        for key, wanted in _worked_out(evidence, told, p, stock[:, p]).items():
            axis = evidence.data[key].dims.index("plan") if key in evidence.data else 0
            if differ(evidence.values(key).take(p, axis), wanted, 1e-9, FINE.get(key, NOK)):
                yield f"plan {name}: {key} does not follow from its doctors in training"


def _worked_out(
    evidence: Evidence, told: SpecialistTraining, p: int, stock: Floats
) -> dict[str, Floats | float]:
    """Return every variable of plan p from the `stock` [year, group, region] that it adds."""
    years, credit = _years(stock), told.income_credit
    each = told.training_and_treatment.value + told.service_share.value * told.pay.value
    paid, once = _by_payer(evidence, told, years, each), {}
    if told.new_post is not None:
        once = {
            "cost_training_posts": _by_payer(
                evidence, told, _more_posts(stock), told.new_post.value
            )
        }
        paid = paid + once["cost_training_posts"]
    in_lis1, later = _pay_in_lis1(evidence, told, p)
    pay = _by_payer(evidence, told, years, told.pay.value) + in_lis1
    worth = _discounted(evidence, pay) + later
    slots = evidence.decided(evidence.rows("slots")[p])
    posts = sum(
        nok * discounted_from(evidence.study, evidence.study.years[y])
        for _, y, nok in posts_of(evidence.study, slots)
    )  # their doctors are in `paid`
    both = float(evidence.values("plan_cost")[p]) - posts + _discounted(evidence, paid)
    return {
        "training_years": years,
        "cost_training": paid,
        **once,
        "cost_credit": credit.expected * pay,
        "plan_cost_with_training": both,
        "plan_cost_net": both - credit.expected * worth,
        "plan_cost_net_low": both - credit.bounds[1] * worth,
        "plan_cost_net_high": both - credit.bounds[0] * worth,
    }


def _years(stock: Floats) -> Floats:
    """Return years in LIS2/3, [year, group]: the mean of the year's two half-years.

    The first ends midway between the ends of the year before and of this one.
    """
    at_end, before = stock.sum(axis=2), np.zeros(stock.shape[1])
    years = np.empty(at_end.shape)
    for y, now in enumerate(at_end):
        years[y] = ((before + now) / 2.0 + now) / 2.0
        before = now
    return years


def _more_posts(stock: Floats) -> Floats:
    """Return posts that no year before had, [year, group]."""
    most, more = np.zeros(stock.shape[1:]), np.zeros(stock.shape[:2])
    for y, now in enumerate(stock):
        more[y] = np.maximum(now - most, 0.0).sum(axis=1)
        most = np.maximum(most, now)
    return more


def _by_payer(evidence: Evidence, told: SpecialistTraining, number: Floats, nok: float) -> Floats:
    """Return what number [year, group] costs at `nok` each, [year, payer] real NOK."""
    payers, years = evidence.labels("payer"), evidence.study.years
    result = np.zeros((len(years), len(payers)))
    for y, year in enumerate(years):
        real = nok * told.price_factor.value * real_in(evidence.study, year)
        for k, group in enumerate(evidence.study.groups):
            result[y, payers.index(told.payers[group])] += number[y, k] * real
    return result


def _pay_in_lis1(evidence: Evidence, told: SpecialistTraining, p: int) -> tuple[Floats, float]:
    """Return pay in LIS1 of plan p, [year, payer] NOK, and what falls later, discounted."""
    payers, study = evidence.labels("payer"), evidence.study
    result, later = np.zeros((len(study.years), len(payers))), 0.0
    slots = evidence.decided(evidence.values("slots")[:, p].T)
    for row, year, nok in payments_for(study, slots):
        if row.item not in told.lis1_pay or not row.in_gross:
            continue
        if year > study.years[-1]:
            later += nok * discounted_from(study, year)
        else:
            result[year - study.years[0], payers.index(row.payer)] += nok
    return result, later


def _discounted(evidence: Evidence, paid: Floats) -> float:
    """Return what is paid by year and payer, discounted to the first decision year."""
    study = evidence.study
    weights = [discounted_from(study, year) for year in study.years]
    return float((paid.sum(axis=1) * np.array(weights)).sum())
