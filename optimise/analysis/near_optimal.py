"""Near-optimal plans: what all plans that cost little more than the cheapest have in common.

    minimise    +- feature(x)
    subject to  cost(x) <= (1 + share) x cost of the answer, every limit of the study

by the cuts of the search, for some features of a plan: posts in all, in the first year, by region,
and in how many years. Each end of a range is the feature of a plan that was found; the bound of its
master says what no near-optimal plan lies beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.system.features import Feature, features_of
from ...core.system.limits import MILLION
from ..master.exclusions import without_plans
from ..master.features import toward, with_feature, within_cost
from ..master.rows import with_cuts
from ..search.repair import repair
from ..search.solve import Solution
from ..search.value import Search
from ..solvers.program import Found, Program
from .equal_cost import SAME

Floats = NDArray[np.float64]
PLANS = 10
"""Plans that are kept at least, where there are so many: the ends and what is far from them."""
ROUNDS_IN_FRACTIONS, ROUNDS, NODES = 30, 60, 5000
"""Rounds of cuts at most for an end, in fractions and in whole posts, and nodes of each master."""
ROUNDS_APART, GAP_APART, DIRECTIONS = 6, 0.05, 24
"""What a plan that is only to be far away may take, and how many are looked for at most."""
IN_FRACTIONS = 1e-6
"""By how much of a limit a plan in fractions may exceed it: it only gathers cuts."""
FINE = 1e-6
"""Of a feature, or of its size where that is greater: what is less apart is the same."""


class End(NamedTuple):
    """One end of a range: the value of a plan that attains it, and what none lies beyond."""

    value: float
    bound: float  # proved; NaN where a chance limit was judged by its CVaR
    plan: int  # among the plans kept
    status: Literal["proved", "open"]


class Range(NamedTuple):
    """The least and the most of one feature over the near-optimal plans."""

    feature: Feature
    least: End
    most: End


class NearOptimal(NamedTuple):
    """What near-optimal plans have in common, and plans far from each other among them."""

    most_cost: float  # NOK
    ranges: list[Range]
    slots: list[Floats]  # the chosen plan first, then what lies the farthest from those before
    cost: list[float]  # NOK
    risk: list[Floats]  # [limit]


class _Plan(NamedTuple):
    slots: Floats
    cost: float
    risk: Floats


class _Aim(NamedTuple):
    """What is looked for: the least of a feature, its most, or a plan in some direction."""

    program: Program
    feature: Feature | None
    sign: float


def near_optimal(search: Search, solution: Solution) -> NearOptimal | None:
    """Return what plans near the cheapest have in common; None where a study does not ask.

    Under a chance limit plans are looked for by its CVaR, which is stricter: ends are attained then
    and may lie farther out.
    """
    share = search.solve.near_optimal
    if share is None:
        return None
    most = solution.cost + share * abs(solution.cost)
    chosen = _Plan(solution.slots, solution.cost, solution.risk)
    near = _Near(search, most, [chosen])
    return near.explored()


@dataclass(frozen=True, eq=False)
class _Near:
    """The plans near the cheapest: what is known of them, and how more are found."""

    search: Search
    most: float  # NOK that a plan may cost
    plans: list[_Plan]  # known, each once; the chosen one first
    _known: set[bytes] = field(default_factory=set)

    def explored(self) -> NearOptimal:
        """Return ranges and plans."""
        self._known.add(_name(self.plans[0].slots))
        for slots, _ in list(self.search.pool.seen):
            if self.search.system.is_whole(slots):
                self.keep(slots)
        features, bounds = features_of(self.search.system), list[float]()
        ends = [(feature, sign) for feature in features for sign in (1.0, -1.0)]
        for number, (feature, sign) in enumerate(ends):
            self.search.progress("near-optimal plans", number, len(ends))
            bounds.append(self._bound(feature, sign, 1.0 / (len(ends) + 1 - number)))
        if len(self._attaining(ends)) < PLANS:
            self._look_apart()
        needed = self._attaining(ends)  # of all plans known by now
        place = {n: p for p, n in enumerate(self._far_apart(needed))}
        told = [self._end(*end, bound, place) for end, bound in zip(ends, bounds, strict=True)]
        ranges = [Range(f, told[2 * n], told[2 * n + 1]) for n, f in enumerate(features)]
        plans = [self.plans[n] for n in place]
        cost, risk = [each.cost for each in plans], [each.risk for each in plans]
        return NearOptimal(self.most, ranges, [each.slots for each in plans], cost, risk)

    def keep(self, slots: Floats) -> None:
        """Keep a plan in whole posts, if it is new, costs little enough and keeps every limit."""
        search, name = self.search, _name(slots)
        if name in self._known or not search.system.keeps_limits(slots):
            return
        if search.system.prices.plan(slots) > self.room:
            return
        risk = search.pool.oracle.risk(search.system.levels(slots))
        cost = search.total_cost(slots, risk)
        if search.keeps(risk) and cost <= self.room:
            self._known.add(name)
            self.plans.append(_Plan(slots.copy(), cost, risk))

    @property
    def room(self) -> float:
        """Return what a plan may cost but for rounding, NOK: solvers keep a row no better."""
        return self.most + 4.0 * SAME * self.search.money

    def _program(self, search: Search) -> Program:
        return within_cost(search.program, (self.most + SAME * search.money) / MILLION)

    def _bound(self, feature: Feature, sign: float, share: float) -> float:
        """Return what sign x feature of no near-optimal plan lies below; plans found are kept.

        NaN where a chance limit was judged by its CVaR.
        """
        search = self.search.judged_by_tails().within(share).quietly()
        program = with_feature(self._program(search), feature, sign)
        bound = _Towards(self, search, _Aim(program, feature, sign)).bound()
        return bound if self.search.pool.convex.all() else np.nan

    def _end(self, feature: Feature, sign: float, bound: float, place: Mapping[int, int]) -> End:
        """Return one end of a range, from the bound of sign x feature."""
        plan = self._best(feature, sign)
        value = sign * feature.of(self.plans[plan].slots)
        status: Literal["proved", "open"] = "proved" if _same(value, bound) else "open"
        bound = value if status == "proved" else min(bound, value)
        return End(sign * value, sign * bound, place[plan], status)

    def _best(self, feature: Feature, sign: float) -> int:
        """Return the first of the plans known that has the least (sign 1) or most of a feature."""
        return int(np.argmin([sign * feature.of(each.slots) for each in self.plans]))

    def _attaining(self, ends: Sequence[tuple[Feature, float]]) -> set[int]:
        """Return the chosen plan and those that attain the ends."""
        return {0, *(self._best(*end) for end in ends)}

    def best(self, feature: Feature, sign: float) -> float:
        """Return the least of sign x feature over the plans known."""
        return sign * feature.of(self.plans[self._best(feature, sign)].slots)

    def _look_apart(self) -> None:
        """Look for further plans in fixed directions, until there are enough or no more.

        Plans known are kept out of the master, where all of a plan is in whole posts.
        """
        search = self.search.judged_by_tails().quietly()
        program, whole = self._program(search), bool(search.system.whole.all())
        for weight in _directions(search, DIRECTIONS):
            if len(self.plans) >= PLANS or search.clock.left <= 0:
                return
            known = [each.slots for each in self.plans] if whole else []
            aim = _Aim(toward(without_plans(program, known), weight), None, 1.0)
            if _Towards(self, search, aim).bound() == np.inf:
                return

    def _far_apart(self, needed: Set[int]) -> list[int]:
        """Return the numbers of plans to tell: the first, then always the farthest from those told.

        Distance is the number of posts by which plans differ. Plans `needed` are all among them.
        """
        order, must, count = [0], {*needed} - {0}, max(PLANS, len(needed))
        far = dict.fromkeys(range(1, len(self.plans)), np.inf)
        while far and len(order) < count:
            last = self.plans[order[-1]].slots
            far = {n: min(d, _apart(last, self.plans[n].slots)) for n, d in far.items()}
            full = count - len(order) <= len(must)
            among = {n: d for n, d in far.items() if n in must or not full}
            following = max(among, key=lambda n: (among[n], -n))
            order.append(following)
            must.discard(following)
            del far[following]
        return order


@dataclass(frozen=True, eq=False)
class _Towards:
    """The search for near-optimal plans in one direction: by cuts, like any other."""

    near: _Near
    search: Search  # chance limits judged by their tails
    aim: _Aim

    def bound(self) -> float:
        """Return what no near-optimal plan lies below, and leave the plans found with the others.

        In fractions of posts first, which gathers cuts, then in whole ones.
        """
        aim, bound = self.aim, -np.inf
        apart = aim.feature is None
        for whole in (True,) if apart else (False, True):
            most = ROUNDS_APART if apart else ROUNDS if whole else ROUNDS_IN_FRACTIONS
            for _ in range(most):
                found = self._master(whole)
                if found.status == "infeasible":  # what is known is inside by the tolerance alone
                    return np.inf
                bound = max(bound, self._tightened(found.bound))
                if np.isnan(found.objective) or self._attained(bound):
                    return bound
                more = self._learned(found.values[aim.program.slots], whole)
                if self._attained(bound) or self.search.clock.left <= 0:
                    return bound
                if not more:
                    break
        return bound

    def _master(self, whole: bool) -> Found:
        search = self.search
        program = with_cuts(self.aim.program, search.cuts, search.limits)
        nodes = min(NODES, search.solve.node_limit or NODES)
        if not whole:
            return search.answer(program, 1e-9, whole=False)
        gap = 0.0 if self.aim.feature else GAP_APART
        return search.answer(program, gap, whole=True, nodes=nodes)

    def _tightened(self, bound: float) -> float:
        """Return the bound of a master; of what counts whole posts the next whole number."""
        feature = self.aim.feature
        if feature is None or not feature.whole or not np.isfinite(bound):
            return bound
        return float(np.ceil(bound - FINE * max(1.0, abs(bound))))

    def _attained(self, bound: float) -> bool:
        """Return whether a plan known lies at the bound."""
        feature, sign = self.aim.feature, self.aim.sign
        return feature is not None and _same(self.near.best(feature, sign), bound)

    def _learned(self, plan: Floats, whole: bool) -> bool:
        """Keep a master's plan, or learn what it breaks; return whether anything was learned."""
        search, pool = self.search, self.search.pool
        if whole:
            plan = search.system.rounded(plan)
            self.near.keep(plan)
        risk, z = pool.evaluate(plan)
        slack = search.tolerance() if whole else search.tolerance(IN_FRACTIONS)
        broken = np.flatnonzero(risk > search.limits + slack).tolist()
        if search.prices and search.total_cost(plan, risk) > self.near.room:
            broken += search.prices
        if not broken or pool.stuck(plan):
            return False
        pool.learn(plan, broken, risk, z)
        if whole and (repaired := repair(search, plan)) is not None:
            self.near.keep(repaired)
        return True


def _directions(search: Search, count: int) -> Iterator[Floats]:
    """Yield weights [row, decision year]: each row in each half of the years, then at random."""
    rows, years = search.system.most_slots.shape
    halves = slice(0, (years + 1) // 2), slice((years + 1) // 2, years)
    drawn = np.random.default_rng(0)
    for n in range(count):
        weight, (row, half) = np.zeros((rows, years)), divmod(n, 2)
        if row < rows:
            weight[row, halves[half]] = -1.0
        else:
            weight = drawn.choice([-1.0, 1.0], size=(rows, years))
        yield weight


def _apart(one: Floats, other: Floats) -> float:
    """Return by how many posts two plans differ."""
    return float(np.abs(one - other).sum())


def _same(value: float, bound: float) -> bool:
    """Return whether a value is not above its bound but for rounding."""
    return value - bound <= FINE * max(1.0, abs(value))


def _name(slots: Floats) -> bytes:
    return (slots + 0.0).tobytes()
