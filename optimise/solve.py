"""Solving: the LP relaxation to convergence, then the integer master with the same cuts."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.compute import Progress, silent
from ..core.study import Study
from ..core.system import plan_cost, slot_price
from .clock import Clock
from .cuts import CutPool
from .feasible import keeps_system_limits
from .highs import Answer, solve
from .master import MILLION, build_master, limit_risk, minimise_cost
from .repair import repair, round_up

Floats = NDArray[np.float64]
TOLERANCE = 1e-9
"""Risk units by which a plan may exceed a limit: the rounding of a sum over all scenarios."""
LP_TOLERANCE = 1e-8
ROUNDS = 300


class Solution(NamedTuple):
    """The answer with its proof. Costs in NOK, discounted; slots [region, decision year]."""

    status: Literal["optimal", "stopped", "infeasible"]
    slots: Floats
    cost: float  # upper bound: the plan's cost
    lower_bound: float  # no plan that keeps all limits is cheaper
    lp_bound: float
    lp_slots: Floats
    rounded_cost: float  # the LP solution rounded up
    rounded_feasible: bool
    risk: Floats  # [limit] CVaR of the plan
    rounds: int

    @property
    def gap(self) -> float:
        """Return (cost - lower bound) / cost."""
        return (self.cost - self.lower_bound) / self.cost if self.cost > 0 else 0.0


def find_plan(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, progress: Progress = silent
) -> Solution:
    """Find the cheapest plan whose risks stay within `limits` [limit].

    Cuts learned before (by other limits, by attainable intervals) hold for any limits and are used
    again.
    """
    relaxed, rounds = _relaxation(study, pool, limits, clock, progress)
    if relaxed.status == "infeasible":
        return _no_plan(study, limits, rounds)
    rounded = round_up(relaxed.slots)
    rounded_risk, _ = pool.evaluate(rounded)
    rounded_ok = keeps_system_limits(study, rounded) and bool(
        np.all(rounded_risk <= limits + TOLERANCE)
    )
    best: Floats | None = None
    best_risk = np.full(len(limits), np.nan)
    best_cost, bound = np.inf, relaxed.bound * MILLION
    status: Literal["optimal", "stopped", "infeasible"] = "stopped"
    target = study.solve.relative_gap
    while rounds < ROUNDS and clock.left > 0:
        rounds += 1
        answer = _master(study, pool, limits, True, 0.4 * target, clock.left)
        if answer.status == "infeasible":
            return _no_plan(study, limits, rounds)
        bound = max(bound, answer.bound * MILLION)
        if np.isnan(answer.objective):
            break
        for candidate in (np.round(answer.slots), None):
            plan = (
                repair(study, pool, np.round(answer.slots), limits, clock)
                if candidate is None
                else candidate
            )
            if plan is None:
                continue
            risk, z = pool.evaluate(plan)
            broken = [c for c in range(len(limits)) if risk[c] > limits[c] + TOLERANCE]
            if not broken and plan_cost(study, plan) < best_cost:
                best, best_cost, best_risk = plan, plan_cost(study, plan), risk
            if candidate is not None:
                if not broken:
                    break
                pool.learn(plan, broken, risk, z)
        progress("integer rounds", rounds, 0)
        if best is not None and best_cost - bound <= target * best_cost:
            status = "optimal"
            break
    if best is None:
        return _no_plan(study, limits, rounds)._replace(status="stopped", lower_bound=bound)
    return Solution(
        status=status,
        slots=best,
        cost=best_cost,
        lower_bound=min(bound, best_cost),
        lp_bound=relaxed.bound * MILLION,
        lp_slots=relaxed.slots,
        rounded_cost=plan_cost(study, rounded),
        rounded_feasible=rounded_ok,
        risk=best_risk,
        rounds=rounds,
    )


def _relaxation(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, progress: Progress
) -> tuple[Answer, int]:
    """Return the LP optimum over plans in fractions of slots, by cuts to convergence."""
    for rounds in range(1, ROUNDS):
        answer = _master(study, pool, limits, False, 1e-9, clock.left)
        if answer.status == "infeasible" or np.isnan(answer.objective):
            return answer, rounds
        risk, z = pool.evaluate(answer.slots)
        broken = [c for c in range(len(limits)) if risk[c] > limits[c] + LP_TOLERANCE]
        progress("LP rounds", rounds, 0)
        if not broken or clock.left <= 0:
            return answer, rounds
        pool.learn(answer.slots, broken, risk, z)
    return answer, ROUNDS


def _master(
    study: Study, pool: CutPool, limits: Floats, integer: bool, gap: float, seconds: float
) -> Answer:
    model = build_master(study, integer)
    minimise_cost(model, study)
    limit_risk(model, pool.cuts, limits)
    return solve(model, gap, seconds)


def _no_plan(study: Study, limits: Floats, rounds: int) -> Solution:
    nothing = np.full((len(study.regions), len(slot_price(study))), np.nan)
    unknown = np.full(len(limits), np.nan)
    return Solution(
        "infeasible", nothing, np.nan, np.inf, np.inf, nothing, np.nan, False, unknown, rounds
    )
