"""A box: what uncertain figures lie between in some scenarios, and how well it tells failures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
DIGITS = 2
"""Of an end of a box, beyond the size of the spread of what it bounds."""


class Box(NamedTuple):
    """Ends of every condition, [condition], both inside; infinite where it is not restricted."""

    low: Floats
    high: Floats

    @staticmethod
    def whole(conditions: int) -> Box:
        """Return the box that holds everything."""
        return Box(np.full(conditions, -np.inf), np.full(conditions, np.inf))

    @property
    def restricted(self) -> Flags:
        """Return which conditions it restricts, [condition]."""
        return np.isfinite(self.low) | np.isfinite(self.high)

    def inside(self, values: Floats) -> Flags:
        """Return which scenarios lie in it, [realization]; `values` [realization, condition]."""
        found = np.ones(len(values), dtype=bool)
        for j in np.flatnonzero(self.restricted):
            found &= (values[:, j] >= self.low[j]) & (values[:, j] <= self.high[j])
        return found

    def without(self, condition: int) -> Box:
        """Return the box in which one condition may be anything."""
        low, high = self.low.copy(), self.high.copy()
        low[condition], high[condition] = -np.inf, np.inf
        return Box(low, high)


class Seen(NamedTuple):
    """Scenarios a plan was tried in."""

    values: Floats  # [realization, condition] what was drawn
    fails: Flags  # [realization] whether the plan fails
    weight: Floats  # [realization]

    def only(self, which: Flags) -> Seen:
        """Return some of the scenarios."""
        return Seen(self.values[which], self.fails[which], self.weight[which])

    @property
    def rate(self) -> float:
        """Return the share of the scenarios that fail, by weight."""
        whole = float(self.weight.sum())
        return float(self.weight[self.fails].sum()) / whole if whole > 0.0 else 0.0


class Quality(NamedTuple):
    """How well a box tells which scenarios fail."""

    coverage: float  # share of the failing scenarios that lie in it
    density: float  # share of the scenarios in it that fail
    mass: float  # share of all scenarios that lie in it

    @property
    def balance(self) -> float:
        """Return the harmonic mean of coverage and density: 1 where a box tells all there is."""
        both = self.coverage + self.density
        return 2.0 * self.coverage * self.density / both if both > 0.0 else 0.0


def quality_of(inside: Flags, seen: Seen) -> Quality:
    """Return the quality of the scenarios `inside` [realization] as a box."""
    failing, whole = float(seen.weight[seen.fails].sum()), float(seen.weight.sum())
    held, both = float(seen.weight[inside].sum()), float(seen.weight[inside & seen.fails].sum())
    return Quality(
        both / failing if failing > 0.0 else 0.0,
        both / held if held > 0.0 else 0.0,
        held / whole if whole > 0.0 else 0.0,
    )


def p_values(box: Box, seen: Seen) -> Floats:
    """Return the quasi-p-value of every restriction, [condition]; NaN where there is none.

    The probability that as many of the n scenarios in the box fail as do, k, if they were drawn
    from the box without the restriction, of which a share q fails (Bryant and Lempert 2010):

        P(X >= k) = I_q(k, n - k + 1),    X binomial(n, q)

    Scenarios that weigh differently count as (sum w)^2 / sum w^2.
    """
    inside, found = box.inside(seen.values), np.full(len(box.low), np.nan)
    weight = seen.weight[inside]
    if not (weight > 0.0).any():
        return np.where(box.restricted, 1.0, np.nan)
    n = float(weight.sum() ** 2 / (weight**2).sum())
    k = n * quality_of(inside, seen).density
    for j in np.flatnonzero(box.restricted):
        wider = quality_of(box.without(int(j)).inside(seen.values), seen).density
        found[j] = float(betainc(k, n - k + 1.0, wider)) if k > 0.0 else 1.0
    return found


def readable(box: Box, values: Floats) -> Box:
    """Return the box with ends rounded to what can be told: to a hundredth of the spread's size.

    An end that then holds all values is none. `values` [realization, condition].
    """
    low, high = box.low.copy(), box.high.copy()
    for j in np.flatnonzero(box.restricted):
        own = values[:, j]
        spread = float(own.max() - own.min())
        digits = DIGITS - int(np.floor(np.log10(spread))) if spread > 0.0 else DIGITS
        low[j], high[j] = np.round(low[j], digits), np.round(high[j], digits)
        low[j] = low[j] if low[j] > own.min() else -np.inf
        high[j] = high[j] if high[j] < own.max() else np.inf
    return Box(low, high)
