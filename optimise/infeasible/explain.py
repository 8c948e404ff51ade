"""When there is no plan: what stands in the way, and every way out worth knowing."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.study.study import Study
from ..cuts.certificate import Certificate, highest_levels, where_it_fails
from ..cuts.pool import CutPool
from ..master.elastic import all_groups, risk_groups
from ..search.attainable import floor
from ..solvers.clock import Clock
from .iis import irreducible
from .relaxations import Way, single_groups, way_out
from .words import beyond_reach, in_words

Floats = NDArray[np.float64]
LOG = logging.getLogger("lis1plan")


class Infeasibility(NamedTuple):
    """Why no plan keeps all limits, and what would have to give for one to exist."""

    floors: Floats  # [limit] least risk of any plan inside the limits of the system
    together: Way  # all limits may give: the least sum of shares
    risk: Way  # only the risk limits may
    alone: list[Way]  # one limit at a time, or one capacity in all regions
    irreducible: list[str]  # rows that already contradict each other (HiGHS)
    certificate: Certificate  # of the proof that no plan keeps the limits
    lines: list[str]  # all of it in words


def explain(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, progress: Progress = silent
) -> Infeasibility:
    """Return why no plan keeps the `limits` on risk inside the limits of the system."""
    certificate, scenarios = pool.certificate, pool.oracle.scenarios
    chance = ~study.convex
    floors = floor(study, pool, clock)
    reach = np.where(chance, pool.oracle.risk(highest_levels(study)), floors)
    pool = pool.tails()
    together = way_out(study, pool, limits, all_groups(study), clock)
    risk = way_out(study, pool, limits, risk_groups(study), clock)
    singles, alone = single_groups(study), []
    for number, group in enumerate(singles, start=1):
        alone.append(way_out(study, pool, limits, group, clock))
        progress("ways out", number, len(singles))
    if chance.any():
        together, risk, *alone = (way._replace(bound=np.nan) for way in (together, risk, *alone))
    lines = [
        *beyond_reach(study, limits, reach),
        *in_words(study, limits, together, risk, alone),
    ]
    if chance.any():
        lines.append(
            "chance limits were moved as a CVaR of the same confidence, which is stricter: these "
            "steps are enough, smaller ones may be"
        )
    if not certificate.holds:
        failing = where_it_fails(study, certificate, scenarios)
        lines.append(f"that no plan keeps all limits is likely, not proved: {failing}")
    contradicting = irreducible(study, pool.cuts, limits)
    LOG.info("rows that contradict each other (HiGHS): %s", ", ".join(contradicting) or "none")
    return Infeasibility(floors, together, risk, alone, contradicting, certificate, lines)
