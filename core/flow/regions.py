"""Regions: how those present at the start are spread, and where doctors go from there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..scenarios.draws import Figures
from ..study.world import Region
from .calibration import around, calibrated

Floats = NDArray[np.float64]
Regions = Mapping[str, Region]


def regional_key(regions: Regions, posts: Floats) -> Floats:
    """Return the share of each region in specialists at the start, [region].

    `posts` [region] are those at the start.

    Either as the study weighs its regions, or the share of each in new specialists under the
    central rates. Both stand still without policy: the first because the choice of region is
    calibrated to it. Any other key would drift, an artefact of the choice matrix.
    """
    if weighed(regions):
        return _shares([r.stock_weight.value for r in regions.values() if r.stock_weight])
    retention = np.array([[r.retention.central for r in regions.values()]])
    share = posts_share(posts)
    choice = _by_posts(retention, posts)[0]
    return np.array([_ordered_sum(share * choice[:, t]) for t in range(len(share))])


def demand_key(regions: Regions) -> Floats | None:
    """Return the share of each region in demand, [region]; None where it is as its doctors'."""
    weights = [r.demand_weight.value for r in regions.values() if r.demand_weight]
    return _shares(weights) if weights else None


def weighed(regions: Regions) -> bool:
    """Return whether the study says how doctors are spread over regions."""
    return any(region.stock_weight is not None for region in regions.values())


def posts_share(posts: Floats) -> Floats:
    """Return the share of each region in posts, [region]: applicants and LIS1 are spread by it.

    Those of the start: posts of later years act when they are filled, never before.
    """
    return np.asarray(posts / posts.sum())


def entry_share(regions: Regions, posts: Floats) -> Floats:
    """Return the share of each region in those who enter LIS2/3 without LIS1, [region]."""
    return regional_key(regions, posts) if weighed(regions) else posts_share(posts)


def choice(regions: Regions, posts: Floats, figures: Figures) -> Floats:
    """Return the share of LIS1 completers of region r who train on in region t, [n, r, t]."""
    drawn = np.stack([figures[f"regions.{r}.retention"] for r in regions], axis=1)
    if not weighed(regions):
        return _by_posts(drawn, posts)
    stated = [region.retention for region in regions.values()]
    mean = np.array([each.expected for each in stated])
    bounds = np.array([each.bounds for each in stated]).T
    matrix = calibrated(mean, posts_share(posts), regional_key(regions, posts))
    return around(matrix, drawn, mean, bounds)


def moving(per_year: Floats) -> Floats:
    """Return the share of specialists who move in a half-year; they land by the regional key."""
    return np.asarray(1.0 - np.sqrt(1.0 - per_year))


def _by_posts(retention: Floats, posts: Floats) -> Floats:
    """Return [n, r, t]: those not retained go to the other regions in proportion to their posts.

    Where none of the others has posts they share alike, as they do at any equal number of posts.
    """
    count, regions = retention.shape
    result = np.empty((count, regions, regions))
    for r in range(regions):
        elsewhere = posts.sum() - posts[r]
        for t in range(regions):
            if t == r:
                result[:, r, t] = retention[:, r] if regions > 1 else 1.0
            else:
                share = posts[t] / elsewhere if elsewhere > 0 else 1.0 / (regions - 1)
                result[:, r, t] = (1.0 - retention[:, r]) * share
    return result


def _shares(weights: list[float]) -> Floats:
    """Return weights as shares of their sum."""
    return np.array(weights) / _ordered_sum(np.array(weights))


def _ordered_sum(values: Floats) -> float:
    """Sum from first to last: the same bits on every numpy."""
    total = 0.0
    for value in values:
        total += float(value)
    return total
