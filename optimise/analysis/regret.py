"""Regret: what a fixed plan costs beyond the cheapest plan that reaches the same risks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.study.settings import KINDS_OF_PLAN
from ..infeasible.relaxations import Relaxation, relaxed, reliefs_of
from ..search.convex import STATUS, no_plan
from ..search.solve import find_plan
from ..search.value import Search, tolerance

Floats = NDArray[np.float64]


class Regret(NamedTuple):
    """Beside one fixed plan: the cheapest of no higher risks, inside all limits that it keeps."""

    cost: float  # NOK of that cheapest plan, or the cheapest found; NaN where there is none
    regret: float  # NOK, if stopped at least so much; below zero where the plan breaks limits
    total: float  # slots of the cheapest plan
    status: int  # STATUS, or NOT_ASKED


NOT_ASKED = 3
"""Code of a plan that is itself the cheapest of its kind: what it wastes is no question."""


def regrets(search: Search, plans: dict[str, Floats], risks: Floats) -> list[Regret]:
    """Return the regret of every plan, with its `risks` [plan, limit] on the pool's scenarios.

    A plan that breaks limits of the system stands beside the cheapest that may break the same ones
    as far: what was done in a year when rules were broken has its regret, too. None beyond what
    cuts rest on, which never gives way: there is no bound to prove a regret by. Plans of fewer
    kinds of posts are not asked for theirs.
    """
    found = []
    for number, ((name, slots), risk) in enumerate(zip(plans.items(), risks, strict=True), start=1):
        if name in KINDS_OF_PLAN:
            found.append(Regret(np.nan, np.nan, np.nan, NOT_ASKED))
            continue
        unlimited = [limit.limit is None for limit in search.pool.risk]
        same = np.where(unlimited, np.inf, risk + tolerance(risk))
        solution = no_plan(search, 0)
        if search.system.bounded(slots):
            fair = search.among(len(plans) + 1 - number)
            solution = find_plan(_as_lax(fair, slots, risk).hurried().with_limits(same))
        cheapest = solution.cost - solution.shortage_cost
        found.append(
            Regret(
                cheapest,
                search.system.prices.plan(slots) - cheapest,
                float(search.system.lis1(solution.slots).sum()),
                STATUS[solution.status],
            )
        )
        search.progress("regret", number, len(plans))
    return found


def _as_lax(search: Search, slots: Floats, risk: Floats) -> Search:
    """Return the search within limits of the system as lax as a plan needs them."""
    if search.system.keeps_limits(slots):
        return search
    broken = reliefs_of(slots, risk, search.system.limits)
    limits = tuple(relief.limit for relief in broken)
    taken = Relaxation(limits, "enough", broken, 0.0, 0.0, slots)
    return relaxed(search, taken)
