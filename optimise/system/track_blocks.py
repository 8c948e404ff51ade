"""Earmarked LIS1 posts in Pyomo: their level and its limits (core/system/track_limits.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.system.arrays import System
from ...core.system.track_limits import Earmarked, MostTrackShare, Newcomers, TrackShare

Floats = NDArray[np.float64]


def add_track_levels(model: pyo.ConcreteModel, system: System) -> None:
    """Add earmarked posts beyond those given as a variable of their own, as LIS1 levels are.

    track_added[e·r, y] = track_added[e·r, y-1] + x[e·r, y],  nothing before the first decision.
    """
    if system.tracks is None:
        return
    rows = range(system.tracks.rows.start, system.tracks.rows.stop)
    model.track_added = pyo.Var(rows, model.years, domain=pyo.NonNegativeReals)

    def balance(m: pyo.ConcreteModel, row: int, y: int) -> pyo.Expression:
        before = m.track_added[row, y - 1] if y > 0 else 0.0
        return m.track_added[row, y] == before + m.slots[row, y]

    model.track_balance = pyo.Constraint(rows, model.years, rule=balance)


def add_earmarked(model: pyo.ConcreteModel, system: System) -> None:
    """Add that earmarked posts are of those on offer: sum_e track_level[e, r, y] <= level[r, y].

    Nobody can be appointed to a post that is not there. After the last decision levels stand still,
    but those given may not: the last row holds for all years to come.
    """
    model.earmarked = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(Earmarked):
        if not isinstance(limit, Newcomers):
            (r,) = limit.place
            given = limit.given[list(limit.rows), limit.first :].sum(axis=0)
            for y, most in enumerate(_until_the_last(-given, len(system.decision_years))):
                beyond = _added(model, limit.rows, y) - model.level[r, y]
                model.earmarked[r, y] = beyond <= most


def add_newcomers(model: pyo.ConcreteModel, system: System) -> None:
    """Add that newcomers fill earmarked posts: sum_e track_level[e, r, y] <= filled[r, y].

    filled is what those who join the queue in a round of the year fill in every scenario. Tracks
    are filled by newcomers alone; beyond, supply is neither linear in tracks nor concave, and no
    cut would hold.
    """
    model.newcomers = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(Newcomers):
        given = limit.given[list(limit.rows), limit.first :].sum(axis=0)
        for y, most in enumerate(_until_the_last(limit.room - given, len(system.decision_years))):
            if np.isfinite(most):
                model.newcomers[limit.place[0], y] = _added(model, limit.rows, y) <= most


def add_track_least_share(model: pyo.ConcreteModel, system: System) -> None:
    """Add the least share of a track: share x sum_r level[r, y] - sum_r track_level[e, r, y] <= 0.

    From the last decision on: what a plan leads to, not how fast. Of the whole country: regions
    differ in how many of its posts suit a track.
    """
    model.track_least_share = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(TrackShare):
        if not isinstance(limit, MostTrackShare):
            _add_share(model, system, limit, 1.0)


def add_track_most_share(model: pyo.ConcreteModel, system: System) -> None:
    """Add the greatest share: sum_r track_level[e, r, y] - share x sum_r level[r, y] <= 0.

    In every year: other specialties need beginners, too, on the way as at the end.
    """
    model.track_most_share = pyo.Constraint(pyo.Any)
    for limit in system.of_kind(MostTrackShare):
        _add_share(model, system, limit, -1.0)


def _add_share(model: pyo.ConcreteModel, system: System, limit: TrackShare, sign: float) -> None:
    """Add sign x (share x all LIS1 posts - the track's) <= 0 as rows of the limit's kind."""
    block, decisions = model.find_component(limit.kind), len(system.decision_years)
    given = limit.given[list(limit.rows), limit.first :].sum(axis=0)
    room = _until_the_last(sign * given, decisions)
    for y in range(limit.since, decisions):
        every = sum(model.level[r, y] for r in model.regions)
        lacking = limit.share * every - _added(model, limit.rows, y)
        block[limit.place[0], y] = sign * lacking <= room[y]


def _added(model: pyo.ConcreteModel, rows: Sequence[int], y: int) -> Any:
    """Return the posts earmarked by a plan in a year, in some rows together."""
    return sum(model.track_added[row, y] for row in rows)


def _until_the_last(room: Floats, decisions: int) -> list[float]:
    """Return the room [year] by decision year: of the last the least of all years to come."""
    found = room[:decisions].copy()
    found[-1] = room[decisions - 1 :].min()
    return [float(each) for each in found]
