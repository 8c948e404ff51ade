"""Warnings: what a request says that can hardly be meant. All that commands warn of is found here.

Lines begin with the place and the key of the study, or with the file of a plan and its lines there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..core.compute.place import Progress, Where
from ..core.study.checks.doubts import doubts
from ..core.study.measures.choice import chosen
from ..core.system.arrays import System, system_of
from ..core.system.limit import ROUNDING, SystemLimit
from ..core.system.limits import Capacity
from ..optimise.job import InfeasibleError
from . import attainable
from .options import Options
from .request import Flags, Floats, JobRequest

Years = NDArray[np.intp]

EFFORT = attainable.Effort(seconds=10.0, scenarios=20_000)
"""For the attainable intervals where they are asked for warnings alone."""


class Interval(NamedTuple):
    """A limit on risk and what can be attained: its least, and the risk without new slots."""

    key: str
    limit: float | None
    floor: float
    ceiling: float


def warnings_of(request: JobRequest[Options]) -> list[str]:
    """Return what can be said before any work."""
    study, system = request.study, system_of(request.study)
    lines = [request.placed(line) for line in doubts(request.written)]
    if not request.options.chooses:
        lines += [request.placed(line) for line in _left_open(request)]
    if float(system.prices.slot.min()) <= 0.0:
        said = f"a post costs nothing by cost.basis = '{study.cost.basis}'; give what it costs"
        lines.append(request.placed(f"cost.components: {said}"))
    for name, slots in request.plans.items():
        if slots.any():
            plan = "" if len(request.plans) == 1 else f"plan '{name}': "
            for limit, years in _broken(system, slots):
                place = request.plan_place(name, _adding(limit, years, slots))
                said = f"breaks {limit.title} ({limit.key}){_figures(system, limit, years, slots)}"
                lines.append(f"{place}: {plan}{said}")
    return lines


def _left_open(request: JobRequest[Options]) -> Iterator[str]:
    """Yield the measures left to the optimiser, where a command chooses none."""
    for name in chosen(request.written):
        yield (
            f"measure.{name}.decision: 'choose' counts as off here: run and frontier choose; put "
            'it in force by use, or by decision = "on"'
        )


def _broken(system: System, slots: Floats) -> Iterator[tuple[SystemLimit, Years]]:
    """Yield each limit of the system that a plan breaks, with the years counted from its first."""
    for limit in system.limits:
        years = np.flatnonzero(~limit.keeps(slots))
        if len(years):
            yield limit, years


def _adding(limit: SystemLimit, years: Years, slots: Floats) -> Flags:
    """Return the cells of a plan without which a limit is kept or less is used, in such years."""
    adding, used = np.zeros(slots.shape, dtype=np.bool_), limit.used(slots)[years]
    for cell in zip(*np.nonzero(slots), strict=True):
        without = slots.copy()
        without[cell] = 0.0
        less = limit.used(without)[years] < used - ROUNDING * np.maximum(np.abs(used), 1.0)
        adding[cell] = bool((less | limit.keeps(without)[years]).any())
    return adding


def _figures(system: System, limit: SystemLimit, years: Years, slots: Floats) -> str:
    """Return years, use and room of a broken limit, where it has years."""
    used, room = limit.used(slots), np.asarray(limit.room)
    if len(room) != len(system.watched_years):
        return ""
    first = int(years[0])
    more = f"; broken in {len(years)} years" if len(years) > 1 else ""
    most = f"{used[first]:,.0f} {limit.unit}, at most {room[first]:,.0f}"
    lead = (
        "" if isinstance(limit, Capacity) or used[first] > room[first] else ", not yet or no more"
    )
    return f": {system.watched_years[first]}: {most}{lead}{more}"


def outside(request: JobRequest[Options], intervals: Sequence[Interval]) -> list[str]:
    """Return limits on risk that no plan reaches, and those that hold without any."""
    lines = []
    for key, limit, low, high in intervals:
        if limit is None:
            continue
        if limit < low:
            lines.append(
                f"risk.{key}.limit: {limit:g} is below {low:.4g}, the least any plan reaches: no "
                "plan keeps it"
            )
        elif limit >= high:
            lines.append(
                f"risk.{key}.limit: {limit:g} is not below {high:.4g}, the risk without new slots: "
                "it asks for nothing"
            )
    return [request.placed(line) for line in lines]


def intervals_in(request: JobRequest[Options], result: xr.Dataset) -> list[Interval]:
    """Return the limits of a run with what it found attainable."""
    found = zip(result["risk_floor"].values, result["risk_ceiling"].values, strict=True)
    both = zip(request.study.risk.items(), found, strict=True)
    return [Interval(key, x.limit, float(low), float(high)) for (key, x), (low, high) in both]


def intervals_of(rows: Sequence[Mapping[str, Any]]) -> list[Interval]:
    """Return the limits with what `attainable_intervals` found."""
    return [Interval(row["id"], row["limit"], row["floor"], row["ceiling"]) for row in rows]


def outside_of(request: JobRequest[Options], where: Where, progress: Progress) -> list[str]:
    """Return limits outside what can be attained, where that was not worked out anyway.

    A million scenarios would be drawn a second time for it: the first of them are enough to warn.
    """
    try:
        rows = attainable.attainable_intervals(request, where, progress, EFFORT)
    except InfeasibleError as error:
        return [request.placed(f"capacity: today's posts alone exceed it: {error.lines[0]}")]
    some = f" (on {EFFORT.scenarios:,} of the scenarios)"
    fewer = request.study.sampling.scenarios > EFFORT.scenarios
    return [line + some * fewer for line in outside(request, intervals_of(rows))]
