"""The stock of LIS2/3 as the optimiser limits it: affine in the slots and never too low.

The rule: every figure at its median, and every new slot on offer filled as the fill rate says, as
if applicants never ran out. New slots can only take applicants from later rounds, so the stock
under any plan that closes nothing is at most the stock today's posts lead to plus this response.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..kernels.loops import ensemble
from ..scenarios.draws import dimensions, draws_of
from ..study.study import Study
from .intake import build_origins
from .rates import build_rates

Floats = NDArray[np.float64]
PLENTY = 1e6
"""Applicants per region and half-year that no plan exhausts."""


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
