"""The extensive form in Pyomo: every scenario's queue, supply and shortage as variables of its own.

The deterministic limits are those of the master; the responses are the oracle's. Appointed are at
most the offers and at most the queue: right where the concavity condition of docs/model.md section
5 holds, for then appointing fewer than one could never pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.contrib.solver.common.factory import SolverFactory
from pyomo.contrib.solver.common.results import SolutionStatus
from pyomo.core.expr import LinearExpression

from lis1plan.core.kernels.shortage import Lanes
from lis1plan.core.risk.oracle import Oracle
from lis1plan.core.study.risk_limit import RiskLimit
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.limits import MILLION
from lis1plan.optimise.master.build import build_master, minimise_cost
from lis1plan.optimise.solvers.highs import OPTIONS

Floats = NDArray[np.float64]


class Data(NamedTuple):
    """The scenarios as the extensive form meets them, before any is written down as rows."""

    study: Study
    lanes: Lanes  # fields as [n, ...]
    offer: Floats  # [n, half_year, region] posts offered per slot
    newcomers: Floats  # [n, half_year, region]
    weight: Floats  # [n], adding up to one
    before: Floats  # [n, half_year, region] appointed before the first decision
    waiting: Floats  # [n, region] left in the queue then
    judged: list[tuple[list[int], list[int]]]  # of each limit: its streams, its regions
    delay: NDArray[np.int64]  # [stream] half-years before the first response
    landing: Floats  # [region] share of movers
    window: int  # index of the window's first year
    most: Floats  # [limit, n] Z without new slots

    @property
    def begin(self) -> int:
        """Return the half-year of the first decision."""
        return int(self.before.shape[1])

    def last(self, stream: int, y: int) -> int:
        """Return the half-year whose appointed are the last to count in year y of the window."""
        return 2 * (self.window + y) + 1 - int(self.delay[stream])

    def response(self, n: int, stream: int, y: int, h: int) -> Floats:
        """Return FTE in year y of the window per person appointed in h, [region, region]."""
        lag = 2 * (self.window + y) + 1 - h - int(self.delay.min())
        stay, moved = self.lanes.response[n, stream, :, lag]
        return np.asarray(stay * self.lanes.choice[n] + moved * self.landing)

    def settled(self, n: int, stream: int, y: int) -> Floats:
        """Return FTE in year y of the window that no decision changes, [region]."""
        total = self.lanes.baseline[n, stream, y].copy()
        for h in range(min(self.begin, self.last(stream, y) + 1)):
            total += self.before[n, h] @ self.response(n, stream, y, h)
        return np.asarray(total)


def data_of(study: Study, oracle: Oracle, scenarios: int) -> Data:
    """Return the first scenarios of an oracle; what is decided already is worked out here."""
    lanes, judgement = oracle.held.take(np.arange(scenarios)), oracle.judgement
    offer = lanes.fill_rate[:, None, :] * lanes.offer_share[:, :, None]
    newcomers = lanes.newcomers[:, :, None] * judgement.preference
    begin = 2 * study.first - judgement.to_start
    before = np.zeros((scenarios, begin, len(study.regions)))
    left, level = lanes.unplaced, study.given_levels
    for h in range(begin):
        queue = (1.0 - lanes.leakage[:, None]) * left + newcomers[:, h]
        before[:, h] = np.minimum(offer[:, h] * level[:, (h + judgement.to_start) // 2], queue)
        left = queue - before[:, h]
    judged = [
        (np.flatnonzero(counted).tolist(), np.flatnonzero(member).tolist())
        for counted, member in zip(judgement.counted, judgement.member, strict=True)
    ]
    weight = oracle.raw_weight[:scenarios] / oracle.raw_weight[:scenarios].sum()
    most = oracle.shortfall(level)[:, :scenarios]
    when = judgement.delay, judgement.landing, judgement.first
    return Data(study, lanes, offer, newcomers, weight, before, left, judged, *when, most)


def extensive_form(data: Data, limits: Sequence[float] | Floats, integer: bool) -> Any:
    """Return the whole model; objective in million NOK, as the master's."""
    study = data.study
    model = build_master(system_of(study), integer)
    minimise_cost(model, system_of(study))
    scenarios = range(len(data.weight))
    model.world = pyo.Block(scenarios, rule=lambda block, n: add_world(block, model, data, n))
    cost = model.objective.expr
    for c, limit in enumerate(study.risk.values()):
        if limit.rule == "price":
            mean = sum(data.weight[n] * model.world[n].z[c] for n in scenarios)
            cost = cost + limit.price / MILLION * mean
        else:
            rule = pyo.Block()
            model.add_component(f"rule_{c}", rule)
            _add_rule(rule, model, data, c, float(limits[c]))
    model.objective.set_value(cost)
    return model


def solve_extensive(model: Any, seconds: float, gap: float, **options: str) -> tuple[float, float]:
    """Return objective and bound, HiGHS as it comes but for its defect; NaN without one."""
    results = SolverFactory("highs").solve(
        model,
        load_solutions=False,
        raise_exception_on_nonoptimal_result=False,
        time_limit=seconds,
        rel_gap=gap,
        solver_options={"presolve_rule_off": OPTIONS["presolve_rule_off"], **options},
    )
    whole = any(variable.is_integer() for variable in model.slots.values())
    if not whole and results.solution_status != SolutionStatus.optimal:
        return np.nan, np.nan
    found = results.incumbent_objective, results.objective_bound
    objective, bound = (np.nan if value is None else float(value) for value in found)
    return objective, bound


