"""The attainable interval of each risk: least over all feasible plans, and without new slots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.study import Study
from .cuts import CutPool
from .highs import solve
from .master import build_master, minimise_risk

Floats = NDArray[np.float64]
TOLERANCE = 1e-7
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


def floor(study: Study, pool: CutPool) -> Floats:
    """Return the least risk of every limit over all feasible plans, [limit], each limit for itself.

    By cuts over fractional slots: a lower bound of what whole slots reach, and close to it. "The
    steepest plan" would not do: once a ramp or capacity binds, it is not unique.
    """
    return np.array([_least(study, pool, limit) for limit in range(len(study.risk))])


def _least(study: Study, pool: CutPool, limit: int) -> float:
    bound = 0.0
    for _ in range(ROUNDS):
        model = build_master(study, integer=False)
        minimise_risk(model, pool.cuts, limit)
        answer = solve(model, 1e-9, 60.0)
        bound = max(bound, answer.bound)
        risk, z = pool.evaluate(answer.slots)
        if risk[limit] - bound <= TOLERANCE:
            break
        pool.learn(answer.slots, [limit], risk, z)
    return bound


def highest_levels(study: Study) -> Floats:
    """Return a level no feasible plan exceeds, [region, year], each for itself."""
    first = study.time.first_decision - study.time.first_year
    highest = np.repeat(study.level0[:, None], len(study.years), axis=1)
    for r in range(len(study.regions)):
        for y in range(len(study.decision_years)):
            model = build_master(study, integer=False)
            _maximise_level(model, r, y)
            answer = solve(model, 1e-9, 60.0)
            highest[r, first + y :] = study.level0[r] - answer.bound
    return highest


def _maximise_level(model: object, region: int, year: int) -> None:
    """Set the objective: slots opened in one region up to one year, as many as possible."""
    import pyomo.environ as pyo

    model.objective = pyo.Objective(  # type: ignore[attr-defined]
        expr=-sum(model.slots[region, y] for y in range(year + 1))  # type: ignore[attr-defined]
    )
