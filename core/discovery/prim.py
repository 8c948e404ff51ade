"""The patient rule induction method: boxes by peeling and pasting (Friedman and Fisher 1999).

From the box of everything, at each step a small share of the scenarios is peeled off at one end of
one condition: where the density of failures in what is left rises most for what is given up. Of the
boxes on the way the one that balances coverage and density is taken, and pasted back at ends where
that raises its density. There is a library (PRIM, from which sdtoolkit's and the workbench's stem),
under a licence that does not fit this project's, and a workbench that brings fifty packages along;
the method is these few lines.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .box import Box, Flags, Floats, Seen, quality_of

Order = NDArray[np.int64]
PEELED, PASTED = 0.05, 0.02
"""Share of the scenarios in a box that is peeled off, or pasted to it, at once."""
LEAST_MASS = 0.02
"""Share of the scenarios that a box holds at least."""
PASTES = 50


def peel(seen: Seen) -> Box:
    """Return the box with the best balance of coverage and density on the way of peeling."""
    best = box = Box.whole(seen.values.shape[1])
    inside, most = np.ones(len(seen.fails), dtype=bool), quality_of(box.inside(seen.values), seen)
    order = np.argsort(seen.values, axis=0, kind="stable")
    while True:
        step = _best_step(seen, order, box, inside)
        if step is None:
            return paste(best, seen, order)
        box, inside = step
        found = quality_of(inside, seen)
        if found.balance > most.balance:
            best, most = box, found


def _best_step(seen: Seen, order: Order, box: Box, inside: Flags) -> tuple[Box, Flags] | None:
    """Return the box after the peel that gains most density per share given up; None at the end."""
    now, found, most = quality_of(inside, seen), None, 0.0
    for j, low, high in _peels(seen, order, inside):
        own = seen.values[:, j]
        left = inside & (own >= low) & (own <= high)
        then = quality_of(left, seen)
        if then.mass < LEAST_MASS or then.mass >= now.mass:
            continue
        gain = (then.density - now.density) * now.mass / (now.mass - then.mass)
        if gain > most:
            found, most = (j, low, high, left), gain
    if found is None:
        return None
    j, low, high, left = found
    return _narrowed(box, j, low, high), left


def _peels(seen: Seen, order: Order, inside: Flags) -> Iterator[tuple[int, float, float]]:
    """Yield condition and both ends after each peel; equal values go or stay together."""
    for j in range(order.shape[1]):
        own = order[:, j][inside[order[:, j]]]
        values, weight = seen.values[own, j], np.cumsum(seen.weight[own])
        cut = PEELED * weight[-1]
        first = int(np.searchsorted(weight, cut, side="left"))
        last = int(np.searchsorted(weight, weight[-1] - cut, side="left"))
        above = int(np.searchsorted(values, values[first], side="right"))
        below = int(np.searchsorted(values, values[last], side="left")) - 1
        if above < len(values):
            yield j, float(values[above]), np.inf
        if below >= 0:
            yield j, -np.inf, float(values[below])


def _narrowed(box: Box, condition: int, low: float, high: float) -> Box:
    narrow = Box(box.low.copy(), box.high.copy())
    narrow.low[condition] = max(narrow.low[condition], low)
    narrow.high[condition] = min(narrow.high[condition], high)
    return narrow


def paste(box: Box, seen: Seen, order: Order) -> Box:
    """Return the box with a little more at its ends, as long as its density rises."""
    for _ in range(PASTES):
        most, following = quality_of(box.inside(seen.values), seen).density, None
        for wider in _pastes(box, seen, order):
            density = quality_of(wider.inside(seen.values), seen).density
            if density > most:
                most, following = density, wider
        if following is None:
            return box
        box = following
    return box


def _pastes(box: Box, seen: Seen, order: Order) -> Iterator[Box]:
    """Yield the box with the scenarios next to one of its ends, so many as a share of its own."""
    held = box.inside(seen.values)
    more = PASTED * float(seen.weight[held].sum())
    for j in np.flatnonzero(box.restricted).tolist():
        beside = box.without(j).inside(seen.values) & ~held
        own = order[:, j][beside[order[:, j]]]
        values, weight = seen.values[own, j], seen.weight[own]
        above = values > box.high[j]
        for outside, end in ((~above, "low"), (above, "high")):
            if not outside.any():
                continue
            near, heavy = values[outside], weight[outside]
            if end == "low":
                near, heavy = near[::-1], heavy[::-1]
            last = min(int(np.searchsorted(np.cumsum(heavy), more)), len(near) - 1)
            wider = Box(box.low.copy(), box.high.copy())
            getattr(wider, end)[j] = near[last]
            yield wider


def trimmed(box: Box, seen: Seen) -> Floats:
    """Return by how much the balance of a box falls without each restriction, [condition]."""
    found = np.full(len(box.low), np.nan)
    most = quality_of(box.inside(seen.values), seen).balance
    for j in np.flatnonzero(box.restricted).tolist():
        found[j] = most - quality_of(box.without(j).inside(seen.values), seen).balance
    return found
