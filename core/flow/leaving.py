"""Who is sure to leave LIS2/3: of those in training at the start, whatever scenario comes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compute.place import split
from ..scenarios.draws import Figures, draw, sample_of
from ..study.study import Study
from .rates import HISTORIC, outcome, trainees_at_start, training_posts

Floats = NDArray[np.float64]
AT_ONCE = 4096
"""Scenarios drawn at once."""


def sure_to_leave(study: Study) -> Floats:
    """Return by how much LIS2/3 posts may fall as a year begins, [group, region, year] persons.

    Posts change with the first half-year of a year, h = 2y. With N[h] those of the start still in
    training as half-year h begins, F[d] the share of a cohort so after d half-years,

        min over scenarios of N[2y - 1] - N[2y],
        N[h] = N[0] · sum_{d > h} F[d] / sum_{d > 0} F[d].

    In the first projected year it is what posts exceed N[0] by, of those without any decision.
    """
    sample, least = sample_of(study), np.full((len(study.groups), len(study.years)), np.inf)
    for first, count in split(sample.scenarios, AT_ONCE):
        figures = Figures(study, draw(study, sample, first, count))
        np.minimum(least, _leaving(study, figures).min(axis=0), out=least)
    start = trainees_at_start(study)
    posts = start[:, :, None] * least[:, None]
    posts[:, :, 0] = np.maximum(training_posts(study)[:, :, 0] - start, 0.0)
    return np.asarray(posts)


def _leaving(study: Study, figures: Figures) -> Floats:
    """Return the share of those at the start who leave in the half-year before, [n, group, year].

    N[h - 1] - N[h] = N[0] · F[h] / sum_{d > 0} F[d].
    """
    ended = np.cumsum(outcome(study, figures, HISTORIC).sum(axis=1), axis=2)
    still = np.maximum(1.0 - ended, 0.0)
    still[:, :, -1] = 0.0  # nobody trains on after the longest
    whole = still.sum(axis=2, keepdims=True)
    share = np.divide(still, whole, out=np.zeros(still.shape), where=whole > 0.0)
    by_year = np.zeros((*share.shape[:2], len(study.years)))
    half_years = share[:, :, 1::2][:, :, : by_year.shape[2] - 1]  # F[2y] stands at 2y - 1
    by_year[:, :, 1 : 1 + half_years.shape[2]] = half_years
    return by_year
