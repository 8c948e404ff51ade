"""Plans that cost the same: whether the chosen one is the only one of its cost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ..search.solve import Solution
from ..search.value import Search

Floats = NDArray[np.float64]
SAME = 1e-9
"""Of the dearest price: costs that differ by less are the same."""
LOOKED_AT = 10
"""Plans evaluated at most in search of one."""


def equally_cheap(search: Search, solution: Solution) -> Floats | None:
    """Return another plan of the same cost that keeps every limit, if one is found.

    A slot costs the same in every region, so where it stands may be the solver's choice alone: each
    slot is moved to each other region, with those that are one decision with it. Those whose risk
    slopes allow it are looked at, the most promising first. Of plans that were evaluated before,
    all are asked.
    """
    cost, same = solution.cost, SAME * search.money

    def suits(slots: Floats, risk: Floats) -> bool:
        alike = abs(search.total_cost(slots, risk) - cost) <= same
        return alike and search.system.is_whole(slots) and search.admits(slots, risk)

    for slots, risk in search.pool.seen:
        if not np.array_equal(slots, solution.slots) and suits(slots, risk):
            return slots
    for slots in islice(_promising(search, solution), LOOKED_AT):
        if suits(slots, search.pool.evaluate(slots)[0]):
            return slots
    return None


def _promising(search: Search, solution: Solution) -> Iterator[Floats]:
    """Yield the plan with one slot in another region, least excess of risk by slopes first."""
    pool, slots = search.pool, solution.slots
    risk, z = pool.evaluate(slots)
    spare = search.limits + search.tolerance() - risk
    decisions = search.system.decisions
    slopes = np.array([decisions.together(pool.slope(slots, c, z)) for c in range(len(risk))])
    regions = len(search.system.regions)
    moved = (slots[:regions] > 0) & decisions.leads(slots.shape)[:regions]
    moves = [
        (float((slopes[:, to, y] - slopes[:, r, y] - spare).max()), r, to, y)
        for r, y in np.argwhere(moved).tolist()
        for to in range(regions)
        if to != r and slots[to, y] >= 0
        if np.array_equal(decisions.columns((r, y)), decisions.columns((to, y)))
    ]
    for excess, r, to, y in sorted(moves):
        if excess > 0.0:
            return
        other = decisions.changed(decisions.changed(slots, (r, y), -1.0), (to, y), 1.0)
        if search.system.keeps_limits(other):
            yield other
