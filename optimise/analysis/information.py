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

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.risk.mean_scenario import mean_scenario
from ...core.study.risk_limit import RiskLimit
from ...core.system.limits import MILLION
from ..cuts.pool import CutPool
from ..search.fractional import cheapest_fractions
from ..search.repair import round_up
from ..search.value import Search
from ..solvers.program import Plan
from .wait_and_see import cost_in_hindsight

Floats = NDArray[np.float64]
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


def value_of_information(search: Search) -> Information:
    """Return what planning with scenarios is worth, and what knowing the future would be."""
    pool, oracle, nothing = search.pool, search.pool.oracle, search.system.unknown_slots
    count = min(HINDSIGHT, oracle.scenarios)
    confidence = _confidence(pool.risk, count)
    if confidence is None:
        return Information(*(np.nan,) * 5, 0, nothing)
    best = cheapest_fractions(search)
    naive = cheapest_fractions(replace(search, pool=CutPool(mean_scenario(oracle))))
    mended = _mended(search, naive)
    some = CutPool(oracle.only(np.arange(count)), pool.certificate)
    part = cheapest_fractions(replace(search, pool=some))
    hindsight = (
        np.nan
        if np.isnan(part.objective) or oracle.weight is not None
        else cost_in_hindsight(replace(search, pool=some), confidence)
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


def _mended(search: Search, naive: Plan) -> float:
    """Return the cost of following the mean-value plan to the review, million NOK."""
    if np.isnan(naive.objective):
        return np.nan
    years = min(REVIEW, naive.slots.shape[1] // 2)
    answer = cheapest_fractions(search, naive.slots[:, :years])
    return np.inf if answer.status == "infeasible" else answer.objective


def _confidence(risk: Iterable[RiskLimit], scenarios: int) -> Floats | None:
    """Return the confidence of the CVaR each limit is with so many scenarios, [limit].

    None where one is no CVaR: a chance limit is not convex, a price limits nothing.
    """
    found = [limit.risk_rule.as_cvar(scenarios) for limit in risk]
    known = [each for each in found if each is not None]
    return np.array(known) if len(known) == len(found) else None