def add_world(block: Any, model: Any, data: Data, n: int) -> None:
    """Add one scenario: queue and appointed, the supply they lead to, and Z of every limit."""
    lanes, regions = data.lanes, range(len(data.study.regions))
    streams, years = range(lanes.baseline.shape[1]), range(lanes.baseline.shape[2])
    last = max(data.last(s, years[-1]) for s in streams)
    chosen, decided = range(data.begin, last + 1), len(data.study.decision_years) - 1
    block.appointed = pyo.Var(chosen, regions, domain=pyo.NonNegativeReals)
    block.queue = pyo.Var(chosen, regions)
    block.supply = pyo.Var(streams, years, regions)
    block.z = pyo.Var(range(len(data.judged)))
    block.rows = pyo.ConstraintList()
    stay = 1.0 - float(lanes.leakage[n])
    for r in regions:
        for h in chosen:
            come = float(data.newcomers[n, h, r])
            if h == data.begin:
                come += stay * float(data.waiting[n, r])
            left = block.queue[h - 1, r] - block.appointed[h - 1, r] if h > data.begin else 0.0
            block.rows.add(block.queue[h, r] == stay * left + come)
            level = model.level[r, min((h - data.begin) // 2, decided)]
            block.rows.add(block.appointed[h, r] <= float(data.offer[n, h, r]) * level)
            block.rows.add(block.appointed[h, r] <= block.queue[h, r])
    for s in streams:
        for y in years:
            _add_supply(block, data, n, s, y)
    for c, limit in enumerate(data.study.risk.values()):
        _add_z(block, data, n, c, limit)


def _add_supply(block: Any, data: Data, n: int, s: int, y: int) -> None:
    """Add supply[t] = settled[t] + sum response[r, t] appointed[h, r] for every region t."""
    hours = range(data.begin, data.last(s, y) + 1)
    response = np.stack([data.response(n, s, y, h) for h in hours])
    settled, regions = data.settled(n, s, y), range(response.shape[1])
    people = [block.appointed[h, r] for h in hours for r in regions]
    for t in regions:
        coefficients = [-1.0 * x for x in response[:, :, t].ravel().tolist()]
        both = LinearExpression(
            linear_coefs=[1.0, *coefficients], linear_vars=[block.supply[s, y, t], *people]
        )
        block.rows.add((float(settled[t]), both, float(settled[t])))


def _add_z(block: Any, data: Data, n: int, c: int, limit: RiskLimit) -> None:
    """Add z[c], at least what the missing FTE of the window come to."""
    streams, members = data.judged[c]
    demand, years = data.lanes.demand[n], range(data.lanes.demand.shape[2])
    regions = [[t] for t in members] if limit.over_regions else [members]
    parts = [(s, part) for s in streams for part in regions]
    missing = pyo.Var(years, range(len(parts)), domain=pyo.NonNegativeReals)
    block.add_component(f"missing_{c}", missing)
    judged = []
    for y in years:
        for p, (s, part) in enumerate(parts):
            present = sum(block.supply[s, y, t] for t in part)
            block.rows.add(missing[y, p] + present >= float(demand[s, y, part].sum()))
        unit = float(demand[streams][:, y, members].sum()) if limit.measure == "relative" else 1.0
        judged.append(sum(missing[y, p] for p in range(len(parts))) / unit)
    if limit.statistic == "max":
        for value in judged:
            block.rows.add(block.z[c] >= value)
    else:
        count = len(judged) if limit.statistic == "mean" else 1
        block.rows.add(block.z[c] >= sum(judged) / count)


def _add_rule(rule: Any, model: Any, data: Data, c: int, at_most: float) -> None:
    """Add what a limit asks: CVaR as Rockafellar and Uryasev, chance by a flag for each scenario.

    z <= limit + (Z without new slots - limit) flag,  the flags weigh at most 1 - confidence.
    """
    limit, scenarios = list(data.study.risk.values())[c], range(len(data.weight))
    rule.rows = pyo.ConstraintList()
    z = [model.world[n].z[c] for n in scenarios]
    if limit.rule == "worst":
        for n in scenarios:
            rule.rows.add(z[n] <= at_most)
    elif limit.rule == "chance":
        rule.flag = pyo.Var(scenarios, domain=pyo.Binary)
        for n in scenarios:
            reach = max(float(data.most[c, n]) - at_most, 0.0)
            rule.rows.add(z[n] <= at_most + reach * rule.flag[n])
        broken = sum(data.weight[n] * rule.flag[n] for n in scenarios)
        rule.rows.add(broken <= 1.0 - (limit.confidence or 0.0) + 1e-12)
    else:
        rule.above = pyo.Var(scenarios, domain=pyo.NonNegativeReals)
        rule.eta = pyo.Var()
        for n in scenarios:
            rule.rows.add(rule.above[n] >= z[n] - rule.eta)
        above = sum(data.weight[n] * rule.above[n] for n in scenarios)
        tail = 1.0 - (limit.confidence or 0.0)  # the mean is the CVaR at 0
        rule.rows.add(rule.eta + above / tail <= at_most)
