"""Solving: the plan that keeps every rule, by cuts; chance limits by branch and cut."""

from __future__ import annotations

from .chance import find_chance_plan
from .convex import Solution, find_convex_plan
from .earmarking import fewest_earmarked
from .value import Search

__all__ = ["Solution", "find_plan"]


def find_plan(search: Search) -> Solution:
    """Find the cheapest plan whose risks stay within the limits; a price has none (infinite).

    CVaR, mean, worst case and price are convex: cuts alone are exact. Chance limits are not.
    """
    by_rule = find_convex_plan if search.pool.convex.all() else find_chance_plan
    return fewest_earmarked(search, by_rule(search))
