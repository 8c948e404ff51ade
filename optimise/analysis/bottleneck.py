"""Where the bottleneck sits: the cheapest plans that open posts of one kind alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.study.settings import LIS1_ALONE, SPECIALIST_ALONE
from ...core.study.study import with_no_new_posts, with_value
from ..search.solve import find_plan
from ..search.value import Search

Floats = NDArray[np.float64]
OF_THE_TIME = 0.2
"""Of the time left, what the search for each kind alone may take."""


class OneKind(NamedTuple):
    """The cheapest plans of one kind of post alone."""

    plans: dict[str, Floats]  # name -> [row, decision year]
    undecided: tuple[str, ...] = ()  # kinds of which neither a plan nor a proof of none was found


def one_kind_alone(search: Search) -> OneKind:
    """Return the cheapest plan that opens LIS1 posts alone, and the one of LIS2/3 posts alone.

    Each keeps every limit of the study. Nothing where a study does not decide on both; without a
    plan of a kind for which none is found: there the other needle's eye decides.
    """
    study, found = search.pool.oracle.study, dict[str, Floats]()
    if not study.decides_posts:
        return OneKind(found)
    undecided = []
    closed = {
        LIS1_ALONE: with_no_new_posts(study),
        SPECIALIST_ALONE: with_value(study, "ramp.national", 0.0),
    }
    for number, (name, alone) in enumerate(closed.items()):
        search.progress("posts of one kind", number, len(closed))
        asked = search.under(alone, search.limits).within(OF_THE_TIME).hurried()
        solution = find_plan(asked)
        if np.isfinite(solution.cost):
            found[name] = solution.slots
        elif solution.status != "infeasible":
            undecided.append(name)
    return OneKind(found, tuple(undecided))
