"""What would have to give, in a planner's words: region, year, places and posts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...core.system.arrays import System
from ...core.system.limit import SystemLimit
from ...core.system.limits import Capacity, RegionalRamp
from ...core.system.specialist_limits import SpecialistRamp
from ...core.system.track_limits import Newcomers, TrackRamp
from ..master.elastic import RiskBound
from .relaxations import Relaxation, Relief

Floats = NDArray[np.float64]
MORE = {
    "national_ramp": "{} more new slots a year than the ramp allows",
    "regional_ramp": "{} more new slots a year than the ramp allows",
    "budget": "{} million NOK a year more",
    "least_share": "{} slots fewer than its share",
    "intake_change": "a yearly intake that may differ by {} more slots from the first year's",
    "trainees": "{} more doctors in LIS2/3",
    "specialist_national": "{} more new LIS2/3 posts a year than may open",
    "specialist_total": "{} more new LIS2/3 posts in all than may open",
    "specialist_net": "{} more LIS2/3 posts opened, less those closed, than may be",
    "track_least_share": "{} earmarked posts fewer than its share",
    "track_most_share": "{} earmarked posts more than its share",
}
"""What a limit of the system must give, by its kind; capacity says more of itself."""
APART = {
    "pooled": "",
    "summed": " (summed over regions)",
    "summed_over_groups": " (summed over groups)",
    "summed_over_both": " (summed over groups and regions)",
}
"""What a limit on risk adds up, by its scope."""


def beyond_reach(bounds: Sequence[RiskBound], floors: Floats) -> list[str]:
    """Return the risk limits no plan inside the limits of the system reaches, a line each."""
    if np.isinf(floors).any():
        return ["the limits of the system contradict each other, whatever the risk"]
    return [
        f"{bound.asked.name}{APART[bound.asked.scope]}: risk limit {bound.most:.4f} "
        f"({bound.identifier}.limit) lies below the least that any plan within ramp and "
        f"supervision reaches, {floors[bound.number]:.4f}"
        for bound in bounds
        if bound.most < floors[bound.number]
    ]


def no_more_earmarked(system: System) -> list[str]:
    """Return in a line how many posts can be earmarked at most, whatever gives way; else none."""
    most = [
        f"{limit.subject} {int(limit.room.min() + 1e-6)}" for limit in system.of_kind(Newcomers)
    ]
    told = "no more posts can be earmarked in all years than newcomers fill in every scenario: "
    return [told + ", ".join(most)] if most else []


def in_words(
    system: System, together: Relaxation, risk: Relaxation, alone: Sequence[Relaxation]
) -> list[str]:
    """Return the ways out, a line each: any single one first, the risk limits together last."""
    said = (way_in_words(system, way) for way in alone if way.status == "enough")
    lines = list(dict.fromkeys(said))  # two limits may give way in the same words
    if lines:
        lines = ["any one of these alone would do:", *(f"  {line}" for line in lines)]
    elif all(way.status == "not enough" for way in alone):
        lines = ["no single limit alone would do"]
    unknown = sum(way.status == "not examined" for way in alone)
    if unknown:
        lines.append(f"{unknown} limits were not examined for lack of time")
    if together.status == "enough":
        lines.append(f"the least over all limits: {way_in_words(system, together)}")
    if risk.status == "enough":
        least = way_in_words(system, risk)
        lines.append(f"least relaxation of the risk limits together: {least}")
    elif risk.status == "not enough":
        lines.append("the risk limits alone cannot give way enough: the system's limits contradict")
    else:
        lines.append("whether the risk limits alone can give way was not found out in time")
    return lines


def way_in_words(system: System, way: Relaxation) -> str:
    """Return one way out: all it asks for."""
    return "; ".join(relief_in_words(system, relief) for relief in way.reliefs) or "nothing"


def relief_in_words(system: System, relief: Relief) -> str:
    """Return what one limit must give, amounts rounded up so that they are enough."""
    limit, amounts = relief.limit, relief.amounts
    where = f"{limit.subject} {_years(system, amounts)}".strip()
    if isinstance(limit, RiskBound):
        raised = np.ceil((limit.most + float(amounts.max())) * 1e4 - 1e-6) / 1e4
        return f"{where}{APART[limit.asked.scope]} {limit.most:.4f} -> {raised:.4f}"
    if isinstance(limit, Capacity):
        return f"{where}: {_places(system, limit, amounts)}"
    if isinstance(limit, SpecialistRamp):
        return _posts(system, limit, amounts, "LIS2/3")
    if isinstance(limit, TrackRamp):
        return _posts(system, limit, amounts, "earmarked LIS1")
    assert isinstance(limit, SystemLimit)
    return f"{where}: {MORE[limit.kind].format(_up(float(amounts.max()) / limit.per_row))}"


def _posts(system: System, limit: RegionalRamp, amounts: Floats, what: str) -> str:
    """Return lacking posts of a group or track in a region: they stay from the year they open."""
    most, years = _up(float(amounts.max())), _years(system, amounts)
    more = f"{most} more {what} post{'' if most == '1' else 's'}"
    if (amounts > 0).sum() == 1:
        return f"{limit.subject}: {more} from {years}"
    return f"{limit.subject} {years}: up to {more} a year"


def _places(system: System, limit: Capacity, amounts: Floats) -> str:
    """Return lacking capacity in places, with hours where hours are what is limited."""
    places, what = amounts / limit.per_place, system.capacities[limit.place[0]].lower()
    worst = system.watched_years[int(places.argmax())]
    several = (amounts > 0).sum() > 1
    most = f"{_up(places.max())} more place{'' if _up(places.max()) == '1' else 's'}"
    if several:
        most = f"up to {most} ({worst})"
    sold = (limit.room > limit.free).any()
    beyond = " beyond what can be bought" if sold else ""
    if "hour" in limit.unit:
        return f"{most} with {what}, {_up(amounts.max())} {limit.unit}{beyond}"
    return f"{most}: {what}{beyond}"


def _years(system: System, amounts: Floats) -> str:
    """Return the years in which something must give."""
    if len(amounts) == 1:
        return ""
    both = zip(system.watched_years, amounts, strict=True)
    found = [year for year, each in both if each > 0]
    return f"{found[0]}" if len(found) == 1 else f"{found[0]}-{found[-1]}"


def _up(value: float) -> str:
    """Return a number rounded up to a whole one."""
    return f"{int(np.ceil(value - 1e-6)):,}".replace(",", " ")
