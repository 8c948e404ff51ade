"""Supervision that grows with the specialists: what slots need of it, calibrated on today's use.

A risk limit that `supervises` a capacity judges, in every year y from the first decision on,

    g[y] = sum_r need[r, y] / K0 - sum_r S[r, y] / S0

K0 is capacity at the start, today's use x (1 + slack), S the specialists' FTE in the scenario, S0
at the start. What one specialist can supervise stays what it was when today's use fitted. Supply is
concave and the need affine in the slots, so g is convex; it is signed, unlike a shortage.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..flow.rates import fte_by_age, initial_specialists
from ..study.risk_limit import RiskLimit, SupervisionLimit
from ..study.study import Study
from ..system.supervision import capacity_at_start, need, place_years

Floats = NDArray[np.float64]


def supervisors_at_start(study: Study, limit: RiskLimit) -> float:
    """Return the FTE of specialists who supervise at the start in the limit's regions; or 0."""
    if not isinstance(limit, SupervisionLimit):
        return 0.0
    present = (initial_specialists(study) * fte_by_age(study)[:, None, :]).sum(axis=2)
    regions = [list(study.regions).index(name) for name in limit.regions]
    groups = [list(study.groups).index(name) for name in limit.groups or study.groups]
    return float(present[np.ix_(groups, regions)].sum())


def busy_shares(study: Study, limit: RiskLimit) -> Floats:
    """Return what a slot needs of the supervision at the start, [region, years since its start].

    All zero for a limit on shortage, and in regions the limit does not judge.
    """
    lengths = (len(place_years(study, each.arena)) for each in study.capacity.values())
    longest = max(lengths, default=1)  # a study may limit no supervision at all
    shares = np.zeros((len(study.regions), longest))
    if not isinstance(limit, SupervisionLimit):
        return shares
    value = study.capacity[limit.supervises]
    busy = value.need_per_place_year.central * place_years(study, value.arena)
    room = capacity_at_start(study)[list(study.capacity).index(limit.supervises)]
    members = [list(study.regions).index(name) for name in limit.regions]
    shares[members, : len(busy)] = busy / room[members].sum()
    return shares


def supervision_needed(study: Study, limit: SupervisionLimit, level: Floats) -> Floats:
    """Return what `level` [region, year] needs of the supervision at the start, [year], a share."""
    c = list(study.capacity).index(limit.supervises)
    members = [list(study.regions).index(name) for name in limit.regions]
    used = need(study, level)[c, members].sum(axis=0)
    return np.asarray(used / capacity_at_start(study)[c, members].sum())
