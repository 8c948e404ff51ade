"""The limits of the system, one by one: what a plan uses of each, and how much there is.

Each group is one limit as a planner would name it. Its years are those of the projection from the
first decision on, except where the group has none (a least share): then a single entry.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.flow.trainees import trainees_of
from ...core.study.study import Study
from ...core.system.costs import yearly_cost
from ...core.system.posts import levels
from ...core.system.supervision import capacity, need

Floats = NDArray[np.float64]
Kind = Literal[
    "risk", "capacity", "national_ramp", "regional_ramp", "budget", "least_share", "trainees"
]


class Group(NamedTuple):
    """One limit: its kind, its identifier in the study and its region, where it has one."""

    kind: Kind
    name: str = ""
    region: str = ""


class Use(NamedTuple):
    """What a plan uses of a limit and what there is, by year; `inf` where nothing is said."""

    used: Floats
    room: Floats

    @property
    def excess(self) -> Floats:
        """Return by how much each year's use exceeds its room."""
        return np.maximum(self.used - self.room, 0.0)


def groups_of(study: Study) -> list[Group]:
    """Return every limit of the system the study sets, risk apart, in a fixed order."""
    payers = dict.fromkeys(row.payer for row in study.limits.budget)
    return [
        *_capacities(study),
        Group("national_ramp"),
        *(Group("regional_ramp", "", region) for region in study.regions),
        *(Group("budget", payer) for payer in payers),
        *(Group("least_share", "", region) for region in study.limits.least_share),
        *(Group("trainees", name) for name in study.limits.trainees),
    ]


def _capacities(study: Study) -> list[Group]:
    """Return the capacities that are given; those that grow with specialists are limits on risk."""
    return [
        Group("capacity", limit, region)
        for limit, rooms in zip(study.capacity, capacity(study), strict=True)
        for region, room in zip(study.regions, rooms, strict=True)
        if np.isfinite(room).any()
    ]


def years_of(study: Study) -> tuple[int, ...]:
    """Return the calendar years in which limits are watched."""
    return tuple(year for year in study.years if year >= study.time.first_decision)


def use(study: Study, group: Group, slots: Floats) -> Use:
    """Return what `slots` [region, decision year] use of a limit, and its room."""
    first, opened = study.first, np.maximum(slots, 0.0)
    regions = list(study.regions)
    match group.kind:
        case "capacity":
            place = list(study.capacity).index(group.name), regions.index(group.region)
            used = need(study, levels(study, slots))[place]
            return Use(used[first:], capacity(study)[place][first:])
        case "national_ramp":
            return _by_decision_year(study, opened.sum(axis=0), study.ramp.national.value)
        case "regional_ramp":
            most = study.ramp.regional[group.region].value
            return _by_decision_year(study, opened[regions.index(group.region)], most)
        case "budget":
            return Use(_paid(study, group.name, slots), budget_of(study, group.name))
        case "least_share":
            least = study.limits.least_share[group.region].value * opened.sum()
            return Use(np.array([least]), np.array([opened[regions.index(group.region)].sum()]))
        case "trainees":
            limit = study.limits.trainees[group.name]
            used = trainees_of(study, limit.regions, slots)
            return Use(used, np.full(len(used), limit.most))
        case _:
            raise ValueError(f"{group.kind}: not a limit of the system")


def budget_of(study: Study, payer: str) -> Floats:
    """Return a payer's budget by year from the first decision on, `inf` where there is none."""
    rows = {row.year: row.nok for row in study.limits.budget if row.payer == payer}
    return np.array([rows.get(year, np.inf) for year in years_of(study)])


def cost_response(study: Study, payer: str) -> Floats:
    """Return what a slot opened in a decision year costs a payer, [decision year, year] NOK."""
    result = []
    for y in range(len(study.decision_years)):
        slots = np.zeros((len(study.regions), len(study.decision_years)))
        slots[0, y] = 1.0
        result.append(_paid(study, payer, slots))
    return np.stack(result)


def _paid(study: Study, payer: str, slots: Floats) -> Floats:
    gross, report = yearly_cost(study, levels(study, slots))
    first = study.first
    if payer == "report":
        paid = report
    elif payer == "all":
        paid = gross.sum(axis=0)
    else:
        names = list(dict.fromkeys(row.payer for row in study.cost.components))
        paid = gross[names.index(payer)]
    return np.asarray(paid[first : len(study.years)])


def _by_decision_year(study: Study, opened: Floats, most: float) -> Use:
    years = len(years_of(study))
    used = np.zeros(years)
    used[: len(opened)] = opened
    return Use(used, np.full(years, most))
