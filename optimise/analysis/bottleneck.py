"""Where the bottleneck sits: the cheapest plans that open posts of one kind alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.study.study import with_no_new_posts, with_value
from ..search.solve import find_plan
from ..search.value import Search

Floats = NDArray[np.float64]
LIS1_ALONE, SPECIALIST_ALONE = "lis1_alone", "specialist_alone"


def one_kind_alone(search: Search) -> dict[str, Floats]:
    """Return the cheapest plan that opens LIS1 posts alone, and the one of LIS2/3 posts alone.

    Each keeps every limit of the study. Nothing where a study does not decide on both; without a
    plan of a kind for which none is found: there the other needle's eye decides.
    """
    study, found = search.pool.oracle.study, dict[str, Floats]()
    if not study.decides_posts:
        return found
    closed = {
        LIS1_ALONE: with_no_new_posts(study),
        SPECIALIST_ALONE: with_value(study, "ramp.national", 0.0),
    }
    for number, (name, alone) in enumerate(closed.items()):
        search.progress("posts of one kind", number, len(closed))
        solution = find_plan(search.under(alone, search.limits).hurried())
        if np.isfinite(solution.cost):
            found[name] = solution.slots
    return found
