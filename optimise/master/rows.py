"""Cuts as rows of the master, and the masters that differ in their objective alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ..cuts.pool import Cut
from ..cuts.scenario_rows import NEGLIGIBLE, NO_SLOPE
from ..solvers.program import INFINITE, Program, with_column, with_rows

Floats = NDArray[np.float64]


def least_risk_master(program: Program, limit: int, least: float, unit: float) -> Program:
    """Return the master that minimises the risk of one limit, a column of its own from `least` on.

    Cuts of that limit bound the column from below (`with_cuts`). It counts in `unit`, as does the
    objective: where one slot lessens a share by 0.0001, a solver's 1e-7 is too much of it.
    """
    wide = with_column(program, least / unit)
    cost = np.zeros(len(wide.cost))
    cost[-1] = 1.0
    return wide._replace(cost=cost, offset=0.0, missing={limit: (len(cost) - 1, unit)})


def with_cuts(program: Program, cuts: Sequence[Cut], limits: Floats) -> Program:
    """Return the program with cuts of limits on risk and of prices as rows.

    constant + slope . x <= limit,  or limit + scale x give where it may give way,
    constant + slope . x <= unit missing,  of a price or of a risk that is minimised.

    Each row is scaled to a largest coefficient of one. HiGHS drops coefficients up to 1e-9: such
    terms are replaced by their bound, which only loosens the cut. A slope that is below 1e-9 of the
    limit per slot is rounding and no slope: scaled up it would forbid plans by chance. An infinite
    limit limits nothing.
    """
    cuts = [cut for cut in cuts if np.isfinite(limits[cut.limit]) or cut.limit in program.missing]
    if not cuts:
        return program
    wide, upper = np.zeros((len(cuts), len(program.cost))), np.zeros(len(cuts))
    for n, cut in enumerate(cuts):
        wide[n, program.slots.ravel()] = cut.slope.ravel()
        upper[n] = limits[cut.limit] - cut.constant
        if cut.limit in program.missing:
            column, unit = program.missing[cut.limit]
            wide[n, column] = -unit
            upper[n] = -cut.constant
        elif cut.limit in program.raised:
            column, share = program.raised[cut.limit]
            wide[n, column] = -share
    scale = np.abs(wide).max(axis=1)
    size = np.array([max(abs(cut.constant), _finite(limits[cut.limit])) for cut in cuts])
    scale[scale <= NO_SLOPE * size] = 1.0
    wide /= scale[:, None]
    small = np.abs(wide) <= np.maximum(NEGLIGIBLE, NO_SLOPE * size / scale)[:, None]
    others = [column for column, _ in (*program.missing.values(), *program.raised.values())]
    small[:, others] = False  # no slopes, and unbounded
    ends = np.maximum(np.abs(program.lower), np.abs(program.upper))
    ends[~np.isfinite(ends)] = 0.0
    loose = (np.abs(np.where(small, wide, 0.0)) * ends).sum(axis=1)  # only ever loosens a cut
    wide[small] = 0.0
    lower = np.full(len(cuts), -INFINITE)
    return with_rows(program, csr_matrix(wide), lower, upper / scale + loose)


def _finite(limit: float) -> float:
    return abs(limit) if np.isfinite(limit) else 0.0
