"""When there is no plan: the least relaxation of the risk limits that makes one, in words."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ..core.study import Study
from .attainable import floor
from .cuts import CutPool
from .highs import solve
from .master import build_master, limit_risk

Floats = NDArray[np.float64]
ROUNDS = 200
GAP = 1e-4


def least_relaxation(study: Study, pool: CutPool, limits: Floats) -> Floats:
    """Return limits that whole slots can meet with the least total relative relaxation, [limit].

    They are the risks of a plan found, so under exactly these limits there is a plan.
    """
    best, least = limits, np.inf
    scale = np.maximum(limits, 1e-6)
    for _ in range(ROUNDS):
        model = build_master(study, integer=True)
        limit_risk(model, pool.cuts, limits, elastic=True)
        model.objective = pyo.Objective(expr=pyo.quicksum(model.relaxation.values()))
        answer = solve(model, GAP, 60.0)
        plan = np.round(answer.slots)
        risk, z = pool.evaluate(plan)
        total = float((np.maximum(risk - limits, 0.0) / scale).sum())
        if total < least:
            best, least = np.maximum(risk, limits), total
        if least - answer.bound <= GAP * max(least, 1.0):
            break
        pool.learn(plan, [c for c in range(len(limits)) if risk[c] > limits[c]], risk, z)
    return best


def in_words(study: Study, pool: CutPool, limits: Floats) -> list[str]:
    """Return what stands in the way and the least that would have to give, a line each."""
    reachable, least = floor(study, pool), least_relaxation(study, pool, limits)
    lines = []
    for c, (key, limit) in enumerate(study.risk.items()):
        if limits[c] < reachable[c]:
            lines.append(
                f"{limit.name}: risk limit {limits[c]:.4f} (risk.{key}.limit) lies below the least "
                f"that any plan within ramp and supervision reaches, {reachable[c]:.4f}"
            )
    moved = [
        f"{limit.name} {limits[c]:.4f} -> {np.ceil(least[c] * 1e4) / 1e4:.4f}"
        for c, limit in enumerate(study.risk.values())
        if least[c] > limits[c] + 1e-7
    ]
    return [*lines, "least relaxation of the risk limits together: " + "; ".join(moved)]
