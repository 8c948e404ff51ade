"""The attainable interval of each risk: least over all feasible plans, and without new slots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.study import Study
from ..core.system import capacity
from .cuts import CutPool
from .highs import solve
from .master import build_master, minimise_risk, need_by_offset

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
    """Return levels no feasible plan exceeds, [region, year], each for itself.

    By the ramps, and by capacity: levels never fall, so what year y + o leaves for the starts of
    the years up to y bounds the level of y, with the years before the decision at their lowest.
    """
    first = study.time.first_decision - study.time.first_year
    decisions = len(study.decision_years)
    ramp = np.array([study.ramp.regional[name].value for name in study.regions])
    steps = np.arange(1, decisions + 1)
    highest = study.level0[:, None] + np.minimum(ramp, study.ramp.national.value)[:, None] * steps
    room, unit = capacity(study), need_by_offset(study)
    for c in range(len(room)):
        for offset in range(unit.shape[1]):
            weight, earlier = unit[c, : offset + 1].sum(), unit[c, offset + 1 :].sum()
            years = first + np.arange(decisions) + offset
            inside = years < len(study.years)
            if weight > 0:
                left = room[c][:, years[inside]] - earlier * study.level0[:, None]
                highest[:, inside] = np.minimum(highest[:, inside], left / weight)
    highest = np.maximum(highest, study.level0[:, None])
    full = study.given_levels.copy()
    full[:, first : first + decisions] = highest
    full[:, first + decisions :] = highest[:, -1:]
    return full
