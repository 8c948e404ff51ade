"""Plans in fractions of slots: the LP over cuts, where laws hold to the last digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.study import Study
from .clock import Clock
from .cuts import CutPool
from .highs import Answer, solve
from .master import build_master, limit_risk, minimise_cost

Floats = NDArray[np.float64]
TOLERANCE = 1e-8
ROUNDS = 300


def cheapest_fractions(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, given: Floats | None = None
) -> Answer:
    """Return the cheapest plan in fractions of slots; its first years as `given` [region, year].

    The objective is in million NOK; NaN where there is no plan or no time.
    """
    answer = Answer("stopped", np.full((0, 0), np.nan), np.nan, -np.inf)
    for _ in range(ROUNDS):
        model = build_master(study, integer=False)
        if given is not None:
            for place in np.ndindex(given.shape):
                model.slots[place].setlb(float(given[place]))
                model.slots[place].setub(float(given[place]))
        minimise_cost(model, study)
        limit_risk(model, pool.cuts, limits)
        answer = solve(model, 1e-9, clock.left)
        if np.isnan(answer.objective):
            return answer
        risk, z = pool.evaluate(answer.slots)
        broken = [c for c in range(len(limits)) if risk[c] > limits[c] + TOLERANCE]
        if not broken:
            return answer
        if clock.left <= 0:
            return answer._replace(status="stopped", objective=np.nan)
        pool.learn(answer.slots, broken, risk, z)
    return answer._replace(status="stopped", objective=np.nan)
