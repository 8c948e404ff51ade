"""Unproved: what of a result file is not worked out again, by name, and why."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

ENDS = ("", "_id", "_name")
"""Of an axis: its numbers, identifiers and words."""
VARIABLES = {
    "the search's own record": ("round_*",),
    "bounds and least risks that only searching again can prove": (
        "*_lower_bound",
        "way_bound",
        "feature_*_bound",
        "portfolio_bound",
        "risk_floor",
    ),
    "how a search ended": ("*_status",),
    "from searches of their own": (
        "table_*",
        "plan_cheapest_*",
        "portfolio_cost",
        "plan_regret",
        "shadow_*",
        "risk_binding",
    ),
    "where along an interval the search was asked": ("over_value", "frontier_limit"),
    "what was counted, which stands in no study, and its scores": (
        "backtest_*",
        *(f"{dim}{end}" for dim in ("series", "form", "forecast", "band") for end in ENDS),
    ),
}
"""Reason -> patterns of the names of variables."""
ATTRIBUTES = (
    "solution_status",
    "stopped_by",
    "another_costs_the_same",
    "kinds_undecided",
    "kinds_beyond",
    "lower_bound",
    "lp_bound",
    "rounded_lp_*",
    "rounds",
    "cuts",
    "bound_*",
    "binding_limits",
    "concavity_*",
    "*_cost",
    "choice_*",
    "value_of_*",
    "part_*",
    "over_present",
    "review_lower_bound",
    "review_st*",
    "review_at_same_risk",
)
"""Patterns of the names of attributes that say what a search found."""


def unproved(variables: Iterable[str], attributes: Iterable[str]) -> dict[str, list[str]]:
    """Return the names of what is not worked out again, by the reason why."""
    names = sorted(variables)
    found = {why: _like(names, patterns) for why, patterns in VARIABLES.items()}
    found["attributes: what a search said of itself"] = _like(sorted(attributes), ATTRIBUTES)
    return {why: some for why, some in found.items() if some}


def _like(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    return [name for name in names if any(fnmatchcase(name, each) for each in patterns)]
