"""Supervision and places: what the posts on offer need, and the capacity there is."""

from __future__ import annotations

import numpy as np

from ..study.risk_limit import SupervisionLimit
from ..study.study import Study
from . import course
from .posts import Floats, starts_of_a_year


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
    return result
