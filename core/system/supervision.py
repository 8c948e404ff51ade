"""Supervision and places: what the posts on offer need, and the capacity there is."""

from __future__ import annotations

import numpy as np

from ..flow.rates import fte_by_age, initial_specialists, training_posts
from ..study.measures.in_force import spread
from ..study.risk_limit import RiskLimit, SupervisionLimit
from ..study.study import Study
from . import course
from .families import MEASURES
from .measure_columns import Widening, widening
from .posts import Floats, families, starts_of_a_year
from .purchases import Purchases


def place_years(study: Study, arena: str) -> Floats:
    """Return places kept busy per start a year, by calendar years since the start, [offset]."""
    return course.place_years(study.posts.stages, starts_of_a_year(study), arena)


def need(study: Study, level: Floats) -> Floats:
    """Return what LIS1 places on offer need, [limit, region, year], for `level` [region, year].

    Before the projection the levels are taken to be those of its first year.
    """
    result = np.empty((len(study.capacity), *level.shape))
    for c, limit in enumerate(study.capacity.values()):
        busy = place_years(study, limit.arena)
        result[c] = course.need(limit.need_per_place_year.central, busy, level)
    return result


def post_need(study: Study) -> Floats:
    """Return what one LIS2/3 post needs a year of each capacity, [limit]; 0 where it needs none."""
    needs = [each.need_per_specialist_post for each in study.capacity.values()]
    return np.array([0.0 if one is None else one.central for one in needs])


def stated_posts(study: Study) -> Floats:
    """Return LIS2/3 posts without any decision, [region, year]."""
    return np.asarray(training_posts(study).sum(axis=0))


def use_at_start(study: Study) -> Floats:
    """Return what the posts of today need of each capacity, [limit, region].

    Today is the last year of the posts' history, or the first of the projection without one. LIS2/3
    posts are part of it where they need any of the capacity.
    """
    posts = study.posts_today
    each = (
        value.need_per_place_year.central * place_years(study, value.arena).sum()
        for value in study.capacity.values()
    )
    use = np.array([per_post * posts for per_post in each]).reshape(-1, len(posts))
    of_posts = post_need(study)
    if of_posts.any():
        years = study.time.first_year, study.time.last_year
        at = int(np.clip(_today(study), *years)) - years[0]
        use += of_posts[:, None] * stated_posts(study)[:, at]
    return use


def _today(study: Study) -> int:
    """Return the year of today's use."""
    return max((row.year for row in study.posts.history), default=study.time.first_year)


def capacity_at_start(study: Study) -> Floats:
    """Return capacity today, [limit, region]: today's use x (1 + slack)."""
    slack = {(row.limit, row.region): row.slack for row in study.supervision}
    by_limit = [[slack[limit, region] for region in study.regions] for limit in study.capacity]
    return use_at_start(study) * (1.0 + np.array(by_limit).reshape(-1, len(study.regions)))


def capacity(study: Study) -> Floats:
    """Return capacity, [limit, region, year]: that at the start, growing from today on.

    What `limits.capacity` says of a limit, region and year stands instead; what
    `limits.added_capacity` says comes on top of either. Infinite where a risk
    limit watches a capacity that grows with the specialists (`supervises`).
    """
    growth = {(row.limit, row.region): row.growth_per_year for row in study.supervision}
    elapsed = np.maximum(np.arange(len(study.years)) + study.time.first_year - _today(study), 0)
    limits, regions = list(study.capacity), list(study.regions)
    yearly = np.array([[growth[limit, region] for region in regions] for limit in limits])
    yearly = yearly.reshape(len(limits), len(regions), 1)  # also without any limit
    result = capacity_at_start(study)[:, :, None] * (1.0 + yearly) ** elapsed
    for watch in study.risk.values():
        if isinstance(watch, SupervisionLimit):
            result[limits.index(watch.supervises), [regions.index(r) for r in watch.regions]] = (
                np.inf
            )
    for given in study.limits.capacity:
        place = limits.index(given.limit), regions.index(given.region)
        result[(*place, given.year - study.time.first_year)] = given.capacity
    for more in study.limits.added_capacity:
        place = limits.index(more.limit), regions.index(more.region)
        result[(*place, slice(max(more.year - study.time.first_year, 0), None))] += more.added
    return result


