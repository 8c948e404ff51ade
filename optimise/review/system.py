"""The system of a plan that learns: a column for each year of each node of the tree.

The plan of an end branch is x_b = v[:, path_b], so every limit of the system stands once for each
of them, and what a column costs is what it costs in the branches that share it, by probability. A
number of posts that is to stay the same stays so until the next review, which decides it anew.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.risk.tree import Tree
from ...core.system.arrays import System
from ...core.system.costs import Prices
from ...core.system.plan_form import ConstantAfter, Decisions

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class TreePrices(Prices):
    """What plans of a tree cost: the mean over its end branches."""

    own: Prices  # of a single plan
    tree: Tree
    probability: Floats  # [branch]

    def plan(self, slots: Floats) -> float:
        """Return the expected discounted cost of `slots` [row, column], NOK."""
        cost = np.array([self.own.plan(one) for one in self.tree.plans(slots)])
        return float((self.probability * cost).sum())

    def one_more(self, slots: Floats) -> Floats:
        """Return what one slot or post more costs to first order, [row, column] NOK."""
        more = np.stack([self.own.one_more(one) for one in self.tree.plans(slots)])
        return self._expected(more)

    def one_less(self, slots: Floats) -> Floats:
        """Return what one slot or post fewer saves to first order, [row, column] NOK."""
        less = np.stack([self.own.one_less(one) for one in self.tree.plans(slots)])
        return self._expected(less)

    def dearest(self, most_slots: Floats) -> float:
        """Return the size of the dearest slot, or post that can be opened, NOK."""
        return self.own.dearest(self.tree.plans(most_slots)[0])

    def _expected(self, by_branch: Floats) -> Floats:
        return self.tree.added_up(self.probability[:, None, None] * by_branch)


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeSystem(System):
    """All that is certain of a plan of the tree, whose arrays of decisions are [row, column].

    Levels are those of all end branches below each other, [branch and row, year].
    """

    own: System  # of the plan of an end branch
    tree: Tree

    @property
    def decisions(self) -> Decisions:
        """Return the numbers of which a plan consists: runs of each node that shares its years."""
        return self.own.decisions.along(self.tree.path)

    def levels(self, slots: Floats) -> Floats:
        """Return `level` [branch and row, year] from new slots [row, column]."""
        return np.concatenate([self.own.levels(one) for one in self.tree.plans(slots)])

    def cumulated(self, slots: Floats) -> Floats:
        """Return what a plan has opened by each year of each node, [row, column]."""
        total = slots.copy()
        for column, before in enumerate(self.tree.parent):  # parents stand before their children
            if before >= 0:
                total[:, column] += total[:, before]
        return total

    def yearly(self, cumulated: Floats) -> Floats:
        """Return the plan of which `cumulated` [row, column] is opened by each year."""
        parent = self.tree.parent
        return cumulated - np.where(parent >= 0, cumulated[:, parent], 0.0)

    def keeps_limits(self, slots: Floats) -> bool:
        """Return whether the plan of every end branch keeps every limit of the system."""
        return all(self.own.keeps_limits(one) for one in self.tree.plans(slots))

    def bounded(self, slots: Floats) -> bool:
        """Return whether cuts bound the risk of `slots`, and may be learned there."""
        return all(self.own.bounded(one) for one in self.tree.plans(slots))

    def keeps_capacity(self, slots: Floats) -> bool:
        """Return whether every end branch keeps supervision and places everywhere."""
        return all(self.own.keeps_capacity(one) for one in self.tree.plans(slots))


def branch_system(system: System, tree: Tree) -> System:
    """Return the system of the plan of an end branch: reviews begin runs of one number anew."""
    if not system.of_kind(ConstantAfter):
        return system
    limits = (
        limit.restarted(tree.starts) if isinstance(limit, ConstantAfter) else limit
        for limit in system.limits
    )
    return replace(system, limits=tuple(limits))


def tree_system(system: System, tree: Tree, probability: Floats) -> TreeSystem:
    """Return the system of a tree's plans, of `probability` [branch], from that of a branch."""
    prices = system.prices
    by_node = TreePrices(**_fields(prices), own=prices, tree=tree, probability=probability)
    told = _fields(system) | {
        "most_slots": system.most_slots[:, tree.year],
        "least_slots": system.least_slots[:, tree.year],
        "prices": by_node,
    }
    return TreeSystem(**told, own=system, tree=tree)


def _fields(value: System | Prices) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}
