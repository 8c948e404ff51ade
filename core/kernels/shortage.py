"""Shortage under a plan, compiled: queue, supply and shortfall Z, side by side.

The judged part of the model only: judged supply in the years of the risk window as baseline plus
response times appointed (docs/model.md section 4). Scenarios lie innermost, `lane` by lane in
blocks, so that the compiler works on several at once; every lane sees the same operations in the
same order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LANES = 64
MEAN, MAXIMUM, TOTAL = 0, 1, 2


class Lanes(NamedTuple):
    """Scenario data in blocks of lanes, [block, ..., lane]: half-years that can still count."""

    leakage: Floats  # [block, lane]
    fill_rate: Floats  # [block, region, lane]
    offer_share: Floats  # [block, half_year, lane]
    unplaced: Floats  # [block, region, lane]
    newcomers: Floats  # [block, half_year, lane] in all regions together
    baseline: Floats  # [block, stream, year held, region, lane] FTE
    demand: Floats  # [block, stream, year held, region, lane] FTE
    response: Floats  # [block, stream, n - least delay, region, region, lane] FTE per appointed


class Judgement(NamedTuple):
    """What is judged, limit by limit, and where the window lies.

    A stream is a set of groups counted in one way: several limits may judge the same.
    """

    preference: Floats  # [region] share of newcomers who join its queue
    stream: NDArray[np.int64]  # [limit] what it judges
    member: Floats  # [limit, region] 1 where the limit counts the region
    summed: NDArray[np.bool_]  # [limit] shortfalls summed over regions, else pooled
    relative: NDArray[np.bool_]  # [limit]
    begin: NDArray[np.int64]  # [limit] first year judged, counted from `first`
    end: NDArray[np.int64]  # [limit] year after the last
    supervisors: Floats  # [limit] FTE at the start; 0 where shortage is judged, not supervision
    busy: Floats  # [limit, region, offset] share of supervision at the start a slot needs
    statistic: NDArray[np.int64]  # [limit] MEAN, MAXIMUM or TOTAL over the window
    first: int  # index of the first year held in the projection
    delay: NDArray[np.int64]  # [stream] half-years before the first response
    to_start: int  # half-years from the round to the intake whose posts it fills


@njit(nogil=True, cache=True)
def appoint_lanes(
    lanes: Lanes, judgement: Judgement, b: int, level: Floats, appointed: Floats, bound: Floats
) -> None:
    """Fill `appointed` [half_year, region, lane]; `bound`: 1 where offers decide."""
    half_years, regions, width = appointed.shape
    for r in range(regions):
        unplaced = lanes.unplaced[b, r].astype(np.float64)
        for h in range(half_years):
            slots = level[r, (h + judgement.to_start) // 2]
            for i in range(width):
                joining = lanes.newcomers[b, h, i] * judgement.preference[r]
                waiting = (1.0 - lanes.leakage[b, i]) * unplaced[i] + joining
                offers = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i] * slots
                appointed[h, r, i] = min(offers, waiting)
                bound[h, r, i] = 1.0 if offers <= waiting else 0.0
                unplaced[i] = waiting - appointed[h, r, i]


@njit(nogil=True, cache=True, fastmath={"contract"})
def add_supply(
    lanes: Lanes, b: int, s: int, judgement: Judgement, appointed: Floats, supply: Floats
) -> None:
    """Fill `supply` [year held, region, lane] of stream s with baseline plus response."""
    regions, width = appointed.shape[1], appointed.shape[2]
    base, delay = judgement.delay.min(), judgement.delay[s]
    for y in range(supply.shape[0]):
        end = 2 * (judgement.first + y) + 1
        for t in range(regions):
            for i in range(width):
                supply[y, t, i] = lanes.baseline[b, s, y, t, i]
        for h in range(end - delay + 1):
            for r in range(regions):
                for t in range(regions):
                    for i in range(width):
                        supply[y, t, i] += (
                            lanes.response[b, s, end - h - base, r, t, i] * appointed[h, r, i]
                        )


@njit(nogil=True, cache=True)
def needed_supervision(judgement: Judgement, level: Floats, needed: Floats) -> None:
    """Fill `needed` [limit, year held]: what slots need, as a share of supervision at the start.

    Before the projection the levels are taken to be those of its first year.
    """
    needed[:] = 0.0
    for c in range(needed.shape[0]):
        for y in range(judgement.begin[c], judgement.end[c]):
            for r in range(level.shape[0]):
                for o in range(judgement.busy.shape[2]):
                    at = max(judgement.first + y - o, 0)
                    needed[c, y] += judgement.busy[c, r, o] * level[r, at]


@njit(nogil=True, cache=True)
def judge(
    judgement: Judgement,
    c: int,
    needed: Floats,
    demand: Floats,
    supply: Floats,
    i: int,
    weight: Floats,
) -> float:
    """Return Z of limit c in lane i; fill `weight` [year, region] with its slope against supply."""
    regions, years = weight.shape[1], judgement.end[c] - judgement.begin[c]
    value: float = 0.0
    worst = -1
    weight[:] = 0.0
    for y in range(judgement.begin[c], judgement.end[c]):
        wanted = gap = present = 0.0
        for r in range(regions):
            if judgement.member[c, r] > 0.0:
                wanted += demand[y, r, i]
                present += supply[y, r, i]
                if judgement.summed[c] and not demand[y, r, i] <= supply[y, r, i]:
                    gap += demand[y, r, i] - supply[y, r, i]
        unit = 1.0
        supervised = judgement.supervisors[c] > 0.0
        if supervised:  # signed: where supervisors abound it is below zero
            unit = 1.0 / judgement.supervisors[c]
            gap = needed[c, y] / unit - present
        elif not judgement.summed[c]:
            gap = wanted - present
            if gap <= 0.0:
                gap = 0.0
        if np.isnan(gap):  # comparisons with it are false: it would pass as no shortage
            return np.nan
        if judgement.relative[c] and not supervised:
            unit = 1.0 / wanted if wanted > 0.0 else 0.0
        if judgement.statistic[c] == MAXIMUM:
            if worst < 0 or gap * unit > value:
                value, worst = gap * unit, y
        else:
            value += gap * unit
        for r in range(regions):
            if judgement.member[c, r] > 0.0 and (gap > 0.0 or supervised):
                short = demand[y, r, i] > supply[y, r, i] if judgement.summed[c] else True
                weight[y, r] = -unit if short else 0.0
    if judgement.statistic[c] == MEAN:
        weight /= years
        value /= years
        return value
    if judgement.statistic[c] == MAXIMUM:
        for y in range(weight.shape[0]):
            if y != worst:
                weight[y] = 0.0
    return value


@njit(nogil=True, cache=True)
def shortage(
    lanes: Lanes, judgement: Judgement, level: Floats, first: int, last: int, z: Floats
) -> None:
    """Fill `z` [limit, block, lane] for blocks first to last-1 under `level` [region, year]."""
    half_years, width = lanes.newcomers.shape[1:]
    regions = lanes.unplaced.shape[1]
    streams, years = lanes.demand.shape[1:3]
    needed = np.empty((z.shape[0], years))
    needed_supervision(judgement, level, needed)
    appointed = np.empty((half_years, regions, width))
    bound = np.empty((half_years, regions, width))
    supply = np.empty((years, regions, width))
    weight = np.empty((years, regions))
    for b in range(first, last):
        appoint_lanes(lanes, judgement, b, level, appointed, bound)
        for s in range(streams):
            add_supply(lanes, b, s, judgement, appointed, supply)
            for c in range(z.shape[0]):
                if judgement.stream[c] == s:
                    for i in range(width):
                        z[c, b, i] = judge(
                            judgement, c, needed, lanes.demand[b, s], supply, i, weight
                        )
