"""Choosing measures: the cheapest of slots and measures together, with proof over all portfolios.

What is linear in its units is decided by columns of the master; the rest is all or nothing. Each
set of the rest, a portfolio, is a study of its own, with its own scenarios. Its cost and the bound
of its relaxation say whether it can be the cheapest at all: most are never solved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.compute.workers import Workers
from ...core.flow.projection import Request
from ...core.risk.oracle import prepare
from ...core.study.measures.choice import Known, portfolios
from ...core.system.arrays import System, system_of
from ...core.system.costs import whole_prices
from ...core.system.families import MEASURES
from ...core.system.limits import MILLION
from ..cuts.pool import Cut, CutPool
from ..search.convex import BEFORE_WHOLE_SLOTS, Solution, relaxed_plan
from ..search.solve import find_plan
from ..search.value import Search
from ..solvers.clock import Clock
from ..system.feasible import overfull

Floats = NDArray[np.float64]
Use = dict[str, dict[str, float]]
"""Measure -> year -> units in use from then on."""


@dataclass(frozen=True)
class Portfolio:
    """Measures all or nothing, what is known of the cheapest plan with them; NOK, discounted.

    Costs are those of the slots and of all measures left to the optimiser.
    """

    names: tuple[str, ...]
    paid: float  # for the measures that are all or nothing
    bound: float  # no plan with them is cheaper
    known: Known = "untried"
    cost: float = np.nan
    slots: Floats | None = None  # [row, decision year] without the units of columns
    risk: Floats | None = None  # [limit] of that plan
    use: Use = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()


class Choice(NamedTuple):
    """The cheapest portfolio, and what is known of all; NOK, discounted."""

    best: Portfolio | None  # None: no plan was found with any
    portfolios: list[Portfolio]
    bound: float  # no plan with any of them is cheaper
    stopped: bool  # whether something ended it before the proof: time, or cuts that were clipped

    @property
    def gap(self) -> float:
        """Return (cost − bound) / |cost|."""
        if self.best is None or self.best.cost == self.bound:
            return 0.0
        return (self.best.cost - self.bound) / abs(self.best.cost) if self.best.cost else np.inf


def choose(asked: Request, workers: Workers, clock: Clock, progress: Progress = silent) -> Choice:
    """Return which of a study's measures left open to use, and how much of them, from when on.

    `asked` names the study as it was written, with measures to choose, and the sample; its plans
    are not used.
    """
    task = _Task(asked, workers, clock, progress)
    known = sorted(task.priced(), key=lambda each: each.bound)
    for n, each in enumerate(known):
        progress("portfolios", n, len(known))
        if not task.hopeless(each, known):
            known[n] = task.bounded(each)
    while True:
        order = sorted(range(len(known)), key=lambda n: known[n].bound)
        left = [n for n in order if known[n].known in ("untried", "bounded")]
        if not left or task.hopeless(known[left[0]], known) or clock.left <= 0:
            break
        known[left[0]] = task.solved(known[left[0]])
        solved = sum(each.known in ("solved", "open") for each in known)
        progress("portfolios solved", solved, len(known))
    best = _cheapest(known)
    bound = min([each.bound for each in known], default=np.inf)
    reached = best is not None and best.cost - bound <= task.gap * abs(best.cost)
    stopped = not reached and any(each.known in ("untried", "bounded", "open") for each in known)
    return Choice(best, known, min(bound, np.inf if best is None else best.cost), stopped)


def _cheapest(known: list[Portfolio]) -> Portfolio | None:
    found = [each for each in known if not np.isnan(each.cost)]
    return min(found, key=lambda each: each.cost, default=None)


@dataclass(frozen=True)
class _Task:
    """What is asked, where it is worked out, and until when."""

    asked: Request
    workers: Workers
    clock: Clock
    progress: Progress

    @property
    def gap(self) -> float:
        """Return the relative gap asked for."""
        return self.asked.study.solve.relative_gap

    def priced(self) -> Iterator[Portfolio]:
        """Yield every portfolio with what it costs at least."""
        study = self.asked.study
        price = whole_prices(study)
        for names in portfolios(study):
            paid = sum(price[name] for name in names if name in price)
            try:
                asked = study.asking(*names)
            except ValueError:  # a payer without the money, or a share beyond 1
                yield Portfolio(names, paid, np.inf, "refused")
                continue
            system = system_of(asked)
            if overfull(system):
                yield Portfolio(names, paid, np.inf, "no plan")
            else:
                yield Portfolio(names, paid, paid + _least_cost(system))

    def hopeless(self, each: Portfolio, known: list[Portfolio]) -> bool:
        """Return whether a portfolio cannot be cheaper than one found, but within the gap."""
        best = _cheapest(known)
        if each.known in ("refused", "no plan"):
            return True
        return best is not None and each.bound >= best.cost - self.gap * abs(best.cost)

    def search(self, each: Portfolio) -> Search:
        """Return the search within a portfolio, with the cuts known of it."""
        study = self.asked.study.asking(*each.names)
        oracle = prepare(study, self.asked.sample, self.workers, self.progress)
        pool = CutPool(oracle)
        pool.cuts.extend(each.cuts)
        return Search.of(pool, self.clock, checkpoint=self.workers.checkpoint)

    def bounded(self, each: Portfolio) -> Portfolio:
        """Return the portfolio with the bound of its relaxation, and its plan rounded up."""
        if self.clock.left <= 0:
            return each
        search = self.search(each)
        if not search.pool.convex.all():  # there is no relaxation of chance limits
            return self._with_plan(each, search, find_plan(search))
        relaxed, _ = relaxed_plan(search, BEFORE_WHOLE_SLOTS)
        if relaxed.status == "infeasible":
            return replace(each, bound=np.inf, known="no plan")
        bound = max(each.bound, each.paid + relaxed.bound * MILLION)
        if np.isnan(relaxed.objective):
            return replace(each, bound=bound)
        found = replace(each, bound=bound, known="bounded", cuts=tuple(search.pool.cuts))
        return self._better(found, search, search.system.rounded_up(relaxed.slots))

    def solved(self, each: Portfolio) -> Portfolio:
        """Return the portfolio with its cheapest plan."""
        search = self.search(each)
        return self._with_plan(each, search, find_plan(search))

    def _with_plan(self, each: Portfolio, search: Search, found: Solution) -> Portfolio:
        if found.status == "infeasible":
            return replace(each, bound=np.inf, known="no plan", cuts=())
        bound = max(each.bound, each.paid + found.lower_bound)
        proved: Known = "solved" if found.status == "optimal" else "open"
        known = replace(each, bound=bound, known=proved, cuts=())
        return known if np.isnan(found.cost) else self._better(known, search, found.slots)

    def _better(self, each: Portfolio, search: Search, slots: Floats) -> Portfolio:
        """Return the portfolio with a plan of it, if that keeps all limits and is cheaper."""
        found = _without_idle(search, slots)
        cost = each.paid + found.cost
        if not search.admits(found.slots, found.risk) or cost >= each.cost:
            return each
        posts = [family for family in search.system.families if family.variable != MEASURES]
        own = found.slots[: posts[-1].rows.stop]
        use = _use(self.asked, search, found.slots, each)
        return replace(each, cost=cost, slots=own, risk=found.risk, use=use)


class _Plan(NamedTuple):
    """A plan of slots and units, what it costs, NOK, and its risks."""

    slots: Floats
    cost: float
    risk: Floats

    @classmethod
    def of(cls, search: Search, slots: Floats) -> _Plan:
        """Return a plan with what it costs and risks."""
        risk, _ = search.pool.evaluate(slots)
        return cls(slots, search.total_cost(slots, risk), risk)


def _without_idle(search: Search, slots: Floats) -> _Plan:
    """Return a plan without units of measures that it does as well without, and as cheaply."""
    family, plan = search.system.family(MEASURES), _Plan.of(search, slots)
    for row in range(family.rows.start, family.rows.stop) if family is not None else ():
        if plan.slots[row].any():
            fewer = plan.slots.copy()
            fewer[row] = 0.0
            without = _Plan.of(search, fewer)
            if without.cost <= plan.cost and search.admits(fewer, without.risk):
                plan = without
    return plan


def _least_cost(system: System) -> float:
    """Return what no plan of slots, posts and units costs less than, NOK, whatever its risk.

    0, and less by all that saves money by itself; where posts may be closed, nothing is known.
    """
    if (system.least_slots < 0.0).any():
        return -np.inf
    price = np.zeros(system.most_slots.shape)
    price[: len(system.regions)] = system.prices.slot
    for beside in system.prices.beside:
        price[beside.rows] = beside.by_row(len(system.decision_years))
    saves = price < 0.0
    return float((price[saves] * system.most_slots[saves]).sum())


def _use(asked: Request, search: Search, slots: Floats, each: Portfolio) -> Use:
    """Return the units in use from a year on, of columns and of what is all or nothing."""
    columns, system, measures = search.pool.oracle.study.columns, search.system, asked.study.measure
    use: Use = {
        name: {str(measures[name].in_use_from): measures[name].most}
        for name in each.names
        if name not in columns
    }
    family = system.family(MEASURES)
    rows = slots[:0] if family is None else slots[family.rows]
    for row, name in zip(rows, columns, strict=True):
        begun = np.round(row)
        total, steps = np.cumsum(begun), dict[str, float]()
        for year, more, units in zip(system.decision_years, begun, total, strict=True):
            if more:
                steps[str(year)] = float(units)
        if steps:
            use[name] = steps
    return use
