"""Repair: from a plan that nearly keeps the limits to a whole-number plan that does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .value import Search

Floats = NDArray[np.float64]
STEPS = 40
CHEAP = 1e-6
"""Of the dearest price: what costs less is as good as free."""


def repair(search: Search, slots: Floats) -> Floats | None:
    """Change a plan step by step until every risk limit is kept; each step adds a slot or post.

    Where LIS2/3 posts are decided a step may also open one a year or more earlier.

    Returns None where no further step fits or the steps run out.
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
        relief = -pool.slope(plan, worst, z)
        if len(system.families) == 1:
            steps = _more(search, plan, relief)
        else:
            steps = _more_or_earlier(search, plan, relief, float(over[worst]))
        following = next(filter(system.keeps_limits, steps), None)
        if following is None:
            return None
        plan = following
    return None


def _more(search: Search, plan: Floats, relief: Floats) -> Iterator[Floats]:
    """Yield the plan with one slot more, the most relief per krone first.

    Parameters
    ----------
    relief : of one slot more, to first order, [row, decision year] units of risk
    """
    worth = relief / _price(search, plan)
    for place in np.argsort(-worth, axis=None, kind="stable"):
        row, year = np.unravel_index(place, plan.shape)
        if worth[row, year] <= 0:
            return
        following = plan.copy()
        following[row, year] += 1.0
        yield following


def _more_or_earlier(search: Search, plan: Floats, relief: Floats, over: float) -> Iterator[Floats]:
    """Yield the plan with one slot or post more, or one opened earlier.

    First the steps that relieve of all by which the risk is `over` its limit, the cheapest first;
    then the others, the most relief per krone first. One post more may cost a hundred times the way
    that is left to go; one opened a year earlier costs a year of it.
    """
    price = _price(search, plan)
    rows, years = plan.shape
    steps = [
        (r, y, later)
        for r in range(rows)
        for y in range(years)
        for later in (None, *(np.flatnonzero(plan[r, y + 1 :] >= 1.0) + y + 1))
    ]
    back = [(r, y if later is None else later) for r, y, later in steps]
    moved = np.array([later is not None for _, _, later in steps])
    own = tuple(np.array([(r, y) for r, y, _ in steps]).T)
    left = tuple(np.array(back).T)
    gain = relief[own] - np.where(moved, relief[left], 0.0)
    paid = np.maximum(price[own] - np.where(moved, price[left], 0.0), CHEAP * search.money)
    does = gain >= over
    order = np.lexsort((np.where(does, paid, -gain / paid), ~does))
    for n in order.tolist():
        if gain[n] <= 0.0:
            continue
        r, y, later = steps[n]
        following = plan.copy()
        following[r, y] += 1.0
        if later is not None:
            following[r, later] -= 1.0
        yield following


def _price(search: Search, plan: Floats) -> Floats:
    """Return what one slot or post more costs, [row, decision year] NOK."""
    return np.maximum(search.system.prices.one_more(plan), CHEAP * search.money)
