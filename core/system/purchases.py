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
from .measure_columns import Widening
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
    post_need: Floats  # [capacity] need of one LIS2/3 post for a year
    stated_posts: Floats  # [region, year] LIS2/3 posts without any decision
    post_rows: slice | None  # of levels: LIS2/3 posts by group and region; None: as stated
    widening: Widening | None = None  # by units of measures, where a search decides on them

    @property
    def allowed(self) -> bool:
        """Return whether anything can be bought."""
        return any(self.payer)

    @property
    def wall(self) -> Floats:
        """Return what no plan may need more than, [capacity, region, year]: free and bought."""
        return self.free + self.most

    def lacking(self, level: Floats) -> Floats:
        """Return what `level` [row, year] needs beyond the free room, as `bought`."""
        return np.asarray(np.maximum(self.needed(level) - self.free_under(level), 0.0))

    def free_under(self, level: Floats) -> Floats:
        """Return the room free of charge with what measures add, as `free`."""
        if self.widening is None or len(level) <= self.widening.first:
            return self.free
        return self.free + self.widening.under(level)

    def needed(self, level: Floats) -> Floats:
        """Return what posts on offer need, [capacity, region, year]; `level` [row, year].

        need[c, r, y] = need of its LIS1 places + post_need[c] · LIS2/3 posts[r, y]
        """
        both, lis1 = zip(self.place_need, self.place_years, strict=True), level[: self.regions]
        need = np.array([course.need(float(one), busy, lis1) for one, busy in both])
        need = need.reshape(self.free.shape)
        if self.post_need.any():
            need += self.posts_needed(level)
        return need

    def posts_needed(self, level: Floats) -> Floats:
        """Return what of that LIS2/3 posts need, [capacity, region, year]."""
        posts = self.stated_posts
        if self.post_rows is not None and len(level) > self.regions:
            by_group = level[self.post_rows].reshape(-1, self.regions, level.shape[1])
            posts = by_group.sum(axis=0)
        return self.post_need[:, None, None] * posts

    @property
    def regions(self) -> int:
        """Return how many regions there are: the first rows of levels."""
        return int(self.free.shape[1])

    def bought(self, level: Floats) -> Floats:
        """Return what `level` [row, year] buys, [capacity, region, year] in their units."""
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

        To first order, discounted, at `level` [row, year]: where something is bought already.
        """
        years, dear = level.shape[1], self._dear(level)
        cost = np.zeros((self.regions, years))
        for one, busy, each in zip(self.place_need, self.place_years, dear, strict=True):
            for offset, share in enumerate(busy[:years]):
                cost[:, : years - offset] += one * share * each[:, offset:]
        return cost

    def one_post_more(self, level: Floats) -> Floats:
        """Return what one LIS2/3 post more in a single year costs in purchases, likewise."""
        return np.asarray((self.post_need[:, None, None] * self._dear(level)).sum(axis=0))

    def _dear(self, level: Floats) -> Floats:
        """Return the discounted price of a unit where something is bought, as `bought`."""
        price = (self.price * self.discount)[:, None, :]
        return np.where(self.bought(level) > 0.0, price, 0.0)
