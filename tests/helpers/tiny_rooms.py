"""Rooms and money of tiny studies, for all their plans at once: need, purchases, cost by year."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lis1plan.core.study.study import Study
from lis1plan.core.system.costs import price_factor, slot_cost
from lis1plan.core.system.supervision import capacity, place_years

Floats = NDArray[np.float64]


def need(study: Study, level: Floats) -> Floats:
    """Use of every capacity, [plan, limit, region, year]: of this year's starts and earlier."""
    years = level.shape[2]
    result = np.zeros((len(level), len(study.capacity), level.shape[1], years))
    for c, limit in enumerate(study.capacity.values()):
        one = limit.need_per_place_year.central
        for y in range(years):
            for offset, share in enumerate(place_years(study, limit.arena)):
                result[:, c, :, y] += one * share * level[:, :, max(y - offset, 0)]
    return result


def per_slot(study: Study, c: int) -> float:
    limit = list(study.capacity.values())[c]
    return float(limit.need_per_place_year.central * place_years(study, limit.arena).sum())


def for_sale(study: Study) -> Floats:
    """The most that can be bought, [limit, region, year]."""
    result = np.zeros((len(study.capacity), len(study.regions), len(study.years)))
    for c, limit in enumerate(study.capacity.values()):
        if limit.purchase is not None:
            share, used = limit.purchase.at_most, per_slot(study, c) * today(study)
            result[c] = np.inf if share is None else (share.expected * used)[:, None]
    return result


def today(study: Study) -> Floats:
    """Posts of today, [region]: the last of their history, or those in use at the start."""
    in_use = np.array([region.posts_in_use.value for region in study.regions.values()])
    return study.level0 if study.posts.history else in_use


def paid_for_purchases(study: Study, level: Floats, payer: str) -> Floats:
    """What a payer pays for what plans buy, [plan, year] real NOK."""
    lacking = np.maximum(need(study, level) - capacity(study), 0.0)
    bought = np.minimum(lacking, for_sale(study))
    bought[..., : study.first] = 0.0
    paid = np.zeros((len(level), len(study.years)))
    for c, limit in enumerate(study.capacity.values()):
        if limit.purchase is not None and payer in ("all", "report", limit.purchase.payer):
            paid += bought[:, c].sum(axis=1) * limit.purchase.price.expected
    return paid * price_factor(study, len(study.years))


def capacity_use(study: Study, level: Floats) -> list[tuple[Floats, Any]]:
    """What plans need of every capacity, [plan, any], and what there can be of it."""
    room = (capacity(study) + for_sale(study))[:, :, study.first :]
    used = need(study, level)[..., study.first :]
    given = np.isfinite(room)
    return [(used[:, given], room[given])]


def cost_by_year(study: Study, payer: str) -> Floats:
    """What a slot opened in a decision year costs a payer, [decision year, year] real NOK."""
    gross, report = slot_cost(study)
    names = list(dict.fromkeys(row.payer for row in study.cost.components))
    one = {"report": report, "all": gross.sum(axis=0)}.get(payer)
    one = gross[names.index(payer)] if one is None else one
    first, years = study.first, len(study.years)
    factor = price_factor(study, years)
    result = np.zeros((len(study.decision_years), years))
    for y in range(len(study.decision_years)):
        for start in range(first + y, years):
            for since, nok in enumerate(one):
                if start + since < years:
                    result[y, start + since] += nok * factor[start + since]
    return result[:, first:]


def change_of_intake(study: Study, slots: Floats) -> list[tuple[Floats, float]]:
    """By how much starts differ from those of the first open year, [plan, year], and the most."""
    pairs = []
    starts = np.cumsum(slots, axis=2)
    for r, name in enumerate(study.regions):
        if name in study.limits.intake_change:
            lead = study.ramp.lead_time_years.get(name)
            own = starts[:, r, 0 if lead is None else int(lead.value) :]
            differs = np.abs(own - own[:, :1])
            pairs.append((differs, study.limits.intake_change[name].value))
    return pairs


def few_decisions(
    study: Study, slots: Floats, reviews: tuple[int, ...] = ()
) -> list[tuple[Floats, float]]:
    """How far numbers are from those before and from multiples, [plan, 1], and the most: none.

    After the first years a number may be another one only where a region's lead time has ended, or
    at one of `reviews`.
    """
    pairs, after, of = [], study.limits.constant_after, study.limits.multiples_of
    for r, name in enumerate(study.regions):
        lead = study.ramp.lead_time_years.get(name)
        opens = 0 if lead is None else int(lead.value)
        for y in range(1, slots.shape[2]):
            if after is not None and y > after and y not in (opens, *reviews):
                pairs.append((np.abs(slots[:, r, y] - slots[:, r, y - 1])[:, None], 0.0))
        if of is not None:
            away = np.minimum(slots[:, r] % of, -slots[:, r] % of)
            pairs.append((away.max(axis=1, keepdims=True), 0.0))
    return pairs


def share_use(study: Study, opened: Floats) -> list[tuple[Floats, float]]:
    """Slots a region lacks to its share of those opened, [plan, 1], and the most: none."""
    every, own = opened.sum(axis=(1, 2)), opened.sum(axis=2)
    return [
        ((study.limits.least_share[name].value * every - own[:, r])[:, None], 0.0)
        for r, name in enumerate(study.regions)
        if name in study.limits.least_share
    ]
