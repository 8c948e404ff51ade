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


def least_relaxation(study: Study, pool: CutPool, limits: Floats) -> Floats:
    """Return limits that can be met with the least total relative relaxation, [limit]."""
    for _ in range(200):
        model = build_master(study, integer=False)
        limit_risk(model, pool.cuts, limits, elastic=True)
        model.objective = pyo.Objective(expr=pyo.quicksum(model.relaxation.values()))
        answer = solve(model, 1e-9, 60.0)
        needed = limits + np.maximum(limits, 1e-6) * np.array(
            [_relaxation(limits, pool, answer.slots, c) for c in range(len(limits))]
        )
        risk, z = pool.evaluate(answer.slots)
        broken = [c for c in range(len(limits)) if risk[c] > needed[c] + 1e-7]
        if not broken:
            return np.maximum(risk, limits)
        pool.learn(answer.slots, broken, risk, z)
    return np.maximum(risk, limits)


def _relaxation(limits: Floats, pool: CutPool, slots: Floats, limit: int) -> float:
    """Return what the cuts of one limit ask for under a plan, relative to the limit."""
    asked = max((cut.at(slots) for cut in pool.cuts if cut.limit == limit), default=0.0)
    return max(0.0, asked - float(limits[limit])) / max(float(limits[limit]), 1e-6)


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
