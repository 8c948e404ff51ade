"""Risk of a plan that learns: every scenario under its own branch's plan, all judged together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...core.risk.lanes import Bound
from ...core.risk.oracle import ByLimit, Oracle
from ...core.risk.tree import Numbers, Tree
from ...core.study.risk_limit import RiskLimit
from ..cuts.certificate import Certificate
from ..cuts.pool import CutPool, per_slot
from .system import TreeSystem

Floats = NDArray[np.float64]


class TreeOracle(Oracle):
    """The scenarios of an oracle by end branch.

    Its limits are the study's, over all scenarios together; then those inside branches, each once
    for every end branch.
    """

    def __init__(
        self, whole: Oracle, tree: Tree, branch: Numbers, inside: dict[str, float]
    ) -> None:
        super().__init__(whole.study, whole.scenarios, whole.held, whole.raw_weight)
        self.numbers = [np.flatnonzero(branch == end) for end in range(tree.ends)]
        self.parts = [whole.only(numbers) for numbers in self.numbers]
        places, own = list(whole.study.risk), list(whole.limits)
        each = [(places.index(name), most) for name, most in inside.items()]
        self.of: list[tuple[int, int | None]] = [(c, None) for c in range(len(own))]
        self.of += [(c, end) for c, _ in each for end in range(tree.ends)]
        more = [own[c].model_copy(update={"limit": most}) for c, most in each for _ in self.parts]
        self.limits: tuple[RiskLimit, ...] = (*own, *more)

    def shortfall(self, level: Floats) -> Floats:
        """Return Z, [limit, realization]; `level` [branch and row, year]."""
        z = np.empty((len(self.study.risk), self.scenarios))
        for numbers, part, own in zip(self.numbers, self.parts, self._levels(level), strict=True):
            z[:, numbers] = part.shortfall(own)
        return z[[c for c, _ in self.of]]

    def shortfall_by(self, level: Floats, limits: Sequence[int]) -> Floats:
        """Return Z of some limits, [limit asked, realization]."""
        return self.shortfall(level)[list(limits)]

    def risk_of_one(self, limit: int, z: Floats) -> float:
        """Return the risk of one limit for its own Z [realization]: in all, or inside a branch."""
        _, end = self.of[limit]
        numbers = slice(None) if end is None else self.numbers[end]
        weight = None if self.weight is None else self.weight[numbers]
        return float(self.limits[limit].risk_rule.risk(z[numbers], weight))

    def bound(self, level: Floats, limit: int, z: Floats) -> Bound:
        """Return what a plan teaches about one limit; `z` [realization], slope as `level`."""
        c, end = self.of[limit]
        numbers = slice(None) if end is None else self.numbers[end]
        weight = None if self.weight is None else self.weight[numbers]
        share = np.zeros(self.scenarios)
        share[numbers] = self.limits[limit].risk_rule.weights(z[numbers], weight)
        slopes, drop = np.zeros((len(self.parts), *self._levels(level).shape[1:])), 0.0
        for b, (own, part) in enumerate(zip(self._levels(level), self.parts, strict=True)):
            counted = share[self.numbers[b]]
            if counted.any():
                ((slopes[b], lower),) = part.bounds_by(own, [c], [counted])
                drop += lower
        return Bound(slopes.reshape(level.shape), drop)

    def bounds(self, level: Floats, limits: Sequence[int], z: ByLimit[Floats]) -> list[Bound]:
        """Return the same of several limits; `z` [realization] by limit."""
        return [self.bound(level, limit, z[limit]) for limit in limits]

    def _levels(self, level: Floats) -> Floats:
        """Return levels by end branch, [branch, row, year]."""
        return level.reshape(len(self.parts), -1, level.shape[1])


class TreePool(CutPool):
    """Cuts in the columns of a tree."""

    def __init__(self, oracle: TreeOracle, system: TreeSystem, certificate: Certificate) -> None:
        self._system = system
        super().__init__(oracle, certificate)

    @cached_property
    def system(self) -> TreeSystem:
        """Return what is certain of plans of the tree."""
        return self._system

    @property
    def convex(self) -> NDArray[np.bool_]:
        """Return which limits on risk have a convex rule, bounded by cuts, [limit]."""
        return np.array([limit.risk_rule.convex for limit in self.risk])

    def _in_slots(self, by_level: Floats, slots: Floats) -> Floats:  # noqa: ARG002 - of the tree
        """Return slopes in the tree's columns, [row, column], from those in levels [row, year]."""
        system, tree = self._system, self._system.tree
        by_branch = per_slot(by_level.reshape(tree.ends, -1, by_level.shape[1]))
        return tree.added_up(by_branch[:, :, system.first : system.first + tree.years])
