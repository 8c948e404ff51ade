"""Who is sure to leave LIS2/3, whatever scenario comes: of those at the start, and of others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.place import split
from ..scenarios.draws import Figures, draw, sample_of
from ..study.study import Study
from .rates import HISTORIC, PRESENT, outcome

Floats = NDArray[np.float64]
AT_ONCE = 4096
"""Scenarios drawn at once."""


class Leaving(NamedTuple):
    """What holds in every scenario as a year's first half-year h = 2y begins.

    Of those in training at the start, as shares of them. F[d] is the share of a cohort that still
    trains after d half-years.
    """

    gone: Floats  # [group, year] at least so many leave in the half-year before
    there: Floats  # [group, year] at most so many are there as that half-year begins
    others: Floats  # [group] of any others in training at least so many leave in a half-year


def sure_to_leave(study: Study) -> Leaving:
    """Return who is sure to leave LIS2/3 over all scenarios of the sample.

    With N[h] = sum_{d > h} F[d] / sum_{d > 0} F[d] of the historic outcomes and F of the present:

        gone[y] = min N[2y - 1] - N[2y],    there[y] = max N[2y - 1],
        others = min over scenarios and d >= 0 of 1 - F[d + 1] / F[d].

    Of the first projected year, before which there is no half-year, `gone` is 0 and `there` 1.
    """
    sample, shape = sample_of(study), (len(study.groups), len(study.years))
    found = Leaving(np.full(shape, np.inf), np.zeros(shape), np.full(shape[0], np.inf))
    for first, count in split(sample.scenarios, AT_ONCE):
        figures = Figures(study, draw(study, sample, first, count))
        gone, there = _of_those_at_start(still_training(study, figures, HISTORIC), shape[1])
        np.minimum(found.gone, gone.min(axis=0), out=found.gone)
        np.maximum(found.there, there.max(axis=0), out=found.there)
        still = still_training(study, figures, PRESENT)
        before = still[:, :, :-1]
        stay = np.divide(still[:, :, 1:], before, out=np.zeros(before.shape), where=before > 0.0)
        np.minimum(found.others, 1.0 - stay.max(axis=(0, 2)), out=found.others)
    return found


def still_training(study: Study, figures: Figures, completion: str) -> Floats:
    """Return F[d], the share in training after d half-years, [n, group, duration + 1]."""
    ended = np.cumsum(outcome(study, figures, completion).sum(axis=1), axis=2)
    still = np.concatenate([np.ones((*ended.shape[:2], 1)), np.maximum(1.0 - ended, 0.0)], axis=2)
    still[:, :, -1] = 0.0  # nobody trains on after the longest
    return still


def _of_those_at_start(still: Floats, years: int) -> tuple[Floats, Floats]:
    """Return who leaves in the half-year before a year, and is there before, [n, group, year]."""
    left = np.cumsum(still[:, :, ::-1], axis=2)[:, :, ::-1]  # [h]: sum_{d >= h} F[d]
    gone, there = (np.zeros((*still.shape[:2], years)) for _ in range(2))
    there[:, :, 0] = 1.0
    for y in range(1, years):
        if 2 * y < still.shape[2]:
            gone[:, :, y] = still[:, :, 2 * y] / left[:, :, 1]
            there[:, :, y] = left[:, :, 2 * y] / left[:, :, 1]
    return gone, there
