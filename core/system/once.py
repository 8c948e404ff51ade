"""What is worked out once of equal studies, or of those that draw the same scenarios."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..flow import trainees
from ..flow.intake import mean_from_abroad, posts_newcomers_fill
from ..flow.rates import rows_of_levels
from ..study.study import ByDraws
from .target_limits import Arriving

Floats = NDArray[np.float64]


@lru_cache(maxsize=16)
def newcomers_fill(key: ByDraws) -> Floats:
    """Return the most posts on offer that newcomers fill in every scenario, [region, year]."""
    return posts_newcomers_fill(key.study)


@lru_cache(maxsize=16)
def from_abroad(key: ByDraws) -> Floats:
    """Return how many specialists arrive from abroad, mean over scenarios, [year] persons."""
    return mean_from_abroad(key.study)


def arriving(key: ByDraws) -> Arriving:
    """Return who arrives from abroad, and how many more with each unit of a measure by column."""
    study = key.study
    plain = from_abroad(ByDraws(study.without_measures()))
    units = [from_abroad(ByDraws(one))[-1] for one in study.with_one_unit.values()]
    delay = tuple(each.delay_years for each in study.by_column.values())
    rows = slice(rows_of_levels(study), rows_of_levels(study) + len(units))
    return Arriving(plain[study.first :], np.array(units) - plain[-1], delay, rows)


@lru_cache(maxsize=16)
def sure_to_leave(key: ByDraws) -> trainees.Leaving:
    """Return who is sure to leave LIS2/3 in every scenario."""
    return trainees.sure_to_leave(key.study)
