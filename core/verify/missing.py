"""Missing values: which variables may lack some, what that means, and exactly where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..discovery.discover import METHODS
from ..files.variables import VARIABLES
from ..risk.evaluation import REPLICATES
from ..risk.measure_effects import FEW, GENERAL_PRACTICE
from ..scenarios.factors import factors
from ..study.measures.choice import KNOWN
from .arithmetic import capacity_of, purchasable_of
from .evidence import Evidence

Flags = NDArray[np.bool_]
ROOMS = {"supervision_capacity": capacity_of, "supervision_most_bought": purchasable_of}
"""Rooms that may have no end, by name."""
SOLVED_AGAIN = ("shadow_saved", "shadow_saved_low", "shadow_saved_high")


def may_lack(evidence: Evidence, name: str) -> Flags:
    """Return where a variable may have no value, in its own shape."""
    variable = evidence.data[name]
    missing = VARIABLES[name].missing if name in VARIABLES else None
    if missing is None:
        return np.zeros(variable.shape, dtype=np.bool_)
    if missing.status:
        if missing.status not in evidence.data:
            return np.zeros(variable.shape, dtype=np.bool_)
        without = evidence.data[missing.status] != 1
        return np.asarray(without.broadcast_like(variable).transpose(*variable.dims).values)
    if missing.rule_key:
        limits = evidence.study.risk.values()
        none = [getattr(limit, missing.rule_key) is None for limit in limits]
        return np.broadcast_to(np.array(none), variable.shape)
    return np.broadcast_to(_by_content(evidence, name), variable.shape)


def _by_content(evidence: Evidence, name: str) -> Flags:
    """Return where a variable may lack values by what else the file holds; it may broadcast."""
    own = BY_PREFIX.get(name.partition("_")[0])
    if own is not None:
        return own(evidence, name)
    if name in SOLVED_AGAIN:  # all three or none
        held = [np.isfinite(evidence.values(each)) for each in SOLVED_AGAIN]
        return np.asarray(~np.logical_or.reduce(held))
    if name == "way_bound":  # where a limit was moved as a CVaR, no way has one
        found = evidence.values("way_status") == 1
        return np.asarray(~found | (not evidence.study.convex.all()))
    if name == "risk_in_sample_error":  # whether it is the one that is worked out, `again` asks
        few = evidence.study.sampling.scenarios < 2 * REPLICATES
        rules = [limit.risk_rule for limit in evidence.study.risk.values()]
        return np.array([few or not rule.error_known for rule in rules])
    if name == "round_upper_bound":  # a plan once known stays known
        return ~np.logical_or.accumulate(np.isfinite(evidence.values(name)))
    if name == "backtest_mape":
        return _without_percentage(evidence)
    if name in ROOMS:
        return np.asarray(np.isinf(ROOMS[name](evidence.study).transpose(2, 0, 1)))
    if name == "shadow_dual":
        return np.asarray(not evidence.study.convex.all())
    if name == "frontier_limit":
        return np.asarray(evidence.data.attrs["frontier_axis"] == "")
    yearly = {each.key for each in factors(evidence.study) if len(each.columns) > 1}
    return np.array([key in yearly for key in evidence.labels("factor")])


def _of_measures(evidence: Evidence, name: str) -> Flags:
    """Return where what measures do has no number; whether slots are right, `again` asks."""
    if name == "measure_sign":
        known = evidence.labels("rated")
        has = GENERAL_PRACTICE in evidence.study.groups
        without = {"quality", "administration", *([] if has else ["general_practice"])}
        return np.array([[column in without for column in known]])
    if name == "measure_break_even":
        return np.asarray(~(evidence.values("measure_slots") >= FEW))
    if name == "measure_slots":
        return np.asarray(True)
    end = {"low": "high", "high": "low"}.get(name.rpartition("_")[2], "median")
    return np.asarray(evidence.values(f"measure_avoided_{end}") <= 0.0)


def _without_percentage(evidence: Evidence) -> Flags:
    """Return where a percentage error of a backtest is none: not scored, or of a count of zero."""
    scored = evidence.data["backtest_scored_year"] == 1
    counted, base = evidence.data["backtest_observed"], evidence.data["backtest_base"]
    zero = ((counted - base).where(evidence.data["form_id"] != "level", counted) == 0.0) & scored
    zero = zero.any("time")
    held = evidence.data["backtest_mape"]
    without = (evidence.data["backtest_scored"] != 1) | zero
    return np.asarray(without.broadcast_like(held).transpose(*held.dims).values)


def _asked(evidence: Evidence, name: str) -> Flags:
    """Return where a bound of a feature or an end of a box may have no value."""
    if name.startswith("feature_"):
        return np.asarray(evidence.values(name.replace("_bound", "_status")) != 1)
    open_ = [~np.isfinite(evidence.values(f"box_{end}")) for end in ("low", "high")]
    if name == "box_p_value":
        leaf = evidence.values("box_method") == METHODS["tree"]
        return np.asarray((open_[0] & open_[1]) | leaf[:, None])
    return np.ones(open_[0].shape, dtype=np.bool_)


def _of_portfolios(evidence: Evidence, name: str) -> Flags:
    """Return where a portfolio may have no bound, or no plan."""
    status = evidence.values("portfolio_status")
    if name == "portfolio_cost":
        return np.asarray(status != KNOWN.index("solved"))
    closes = evidence.study.limits.closing is not None or evidence.study.closes_posts
    return np.isin(status, [KNOWN.index("refused"), KNOWN.index("no plan")]) | closes


def _of_reviews(evidence: Evidence, name: str) -> Flags:
    """Return where a branch has no end, or fresh scenarios say nothing of a risk."""
    if name == "branch_risk_fresh":
        return np.asarray(evidence.values("branch_probability_fresh")[:, None] == 0.0)
    if name.startswith("review_"):
        worst = [limit.rule == "worst" for limit in evidence.study.risk.values()]
        return np.array(worst) & name.endswith("_high")
    return np.asarray(True)  # which ends, the law of the branches tells


BY_PREFIX = {
    "box": _asked,
    "branch": _of_reviews,
    "feature": _asked,
    "measure": _of_measures,
    "portfolio": _of_portfolios,
    "review": _of_reviews,
}
"""How variables of a kind of their own may lack values, by the first word of their names."""
