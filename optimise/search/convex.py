"""Solving with convex rules: the LP relaxation to convergence, then the integer master."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.study.study import Study
from ...core.system.costs import plan_cost, slot_price
from ..cuts.pool import CutPool, Round
from ..cuts.repair import repair, round_up, tolerance
from ..master.build import MILLION
from ..master.rows import master_of, solve_plain, with_cuts
from ..solvers.clock import Clock
from ..solvers.highs import Answer
from ..system.feasible import keeps_system_limits

Floats = NDArray[np.float64]
Status = Literal["optimal", "stopped", "infeasible"]
STATUS: dict[Status, int] = {"infeasible": 0, "optimal": 1, "stopped": 2}
"""The codes of result files."""
LP_TOLERANCE, BEFORE_WHOLE_SLOTS = 1e-8, 1e-6
"""Of the LP relaxation for its own sake, and where it only gathers cuts for whole slots."""
ROUNDS = 300


class Solution(NamedTuple):
    """The answer with its proof. Costs in NOK, discounted; slots [region, decision year].

    Where a study prices shortage, cost and bounds include the expected cost of shortage. Under a
    chance limit, which has no LP, `lp_bound` is NaN and `lp_slots` the cheapest plan in fractions
    of slots that discarding scenarios found.
    """

    status: Status
    slots: Floats
    cost: float  # upper bound: what the plan costs
    lower_bound: float  # no plan that keeps all limits is cheaper
    lp_bound: float
    lp_slots: Floats
    rounded_cost: float  # the LP solution rounded up
    rounded_feasible: bool
    risk: Floats  # [limit] risk of the plan
    rounds: int
    shortage_cost: float = 0.0  # what of the cost is the price of shortage
    certified: bool = True  # the lower bound is proved: every cut it rests on is valid

    @property
    def gap(self) -> float:
        """Return (cost - lower bound) / |cost|: a plan that closes slots can save money."""
        if self.cost == self.lower_bound:
            return 0.0
        return (self.cost - self.lower_bound) / abs(self.cost) if self.cost else np.inf


class Incumbent(NamedTuple):
    """The best plan so far."""

    slots: Floats | None
    cost: float
    risk: Floats


def shortage_cost(study: Study, risk: Floats) -> float:
    """Return what the expected shortage costs at the study's prices, NOK."""
    limits = study.risk.values()
    return float(sum(x.price * risk[c] for c, x in enumerate(limits) if x.price))


def total_cost(study: Study, slots: Floats, risk: Floats) -> float:
    """Return what is minimised: discounted cost of the slots and priced shortage, NOK."""
    return plan_cost(study, slots) + shortage_cost(study, risk)


def priced(study: Study) -> list[int]:
    """Return the limits that are prices."""
    return [c for c, limit in enumerate(study.risk.values()) if limit.price]


def find_convex_plan(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, progress: Progress = silent
) -> Solution:
    """Find the cheapest plan whose risks stay within `limits` [limit], none of them a chance limit.

    Cuts learned before (by other limits, by attainable intervals) hold for any limits and are used
    again.
    """
    relaxed, rounds = relaxed_plan(study, pool, limits, clock, progress, BEFORE_WHOLE_SLOTS)
    if relaxed.status == "infeasible":
        return no_plan(study, limits, rounds)
    if np.isnan(relaxed.objective):
        return stopped(no_plan(study, limits, rounds), relaxed.bound * MILLION)
    rounded = round_up(relaxed.slots)
    rounded_risk, _ = pool.evaluate(rounded)
    rounded_ok = keeps_system_limits(study, rounded) and bool(
        np.all(rounded_risk <= limits + tolerance(limits))
    )
    status, best, bound, rounds = _whole_plan(study, pool, limits, clock, relaxed.bound, rounds)
    progress("integer rounds", rounds, 0)
    if best.slots is None:
        nothing = no_plan(study, limits, rounds)
        return nothing if status == "infeasible" else stopped(nothing, bound)
    return Solution(
        status=status,
        slots=best.slots,
        cost=best.cost,
        lower_bound=min(bound, best.cost),
        lp_bound=relaxed.bound * MILLION,
        lp_slots=relaxed.slots,
        rounded_cost=total_cost(study, rounded, rounded_risk),
        rounded_feasible=rounded_ok,
        risk=best.risk,
        rounds=rounds,
        shortage_cost=shortage_cost(study, best.risk),
    )


