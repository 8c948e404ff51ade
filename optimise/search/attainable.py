"""The attainable interval of each risk: least over all feasible plans, and without new slots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.study.study import Study
from ..cuts.pool import CutPool
from ..master.risk_blocks import least_risk
from ..master.rows import least_risk_master, master_of, with_cuts
from ..solvers.clock import Clock
from ..solvers.program import Solver

Floats = NDArray[np.float64]
TOLERANCE = 1e-7
"""Of a risk, or of its size where that is greater: risks in FTE are large numbers."""
ROUNDS = 200


def no_slots(study: Study) -> Floats:
    """Return the plan that opens nothing, [region, decision year]."""
    return np.zeros((len(study.regions), len(study.decision_years)))


def ceiling(study: Study, pool: CutPool) -> Floats:
    """Return the risk of every limit without new slots, [limit], and learn from it."""
    nothing = no_slots(study)
    risk, z = pool.evaluate(nothing)
    pool.learn(nothing, list(range(len(risk))), risk, z)
    return risk


def floor(study: Study, pool: CutPool, clock: Clock) -> Floats:
    """Return the least risk of every limit over all feasible plans, [limit], each limit for itself.

    By cuts over fractional slots: a lower bound of what whole slots reach, and close to it. "The
    steepest plan" would not do: once a ramp or capacity binds, it is not unique. Stopped by the
    clock, it is still a lower bound. Of a chance limit, which is not convex, it is the risk of the
    plan whose CVaR of the same confidence is least: a risk that is reached, and no bound.
    """
    found = []
    for c, convex in enumerate(study.convex):
        bound, slots = _least(study, pool.tails(), c, clock)
        found.append(bound if convex else float(pool.evaluate(slots)[0][c]))
    return np.array(found)


def _least(study: Study, pool: CutPool, limit: int, clock: Clock) -> tuple[float, Floats]:
    """Return the least risk of one limit, and the plan that has it but for a tolerance."""
    least, free = least_risk(list(study.risk.values())[limit]), np.full(len(study.risk), np.inf)
    bound, slots = least, no_slots(study)
    program = least_risk_master(master_of(pool), limit, least)
    for _ in range(ROUNDS):
        found = Solver(with_cuts(program, pool.cuts, free)).solve(seconds=clock.left)
        bound = max(bound, found.bound)
        if np.isnan(found.objective) or clock.left <= 0:
            break
        slots = found.values[program.slots]
        risk, z = pool.evaluate(slots)
        if risk[limit] - bound <= TOLERANCE * max(abs(bound), 1.0):
            break
        pool.learn(slots, [limit], risk, z)
    return bound, slots
