"""Shortage under a plan, compiled: queue, supply, shortfall Z and its slope, side by side.

The judged part of the model only: total supply in the years of the risk window as baseline plus
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
    """Scenario data in blocks of lanes, [block, ..., lane]."""

    leakage: Floats  # [block, lane]
    offer: Floats  # [block, half_year, region, lane] per slot: offer share x fill rate
    unplaced: Floats  # [block, region, lane]
    newcomers: Floats  # [block, half_year, region, lane]
    baseline: Floats  # [block, year of window, region, lane] FTE
    demand: Floats  # [block, year of window, region, lane] FTE
    response: Floats  # [block, n - delay, region, region, lane] FTE per person appointed


class Judgement(NamedTuple):
    """What is judged, limit by limit, and where the window lies."""

    member: Floats  # [limit, region] 1 where the limit counts the region
    summed: NDArray[np.bool_]  # [limit] shortfalls summed over regions, else pooled
    relative: NDArray[np.bool_]  # [limit]
    statistic: NDArray[np.int64]  # [limit] MEAN, MAXIMUM or TOTAL over the window
    first: int  # index of the first year of the window in the projection
    delay: int  # half-years before the first response


@njit(nogil=True, cache=True)
def _appoint(lanes: Lanes, b: int, level: Floats, appointed: Floats, bound: Floats) -> None:
    """Fill `appointed` [half_year, region, lane]; `bound`: 1 where offers decide."""
    half_years, regions, width = appointed.shape
    for r in range(regions):
        unplaced = lanes.unplaced[b, r].copy()
        for h in range(half_years):
            slots = level[r, h // 2]
            for i in range(width):
                waiting = (1.0 - lanes.leakage[b, i]) * unplaced[i] + lanes.newcomers[b, h, r, i]
                offers = lanes.offer[b, h, r, i] * slots
                appointed[h, r, i] = min(offers, waiting)
                bound[h, r, i] = 1.0 if offers <= waiting else 0.0
                unplaced[i] = waiting - appointed[h, r, i]


@njit(nogil=True, cache=True, fastmath={"contract"})
def _supply(
    lanes: Lanes, b: int, first: int, delay: int, appointed: Floats, supply: Floats
) -> None:
    """Fill `supply` [year of window, region, lane] with baseline plus response."""
    regions, width = appointed.shape[1], appointed.shape[2]
    supply[:] = lanes.baseline[b]
    for y in range(supply.shape[0]):
        end = 2 * (first + y) + 1
        for h in range(end - delay + 1):
            for r in range(regions):
                for t in range(regions):
                    for i in range(width):
                        supply[y, t, i] += (
                            lanes.response[b, end - h - delay, r, t, i] * appointed[h, r, i]
                        )


@njit(nogil=True, cache=True)
def _judge(
    judgement: Judgement, c: int, demand: Floats, supply: Floats, i: int, weight: Floats
) -> float:
    """Return Z of limit c in lane i; fill `weight` [year, region] with its slope against supply."""
    years, regions = weight.shape
    value: float = 0.0
    worst = -1
    weight[:] = 0.0
    for y in range(years):
        wanted = gap = present = 0.0
        for r in range(regions):
            if judgement.member[c, r] > 0.0:
                wanted += demand[y, r, i]
                present += supply[y, r, i]
                if judgement.summed[c] and demand[y, r, i] > supply[y, r, i]:
                    gap += demand[y, r, i] - supply[y, r, i]
        if not judgement.summed[c]:
            gap = max(0.0, wanted - present)
        unit = 1.0
        if judgement.relative[c]:
            unit = 1.0 / wanted if wanted > 0.0 else 0.0
        if judgement.statistic[c] == MAXIMUM:
            if worst < 0 or gap * unit > value:
                value, worst = gap * unit, y
        else:
            value += gap * unit
        for r in range(regions):
            if judgement.member[c, r] > 0.0 and gap > 0.0:
                short = demand[y, r, i] > supply[y, r, i] if judgement.summed[c] else True
                weight[y, r] = -unit if short else 0.0
    if judgement.statistic[c] == MEAN:
        weight /= years
        value /= years
        return value
    if judgement.statistic[c] == MAXIMUM:
        for y in range(years):
            if y != worst:
                weight[y] = 0.0
    return value


@njit(nogil=True, cache=True)
def shortage(
    lanes: Lanes, judgement: Judgement, level: Floats, first: int, last: int, z: Floats
) -> None:
    """Fill `z` [limit, block, lane] for blocks first to last-1 under `level` [region, year]."""
    half_years, regions, width = lanes.newcomers.shape[1:]
    years = lanes.demand.shape[1]
    appointed = np.empty((half_years, regions, width))
    bound = np.empty((half_years, regions, width))
    supply = np.empty((years, regions, width))
    weight = np.empty((years, regions))
    for b in range(first, last):
        _appoint(lanes, b, level, appointed, bound)
        _supply(lanes, b, judgement.first, judgement.delay, appointed, supply)
        for c in range(z.shape[0]):
            for i in range(width):
                z[c, b, i] = _judge(judgement, c, lanes.demand[b], supply, i, weight)


@njit(nogil=True, cache=True)
def slope(
    lanes: Lanes,
    judgement: Judgement,
    level: Floats,
    c: int,
    share: Floats,
    first: int,
    last: int,
    gradient: Floats,
) -> None:
    """Fill `gradient` [block, region, year]: slope of Z of limit c in the levels, by `share`.

    `share` [block, lane] is the weight of each scenario; blocks without weight are passed over.
    """
    half_years, regions, width = lanes.newcomers.shape[1:]
    years = lanes.demand.shape[1]
    appointed = np.empty((half_years, regions, width))
    bound = np.empty((half_years, regions, width))
    supply = np.empty((years, regions, width))
    weight = np.empty((years, regions))
    weights = np.empty((years, regions, width))
    for b in range(first, last):
        gradient[b] = 0.0
        if share[b].max() <= 0.0:
            continue
        _appoint(lanes, b, level, appointed, bound)
        _supply(lanes, b, judgement.first, judgement.delay, appointed, supply)
        for i in range(width):
            _judge(judgement, c, lanes.demand[b], supply, i, weight)
            weights[:, :, i] = weight * share[b, i]
        _pull_back(lanes, b, judgement, c, weights, appointed)
        _queue_slope(lanes, b, appointed, bound, gradient[b])


@njit(nogil=True, cache=True, fastmath={"contract"})
def _pull_back(
    lanes: Lanes, b: int, judgement: Judgement, c: int, weights: Floats, worth: Floats
) -> None:
    """Fill `worth` [half_year, region, lane]: slope in the number appointed then and there."""
    regions, width = worth.shape[1], worth.shape[2]
    worth[:] = 0.0
    for y in range(weights.shape[0]):
        end = 2 * (judgement.first + y) + 1
        for h in range(end - judgement.delay + 1):
            for r in range(regions):
                for t in range(regions):
                    if judgement.member[c, t] > 0.0:
                        for i in range(width):
                            worth[h, r, i] += (
                                weights[y, t, i]
                                * lanes.response[b, end - h - judgement.delay, r, t, i]
                            )


@njit(nogil=True, cache=True)
def _queue_slope(lanes: Lanes, b: int, worth: Floats, bound: Floats, gradient: Floats) -> None:
    """Add to `gradient` [region, year] what a slot is worth, back through the queue.

    One more appointed now leaves one fewer in the queue, of whom a share (1 - leakage) would have
    waited for the next round; where applicants decide, a slot is worth nothing.
    """
    half_years, regions, width = worth.shape
    later = np.empty(width)  # slope in the length of the next round's queue
    for r in range(regions):
        later[:] = 0.0
        for h in range(half_years - 1, -1, -1):
            total = 0.0
            for i in range(width):
                stay = (1.0 - lanes.leakage[b, i]) * later[i]
                if bound[h, r, i] > 0.0:
                    total += lanes.offer[b, h, r, i] * (worth[h, r, i] - stay)
                    later[i] = stay
                else:
                    later[i] = worth[h, r, i]
            gradient[r, h // 2] += total


@njit(nogil=True, cache=True)
def concavity(
    lanes: Lanes,
    judgement: Judgement,
    level: Floats,
    begin: int,
    first: int,
    last: int,
    excess: Floats,
) -> None:
    """Fill `excess` [block, lane] FTE: by how much the concavity condition fails (0: it holds).

    `level` are the largest feasible levels, `begin` the first half-year a plan can change.
    """
    half_years, regions, width = lanes.newcomers.shape[1:]
    appointed = np.empty((half_years, regions, width))
    bound = np.empty((half_years, regions, width))
    single = np.zeros(regions)
    for b in range(first, last):
        _appoint(lanes, b, level, appointed, bound)
        for i in range(width):
            worst = 0.0
            for c in range(judgement.member.shape[0]):
                for r in range(regions):
                    if not judgement.summed[c]:
                        found = _excess(
                            lanes, judgement.member[c], judgement, (b, i, r), begin, bound
                        )
                        worst = max(worst, found)
                        continue
                    for t in range(regions):  # summed: the supply of every region must be concave
                        if judgement.member[c, t] > 0.0:
                            single[:] = 0.0
                            single[t] = 1.0
                            found = _excess(lanes, single, judgement, (b, i, r), begin, bound)
                            worst = max(worst, found)
            excess[b, i] = worst


@njit(nogil=True, cache=True)
def _excess(
    lanes: Lanes,
    member: Floats,
    judgement: Judgement,
    place: tuple[int, int, int],
    begin: int,
    bound: Floats,
) -> float:
    """Return the largest violation for the supply of `member` [region].

    `place` is (block, lane, region of appointment).
    """
    b, i, r = place
    worst = 0.0
    stay = 1.0 - lanes.leakage[b, i]
    for y in range(lanes.demand.shape[1]):
        end = 2 * (judgement.first + y) + 1
        best_later = 0.0
        for h in range(end - judgement.delay, begin - 1, -1):
            worth = 0.0
            for t in range(lanes.demand.shape[2]):
                if member[t] > 0.0:
                    worth += lanes.response[b, end - h - judgement.delay, r, t, i]
            worst = max(worst, best_later - worth)
            if bound[h, r, i] == 0.0:
                best_later = max(best_later, worth)
            best_later *= stay
    return worst
