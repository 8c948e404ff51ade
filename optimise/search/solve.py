"""Solving: the plan that keeps every rule, by cuts; chance limits by branch and cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.study.study import Study
from ..cuts.pool import CutPool
from ..solvers.clock import Clock
from .chance import find_chance_plan
from .convex import Solution, find_convex_plan

__all__ = ["Solution", "find_plan"]
Floats = NDArray[np.float64]


def find_plan(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, progress: Progress = silent
) -> Solution:
    """Find the cheapest plan whose risks stay within `limits` [limit]; a price has none (infinite).

    CVaR, mean, worst case and price are convex: cuts alone are exact. Chance limits are not. The
    study may differ from the pool's in the limits of the system, or in how long to search.
    """
    pool = pool.under(study)
    by_rule = find_convex_plan
    if not study.convex.all():
        by_rule = find_chance_plan
    found = by_rule(study, pool, limits, clock, progress)
    return found._replace(certified=pool.certified)
