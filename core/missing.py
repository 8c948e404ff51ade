"""Missing values: which variables may lack some, what that means, and exactly where."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence
from .factors import factors
from .system import capacity

Flags = NDArray[np.bool_]

WITHOUT_PLAN: Mapping[str, tuple[str, ...]] = {
    "frontier_status": tuple(
        f"frontier_{each}"
        for each in ("cost", "shortage_cost", "lower_bound", "risk", "risk_90", "total", "slots")
    ),
    "table_status": ("table_cost", "table_total"),
    "plan_cheapest_status": ("plan_regret", "plan_cheapest_cost", "plan_cheapest_total"),
    "over_status": tuple(
        f"over_{each}" for each in ("cost", "lower_bound", "total", "risk", "slots")
    ),
    "replication_status": tuple(
        f"replication_{each}" for each in ("cost", "lower_bound", "total", "risk", "fresh", "slots")
    ),
    "way_status": ("way_amount", "way_slots", "way_share"),
}
"""What a plan has and its absence has not, by the variable that is 1 where there is a plan."""

OF_ITS_RULE = {
    "risk_limit": "limit",
    "risk_confidence": "confidence",
    "risk_price": "price",
    "table_limit": "limit",
}
"""Variables along `limit` that some rules have and others not: the key of the study's limit."""

SOLVED_AGAIN = ("shadow_saved", "shadow_saved_low", "shadow_saved_high")

MISSING_MEANS: Mapping[str, str] = {
    **{
        name: f"there is no plan: {status} is not 1"
        for status, names in WITHOUT_PLAN.items()
        for name in names
    },
    **{name: f"the rule of the limit has no {key}" for name, key in OF_ITS_RULE.items()},
    **dict.fromkeys(SOLVED_AGAIN, "the problem was not solved again with one step more"),
    "shadow_saved_high": "not solved again with one step more, or its bound is not certified",
    "shadow_dual": "a chance limit has no linear program",
    "frontier_limit": "the study has prices of shortage only, no limit",
    "supervision_capacity": "it grows with the specialists; a limit on risk watches it",
    "round_upper_bound": "no plan is known yet",
    "way_bound": "there is no plan on this way, or it is not proved that none makes do with less",
    "sensitivity_sigma": "the factor is drawn year by year",
}
"""What a missing value means, by variable; all others hold every value."""

STATUS_OF = {name: status for status, names in WITHOUT_PLAN.items() for name in names}


def may_lack(evidence: Evidence, name: str) -> Flags:
    """Return where a variable may have no value, in its own shape."""
    variable = evidence.data[name]
    if name not in MISSING_MEANS:
        return np.zeros(variable.shape, dtype=np.bool_)
    if name in STATUS_OF:
        if STATUS_OF[name] not in evidence.data:
            return np.zeros(variable.shape, dtype=np.bool_)
        without = evidence.data[STATUS_OF[name]] != 1
        return np.asarray(without.broadcast_like(variable).transpose(*variable.dims).values)
    if name in OF_ITS_RULE:
        limits = evidence.study.risk.values()
        none = [getattr(limit, OF_ITS_RULE[name]) is None for limit in limits]
        return np.broadcast_to(np.array(none), variable.shape)
    if name in SOLVED_AGAIN:  # all three or none
        held = [np.isfinite(evidence.values(each)) for each in SOLVED_AGAIN]
        lacking = ~np.logical_or.reduce(held)
        if name == "shadow_saved_high":
            lacking |= evidence.values("shadow_bound_certified") == 0
        return np.asarray(lacking)
    values = np.asarray(variable.values)
    if name == "way_bound":  # once the cuts are not certified no later way's bound is proved
        found = evidence.values("way_status") == 1
        proved = found & np.isfinite(values)
        return np.asarray(~found | ~np.logical_or.accumulate(proved[::-1])[::-1])
    if name == "round_upper_bound":  # a plan once known stays known
        return ~np.logical_or.accumulate(np.isfinite(values))
    if name == "supervision_capacity":
        return np.isinf(capacity(evidence.study).transpose(2, 0, 1))
    if name == "shadow_dual":
        rules = [limit.rule for limit in evidence.study.risk.values()]
        return np.full(values.shape, "chance" in rules)
    if name == "frontier_limit":
        return np.full(values.shape, evidence.data.attrs["frontier_axis"] == "")
    yearly = {each.key for each in factors(evidence.study) if len(each.columns) > 1}
    along = np.array([key in yearly for key in evidence.labels("factor")])
    return np.broadcast_to(along, values.shape)
