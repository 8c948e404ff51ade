"""Feasibility: whether a plan keeps the system's limits, and where today already breaks them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.flow.trainees import ROUNDING
from ...core.study.study import Study
from ...core.system.posts import lead_time, levels
from ...core.system.supervision import capacity, need
from .use import Group, Use, groups_of, use, years_of

Floats = NDArray[np.float64]


def excess_need(study: Study, slots: Floats) -> Floats:
    """Return need above capacity, [limit, region, year] in the limit's unit; zero if kept."""
    room = capacity(study)
    return np.maximum(need(study, levels(study, slots)) - room * (1.0 + ROUNDING), 0.0)


def keeps_supervision(study: Study, slots: Floats) -> bool:
    """Return whether `slots` [region, decision year] keep supervision and places everywhere."""
    first = study.first
    return not bool(excess_need(study, slots)[:, :, first:].any())


def keeps_system_limits(study: Study, slots: Floats) -> bool:
    """Return whether `slots` keep supervision, places, ramps and every further limit."""
    return (
        keeps_supervision(study, slots)
        and keeps_ramps(study, slots)
        and all(
            bool(keeps(use(study, group, slots)).all())
            for group in groups_of(study)
            if group.kind in ("budget", "least_share", "trainees")
        )
    )


def keeps(found: Use) -> NDArray[np.bool_]:
    """Return in which years the use of a limit stays within its room, but for rounding."""
    return np.asarray(found.used <= found.room * (1.0 + ROUNDING) + ROUNDING)


def keeps_ramps(study: Study, slots: Floats) -> bool:
    """Return whether `slots` keep the ramps, their lead times and what may be closed."""
    most, least = slot_bounds(study)
    return bool(
        np.all(slots <= most + ROUNDING)
        and np.all(slots >= least - ROUNDING)
        and np.all(np.maximum(slots, 0.0).sum(axis=0) <= study.ramp.national.value + ROUNDING)
    )


def slot_bounds(study: Study) -> tuple[Floats, Floats]:
    """Return most and least (closed: below zero) slots a year, [region, decision year]."""
    shape = (len(study.regions), len(study.decision_years))
    most, least, closing = np.zeros(shape), np.zeros(shape), study.limits.closing
    for r, name in enumerate(study.regions):
        most[r, lead_time(study, name) :] = study.ramp.regional[name].value
        if closing is not None and name in closing.most_per_year:
            least[r] = -closing.most_per_year[name].value
    return most, least


def lowest_plan(study: Study) -> Floats:
    """Return the plan that opens nothing and closes all it may, [region, decision year].

    No plan has a lower level anywhere: levels never fall below zero, lead times and least shares
    concern what is opened.
    """
    before = study.level0[:, None]
    level = np.maximum(before + np.cumsum(slot_bounds(study)[1], axis=1), 0.0)
    return np.diff(level, axis=1, prepend=before)


def overfull(study: Study) -> list[str]:
    """Return what even the lowest plan breaks, in words: no plan can mend that."""
    lowest = lowest_plan(study)
    left = "left when all is closed that may be" if lowest.any() else "there are"
    return [*_without_room(study, lowest, left), *_too_many_trainees(study, lowest)]


def _without_room(study: Study, lowest: Floats, left: str) -> list[str]:
    first = study.first
    excess = excess_need(study, lowest)
    regions, limits = list(study.regions.values()), list(study.capacity.values())
    return [
        f"{regions[r].name} {study.years[y]}: {limits[c].name.lower()} lacks "
        f"{np.ceil(excess[c, r, y]):.0f} {limits[c].unit} for the posts {left}"
        for c, r, y in np.argwhere(excess > 0)
        if y >= first
    ]


def _too_many_trainees(study: Study, lowest: Floats) -> list[str]:
    watched = {n: use(study, Group("trainees", n), lowest) for n in study.limits.trainees}
    return [
        f"{study.limits.trainees[name].name} {year}: {np.ceil(over):.0f} doctors in LIS2/3 more "
        f"than limits.trainees.{name} allows, from the posts there are"
        for name, found in watched.items()
        for year, over, kept in zip(years_of(study), found.excess, keeps(found), strict=True)
        if not kept
    ]
