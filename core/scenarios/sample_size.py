"""Is the sample large enough? The verdict on replications, from their costs and fresh risks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPREAD, EXCESS = 0.01, 0.002
"""Enough: the cost's relative standard deviation, and fresh risk above its limit."""
SLOWEST, FASTEST = 0.5, 1.0
"""Powers of the size with which the error can fall: Monte Carlo, and a sequence at its best."""


class Verdict(NamedTuple):
    """Whether the larger size is enough, and what is recommended."""

    spread: Floats  # [size] relative standard deviation of the cost
    excess: Floats  # [size] mean over replications of the worst excess of a risk over its limit
    solved: NDArray[np.int64]  # [size] replications with a plan
    enough: bool
    recommended: int  # 0: cannot be said


def judge(limits: Floats, sizes: Sequence[int], costs: Floats, fresh: Floats) -> Verdict:
    """Return whether the larger size is enough, by the spread of cost and by fresh risk.

    limits [limit], infinite for a price; costs [size, replication], NOK, not finite without a
    plan; fresh [size, replication, limit].
    """
    spread, excess, solved = [], [], []
    for cost, risks in zip(costs, fresh, strict=True):
        kept = np.isfinite(cost)
        solved.append(int(kept.sum()))
        mean = cost[kept].mean() if kept.any() else 0.0
        spread.append(float(cost[kept].std(ddof=1) / mean) if kept.sum() > 1 and mean > 0 else 0.0)
        over = (risks[kept] - limits).max(axis=1) if kept.any() else np.array([np.nan])
        excess.append(float(over.mean()))
    enough = solved[-1] == costs.shape[1] and spread[-1] <= SPREAD and excess[-1] <= EXCESS
    recommended = _recommended(sizes, spread, excess) if solved[-1] > 1 else 0
    if not enough and recommended <= sizes[-1]:  # a sample without a plan: for other reasons
        recommended = 0
    return Verdict(np.array(spread), np.array(excess), np.array(solved), enough, recommended)


def stated(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as attributes of a file, lists as JSON; see `verdict_in`."""
    excess = [float(each) if np.isfinite(each) else None for each in verdict.excess]
    return {
        "replication_spread_of_cost": json.dumps(verdict.spread.tolist()),
        "replication_excess_of_risk": json.dumps(excess),
        "replication_solved": json.dumps(verdict.solved.tolist()),
        "replication_enough": verdict.enough,
        "replication_recommended_scenarios": verdict.recommended,
    }


def verdict_in(attributes: Mapping[str, Any]) -> Verdict:
    """Return the verdict that the attributes of a file state."""
    spread, excess, solved = (
        json.loads(str(attributes[f"replication_{key}"]))
        for key in ("spread_of_cost", "excess_of_risk", "solved")
    )
    return Verdict(
        np.array(spread, np.float64),
        np.array(excess, np.float64),
        np.array(solved, np.int64),
        str(attributes["replication_enough"]).lower() == "true",
        int(attributes["replication_recommended_scenarios"]),
    )


def _recommended(sizes: Sequence[int], spread: list[float], excess: list[float]) -> int:
    """Return the power of two at which both errors would be small enough."""
    wanted = _wanted(sizes, spread, SPREAD) if spread[-1] > 0.0 else sizes[-1]
    if excess[-1] > 0.0:
        wanted = max(wanted, _wanted(sizes, excess, EXCESS))
    return int(2 ** np.ceil(np.log2(max(wanted, 1.0)) - 1e-9))


def _wanted(sizes: Sequence[int], error: Sequence[float], allowed: float) -> float:
    """Return the size at which an error above zero, [size], would be what is allowed."""
    power = SLOWEST
    if error[0] > 0.0 and sizes[-1] > sizes[0]:
        fall = np.log(error[0] / error[-1]) / np.log(sizes[-1] / sizes[0])
        power = float(np.clip(fall, SLOWEST, FASTEST))
    return float(sizes[-1] * (error[-1] / allowed) ** (1.0 / power))