def _whole_plan(
    study: Study,
    pool: CutPool,
    limits: Floats,
    clock: Clock,
    lp_bound: float,
    rounds: int,
) -> tuple[Status, Incumbent, float, int]:
    """Return status, best plan, lower bound (NOK) and rounds of the integer master with cuts."""
    best = Incumbent(None, np.inf, np.full(len(limits), np.nan))
    bound, target = lp_bound * MILLION, study.solve.relative_gap
    while rounds < ROUNDS and clock.left > 0:
        rounds += 1
        answer = _master(study, pool, limits, True, 0.4 * target, clock.left)
        if answer.status == "infeasible":  # a plan found before is within the tolerance alone
            none = best.slots is None
            return "infeasible" if none else "optimal", best, best.cost, rounds
        bound = max(bound, answer.bound * MILLION)
        if np.isnan(answer.objective):
            break
        best = _improved(study, pool, limits, clock, np.round(answer.slots), best)
        pool.note(Round(bound, best.cost, len(pool.cuts), whole=True))
        if best.slots is not None and best.cost - bound <= target * abs(best.cost):
            return "optimal", best, bound, rounds
        if answer.status == "stopped":
            break
    return "stopped", best, bound, rounds


def _improved(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, plan: Floats, best: Incumbent
) -> Incumbent:
    """Return the better of the best plan and this one, repaired if need be; learn its cuts."""
    risk, z = pool.evaluate(plan)
    broken = [int(c) for c in np.flatnonzero(risk > limits + tolerance(limits))]
    pool.learn(plan, sorted({*broken, *priced(study)}), risk, z)
    if broken:
        repaired = repair(study, pool, plan, limits, clock)
        if repaired is None:
            return best
        plan = repaired
        risk, _ = pool.evaluate(plan)
        if (risk > limits + tolerance(limits)).any():
            return best
    cost = total_cost(study, plan, risk)
    return Incumbent(plan, cost, risk) if cost < best.cost else best


def relaxed_plan(
    study: Study,
    pool: CutPool,
    limits: Floats,
    clock: Clock,
    progress: Progress = silent,
    precision: float = LP_TOLERANCE,
) -> tuple[Answer, int]:
    """Return the LP optimum over plans in fractions of slots, by cuts to convergence.

    `precision`: by how much of a limit the last plan may exceed it; the bound holds at any.
    """
    slack = tolerance(limits, precision)
    for rounds in range(1, ROUNDS):
        answer = _master(study, pool, limits, False, 1e-9, clock.left)
        if answer.status == "infeasible" or np.isnan(answer.objective):
            return answer, rounds
        risk, z = pool.evaluate(answer.slots)
        broken = [int(c) for c in np.flatnonzero(risk > limits + slack)]
        cost = total_cost(study, answer.slots, risk) / MILLION
        if priced(study) and cost - answer.objective > LP_TOLERANCE * max(cost, 1.0):
            broken += priced(study)
        progress("LP rounds", rounds, 0)
        pool.note(Round(answer.bound * MILLION, np.inf, len(pool.cuts), whole=False))
        if not broken or clock.left <= 0:
            return answer, rounds
        pool.learn(answer.slots, broken, risk, z)
    return answer, ROUNDS


def _master(
    study: Study,
    pool: CutPool,
    limits: Floats,
    integer: bool,
    gap: float,
    seconds: float,
) -> Answer:
    def find() -> Answer:
        rows = with_cuts(master_of(pool), pool.cuts, limits)
        return solve_plain(rows, study.solve, integer, gap, seconds)

    asked, kept = (study, pool.cuts, limits, integer, gap), pool.oracle.held.workers.kept
    return kept.answer("master", asked, find, lambda answer: answer.status != "stopped")


def no_plan(study: Study, limits: Floats, rounds: int) -> Solution:
    """Return the answer that no plan keeps all limits."""
    nothing = np.full((len(study.regions), len(slot_price(study))), np.nan)
    unknown = np.full(len(limits), np.nan)
    return Solution(
        "infeasible", nothing, np.nan, np.inf, np.inf, nothing, np.nan, False, unknown, rounds
    )


def stopped(nothing: Solution, bound: float) -> Solution:
    """Return the answer that no plan was found in time."""
    return nothing._replace(status="stopped", lower_bound=bound)
