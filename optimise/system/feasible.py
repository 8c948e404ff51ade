"""Feasibility before any work: what today's posts alone already break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ...core.system.arrays import System
from ...core.system.limits import Capacity, Trainees
from ...core.system.measure_columns import MostUnits
from ...core.system.target_limits import FromAbroad

Floats = NDArray[np.float64]


def lowest_plan(system: System) -> Floats:
    """Return the plan that opens nothing and closes all it may, [row, decision year].

    No plan has a lower level anywhere: levels never fall below zero, lead times and least shares
    concern what is opened. LIS2/3 posts may all be closed that may be in each year for itself, LIS1
    posts in multiples where a study asks for them.
    """
    before = system.level0[:, None]
    least = system.decisions.stepped(system.least_slots, np.ceil)
    level = np.maximum(before + np.cumsum(system.lis1(least), axis=1), 0.0)
    return _with_levels(system, level)


def _lowest_in_runs(system: System) -> Floats:
    """Return the plan that closes all it may where numbers stay the same for runs of years.

    The lower the level before a run of T years, the lower in all of it: level - j min(c, level / T)
    after j of them, c the most that may close a year, since the level never falls below zero.
    """
    decisions = system.decisions
    if not decisions.runs or not system.closing:
        return lowest_plan(system)
    least = decisions.stepped(system.least_slots, np.ceil)
    leads, level = decisions.leads(least.shape), np.zeros(system.lis1(least).shape)
    for r, at in enumerate(system.level0.tolist()):
        closed = 0.0
        for y in range(least.shape[1]):
            if leads[r, y]:
                columns = decisions.columns((r, y))
                closed = min(-float(least[r, columns].max()), at / len(columns))
            at -= closed
            level[r, y] = max(at, 0.0)
    return _with_levels(system, level)


def _with_levels(system: System, level: Floats) -> Floats:
    """Return the plan with such LIS1 levels, [region, decision year], and all LIS2/3 closed."""
    plan = system.no_slots
    plan[: len(level)] = np.diff(level, axis=1, prepend=system.level0[:, None])
    plan[len(level) :] = system.least_slots[len(level) :]
    return plan


def overfull(system: System) -> list[str]:
    """Return what even the lowest plan breaks, in words: no plan can mend that.

    Whatever units of measures there are with it.
    """
    lowest = _lowest_in_runs(system)
    lines = [*_without_room(system, lowest), *_too_many_trainees(system, lowest)]
    return [*lines, *_too_many_from_abroad(system, lowest)]


def _without_room(system: System, lowest: Floats) -> Iterator[str]:
    left = "left when all is closed that may be" if lowest.any() else "there are"
    for limit in system.of_kind(Capacity):
        c, r = limit.place
        adds = () if limit.widening is None else limit.widening.added[:, c, r] > 0.0
        best, but = _with_units(system, lowest, adds), ", whatever measures add" * any(adds)
        for year, lacking in zip(system.watched_years, limit.lacking(best), strict=True):
            if lacking > 0:
                yield (
                    f"{system.region_names[r]} {year}: {system.capacities[c].lower()} lacks "
                    f"{np.ceil(lacking):.0f} {limit.unit} for the posts {left}{but}"
                )


def _with_units(system: System, plan: Floats, wanted: Iterable[bool]) -> Floats:
    """Return a plan with all units, as early as they can be had, of the measures `wanted`."""
    more = plan.copy()
    for limit, is_wanted in zip(system.of_kind(MostUnits), wanted, strict=False):
        if is_wanted:
            had = np.minimum(np.cumsum(limit.most), limit.room[0])
            more[limit.place[0]] = np.diff(had, prepend=0.0)
    return more


def _too_many_from_abroad(system: System, lowest: Floats) -> Iterator[str]:
    """Yield the target that measures which bring fewer do not reach either, its first year."""
    for limit in system.of_kind(FromAbroad):
        fewest = _with_units(system, lowest, limit.arriving.each < 0.0)
        over = limit.excess(fewest)
        if not limit.keeps(fewest).all():
            t = int(np.argmax(over > 0.0))
            yield (
                f"specialists from abroad {system.watched_years[t]}: {limit.used(fewest)[t]:.1f} "
                f"arrive on average, {limit.key} allows {limit.room[t]:g}"
            )


def _too_many_trainees(system: System, lowest: Floats) -> Iterator[str]:
    for limit in system.of_kind(Trainees):
        over, kept = limit.excess(lowest), limit.keeps(lowest)
        for t in np.flatnonzero(~kept):
            yield (
                f"{limit.title} {system.watched_years[t]}: {np.ceil(over[t]):.0f} doctors in "
                f"LIS2/3 more than limits.{limit.identifier} allows, from the posts there are"
            )
