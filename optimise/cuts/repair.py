"""Repair: from a plan that nearly keeps the limits to a whole-number plan that does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.study.study import Study
from ...core.system.costs import slot_price
from ..solvers.clock import Clock
from ..system.feasible import keeps_system_limits
from .pool import CutPool

Floats = NDArray[np.float64]
STEPS = 40
TOLERANCE = 1e-9
"""Risk units by which a plan may exceed a limit: the rounding of a sum over all scenarios."""


def tolerance(limits: Floats, fine: float = TOLERANCE) -> Floats:
    """Return by how much a plan may exceed each limit, [limit]: limits in FTE are large numbers."""
    return fine * np.maximum(np.where(np.isfinite(limits), limits, 1.0), 1.0)


def round_up(slots: Floats) -> Floats:
    """Return the plan rounded up in the cumulated slots, so that no level falls below it."""
    cumulated = np.ceil(np.cumsum(slots, axis=1) - 1e-7)
    return np.diff(cumulated, axis=1, prepend=0.0)


def repair(
    study: Study, pool: CutPool, slots: Floats, limits: Floats, clock: Clock
) -> Floats | None:
    """Add slots one by one, the most relief per krone first, until every risk limit is kept.

    Returns None where no further slot fits or the steps run out.
    """
    plan = slots.copy()
    price = slot_price(study)
    if not keeps_system_limits(study, plan):
        return None
    for _ in range(STEPS):
        risk, z = pool.evaluate(plan)
        over = risk - limits  # minus infinity where only a price is asked
        worst = int(np.argmax(over))
        if over[worst] <= tolerance(limits)[worst]:
            return plan
        if clock.left <= 0:
            return None
        pool.learn(plan, [worst], risk, z)
        relief = -pool.slope(plan, worst, z) / price
        plan_with = _first_that_fits(study, plan, relief)
        if plan_with is None:
            return None
        plan = plan_with
    return None


def _first_that_fits(study: Study, plan: Floats, relief: Floats) -> Floats | None:
    for place in np.argsort(-relief, axis=None, kind="stable"):
        r, y = np.unravel_index(place, plan.shape)
        if relief[r, y] <= 0:
            return None
        trial = plan.copy()
        trial[r, y] += 1.0
        if keeps_system_limits(study, trial):
            return trial
    return None
