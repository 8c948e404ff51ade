"""Purchases: supervision and places bought beyond the room there is free of charge.

A plan leaves no choice of them: it needs what it needs, and buys what it lacks, up to a maximum,

    bought[c, r, y] = min(max(need[c, r, y] - free[c, r, y], 0), most[c, r, y]).

Only the premium is paid for: ordinary guidance is inside what a slot costs. Needs are met in the
years in which limits are watched, from the first decision to the end of the projection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import course
from .posts import Floats


@dataclass(frozen=True, eq=False)
class Purchases:
    """What can be bought of every capacity, and at what price. Years are all projected ones."""

    free: Floats  # [capacity, region, year] room free of charge, in the capacity's unit
    most: Floats  # [capacity, region, year] that can be bought beyond it; infinite: no maximum
    price: Floats  # [capacity, year] real NOK a unit
    discount: Floats  # [year] to the first decision year
    payer: tuple[str, ...]  # by capacity; "" where nothing can be bought
    place_need: Floats  # [capacity] need of one place busy for a year
    place_years: tuple[Floats, ...]  # by capacity, [offset] places kept busy per start a year

    @property
    def allowed(self) -> bool:
        """Return whether anything can be bought."""
        return any(self.payer)

    @property
    def wall(self) -> Floats:
        """Return what no plan may need more than, [capacity, region, year]: free and bought."""
        return self.free + self.most

    def lacking(self, level: Floats) -> Floats:
        """Return what `level` [region, year] needs beyond the free room, as `bought`."""
        both = zip(self.place_need, self.place_years, strict=True)
        need = np.array([course.need(float(one), busy, level) for one, busy in both])
        return np.asarray(np.maximum(need.reshape(self.free.shape) - self.free, 0.0))

    def bought(self, level: Floats) -> Floats:
        """Return what `level` [region, year] buys, [capacity, region, year] in their units."""
        return np.asarray(np.minimum(self.lacking(level), self.most))

    def paid(self, level: Floats) -> Floats:
        """Return what is paid for each capacity, [capacity, year] real NOK, undiscounted."""
        return np.asarray(self.bought(level).sum(axis=1) * self.price)

    def discounted(self, level: Floats) -> float:
        """Return what is paid for all, discounted, NOK."""
        return float((self.paid(level) * self.discount).sum())

    def charged_to(self, payer: str) -> Floats:
        """Return what a payer pays for a unit, [capacity, year]; `all` and `report` pay for all."""
        own = [payer in ("all", "report", name) for name in self.payer]
        return np.where(np.array(own, dtype=bool)[:, None], self.price, 0.0)

    def one_more(self, level: Floats) -> Floats:
        """Return what one start more in a single year costs in purchases, [region, year] NOK.

        To first order, discounted, at `level` [region, year]: where something is bought already.
        """
        years = level.shape[1]
        dear = np.where(self.bought(level) > 0.0, (self.price * self.discount)[:, None, :], 0.0)
        cost = np.zeros(level.shape)
        for one, busy, each in zip(self.place_need, self.place_years, dear, strict=True):
            for offset, share in enumerate(busy[:years]):
                cost[:, : years - offset] += one * share * each[:, offset:]
        return cost
