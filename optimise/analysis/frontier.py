"""The frontier: what a stricter or laxer risk limit costs, all risk limits moved alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.study.tails import cvar
from ..cuts.pool import CutPool
from ..search.solve import Solution, find_plan
from ..search.value import Search

Floats = NDArray[np.float64]
TIGHTEST, LOOSEST = 0.12, 0.90
SECOND_CONFIDENCE = 0.9


class Point(NamedTuple):
    """One point: the limits, their cheapest plan, and its risk on the axis at two confidences."""

    limits: Floats
    solution: Solution
    risk: float
    risk_90: float


def fraction_of(limits: Floats, floors: Floats, ceilings: Floats) -> Floats:
    """Return where each limit lies in its attainable interval: 0 at the floor, 1 at the ceiling."""
    return (limits - floors) / np.maximum(ceilings - floors, 1e-12)


def trace(
    search: Search, floors: Floats, ceilings: Floats, known: Solution | None = None
) -> list[Point]:
    """Return the frontier, tightest limit first; the search's own limits are one of its points.

    The answer there is the one `known`, if it is. Each limit on shortage moves by the same share of
    its own attainable interval; where there are only prices, the plan alone. Limits on supervision
    stay.
    """
    own, study = search.limits, search.pool.oracle.study
    width = np.where(study.on_shortage, ceilings - floors, 0.0)
    axis, here, fractions = study.frontier_axis, 0.0, {0.0}
    if axis is not None:
        here = float(fraction_of(own, floors, ceilings)[axis])
        fractions = set(np.linspace(TIGHTEST, LOOSEST, search.solve.frontier_points - 1)) | {here}
    points = []
    for number, fraction in enumerate(sorted(fractions), start=1):
        fair = search.among(len(fractions) + 1 - number)
        limits = np.where(width > 0.0, np.maximum(own + (fraction - here) * width, 0.0), own)
        # a lax limit asks for few posts, and one of them costs more than the gap: no chart shows it
        hurried = search.system.decides("posts") and fraction != here
        point = fair.hurried() if hurried else fair.quietly()
        if known is None or fraction != here:
            solution = find_plan(point.with_limits(limits))
        else:
            solution = known
        points.append(_point(search.pool, axis or 0, limits, solution))
        search.progress("frontier", number, len(fractions))
    return points


def _point(pool: CutPool, axis: int, limits: Floats, solution: Solution) -> Point:
    if np.isnan(solution.cost):
        return Point(limits, solution, np.nan, np.nan)
    z = pool.oracle.shortfall(pool.system.levels(solution.slots))
    high = cvar(z[axis], SECOND_CONFIDENCE, pool.oracle.weight)
    return Point(limits, solution, float(pool.oracle.risk_of(z)[axis]), high)
