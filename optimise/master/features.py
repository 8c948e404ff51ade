"""Masters of near-optimal plans: what a plan may cost is a row, and a feature the objective."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ...core.system.features import Feature
from ..solvers.program import INFINITE, Program, unit_of, with_flags, with_rows

Floats = NDArray[np.float64]


def within_cost(program: Program, most: float) -> Program:
    """Return the program of plans that cost at most so much, in the unit of its objective.

        cost . v + offset <= most

    Priced shortage is part of it. The row is scaled by the largest price; where all is free there
    is none.
    """
    if not program.cost.any():
        return program
    unit, lower = unit_of(program.cost), np.array([-INFINITE])
    room = np.array([(most - program.offset) / unit])
    return with_rows(program, csr_matrix(program.cost / unit), lower, room)


def toward(program: Program, weight: Floats) -> Program:
    """Return the program that minimises weight . slots, `weight` [row, decision year]."""
    cost = np.zeros(len(program.cost))
    cost[program.slots.ravel()] = weight.ravel()
    return program._replace(cost=cost, offset=0.0)


def with_feature(program: Program, feature: Feature, sign: float) -> Program:
    """Return the program that minimises sign x feature: the least of it, or less its most."""
    if feature.weight is not None:
        return toward(program, sign * feature.weight)
    return _years_counted(program, feature, sign)


def _years_counted(program: Program, feature: Feature, sign: float) -> Program:
    """Return the program that minimises sign x the years in which posts are opened.

    A flag f for each region and year in which posts x can be opened (from `low` to `high` of them),
    and one g for each such year:

        x <= high f,    x >= 1 - (1 - low) (1 - f),    g >= f,    g <= sum of f in the year
    """
    places = np.argwhere(feature.opens > 0.0)
    years = np.unique(places[:, 1])
    first, count = len(program.cost), len(places)
    wide = with_flags(program, count + len(years))
    rows = np.zeros((3 * count + len(years), len(wide.cost)))
    upper = np.zeros(len(rows))
    for n, (r, y) in enumerate(places.tolist()):
        x, f = program.slots[r, y], first + n
        g = first + count + int(np.searchsorted(years, y))
        low, high = program.lower[x], program.upper[x]
        rows[3 * n, [x, f]] = 1.0, -high
        rows[3 * n + 1, [x, f]] = -1.0, 1.0 - low
        upper[3 * n + 1] = -low
        rows[3 * n + 2, [f, g]] = 1.0, -1.0
        rows[3 * count + (g - first - count), f] = -1.0
    own = first + count + np.arange(len(years))
    rows[3 * count + np.arange(len(years)), own] = 1.0
    cost = np.zeros(len(wide.cost))
    cost[own] = sign
    wide = with_rows(wide, csr_matrix(rows), np.full(len(rows), -INFINITE), upper)
    return wide._replace(cost=cost, offset=0.0)
