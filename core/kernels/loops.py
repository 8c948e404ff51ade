"""Loops over the scenarios of a block: the kernel is one thing, the loop another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cohorts import Flow, Rates, new_flow, project, respond
from .compiled import compiled
from .origins import Origins, project_abroad
from .others import Others, OthersFlow, follow, new_others_flow
from .response import WAYS
from .tracks import Tracks, project_tracks

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class Ensemble(NamedTuple):
    """What a block of scenarios yields under one plan: stocks at the end of years, flows in them.

    All in persons but `supply`. Specialists, LIS2/3 and LIS1 have a group axis.
    """

    supply: Floats  # [n, year, group, region] FTE of specialists
    specialists: Floats  # [n, year, group, region]
    abroad: Floats  # [n, year, group, region] those of them educated abroad
    training: Floats  # [n, year, group, region] in LIS2/3
    entered: Floats  # [n, year, group, region] begun LIS2/3
    qualified: Floats  # [n, year, group, region] completed LIS2/3
    qualified_abroad: Floats  # [n, year, group, region] of these, those educated abroad
    left: Floats  # [n, year, group, region] given LIS2/3 up
    arrived: Floats  # [n, year, group, region] specialists from abroad
    lis1: Floats  # [n, year, region] in LIS1
    appointed: Floats  # [n, year, region]
    appointed_abroad: Floats  # [n, year, region] those of them educated abroad
    awaiting: Floats  # [n, year, region] appointed who begin in a later year
    unplaced: Floats  # [n, year, region] applicants left after the autumn round
    waiting_years: Floats  # [n, year, region] person-years waited after both rounds


GROUPED = (
    *("supply", "specialists", "abroad", "training", "entered", "qualified", "qualified_abroad"),
    *("left", "arrived"),
)
"""The fields of Ensemble with a group axis."""


def _room(rates: Rates) -> tuple[int, int, int, int, int]:
    """Return half-years, stages, groups, regions, ages."""
    groups, regions, ages = rates.specialists.shape
    return rates.newcomers.shape[1], rates.occupants.shape[0], groups, regions, ages


def ensemble(
    rates: Rates, origins: Origins, level: Floats, tracks: Tracks | None = None
) -> Ensemble:
    """Return the whole flow of every scenario of the block under `level` [region, year]."""
    out, room = room_for(rates)
    _ensemble(rates, origins, level, tracks, room, out, None, None)
    return out


def ensemble_with_others(
    rates: Rates, origins: Origins, level: Floats, others: Others, tracks: Tracks | None = None
) -> tuple[Ensemble, OthersFlow]:
    """Return the whole flow, and that of doctors without a speciality."""
    out, room = room_for(rates)
    count, years, regions = out.lis1.shape
    rest = new_others_flow(count, years, regions)
    _ensemble(rates, origins, level, tracks, room, out, others, rest)
    return out, rest


def room_for(rates: Rates) -> tuple[Ensemble, tuple[Flow, Flow]]:
    """Return room for the flows of a block, and for everybody and those from abroad in one."""
    count = len(rates.leakage)
    half_years, stages, groups, regions, ages = _room(rates)
    flat = (count, half_years // 2, regions)
    grouped = (count, half_years // 2, groups, regions)
    out = Ensemble(**{f: np.empty(grouped if f in GROUPED else flat) for f in Ensemble._fields})
    everybody = new_flow(half_years, stages, groups, regions, ages)
    return out, (everybody, new_flow(half_years, stages, groups, regions, ages))


@compiled()
def _ensemble(
    rates: Rates,
    origins: Origins,
    level: Floats,
    tracks: Tracks | None,
    room: tuple[Flow, Flow],
    out: Ensemble,
    others: Others | None,
    rest: OthersFlow | None,
) -> None:
    everybody, abroad = room
    nobody_waits = np.zeros(everybody.queue.shape[0])
    for i in range(rates.leakage.shape[0]):
        if tracks is None:
            project(rates, i, level, everybody)
            project_abroad(origins, rates, i, everybody, abroad)
        else:
            project_tracks(origins, rates, i, level, tracks, everybody, abroad)
        record_intake(i, rates.starting.shape[0], everybody, abroad, out)
        record_work(i, everybody, abroad, out)
        record_training(i, rates, everybody, abroad, out)
        if others is not None and rest is not None:
            follow(others, rates, i, everybody, nobody_waits, rest)


@compiled(apart=True)
def record_intake(i: int, to_start: int, everybody: Flow, abroad: Flow, out: Ensemble) -> None:
    """Fill scenario i of `out` with what becomes of the queue and LIS1."""
    for y in range(out.appointed.shape[1]):
        spring, autumn = 2 * y, 2 * y + 1
        for r in range(out.appointed.shape[2]):
            out.appointed[i, y, r] = everybody.appointed[spring, r] + everybody.appointed[autumn, r]
            out.appointed_abroad[i, y, r] = (
                abroad.appointed[spring, r] + abroad.appointed[autumn, r]
            )
            after_spring = everybody.queue[spring, r] - everybody.appointed[spring, r]
            out.unplaced[i, y, r] = everybody.queue[autumn, r] - everybody.appointed[autumn, r]
            out.awaiting[i, y, r] = everybody.appointed[autumn, r] if to_start > 0 else 0.0
            out.waiting_years[i, y, r] = 0.5 * (after_spring + out.unplaced[i, y, r])
            present = 0.0
            for s in range(everybody.occupants.shape[1]):
                present += everybody.occupants[autumn, s, r]
            out.lis1[i, y, r] = present


@compiled(apart=True)
def record_work(i: int, everybody: Flow, abroad: Flow, out: Ensemble) -> None:
    """Fill scenario i of `out` with what becomes of the specialists."""
    for y in range(out.supply.shape[1]):
        for k in range(out.supply.shape[2]):
            for r in range(out.supply.shape[3]):
                out.supply[i, y, k, r] = everybody.supply[y, k, r]
                out.specialists[i, y, k, r] = everybody.persons[y, k, r]
                out.abroad[i, y, k, r] = abroad.persons[y, k, r]


@compiled(apart=True)
def record_training(i: int, rates: Rates, flow: Flow, abroad: Flow, out: Ensemble) -> None:
    """Fill scenario i of `out` with what becomes of LIS2/3."""
    for y in range(out.training.shape[1]):
        spring, autumn = 2 * y, 2 * y + 1
        for k in range(out.training.shape[2]):
            for r in range(out.training.shape[3]):
                out.training[i, y, k, r] = flow.trainees[k, r, autumn]
                out.entered[i, y, k, r] = flow.entry[k, r, spring] + flow.entry[k, r, autumn]
                out.qualified[i, y, k, r] = (
                    flow.qualified[k, r, spring] + flow.qualified[k, r, autumn]
                )
                out.qualified_abroad[i, y, k, r] = (
                    abroad.qualified[k, r, spring] + abroad.qualified[k, r, autumn]
                )
                out.left[i, y, k, r] = (
                    flow.left_training[k, r, spring] + flow.left_training[k, r, autumn]
                )
                out.arrived[i, y, k, r] = (
                    rates.foreign[i, spring, k, r] + rates.foreign[i, autumn, k, r]
                )


def baseline_and_response(rates: Rates, length: int) -> tuple[Floats, Floats]:
    """Return the two tiers of every scenario, all groups together.

    Returns
    -------
    baseline : [n, year, region] FTE, without anyone appointed in the projection
    response : [n, way, length] FTE per person, by half-years since appointment (`respond`)
    """
    count = len(rates.leakage)
    half_years, stages, groups, regions, ages = _room(rates)
    baseline = np.empty((count, half_years // 2, regions))
    response = np.empty((count, WAYS, length))
    nobody = np.empty((regions, 0))
    flow = new_flow(half_years, stages, groups, regions, ages)
    _two_tiers(rates, nobody, flow, baseline, response)
    return baseline, response


@compiled()
def _two_tiers(
    rates: Rates, nobody: Floats, flow: Flow, baseline: Floats, response: Floats
) -> None:
    for i in range(rates.leakage.shape[0]):
        project(rates, i, nobody, flow)
        for y in range(baseline.shape[1]):
            for r in range(baseline.shape[2]):
                total = 0.0
                for k in range(flow.supply.shape[1]):
                    total += flow.supply[y, k, r]
                baseline[i, y, r] = total
        respond(rates, i, response[i : i + 1])


@compiled(error_model="numpy")
def add_up_whole(values: Floats, weight: Floats, units: float, sums: Whole) -> None:
    """Add `values` [n, place] times `weight` [n], in whole units of 1 / `units`, to `sums` [place].

    Sums of whole numbers do not depend on their order.
    """
    for i in range(values.shape[0]):
        for n in range(values.shape[1]):
            sums[n] += np.int64(np.rint(values[i, n] * weight[i] * units))
