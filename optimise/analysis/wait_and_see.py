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
from scipy import sparse

from ...core.system.limits import MILLION
from ..cuts.pool import Cut, CutPool
from ..master.build import prices_of_risk
from ..search.attainable import least_risk
from ..search.value import Search
from ..solvers.clock import Clock
from ..solvers.highs import HeldProgram
from ..solvers.program import INFINITE, Program

Floats = NDArray[np.float64]
COARSER = 100.0
"""Times the tolerance on the risk of whole slots: plans of all scenarios side by side need it."""
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
        prices = {price.limit: price.nok / MILLION for price in prices_of_risk(search.pool)}
        self._price = np.array([prices.get(c, 0.0) for c in range(len(search.limits))])
        self._shape = own.slots.shape
        self._count, self._limits = count, len(search.limits)
        self._least = np.array([least_risk(limit) for limit in search.pool.risk])
        self._wide = len(own.cost)
        self._slots = own.slots.ravel()
        self._cost = own.cost.copy()
        self._cost[[column for column, _ in own.missing.values()]] = (
            0.0  # each scenario's own shortage is priced
        )
        self._own = own
        self._held: HeldProgram | None = None  # the basis stays when cuts are added
        self._rows = [self._padded(sparse.kron(sparse.eye(count), own.rows))]
        self._room = [np.tile(own.row_upper, count)]
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
        """Return mean cost, each scenario's plan and Z [scenario, limit]; NaN without answer."""
        if self._held is None:
            self._held = HeldProgram(self._program())
        elif self._rows:
            room = np.concatenate(self._room)
            lowest = np.full(len(room), -INFINITE)
            self._held.add(sparse.vstack(self._rows).tocsr(), lowest, room)
        self._rows, self._room = [], []
        found = self._held.solve(seconds=clock.left)
        if found.status != "optimal":
            return np.nan, [], np.empty(0)
        own = found.values[: self._wide * self._count].reshape(self._count, self._wide)
        plans = [one[self._slots].reshape(self._shape) for one in own]
        begin = self._wide * self._count
        z = found.values[begin : begin + self._count * self._limits].reshape(self._count, -1)
        return found.objective, plans, z

    def _program(self) -> Program:
        """Return rows and columns so far: plans, Z, what is above the tails, their ends."""
        own, count = self._own, self._count
        share, ends = self._weight / count, np.full(self._limits, INFINITE)
        cost = np.zeros(self._size)
        priced = np.concatenate([np.outer(share, x).ravel() for x in (self._cost, self._price)])
        cost[: len(priced)] = priced
        least = [np.tile(own.lower, count), np.tile(self._least, count)]
        room = np.concatenate(self._room)
        row_lower = np.full(len(room), -INFINITE)
        row_lower[: count * len(own.row_lower)] = np.tile(own.row_lower, count)
        return Program(
            cost=cost,
            offset=0.0,
            lower=np.concatenate([*least, np.zeros(count * self._limits), -ends]),
            upper=np.concatenate([np.tile(own.upper, count), np.tile(ends, 2 * count + 1)]),
            whole=np.zeros(self._size, dtype=bool),
            rows=sparse.vstack(self._rows).tocsr(),
            row_lower=row_lower,
            row_upper=room,
            names=(),
            slots=own.slots,
            missing={},
            gives=np.zeros(0, dtype=np.int64),
            raised={},
        )

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
