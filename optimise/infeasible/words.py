"""What would have to give, in a planner's words: region, year, places and posts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...core.study.study import Study
from ..system.use import years_of
from .relaxations import Relief, Way

Floats = NDArray[np.float64]


def beyond_reach(study: Study, limits: Floats, floors: Floats) -> list[str]:
    """Return the risk limits no plan inside the limits of the system reaches, a line each."""
    if np.isinf(floors).any():
        return ["the limits of the system contradict each other, whatever the risk"]
    return [
        f"{limit.name}: risk limit {limits[c]:.4f} (risk.{key}.limit) lies below the least "
        f"that any plan within ramp and supervision reaches, {floors[c]:.4f}"
        for c, (key, limit) in enumerate(study.risk.items())
        if limits[c] < floors[c]
    ]


def in_words(
    study: Study, limits: Floats, together: Way, risk: Way, alone: Sequence[Way]
) -> list[str]:
    """Return the ways out, a line each: any single one first, the risk limits together last."""
    lines = [way_in_words(study, limits, way) for way in alone if way.status == "enough"]
    if lines:
        lines = ["any one of these alone would do:", *(f"  {line}" for line in lines)]
    elif all(way.status == "not enough" for way in alone):
        lines = ["no single limit alone would do"]
    unknown = sum(way.status == "not examined" for way in alone)
    if unknown:
        lines.append(f"{unknown} limits were not examined for lack of time")
    if together.status == "enough":
        lines.append(f"the least over all limits: {way_in_words(study, limits, together)}")
    if risk.status == "enough":
        said = way_in_words(study, limits, risk)
        lines.append(f"least relaxation of the risk limits together: {said}")
    else:
        lines.append("the risk limits alone cannot give way enough: the system's limits contradict")
    return lines


def way_in_words(study: Study, limits: Floats, way: Way) -> str:
    """Return one way out: all it asks for."""
    return "; ".join(relief_in_words(study, limits, relief) for relief in way.reliefs) or "nothing"


def relief_in_words(study: Study, limits: Floats, relief: Relief) -> str:
    """Return what one limit must give, amounts rounded up so that they are enough."""
    group, years = relief.group, _years(study, relief.amounts)
    most = float(relief.amounts.max())
    match group.kind:
        case "risk":
            c = list(study.risk).index(group.name)
            raised = np.ceil((limits[c] + most) * 1e4 - 1e-6) / 1e4
            return f"{study.risk[group.name].name} {limits[c]:.4f} -> {raised:.4f}"
        case "capacity":
            return f"{study.regions[group.region].name} {years}: {_places(study, relief)}"
        case "national_ramp":
            return f"the country {years}: {_up(most)} more new slots a year than the ramp allows"
        case "regional_ramp":
            name = study.regions[group.region].name
            return f"{name} {years}: {_up(most)} more new slots a year than the ramp allows"
        case "budget":
            return f"{group.name} {years}: {_up(most / 1e6)} million NOK a year more"
        case "least_share":
            return f"{study.regions[group.region].name}: {_up(most)} slots fewer than its share"
        case _:
            name = study.limits.trainees[group.name].name
            return f"{name} {years}: {_up(most)} more doctors in LIS2/3"


def _places(study: Study, relief: Relief) -> str:
    """Return lacking capacity in places, with hours where hours are what is limited."""
    limit = study.capacity[relief.group.name]
    places = relief.amounts / limit.need_per_place_year.central
    worst = years_of(study)[int(places.argmax())]
    several = (relief.amounts > 0).sum() > 1
    most = f"{_up(places.max())} more place{'' if _up(places.max()) == '1' else 's'}"
    if several:
        most = f"up to {most} ({worst})"
    if "hour" in limit.unit:
        return f"{most} with {limit.name.lower()}, {_up(relief.amounts.max())} {limit.unit}"
    return f"{most}: {limit.name.lower()}"


def _years(study: Study, amounts: Floats) -> str:
    """Return the years in which something must give."""
    if len(amounts) == 1:
        return ""
    found = [year for year, each in zip(years_of(study), amounts, strict=True) if each > 0]
    return f"{found[0]}" if len(found) == 1 else f"{found[0]}-{found[-1]}"


def _up(value: float) -> str:
    """Return a number rounded up to a whole one."""
    return f"{int(np.ceil(value - 1e-6)):,}".replace(",", " ")
