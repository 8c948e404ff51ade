"""Repair: from a plan that nearly keeps the limits to a whole-number plan that does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.system.arrays import System
from .value import Search

Floats = NDArray[np.float64]
STEPS = 40
CHEAP = 1e-6
"""Of the dearest price: what costs less is as good as free."""


def repair(search: Search, slots: Floats) -> Floats | None:
    """Add slots one by one, the most relief per krone first, until every risk limit is kept.

    Returns None where no further slot fits or the steps run out.
    """
    plan, system, pool = slots.copy(), search.system, search.pool
    if not system.keeps_limits(plan):
        return None
    for _ in range(STEPS):
        risk, z = pool.evaluate(plan)
        over = risk - search.limits  # minus infinity where only a price is asked
        worst = int(np.argmax(over))
        if over[worst] <= search.tolerance()[worst]:
            return plan
        if search.clock.left <= 0:
            return None
        pool.learn(plan, [worst], risk, z)
        price = np.maximum(system.prices.one_more(plan), CHEAP * search.money)
        relief = -pool.slope(plan, worst, z) / price
        plan_with = _first_that_fits(system, plan, relief)
        if plan_with is None:
            return None
        plan = plan_with
    return None


def _first_that_fits(system: System, plan: Floats, relief: Floats) -> Floats | None:
    for place in np.argsort(-relief, axis=None, kind="stable"):
        r, y = np.unravel_index(place, plan.shape)
        if relief[r, y] <= 0:
            return None
        trial = plan.copy()
        trial[r, y] += 1.0
        if system.keeps_limits(trial):
            return trial
    return None
