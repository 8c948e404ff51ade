"""Which limits on risk bind: what a plan with one slot less somewhere would break."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...core.system.plan_form import Decisions
from ..search.solve import Solution
from ..search.value import Search

Floats = NDArray[np.float64]


def binding_risks(search: Search, solution: Solution) -> list[bool]:
    """Return for each limit on risk whether the plan with one slot less somewhere would break it.

    Slopes show it where they do; they are those to one side. At a kink, as where a plan leaves no
    shortage at all, the slope to the other side is what counts: then the plan with one slot less is
    looked at. Of a region that is the slot opened first, without which every later level is lower,
    too. A limit on supervision binds where one slot more or less, to first order, breaks it. Slots
    that are one decision go together.
    """
    pool, slots, decisions = search.pool, solution.slots, search.system.decisions
    risk, z = pool.evaluate(slots)
    one_less = list(_without_first_slots(slots, decisions))
    found = []
    for c, on_shortage in enumerate(pool.on_shortage):
        slope = decisions.together(pool.slope(slots, c, z))
        most = float(search.limits[c] + search.tolerance()[c])
        relief = -slope[slots > 0] if on_shortage else np.abs(slope)
        breaks = bool(relief.size and risk[c] + relief.max() > most)
        if on_shortage and not breaks and np.isfinite(most):
            breaks = any(pool.evaluate(each)[0][c] > most for each in one_less)
        found.append(breaks)
    return found


def _without_first_slots(slots: Floats, decisions: Decisions) -> Iterator[Floats]:
    """Yield the plan without the first slot of each region that opens any."""
    for r in np.flatnonzero((slots > 0).any(axis=1)):
        first = int(np.flatnonzero(slots[r] > 0)[0])
        less = decisions.changed(slots, (int(r), first), -1.0)
        yield np.where(slots > 0.0, np.maximum(less, 0.0), less)  # fractions may be less than one
