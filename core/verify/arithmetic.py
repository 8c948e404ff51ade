"""Arithmetic: need, capacity and cost of posts, month by month from the study, for checks alone.

Nothing of `core.system` is asked here, which the optimiser and the result are made with: what is
wrong there does not pass for right (docs/file-format.md). Slow and plain on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..study.cost import ComponentRow
from ..study.risk_limit import SupervisionLimit
from ..study.study import Study
from .evidence import Floats, stated_posts

MONTHS, STAY, SEPTEMBER = 12, 6, 8
"""Of a year and of a stage; the months before September."""


def need_of(study: Study, level: Floats) -> Floats:
    """Return what posts on offer need, [capacity, region, year], for `level` [row, year].

    Each start keeps a place busy for the months of its stages in the arena; before the first year
    levels are those of the first year. LIS2/3 posts need as much every year, if any.
    """
    result = needed_by_posts(study, level)
    level = level[: len(study.regions)]
    for c, capacity in enumerate(study.capacity.values()):
        each = capacity.need_per_place_year.central / MONTHS
        for share, month in _busy_months(study, capacity.arena):
            for y in range(level.shape[1]):
                result[c, :, y] += each * share * level[:, max(y - month // MONTHS, 0)]
    return result


def needed_by_posts(study: Study, level: Floats) -> Floats:
    """Return what LIS2/3 posts need, [capacity, region, year], for `level` [row, year].

    Those of groups whose rows `level` leaves out are as stated.
    """
    regions = len(study.regions)
    result = np.zeros((len(study.capacity), regions, level.shape[1]))
    for c, capacity in enumerate(study.capacity.values()):
        each = capacity.need_per_specialist_post
        if each is None:
            continue
        for k, stated in enumerate(stated_posts(study)):
            rows = slice((k + 1) * regions, (k + 2) * regions)
            result[c] += each.central * (level[rows] if study.decides_posts else stated)
    return result


def capacity_of(study: Study) -> Floats:
    """Return capacity, [capacity, region, year]: today's use, its slack, and growth since.

    What the study says of a year stands instead, and what it adds comes on top; infinite where a
    limit on risk watches it.
    """
    names, regions, years = list(study.capacity), list(study.regions), study.years
    today = max((row.year for row in study.posts.history), default=years[0])
    result = np.empty((len(names), len(regions), len(years)))
    for row in study.supervision:
        c, r = names.index(row.limit), regions.index(row.region)
        capacity, posts = study.capacity[row.limit], study.posts_today[r]
        busy = sum(share for share, _ in _busy_months(study, capacity.arena)) / MONTHS
        used = capacity.need_per_place_year.central * busy * posts + _today(study, row.limit, r)
        room = used * (1.0 + row.slack)
        for y, year in enumerate(years):
            result[c, r, y] = room * (1.0 + row.growth_per_year) ** max(year - today, 0)
    for watch in study.risk.values():
        if isinstance(watch, SupervisionLimit):
            for name in watch.regions:
                result[names.index(watch.supervises), regions.index(name)] = np.inf
    for given in study.limits.capacity:
        place = names.index(given.limit), regions.index(given.region)
        result[(*place, given.year - years[0])] = given.capacity
    for y, year in enumerate(years):
        for more in study.limits.added_capacity:
            if more.year <= year:
                result[names.index(more.limit), regions.index(more.region), y] += more.added
    return result


def purchasable_of(study: Study) -> Floats:
    """Return the most that can be bought, [capacity, region, year]; infinite: no maximum."""
    result = np.zeros((len(study.capacity), len(study.regions), len(study.years)))
    for c, (name, capacity) in enumerate(study.capacity.items()):
        if capacity.purchase is None:
            continue
        busy = sum(share for share, _ in _busy_months(study, capacity.arena)) / MONTHS
        for r, posts in enumerate(study.posts_today):
            today = capacity.need_per_place_year.central * busy * posts + _today(study, name, r)
            share = capacity.purchase.at_most
            result[c, r, study.first :] = np.inf if share is None else share.expected * today
    return result


def _today(study: Study, name: str, r: int) -> float:
    """Return what LIS2/3 posts of region r use of a capacity today."""
    each, years = study.capacity[name].need_per_specialist_post, study.years
    if each is None:
        return 0.0
    today = max((row.year for row in study.posts.history), default=years[0])
    at = min(max(today, years[0]), years[-1]) - years[0]
    return each.central * float(stated_posts(study)[:, r, at].sum())


def bought_of(study: Study, level: Floats) -> Floats:
    """Return what `level` [row, year] buys beyond capacity, [capacity, region, year]."""
    lacking = np.maximum(need_of(study, level) - capacity_of(study), 0.0)
    return np.minimum(lacking, purchasable_of(study))


def purchases_of(study: Study, slots: Floats) -> Iterator[tuple[str, int, float]]:
    """Yield (payer, index of the year, real NOK) of what a plan buys, undiscounted.

    `slots` [row, decision year]; posts that were there before buy, too.
    """
    growth, since = study.cost.real_growth.value, study.cost.price_year
    rows = len(study.regions) * (1 + len(study.groups) * study.decides_posts)
    stated = stated_posts(study).reshape(-1, len(study.years))
    level = np.concatenate([study.given_levels, stated])[:rows]
    for y in range(study.first, len(study.years)):
        level[:, y] += slots[:rows, : y - study.first + 1].sum(axis=1)
    for c, amounts in enumerate(bought_of(study, level)):
        sold = list(study.capacity.values())[c].purchase
        for y, amount in enumerate(amounts.sum(axis=0)):
            if sold is not None:
                real = _power(growth, max(study.years[y] - since, 0))
                yield sold.payer, y, float(amount) * sold.price.expected * real


def posts_of(study: Study, slots: Floats) -> Iterator[tuple[str, int, float]]:
    """Yield (payer, index of the year, real NOK) of what new LIS2/3 posts cost, undiscounted.

    One closed saves what it costs by year, and nothing of what it cost once.
    """
    section, groups, regions = study.specialist_posts, list(study.groups), len(study.regions)
    if section is None or section.new is None:
        return
    growth, since = study.cost.real_growth.value, study.cost.price_year
    for k, group in enumerate(groups):
        own = slots[(k + 1) * regions : (k + 2) * regions]
        opened, anew = own.sum(axis=0), np.maximum(own, 0.0).sum(axis=0)
        for y in range(study.first, len(study.years)):
            real = _power(growth, max(study.years[y] - since, 0))
            new = anew[y - study.first] if y - study.first < len(anew) else 0.0
            for row in section.new.prices:
                if row.group in (None, group):
                    paid = opened[: y - study.first + 1].sum() if row.timing == "yearly" else new
                    yield row.payer, y, float(paid) * row.amount_nok * real


def grants_of(study: Study, slots: Floats) -> Iterator[tuple[str, int, float]]:
    """Yield (payer, index of the year, real NOK) of what newly earmarked posts cost beyond LIS1."""
    if not study.decides_tracks:
        return
    growth, since = study.cost.real_growth.value, study.cost.price_year
    for track, own in zip(study.track.values(), tracks_of(study, slots), strict=True):
        opened = own.sum(axis=0)
        for y in range(study.first, len(study.years)):
            real = _power(growth, max(study.years[y] - since, 0))
            for row in () if track.new is None else track.new.prices:
                there = opened[: y - study.first + 1].sum()
                yield row.payer, y, float(there) * row.amount_nok * real


def tracks_of(study: Study, rows: Floats) -> Floats:
    """Return the rows of tracks of a plan or its levels [row, ...] as [track, region, ...]."""
    count, regions = len(study.track), len(study.regions)
    return rows[len(rows) - count * regions :].reshape(count, regions, -1)


def costs_of(study: Study, slots: Floats) -> tuple[dict[str, Floats], Floats, float]:
    """Return what slots [row, decision year] cost: by payer, as the report adds up, discounted.

    By payer and of the report [year] in the projection, real NOK of the price year, undiscounted.
    Every start of an added slot is paid in full, also after the last year; one closed saves part.
    What a plan buys in the projection is paid for, whichever way costs are added up.
    """
    cost, years = study.cost, study.years
    payers = dict.fromkeys(row.payer for row in cost.components)
    by_payer = {payer: np.zeros(len(years)) for payer in payers}
    report, discounted = np.zeros(len(years)), 0.0
    for row, year, real in payments_for(study, slots):
        if row.in_report if cost.basis == "report" else row.in_gross:
            discounted += real * discounted_from(study, year)
        if year <= years[-1]:
            by_payer[row.payer][year - years[0]] += real * row.in_gross
            report[year - years[0]] += real * row.in_report
    beside = *purchases_of(study, slots), *posts_of(study, slots), *grants_of(study, slots)
    for payer, y, nok in beside:
        by_payer[payer][y] += nok
        report[y] += nok
        discounted += nok * discounted_from(study, years[y])
    return by_payer, report, discounted


def payments_for(study: Study, slots: Floats) -> Iterator[tuple[ComponentRow, int, float]]:
    """Yield every payment for the starts that slots [region, decision year] add.

    Its item, the calendar year, real NOK; one slot closed saves part of what one costs.
    """
    closing = study.limits.closing
    saved = 1.0 if closing is None else closing.saved_share.value
    own = slots[: len(study.regions)]
    opened = np.where(own < 0.0, saved * own, own).sum(axis=0)
    for y in range(study.first, len(study.years)):
        starts = float(opened[: y - study.first + 1].sum())
        for row, month, nok in _payments(study):
            year = study.years[y] + month // MONTHS
            yield row, year, starts * nok * real_in(study, year)


def real_in(study: Study, year: int) -> float:
    """Return unit costs of a calendar year, those of the price year 1."""
    return _power(study.cost.real_growth.value, max(year - study.cost.price_year, 0))


def discounted_from(study: Study, year: int) -> float:
    """Return what an amount of a calendar year is worth in the first decision year."""
    return _power(study.cost.discount_rate.value, study.time.first_decision - year)


def _power(rate: float, years: int) -> float:
    return float((1.0 + rate) ** years)


def _intakes(study: Study) -> list[tuple[float, int]]:
    """Return share of a year's starts and month from January, 0, of both intakes."""
    spring, (first, second) = study.posts.spring_share.value, study.posts.intake_months
    return [(spring, first - 1), (1.0 - spring, second - 1)]


def _stay(study: Study, begin: int, arena: str) -> list[int]:
    """Return the months of one who starts in month `begin` in an arena, from January on."""
    stages = [where for where in study.posts.stages for _ in range(STAY)]
    return [begin + month for month, where in enumerate(stages) if where == arena]


def _busy_months(study: Study, arena: str) -> list[tuple[float, int]]:
    """Return (share of a year's starts, month) of every month that a place in an arena is busy."""
    every = _intakes(study)
    return [(share, month) for share, begin in every for month in _stay(study, begin, arena)]


def _payments(study: Study) -> Iterator[tuple[ComponentRow, int, float]]:
    """Yield every payment for one start a year: its item, its month, NOK."""
    for share, begin in _intakes(study):
        for row in study.cost.components:
            when, _, arena = row.timing.partition(":")
            months = _stay(study, begin, arena) if arena else [begin]
            if when == "stay_start":
                months = months[:1]
            if when == "autumn_after":
                after = months[-1] + 1
                months = [after + (SEPTEMBER - after) % MONTHS]
            for month in months:
                yield row, month, share * row.amount_nok / len(months)
