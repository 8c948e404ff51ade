"""The value of the stochastic solution and of perfect information, under risk limits.

All in fractions of slots, where the laws hold exactly: WS <= RP <= EEV.

RP   the cheapest plan that keeps the risk limits.
EEV  the mean-value plan is the cheapest that keeps them in the one scenario where everything is at
     its mean, so it takes too little. It is followed for the first four years; after that review
     the cheapest way on that keeps the risk limits is taken. Where there is none any more, EEV is
     infinite. The value of the stochastic solution is EEV - RP.
WS   a plan of its own for each scenario, the risk limits kept over all of them together; on the
     first scenarios of the sample only. The value of perfect information is RP - WS, RP on those.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.mean_scenario import mean_scenario
from ...core.risk.oracle import Oracle
from ...core.study.study import Study
from ..cuts.pool import CutPool
from ..cuts.repair import round_up
from ..search.fractional import cheapest_fractions
from ..solvers.clock import Clock
from ..solvers.highs import Answer
from .wait_and_see import cost_in_hindsight

Floats = NDArray[np.float64]
MILLION = 1e6
REVIEW = 4
"""Years for which the mean-value plan is followed, one term of parliament; half at most."""
HINDSIGHT = 32
"""Scenarios with a plan of their own: one program over all of them."""


class Information(NamedTuple):
    """Costs in NOK, NaN where there is no such plan; slots of the mean-value plan, rounded up."""

    stochastic: float  # RP
    mean_value: float  # of the mean-value plan itself, which breaks the limits
    mended: float  # EEV; infinite where the limits can no longer be kept after the review
    part: float  # RP on the part of the scenarios
    hindsight: float  # WS on the same
    scenarios: int  # in that part
    mean_value_slots: Floats  # [region, decision year]


def value_of_information(
    study: Study, oracle: Oracle, pool: CutPool, limits: Floats, clock: Clock
) -> Information:
    """Return what planning with scenarios is worth, and what knowing the future would be."""
    nothing = np.full((len(study.regions), len(study.decision_years)), np.nan)
    count = min(HINDSIGHT, oracle.scenarios)
    confidence = _confidence(study, count)
    if confidence is None:
        return Information(*(np.nan,) * 5, 0, nothing)
    best = cheapest_fractions(study, pool, limits, clock)
    mean = CutPool(study, mean_scenario(oracle))
    naive = cheapest_fractions(study, mean, limits, clock)
    mended = _mended(study, pool, limits, clock, naive)
    some = oracle.only(np.arange(count))
    part = cheapest_fractions(study, CutPool(study, some, pool.certificate), limits, clock)
    hindsight = (
        np.nan
        if np.isnan(part.objective) or oracle.weight is not None
        else cost_in_hindsight(study, some, limits, confidence, clock, pool.certificate)
    )
    return Information(
        stochastic=best.objective * MILLION,
        mean_value=naive.objective * MILLION,
        mended=mended * MILLION,
        part=part.objective * MILLION,
        hindsight=hindsight * MILLION,
        scenarios=count,
        mean_value_slots=nothing if np.isnan(naive.objective) else round_up(naive.slots),
    )


def _mended(study: Study, pool: CutPool, limits: Floats, clock: Clock, naive: Answer) -> float:
    """Return the cost of following the mean-value plan to the review, million NOK."""
    if np.isnan(naive.objective):
        return np.nan
    years = min(REVIEW, naive.slots.shape[1] // 2)
    answer = cheapest_fractions(study, pool, limits, clock, naive.slots[:, :years])
    return np.inf if answer.status == "infeasible" else answer.objective


def _confidence(study: Study, scenarios: int) -> Floats | None:
    """Return the confidence of the CVaR each limit is with so many scenarios, [limit].

    None where one is no CVaR: a chance limit is not convex, a price limits nothing.
    """
    found = [limit.risk_rule.as_cvar(scenarios) for limit in study.risk.values()]
    known = [each for each in found if each is not None]
    return np.array(known) if len(known) == len(found) else None
