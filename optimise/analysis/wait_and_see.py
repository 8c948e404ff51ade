"""Perfect information: a plan of its own for every scenario, the risk limits kept by all together.

    minimise    mean_i cost(x_i) + sum_c price[c] z[i, c], by the scenarios' weights
    subject to  each x_i inside the limits of the system
                z[i, c] >= cut(x_i) for every cut of scenario i
                CVaR_i z[i, c] <= limit[c]   (Rockafellar and Uryasev 2000)

One plan for all scenarios is one of these, so the cost is never above that of the best single plan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from ...core.system.limits import MILLION
from ..cuts.pool import Cut, CutPool
from ..master.build import prices_of_risk
from ..search.attainable import least_risk
from ..search.value import Search
from ..solvers.clock import Clock
from ..solvers.program import unit_of

Floats = NDArray[np.float64]
COARSER = 100.0
"""Times the tolerance on the risk of whole slots: `linprog` keeps its rows to 1e-7 only."""
LEAST_SCALE = 1e-6
"""The largest coefficient of a row is one of these, unless its slope is more than rounding."""
OF_A_PRICE = 1e-6
"""Missing FTE-years by which cuts of a price may be too low."""
ROUNDS = 60


def cost_in_hindsight(search: Search) -> float:
    """Return the mean cost of the plans of perfect information, million NOK; NaN if unknown.

    Plans are in fractions of slots; every limit is a CVaR or a price.
    """
    oracle, limits, clock = search.pool.oracle, search.limits, search.clock
    program = _Program(search)
    certificate = search.pool.certificate
    pools = [CutPool(oracle.only(np.array([i])), certificate) for i in range(oracle.scenarios)]
    nothing = search.system.no_slots
    _learn(pools, [nothing] * len(pools), np.full((len(pools), len(limits)), -np.inf), program)
    slack = np.where(np.isfinite(limits), COARSER * search.tolerance(), OF_A_PRICE)
    for _ in range(ROUNDS):
        cost, plans, z = program.solve(clock)
        if np.isnan(cost) or not _learn(pools, plans, z + slack, program):
            return cost
    return np.nan


def _learn(pools: list[CutPool], plans: list[Floats], most: Floats, program: _Program) -> bool:
    """Add cuts where risks exceed `most` [scenario, limit]; return whether there were any."""
    new = False
    for i, (pool, plan) in enumerate(zip(pools, plans, strict=True)):
        risk, values = pool.evaluate(plan)
        broken = [c for c in range(len(risk)) if risk[c] > most[i, c]]
        pool.learn(plan, broken, risk, values)
        for cut in pool.cuts[len(pool.cuts) - len(broken) :]:
            program.add(i, cut)
            new = True
    return new


class _Program:
    """The linear program: every scenario's own plan, side by side."""

    def __init__(self, search: Search) -> None:
        own, oracle = search.program, search.pool.oracle
        count, weight = oracle.scenarios, oracle.weight
        self._weight = np.ones(count) if weight is None else weight * (count / weight.sum())
        self._unit = unit_of(own.cost)
        prices = {price.limit: price.nok / MILLION for price in prices_of_risk(search.pool)}
        self._price = np.array([prices.get(c, 0.0) for c in range(len(search.limits))])
        self._shape = own.slots.shape
        self._count, self._limits = count, len(search.limits)
        self._least = [(least_risk(limit), None) for limit in search.pool.risk]
        self._wide = len(own.cost)
        self._slots = own.slots.ravel()
        self._cost = own.cost.copy()
        self._cost[list(own.missing.values())] = 0.0  # each scenario's own shortage is priced
        self._bounds = list(zip(own.lower.tolist(), own.upper.tolist(), strict=True))
        equal = own.row_lower == own.row_upper
        above, below = ~equal & np.isfinite(own.row_lower), ~equal & np.isfinite(own.row_upper)
        self._equal = sparse.kron(sparse.eye(count), own.rows[equal])
        self._equal_to = np.tile(own.row_lower[equal], count)
        room = np.concatenate([own.row_upper[below], -own.row_lower[above]])
        rows = sparse.vstack([own.rows[below], -own.rows[above]])
        self._rows = [self._padded(sparse.kron(sparse.eye(count), rows))]
        self._room = [np.tile(room, count)]
        self._add_tails(search)

    def add(self, scenario: int, cut: Cut) -> None:
        """Add constant + slope . x_i <= z[i, c]."""
        scale = max(float(np.abs(cut.slope).max()), LEAST_SCALE)
        columns = scenario * self._wide + self._slots
        values = np.append(cut.slope.ravel() / scale, -1.0 / scale)
        columns = np.append(columns, self._z(scenario, cut.limit))
        self._rows.append(
            sparse.csr_matrix((values, (np.zeros(len(columns), int), columns)), (1, self._size))
        )
        self._room.append(np.array([-cut.constant / scale]))

    def solve(self, clock: Clock) -> tuple[float, list[Floats], Floats]:
        """Return the mean cost, each scenario's plan Z [scenario, limit]; NaN without answer."""
        tails: list[tuple[float | None, None]] = [*self._least] * self._count
        tails += [(0.0, None)] * (self._count * self._limits)
        tails += [(None, None)] * self._limits
        share = self._weight / self._count
        own_cost, priced = np.outer(share, self._cost), np.outer(share, self._price)
        rest = np.zeros(self._size - own_cost.size - priced.size)
        cost = np.concatenate([own_cost.ravel(), priced.ravel(), rest])
        found = optimize.linprog(
            cost / self._unit,
            A_ub=sparse.vstack(self._rows).tocsr(),
            b_ub=np.concatenate(self._room),
            A_eq=self._padded(self._equal).tocsr(),
            b_eq=self._equal_to,
            bounds=self._bounds * self._count + tails,
            method="highs",
            options={"time_limit": max(clock.left, 0.1)},
        )
        if found.status != 0:
            return np.nan, [], np.empty(0)
        own = found.x[: self._wide * self._count].reshape(self._count, self._wide)
        plans = [one[self._slots].reshape(self._shape) for one in own]
        begin = self._wide * self._count
        z = found.x[begin : begin + self._count * self._limits].reshape(self._count, -1)
        return float(found.fun) * self._unit, plans, z

    @property
    def _size(self) -> int:
        return self._count * (self._wide + 2 * self._limits) + self._limits

    def _padded(self, matrix: sparse.spmatrix) -> sparse.spmatrix:
        return sparse.hstack(
            [matrix, sparse.csr_matrix((matrix.shape[0], self._size - matrix.shape[1]))]
        )

    def _z(self, scenario: int, limit: int) -> int:
        return self._wide * self._count + scenario * self._limits + limit

    def _add_tails(self, search: Search) -> None:
        """Add each limit's CVaR: above >= z - eta, eta + sum(weight above) / tail <= limit."""
        after, eta = self._count * self._limits, self._size - self._limits
        for c, limit in enumerate(search.limits):
            confidence = search.pool.risk[c].risk_rule.as_cvar(self._weight)
            if confidence is None:
                continue
            for i in range(self._count):
                self._add({self._z(i, c): 1.0, self._z(i, c) + after: -1.0, eta + c: -1.0}, 0.0)
            tail = (1.0 - confidence) * self._count
            above = {self._z(i, c) + after: self._weight[i] / tail for i in range(self._count)}
            self._add({eta + c: 1.0} | above, float(limit))

    def _add(self, row: dict[int, float], room: float) -> None:
        columns = list(row)
        values = (list(row.values()), ([0] * len(row), columns))
        self._rows.append(sparse.csr_matrix(values, (1, self._size)))
        self._room.append(np.array([room]))
