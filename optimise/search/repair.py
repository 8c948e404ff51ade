"""Repair: from a plan that nearly keeps the limits to a whole-number plan that does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .value import Search

Floats = NDArray[np.float64]
Place = tuple[int, int]
"""Row and decision year."""
STEPS = 40
CHEAP = 1e-6
"""Of the dearest price: what costs less is as good as free."""


def repair(search: Search, slots: Floats) -> Floats | None:
    """Change a plan step by step until every risk limit is kept; each step adds a slot or post.

    Or as many as come together: in multiples, and in all years that have one number.

    A step may also open one a year or more earlier, which costs that time of it, earmark one fewer,
    or, where LIS2/3 posts may be closed, open one here and close one there.

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
        steps = _changes(search, plan, relief, float(over[worst]))
        following = next(filter(system.keeps_limits, steps), None)
        if following is None:
            return None
        plan = following
    return None


def _changes(search: Search, plan: Floats, relief: Floats, over: float) -> Iterator[Floats]:
    """Yield the plan with one slot or post more, one elsewhere, or one earmarked post fewer.

    First the steps that relieve of all by which the risk is `over` its limit, the cheapest first;
    then the others, the most relief per krone first. One post more may cost a hundred times the way
    that is left to go; one opened a year earlier costs a year of it.
    """
    decisions, steps = search.system.decisions, list(_steps(search, plan))
    relief, price = decisions.together(relief), decisions.together(_price(search, plan))
    saved = decisions.together(search.system.prices.one_less(plan))
    more, fewer = (np.array([step[n] is not None for step in steps]) for n in (0, 1))
    own, left = (tuple(np.array([step[n] or (0, 0) for step in steps]).T) for n in (0, 1))
    gain = np.where(more, relief[own], 0.0) - np.where(fewer, relief[left], 0.0)
    paid = np.where(more, price[own], 0.0) - np.where(fewer, saved[left], 0.0)
    paid = np.maximum(paid, CHEAP * search.money)
    does = gain >= over
    order = np.lexsort((np.where(does, paid, -gain / paid), ~does))
    for n in order.tolist():
        if gain[n] <= 0.0:
            continue
        following = plan
        for place, change in zip(steps[n], (1.0, -1.0), strict=True):
            if place is not None:
                following = decisions.changed(following, place, change)
        yield following


def _steps(search: Search, plan: Floats) -> Iterator[tuple[Place | None, Place | None]]:
    """Yield where a step opens one, and where it leaves one out."""
    decisions = search.system.decisions
    decided = decisions.leads(plan.shape) & ~search.system.of_no_family[:, None]
    given = decided & (plan >= decisions.step)
    for r, y in np.argwhere(decided).tolist():
        yield (r, y), None
        for later in np.flatnonzero(given[r, y + 1 :]) + y + 1:
            yield (r, y), (r, int(later))
    yield from _swaps(search, plan)
    tracks = search.system.tracks
    if tracks is not None:
        for r, y in np.argwhere(plan[tracks.rows] >= 1.0).tolist():
            yield None, (tracks.first + r, y)


def _swaps(search: Search, plan: Floats) -> Iterator[tuple[Place, Place]]:
    """Yield where a step opens a LIS2/3 post, and where it closes another in the same year.

    So a plan changes at a constant net number of posts; without closing there is none to leave out.
    """
    system = search.system
    family, fewest = system.family("posts"), np.ceil(system.least_slots)
    if family is None or not (fewest[family.rows] < 0.0).any():
        return
    rows = range(family.rows.start, family.rows.stop)
    for y in range(plan.shape[1]):
        given = [r for r in rows if plan[r, y] > fewest[r, y]]
        taken = [r for r in rows if plan[r, y] < system.most_slots[r, y]]
        for own in taken:
            yield from (((own, y), (left, y)) for left in given if left != own)


def _price(search: Search, plan: Floats) -> Floats:
    """Return what one slot or post more costs, [row, decision year] NOK."""
    return np.maximum(search.system.prices.one_more(plan), CHEAP * search.money)
