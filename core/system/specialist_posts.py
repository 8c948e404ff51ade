"""LIS2/3 posts as a decision: which may be opened, and what they cost; prices of any family.

Their rows follow those of LIS1 in every plan: by group, then by region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..flow.trainees import Leaving
from ..study.specialist_posts import NewSpecialistPosts
from .limit import ROUNDING

Floats = NDArray[np.float64]
HAIR, NOTHING = 2.0 * ROUNDING, 1e-9
"""Of what may be closed, and in posts: fractions within a solver's tolerance still hold. And what
whole numbers are rounded by."""


@dataclass(frozen=True, eq=False)
class PostPrices:
    """What posts beside LIS1 cost, real NOK; years are those of the projection.

    LIS2/3 posts by group, or, beyond what a LIS1 post costs, earmarked ones by track.
    """

    rows: slice  # of plans
    yearly: Floats  # [group, payer, year] of one post in that year
    once: Floats  # [group, payer, year] of one post opened in that year
    discount: Floats  # [year]
    first: int  # index of the first decision year
    closing: bool = False  # whether posts may be closed, which brings back no one-off cost

    @property
    def new(self) -> Floats:
        """Return the discounted cost of one post by the year it opens, [group, year] NOK.

        Every year from then to the last projected one is paid for.
        """
        kept = self.yearly.sum(axis=1) * self.discount
        remaining = np.cumsum(kept[:, ::-1], axis=1)[:, ::-1]
        return np.asarray(remaining + self.once.sum(axis=1) * self.discount)

    def once_by_row(self, decisions: int) -> Floats:
        """Return what of it is paid once, and not saved by closing, [row, decision year] NOK."""
        return self._of_rows(self.once.sum(axis=1) * self.discount, decisions)

    def plan(self, slots: Floats) -> float:
        """Return what a plan [row, decision year] costs, discounted, NOK; those closed save."""
        own, decisions = slots[self.rows], slots.shape[1]
        cost = float((own * self.by_row(decisions)).sum())
        if self.closing:
            cost += float((np.maximum(-own, 0.0) * self.once_by_row(decisions)).sum())
        return cost

    def of(self, added: Floats) -> Floats:
        """Return the yearly cost of what is `added` [row, year] to levels given, [payer, year]."""
        groups, own = len(self.yearly), added[self.rows]
        by_group = own.reshape(groups, -1, own.shape[1]).sum(axis=1)
        opened = np.diff(by_group, axis=1, prepend=0.0)
        if self.closing:
            change = np.maximum(np.diff(own, axis=1, prepend=0.0), 0.0)
            opened = change.reshape(groups, -1, own.shape[1]).sum(axis=1)
        years = slice(0, added.shape[1])
        return np.asarray(
            (by_group[:, None] * self.yearly[..., years]).sum(axis=0)
            + (opened[:, None] * self.once[..., years]).sum(axis=0)
        )

    def by_row(self, decisions: int) -> Floats:
        """Return what one post costs, discounted, [row, decision year] NOK."""
        return self._of_rows(self.new, decisions)

    def _of_rows(self, by_group: Floats, decisions: int) -> Floats:
        """Return [group, year] as [row, decision year]."""
        of_years = by_group[:, self.first : self.first + decisions]
        return np.repeat(of_years, (self.rows.stop - self.rows.start) // len(of_years), axis=0)


def post_prices(
    section: NewSpecialistPosts,
    groups: tuple[str, ...],
    payers: tuple[str, ...],
    factor: Floats,
) -> tuple[Floats, Floats]:
    """Return yearly and one-off cost of a post, each [group, payer, year] real NOK.

    `factor` [year] is the real growth of costs since the price year.
    """
    both = np.zeros((2, len(groups), len(payers), len(factor)))
    for row in section.prices:
        whose = slice(None) if row.group is None else groups.index(row.group)
        kind = 0 if row.timing == "yearly" else 1
        both[kind, whose, payers.index(row.payer)] += row.amount_nok * factor
    return both[0], both[1]


def most_posts(
    section: NewSpecialistPosts, groups: tuple[str, ...], regions: tuple[str, ...], decisions: int
) -> Floats:
    """Return the most posts that can be opened, [row, decision year]; none in the lead time."""
    most = np.zeros((len(groups), len(regions), decisions))
    lead = 0 if section.lead_time is None else int(section.lead_time.value)
    for row in sorted(section.most, key=lambda row: row.region is not None):  # its own last
        where = slice(None) if row.region is None else regions.index(row.region)
        most[groups.index(row.group), where, lead:] = row.most
    return most.reshape(-1, decisions)


def least_posts(sure: Leaving, trainees: Floats, given: Floats, first: int, whole: bool) -> Floats:
    """Return the fewest posts that a year can open, below zero: closed, [row, year] from `first`.

    As year y begins posts may fall by the growth of those given, which then does not come, by
    those at the start who are sure to leave in the half-year before, and by the others who are:

        -least[y] = given[y] - given[y - 1] + trainees · gone[y] + others · (fewest[y - 1]
        - trainees · there[y])

    with `fewest` the posts that there are if as many were closed in every year before. So no post
    is closed that somebody holds (proof: docs/optimisation.md). Whole numbers where posts are; of
    fractions a hair less, for the rounding of solvers.

    Parameters
    ----------
    trainees : [group, region] doctors in LIS2/3 at the start
    given : [row, year] posts without any decision, by group and region
    """
    regions, start = trainees.shape[1], trainees.reshape(-1)
    gone, there = (np.repeat(each, regions, axis=0) * start[:, None] for each in sure[:2])
    others, fewest = np.repeat(sure.others, regions), given.copy()
    least = np.zeros(given.shape)
    for y in range(first, given.shape[1]):
        grown = given[:, y] - given[:, y - 1] if y > 0 else given[:, 0] - start
        room = grown + gone[:, y]
        if y > 0:
            room += others * np.maximum(fewest[:, y - 1] - there[:, y], 0.0)
        closed = np.maximum(room * (1.0 - HAIR) - HAIR, 0.0)
        if whole:
            closed = np.floor(room * (1.0 + NOTHING) + NOTHING)
        before = fewest[:, y - 1] + grown if y > 0 else given[:, 0]
        least[:, y], fewest[:, y] = 0.0 - closed, before - closed
    return least[:, first:]
