"""The risk limits whole slots can meet: their least relaxation together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.study import Study
from .clock import Clock
from .cuts import CutPool
from .elastic import risk_groups
from .ways_out import MARGIN, way_out

Floats = NDArray[np.float64]


def least_relaxation(study: Study, pool: CutPool, limits: Floats, clock: Clock) -> Floats:
    """Return limits that whole slots can meet with the least total relative relaxation, [limit].

    They are the risks of a plan found, a hair above, so under exactly these limits there is a plan.
    Without one (the system's limits contradict, or the clock ran out) the limits are returned.
    """
    way = way_out(study, pool, limits, risk_groups(study), clock)
    least = limits.copy()
    for group, _, amounts in way.reliefs:
        least[list(study.risk).index(group.name)] += amounts[0] * MARGIN
    return least
