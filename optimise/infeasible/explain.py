"""When there is no plan: what stands in the way, and every way out worth knowing."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..cuts.certificate import Certificate, highest_levels, lowest_levels
from ..search.attainable import floor
from ..search.value import Search
from .iis import irreducible
from .relaxations import (
    Relaxation,
    all_limits,
    least_relaxation,
    limits_on_risk,
    one_at_a_time,
)
from .words import beyond_reach, in_words, no_more_earmarked

Floats = NDArray[np.float64]
LOG = logging.getLogger("lis1plan")
SHARE_OF_TIME = 0.25
"""What of the time left floors and ways through many limits may take."""


class Infeasibility(NamedTuple):
    """Why no plan keeps all limits, and what would have to give for one to exist."""

    floors: Floats  # [limit] least risk of any plan inside the limits of the system
    together: Relaxation  # all limits may give: the least sum of shares
    risk: Relaxation  # only the risk limits may
    alone: list[Relaxation]  # one limit at a time, or one capacity in all regions
    irreducible: list[str]  # rows that already contradict each other (HiGHS)
    certificate: Certificate  # how the concavity condition fares
    lines: list[str]  # all of it in words


def explain(search: Search) -> Infeasibility:
    """Return why no plan keeps the limits on risk inside the limits of the system.

    That there is none is told at once; ways out are looked for in the time that is left.
    """
    singles, alone = one_at_a_time(search.judged_by_tails()), list[Relaxation]()
    search.progress("no plan keeps all limits; ways out", 0, len(singles))
    pool, chance = search.pool, ~search.pool.convex
    floors = floor(pool, search.clock.part(SHARE_OF_TIME))
    highest, lowest = highest_levels(search.system), lowest_levels(search.system)
    least = pool.oracle.least_within(highest, lowest)
    reach = np.where(chance, pool.oracle.risk_of(least), floors)
    search = search.judged_by_tails()
    risk = least_relaxation(search.within(SHARE_OF_TIME), limits_on_risk(search))
    together = least_relaxation(search.within(SHARE_OF_TIME), all_limits(search))
    for number, free in enumerate(singles, start=1):
        fair = search.among(len(singles) + 1 - number)
        alone.append(least_relaxation(fair, free))
        search.progress("ways out", number, len(singles))
    if chance.any():
        together, risk, *alone = (way._replace(bound=np.nan) for way in (together, risk, *alone))
    lines = [
        *beyond_reach(limits_on_risk(search), reach),
        *in_words(search.system, together, risk, alone),
        *no_more_earmarked(search.system),
    ]
    if chance.any():
        lines.append(
            "chance limits were moved as a CVaR of the same confidence, which is stricter: these "
            "steps are enough, smaller ones may be"
        )
    contradicting = irreducible(search)
    LOG.info("rows that contradict each other (HiGHS): %s", ", ".join(contradicting) or "none")
    return Infeasibility(floors, together, risk, alone, contradicting, pool.certificate, lines)
