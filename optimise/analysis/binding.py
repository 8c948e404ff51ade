"""Which limits on risk bind: what a plan with one slot less somewhere would break."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..search.solve import Solution
from ..search.value import Search

Floats = NDArray[np.float64]


def binding_risks(search: Search, solution: Solution) -> list[bool]:
    """Return for each limit on risk whether the plan with one slot less somewhere would break it.

    Slopes show it where they do; they are those to one side. At a kink, as where a plan leaves no
    shortage at all, the slope to the other side is what counts: then the plan with one slot less is
    looked at. Of a region that is the slot opened first, without which every later level is lower,
    too. A limit on supervision binds where one slot more or less, to first order, breaks it.
    """
    pool, slots = search.pool, solution.slots
    risk, z = pool.evaluate(slots)
    one_less = list(_without_first_slots(slots))
    found = []
    for c, on_shortage in enumerate(pool.on_shortage):
        slope, most = pool.slope(slots, c, z), float(search.limits[c] + search.tolerance()[c])
        relief = -slope[slots > 0] if on_shortage else np.abs(slope)
        breaks = bool(relief.size and risk[c] + relief.max() > most)
        if on_shortage and not breaks and np.isfinite(most):
            breaks = any(pool.evaluate(each)[0][c] > most for each in one_less)
        found.append(breaks)
    return found


def _without_first_slots(slots: Floats) -> Iterator[Floats]:
    """Yield the plan without the first slot of each region that opens any."""
    for r in np.flatnonzero((slots > 0).any(axis=1)):
        less = slots.copy()
        first = np.flatnonzero(slots[r] > 0)[0]
        less[r, first] = max(less[r, first] - 1.0, 0.0)  # of fractions there may be less than one
        yield less