def purchases_of(study: Study, growth: Floats, discount: Floats) -> Purchases:
    """Return what can be bought under a study; `growth` and `discount` of prices by year."""
    shape = len(study.capacity), len(study.regions), len(study.years)
    most, price, used = np.zeros(shape), np.zeros((shape[0], shape[2])), use_at_start(study)
    limits = list(study.capacity.values())
    rows = {family.variable: family.rows for family in families(study)}
    for c, limit in enumerate(limits):
        if limit.purchase is not None:
            share = limit.purchase.at_most
            at_most = used[c] * share.expected if share is not None else np.full(shape[1], np.inf)
            most[c, :, study.first :] = at_most[:, None]
            price[c] = limit.purchase.price.expected * growth
    return Purchases(
        free=capacity(study),
        most=most,
        price=price,
        discount=discount,
        payer=tuple("" if x.purchase is None else x.purchase.payer for x in limits),
        place_need=np.array([x.need_per_place_year.central for x in limits]),
        place_years=tuple(place_years(study, x.arena) for x in limits),
        post_need=post_need(study),
        stated_posts=stated_posts(study),
        post_rows=rows.get("posts"),
        widening=_widening(study, rows[MEASURES].start) if study.columns else None,
    )


def _widening(study: Study, first: int) -> Widening:
    """Return the room that units of measures add, whose rows begin with `first`."""
    limits = list(study.capacity)
    return widening(study.by_column, first, limits, lambda region: spread(study, region))


# ------------------------------------------------- supervision that grows with the specialists


def supervisors_at_start(study: Study, limit: RiskLimit) -> float:
    """Return the FTE of specialists who supervise at the start in the limit's regions; or 0.

    A risk limit that `supervises` a capacity judges, in every year y from the first decision on,

        g[y] = sum_r need[r, y] / K0 - sum_r S[r, y] / S0

    K0 is capacity at the start, today's use x (1 + slack), S the specialists' FTE in the scenario,
    S0 at the start. What one specialist can supervise stays what it was when today's use fitted.
    Supply is concave and the need affine in the slots, so g is convex; it is signed, unlike a
    shortage.
    """
    if not isinstance(limit, SupervisionLimit):
        return 0.0
    present = (initial_specialists(study) * fte_by_age(study)[:, None, :]).sum(axis=2)
    regions = [list(study.regions).index(name) for name in limit.regions]
    groups = [list(study.groups).index(name) for name in limit.groups or study.groups]
    return float(present[np.ix_(groups, regions)].sum())


def busy_shares(study: Study, limit: RiskLimit) -> Floats:
    """Return what a slot needs of the supervision at the start, [region, years since its start].

    All zero for a limit on shortage, and in regions the limit does not judge.
    """
    lengths = (len(place_years(study, each.arena)) for each in study.capacity.values())
    longest = max(lengths, default=1)  # a study may limit no supervision at all
    shares = np.zeros((len(study.regions), longest))
    if not isinstance(limit, SupervisionLimit):
        return shares
    value = study.capacity[limit.supervises]
    busy = value.need_per_place_year.central * place_years(study, value.arena)
    room = capacity_at_start(study)[list(study.capacity).index(limit.supervises)]
    members = [list(study.regions).index(name) for name in limit.regions]
    shares[members, : len(busy)] = busy / room[members].sum()
    return shares


def supervision_needed(study: Study, limit: SupervisionLimit, level: Floats) -> Floats:
    """Return what `level` [region, year] needs of the supervision at the start, [year], a share."""
    c = list(study.capacity).index(limit.supervises)
    members = [list(study.regions).index(name) for name in limit.regions]
    used = need(study, level)[c, members].sum(axis=0)
    return np.asarray(used / capacity_at_start(study)[c, members].sum())
