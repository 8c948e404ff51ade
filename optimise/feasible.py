"""Feasibility: whether a plan keeps the system's limits, and where today already breaks them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.study import Study
from ..core.system import capacity, levels, need
from .system_limits import groups_of, use

Floats = NDArray[np.float64]
ROUNDING = 1e-6
"""Relative tolerance on supervision limits, as loose as the solver's."""


def excess_need(study: Study, slots: Floats) -> Floats:
    """Return need above capacity, [limit, region, year] in the limit's unit; zero if kept."""
    room = capacity(study)
    return np.maximum(need(study, levels(study, slots)) - room * (1.0 + ROUNDING), 0.0)


def keeps_supervision(study: Study, slots: Floats) -> bool:
    """Return whether `slots` [region, decision year] keep supervision and places everywhere."""
    first = study.time.first_decision - study.time.first_year
    return not bool(excess_need(study, slots)[:, :, first:].any())


def keeps_system_limits(study: Study, slots: Floats) -> bool:
    """Return whether `slots` keep supervision, places, ramps and every further limit."""
    return (
        keeps_supervision(study, slots)
        and keeps_ramps(study, slots)
        and all(
            bool(np.all(found.used <= found.room * (1.0 + ROUNDING) + ROUNDING))
            for group in groups_of(study)
            if group.kind in ("budget", "least_share", "trainees")
            for found in (use(study, group, slots),)
        )
    )


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
        lead = study.ramp.lead_time_years.get(name)
        begin = 0 if lead is None else int(lead.value)
        most[r, begin:] = study.ramp.regional[name].value
        if closing is not None and name in closing.most_per_year:
            least[r] = -closing.most_per_year[name].value
    return most, least


def overfull(study: Study) -> list[str]:
    """Return where today's posts alone exceed capacity, in words; no plan can mend that."""
    nothing = np.zeros((len(study.regions), len(study.decision_years)))
    first = study.time.first_decision - study.time.first_year
    excess = excess_need(study, nothing)
    regions, limits = list(study.regions.values()), list(study.capacity.values())
    return [
        f"{regions[r].name} {study.years[y]}: {limits[c].name.lower()} lacks {excess[c, r, y]:.0f} "
        f"{limits[c].unit} for the posts there are"
        for c, r, y in np.argwhere(excess > 0)
        if y >= first
    ]
