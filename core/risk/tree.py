"""The tree of branches: which futures a review tells apart, and which decisions they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..study.settings import Review

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
ROUNDED_BY = 0.15
"""A threshold is rounded so far that no branch has fewer than its due by such a share of it."""
STEPS = 12
"""Steps of rounding tried: 1, 2 and 5 in each power of ten, the coarsest first."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Reviews that part the futures, each branch at thresholds of its own.

    Nodes of a review count from 0, those of a branch side by side; end branches are the nodes after
    the last review. A plan of the tree has a column for each year of each node.
    """

    branches: int  # into so many each review parts
    starts: tuple[int, ...]  # [review] index of its year among the decision years
    years: int  # decision years
    thresholds: tuple[Floats, ...]  # [review] of [node before it, branches - 1]

    @property
    def ends(self) -> int:
        """Return the number of end branches."""
        return int(self.branches ** len(self.starts))

    def of(self, seen: Floats) -> Numbers:
        """Return the end branch of scenarios that reviews see so, `seen` [n, review]; [n].

        Above a threshold is the branch above it, at it the one below.
        """
        node = np.zeros(len(seen), dtype=np.int64)
        for values, thresholds in zip(seen.T, self.thresholds, strict=True):
            above = (values[:, None] > thresholds[node]).sum(axis=1)
            node = node * self.branches + above
        return node

    @cached_property
    def _layout(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return `path`, `parent` and `year`."""
        ends, bounds = self.ends, [0, *self.starts, self.years]
        path = np.empty((ends, self.years), dtype=np.int64)
        parent, year = list[int](), list[int]()
        for stage, (begin, end) in enumerate(pairwise(bounds)):
            below = ends // self.branches**stage  # end branches of a node
            for node in range(self.branches**stage):
                own = slice(node * below, (node + 1) * below)
                for y in range(begin, end):
                    parent.append(int(path[own, y - 1][0]) if y else -1)
                    path[own, y] = len(year)
                    year.append(y)
        return path, np.array(parent), np.array(year)

    @property
    def path(self) -> Numbers:
        """Return the column of each year of an end branch, [branch, decision year]."""
        return self._layout[0]

    @property
    def parent(self) -> Numbers:
        """Return the column of the year before in the same branch, [column]; -1 of the first."""
        return self._layout[1]

    @property
    def year(self) -> Numbers:
        """Return the decision year of each column, [column]."""
        return self._layout[2]

    def plans(self, slots: Floats) -> Floats:
        """Return the plan of each end branch, [branch, row, year], of `slots` [row, column]."""
        return np.asarray(np.moveaxis(slots[:, self.path], 1, 0))

    def added_up(self, by_branch: Floats) -> Floats:
        """Return slopes in the tree's columns, [row, column], of those by branch.

        `by_branch` [branch, row, decision year].
        """
        total = np.zeros((by_branch.shape[1], len(self.year)))
        for own, path in zip(by_branch, self.path, strict=True):
            total[:, path] += own  # a branch has each of its columns once
        return total

    def ranges(self) -> tuple[Floats, Floats]:
        """Return above what and up to what each review saw an end branch, [branch, review].

        Infinite where a branch has no such end.
        """
        low = np.full((self.ends, len(self.starts)), -np.inf)
        high = np.full(low.shape, np.inf)
        for r, thresholds in enumerate(self.thresholds):
            below = self.ends // self.branches ** (r + 1)
            for end in range(self.ends):
                node, branch = divmod(end // below, self.branches)
                own = thresholds[node]
                low[end, r] = own[branch - 1] if branch > 0 else -np.inf
                high[end, r] = own[branch] if branch < len(own) else np.inf
        return low, high


class Seen(NamedTuple):
    """What reviews see of some scenarios, and what these weigh."""

    values: Floats  # [realization, review]
    weight: Floats  # [realization]


def grown(review: Review, first: int, years: int, seen: Seen) -> Tree:
    """Return the tree of a study's reviews over the scenarios it is planned on.

    Parameters
    ----------
    first, years : int
        The first decision year, and how many there are.
    """
    node, found = np.zeros(len(seen.values), dtype=np.int64), list[Floats]()
    for r, values in enumerate(seen.values.T):
        if review.thresholds:
            rows = np.tile(review.thresholds[r], (review.branches**r, 1))
        else:
            rows = np.array(
                [
                    _thresholds(values[node == n], seen.weight[node == n], review.branches)
                    for n in range(review.branches**r)
                ]
            )
        found.append(rows.reshape(review.branches**r, review.branches - 1))
        node = node * review.branches + (values[:, None] > found[-1][node]).sum(axis=1)
    return parted(review, first, years, tuple(found))


def parted(review: Review, first: int, years: int, thresholds: tuple[Floats, ...]) -> Tree:
    """Return the tree of a study's reviews with thresholds [review] of [node, branches - 1]."""
    starts = tuple(year - first for year in review.years)
    return Tree(review.branches, starts, years, thresholds)


def _thresholds(values: Floats, weight: Floats, branches: int) -> Floats:
    """Return weighted quantiles that part scenarios evenly, [branches - 1], as round as may be."""
    if not weight.sum() > 0.0:
        return np.zeros(branches - 1)  # nobody comes here: who parts the scenarios sees to it
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    wanted = np.arange(1, branches) / branches
    exact = values[order][np.minimum(np.searchsorted(reached, wanted - 1e-12), len(values) - 1)]
    size = float(np.abs(exact).max(initial=0.0))
    if size == 0.0:
        return exact
    power = int(np.ceil(np.log10(size)))
    for n in range(STEPS):
        step = (1.0, 0.5, 0.2)[n % 3] * 10.0 ** (power - n // 3)
        rounded = np.array([float(f"{round(x / step) * step:.12g}") for x in exact])
        share = shares(values, weight, rounded)
        if share.min() >= (1.0 - ROUNDED_BY) / branches:
            return rounded
    return exact


def shares(values: Floats, weight: Floats, thresholds: Sequence[float] | Floats) -> Floats:
    """Return which share of all weight lies in each branch of one review, [branch]."""
    branch = (values[:, None] > np.asarray(thresholds)).sum(axis=1)
    found = np.bincount(branch, weights=weight, minlength=len(thresholds) + 1)
    return np.asarray(found / weight.sum())
