"""Doctors in LIS2/3 whatever a plan does: a stock that is never too low, and who is sure to leave.

The stock as the optimiser limits it is affine in the slots. The rule: every figure at its median,
and every new slot on offer filled as the fill rate says, as if applicants never ran out. New slots
can only take applicants from later rounds, so the stock under any plan that closes nothing is at
most the stock today's posts lead to plus this response.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.place import split
from ..kernels.loops import ensemble
from ..scenarios.draws import Figures, dimensions, draw, draws_of, sample_of
from ..study.study import Study
from .intake import build_origins
from .rates import HISTORIC, PRESENT, build_rates, outcome

Floats = NDArray[np.float64]
PLENTY = 1e6
"""Applicants per region and half-year that no plan exhausts."""
AT_ONCE = 4096
"""Scenarios drawn at once."""


def trainee_stock(study: Study) -> tuple[Floats, Floats]:
    """Return the stock without decisions and what one slot adds to it, at the end of each year.

    Returns
    -------
    base : [year, region] doctors in LIS2/3 under today's posts
    response : [years since, region of the slot, region of the doctors] per slot kept open
    """
    draws = draws_of(study, np.full((1, len(dimensions(study))), 0.5))
    rates = build_rates(study, draws)
    full = rates._replace(newcomers=np.full_like(rates.newcomers, PLENTY))
    first = study.first

    def stock(level: Floats, plenty: bool) -> Floats:
        used = full if plenty else rates
        found = ensemble(used, build_origins(study, draws, used), level).training
        return np.asarray(found[0].sum(axis=1))

    without = stock(study.given_levels, plenty=True)
    response = []
    for r in range(len(study.regions)):
        one_more = study.given_levels.copy()
        one_more[r, first:] += 1.0
        response.append((stock(one_more, plenty=True) - without)[first:])
    return stock(study.given_levels, plenty=False), np.stack(response, axis=1)


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
