"""Single plans kept out of a master: what cuts that were clipped cannot do.

A plan that was looked at is known for what it is; a cut of it that lies below its own risk does not
tell the master so (docs/model.md 5, *Two queues*). Left out, it counts by what was found instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ..solvers.program import INFINITE, Program, with_flags, with_rows

Floats = NDArray[np.float64]


def without_plans(program: Program, plans: Sequence[Floats]) -> Program:
    """Return the master that finds none of some plans in whole numbers, [row, decision year] each.

    For every slot x_j that can lie above (below) that of the plan p, a flag says that it does:

        x_j >= p_j + 1 - (p_j + 1 - low_j) (1 - up_j),
        x_j <= p_j - 1 + (high_j - p_j + 1) (1 - down_j),

    and at least one flag is set. Bounds of all slots must be finite.
    """
    columns = program.slots.ravel()
    low, high = program.lower[columns], program.upper[columns]
    for plan in plans:
        values = plan.ravel()
        above = np.flatnonzero(values < high)
        below = np.flatnonzero(values > low)
        count, first = len(above) + len(below), len(program.cost)
        program = with_flags(program, count)
        rows = np.zeros((count + 1, len(program.cost)))
        lower, upper = np.full(count + 1, -INFINITE), np.full(count + 1, INFINITE)
        for n, j in enumerate(above):
            rows[n, columns[j]], rows[n, first + n] = 1.0, -(values[j] + 1.0 - low[j])
            lower[n] = low[j]
        for n, j in enumerate(below, start=len(above)):
            rows[n, columns[j]], rows[n, first + n] = 1.0, high[j] - values[j] + 1.0
            upper[n] = high[j]
        rows[count, first:] = 1.0
        lower[count] = 1.0
        program = with_rows(program, csr_matrix(rows), lower, upper)
    return program
