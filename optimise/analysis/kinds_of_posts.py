"""Which kinds of posts are needed: the cheapest plans that make do with some of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.study.settings import KINDS_OF_PLAN
from ...core.study.study import kinds_decided, with_kinds_alone
from ..infeasible.relaxations import least_relaxation, limits_on_risk
from ..search.solve import find_plan
from ..search.value import Search

Floats = NDArray[np.float64]


class FewerKinds(NamedTuple):
    """Plans that make do with some of the kinds of posts a study decides on."""

    plans: dict[str, Floats]  # name, of `KINDS_OF_PLAN` -> [row, decision year]
    beyond: tuple[str, ...] = ()  # proved: no such plan keeps the limits; the nearest is told
    undecided: tuple[str, ...] = ()  # neither a plan nor a proof of none was found


def fewer_kinds(search: Search) -> FewerKinds:
    """Return the cheapest plan of each part of the kinds of posts that a study decides on.

    Each keeps every limit of the study. Where none does, it is the plan nearest to that: inside all
    other limits, and beyond those on risk by the least sum of shares. Nothing where a study decides
    on one kind.
    """
    study, decided = search.pool.oracle.study, set(kinds_decided(search.pool.oracle.study))
    asked = {name: kinds for name, kinds in KINDS_OF_PLAN.items() if decided > set(kinds)}
    plans, beyond, undecided = dict[str, Floats](), list[str](), list[str]()
    for number, (name, kinds) in enumerate(asked.items()):
        search.progress("plans of fewer kinds of posts", number, len(asked))
        alone = search.under(with_kinds_alone(study, kinds), search.limits)
        alone = alone.among(len(asked) - number)
        solution = find_plan(alone.hurried())
        if np.isfinite(solution.cost):
            plans[name] = solution.slots
        elif solution.status != "infeasible":
            undecided.append(name)
        else:
            beyond.append(name)
            plans |= _nearest(name, alone)
    return FewerKinds(plans, tuple(beyond), tuple(undecided))


def _nearest(name: str, search: Search) -> dict[str, Floats]:
    """Return the plan beyond the limits on risk by the least sum of shares; none if none was found.

    A chance limit is moved as a CVaR of the same confidence.
    """
    search = search.judged_by_tails()
    found = least_relaxation(search, limits_on_risk(search))
    return {name: found.slots} if found.status == "enough" else {}
