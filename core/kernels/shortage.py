"""Shortage under a plan, compiled: queue, supply and shortfall Z, side by side.

The judged part of the model only: judged supply in the years of the risk window as baseline plus
response times appointed (docs/model.md section 4). Scenarios lie innermost, `lane` by lane in
blocks, so that the compiler works on several at once; every lane sees the same operations in the
same order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .supply import Window, add_response

Floats = NDArray[np.float64]

TOGETHER = 16
"""Blocks that a task works on as a whole: scenarios that count are brought together among them."""
Room = tuple[Floats, Floats, Floats, Floats]
"""Of a block: appointed [half_year, region, lane], in tracks, who join by measures, supply
[stream, year held, region, lane]."""
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
    choice: Floats  # [block, region, region, lane] share of those of the first who come to the next
    response: Floats  # [block, stream, way, n - least delay, lane] FTE per appointed
    more: Floats  # [block, stream, track, way, n - least delay, lane] FTE beyond, if in a track
    joining: Floats  # [block, measure, half, lane] persons a unit of a measure brings to the queue
    beside: Floats  # [block, stream, measure, years since, region, lane] FTE of a unit, else


class Judgement(NamedTuple):
    """What is judged, limit by limit, and where the window lies.

    A stream is a set of groups counted in one way: several limits may judge the same. A limit on
    several streams sums their shortfalls: none makes up for what another lacks.
    """

    preference: Floats  # [region] share of newcomers who join its queue
    counted: NDArray[np.bool_]  # [limit, stream] what it judges
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
    least: int  # the least of these, from which responses are counted
    to_start: int  # half-years from the round to the intake whose posts it fills
    landing: Floats  # [region] share of those who move who land there
    units: int  # row of levels in which the first measure stands that brings persons
    wait: NDArray[np.int64]  # [measure] years from use until persons join the queue, in an autumn


@compiled()
def counted_by_any(judgement: Judgement, counted: Floats, member: Floats) -> None:
    """Fill `counted` [stream] and `member` [region] with 1 where any limit counts it, else 0."""
    counted[:], member[:] = 0.0, 0.0
    for c in range(judgement.member.shape[0]):
        for s in range(counted.shape[0]):
            if judgement.counted[c, s]:
                counted[s] = 1.0
        for r in range(member.shape[0]):
            member[r] = max(member[r], judgement.member[c, r])


@compiled()
def join_lanes(lanes: Lanes, judgement: Judgement, b: int, level: Floats, extra: Floats) -> None:
    """Fill `extra` [half_year, lane] with those whom units of measures bring to the queue."""
    extra[:] = 0.0
    for h in range(extra.shape[0]):
        for m in range(lanes.joining.shape[1]):
            year = (h - 1) // 2 - judgement.wait[m]
            if year >= 0:
                units = level[judgement.units + m, year]
                for i in range(extra.shape[1]):
                    extra[h, i] += units * lanes.joining[b, m, h % 2, i]


@compiled(apart=True)
def appoint_lanes(
    lanes: Lanes,
    judgement: Judgement,
    b: int,
    level: Floats,
    extra: Floats,
    appointed: Floats,
) -> None:
    """Fill `appointed` [half_year, region, lane]: offers or, where they are fewer, all who wait.

    Offers decided where as many are appointed: fill rate times share on offer times slots.
    `extra` [half_year, lane] join beside newcomers; empty where nobody does.
    """
    half_years, regions, width = appointed.shape
    several = extra.shape[0] > 0
    for r in range(regions):
        unplaced = lanes.unplaced[b, r].astype(np.float64)
        for h in range(half_years):
            slots = level[r, (h + judgement.to_start) // 2]
            for i in range(width):
                joining = lanes.newcomers[b, h, i] * judgement.preference[r]
                if several:
                    joining += extra[h, i] * judgement.preference[r]
                waiting = (1.0 - lanes.leakage[b, i]) * unplaced[i] + joining
                offers = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i] * slots
                appointed[h, r, i] = min(offers, waiting)
                unplaced[i] = waiting - appointed[h, r, i]


@compiled()
def earmark_lanes(
    lanes: Lanes, judgement: Judgement, b: int, level: Floats, earmarked: Floats
) -> None:
    """Fill `earmarked` [track, half_year, region, lane] under `level` [track · region, year].

    As many as are offered, in all no more than newcomers (tracks.py).
    """
    count, half_years, regions, width = earmarked.shape
    if count == 0:
        return
    offered = np.empty(width)
    for r in range(regions):
        for h in range(half_years):
            offered[:] = 0.0
            for e in range(count):
                slots = level[e * regions + r, (h + judgement.to_start) // 2]
                for i in range(width):
                    earmarked[e, h, r, i] = (
                        lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i] * slots
                    )
                    offered[i] += earmarked[e, h, r, i]
            for i in range(width):
                joining = lanes.newcomers[b, h, i] * judgement.preference[r]
                if offered[i] > joining:
                    for e in range(count):
                        earmarked[e, h, r, i] *= joining / offered[i]


@compiled()
def window_of(judgement: Judgement, s: int) -> Window:
    """Return when stream s is judged, and from which half-year on it responds."""
    return judgement.first, judgement.delay[s], judgement.least


@compiled()
def add_beside(
    lanes: Lanes, b: int, s: int, judgement: Judgement, level: Floats, supply: Floats
) -> None:
    """Add to `supply` [year held, region, lane] whom units of measures bring beside the queue."""
    for m in range(lanes.beside.shape[2]):
        for y in range(supply.shape[0]):
            before = 0.0
            for begun in range(judgement.first + y + 1):
                units = level[judgement.units + m, begun]
                if units != before:
                    since = judgement.first + y - begun
                    for r in range(supply.shape[1]):
                        for i in range(supply.shape[2]):
                            supply[y, r, i] += (units - before) * lanes.beside[b, s, m, since, r, i]
                before = units


@compiled()
def new_room(lanes: Lanes) -> Room:
    """Return room for what becomes of a block under a plan."""
    half_years, width = lanes.newcomers.shape[1:]
    regions = lanes.unplaced.shape[1]
    return (
        np.empty((half_years, regions, width)),
        np.empty((lanes.more.shape[2], half_years, regions, width)),
        np.empty((half_years if lanes.joining.shape[1] > 0 else 0, width)),
        np.empty(lanes.demand.shape[1:]),
    )


@compiled()
def supply_lanes(
    lanes: Lanes,
    judgement: Judgement,
    level: Floats,
    b: int,
    counted: Floats,
    member: Floats,
    room: Room,
) -> None:
    """Fill `room` with who is appointed and what supply follows.

    Of streams `counted` [stream], and of responses to them those in regions of `member` [region].
    """
    appointed, earmarked, extra, supply = room
    join_lanes(lanes, judgement, b, level, extra)
    appoint_lanes(lanes, judgement, b, level, extra, appointed)
    earmark_lanes(lanes, judgement, b, level[appointed.shape[1] :], earmarked)
    choice, landing = lanes.choice[b], judgement.landing
    for s in range(supply.shape[0]):
        if counted[s] > 0.0:
            response, more, when = lanes.response[b, s], lanes.more[b, s], window_of(judgement, s)
            for y in range(supply.shape[1]):
                for t in range(supply.shape[2]):
                    for i in range(supply.shape[3]):
                        supply[s, y, t, i] = lanes.baseline[b, s, y, t, i]
            add_response(response, choice, landing, member, when, appointed, supply[s])
            for e in range(earmarked.shape[0]):
                add_response(more[e], choice, landing, member, when, earmarked[e], supply[s])
            add_beside(lanes, b, s, judgement, level, supply[s])


@compiled()
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


@compiled(error_model="numpy", apart=True)
def judge(
    judgement: Judgement,
    c: int,
    needed: Floats,
    flow: tuple[Floats, Floats, Floats],
    value: Floats,
    weight: Floats,
) -> None:
    """Fill `value` [lane] with Z of limit c, `weight` with share times its slope against supply.

    `flow` is (share [lane], demand, supply); these and weight are [stream, year, region, lane].
    Weight without streams is not asked.
    Loops over lanes are written out, without a branch on what is the same for all of them.
    """
    begin, end, width = judgement.begin[c], judgement.end[c], value.shape[0]
    share, demand, supply = flow
    averaged_over = end - begin if judgement.statistic[c] == MEAN else 1
    lack, gap, unit = np.empty((demand.shape[0], width)), np.empty(width), np.empty(width)
    sums, worst = (np.empty(width), np.empty(width), unit), np.empty(width, dtype=np.int64)
    for i in range(width):
        value[i], worst[i] = 0.0, -1
    weight[:] = 0.0
    for y in range(begin, end):
        for i in range(width):
            gap[i], unit[i] = 0.0, 0.0
        for s in range(demand.shape[0]):
            if judgement.counted[c, s]:
                _lacking(judgement, c, needed[c, y], demand[s, y], supply[s, y], lack[s], sums)
                for i in range(width):
                    gap[i] += lack[s, i]
        _per_demand(judgement, c, unit)
        for s in range(weight.shape[0]):
            if judgement.counted[c, s]:
                place = share, demand[s, y], supply[s, y], unit, lack[s]
                _weigh(judgement, c, averaged_over, place, weight[s, y])
        if judgement.statistic[c] != MAXIMUM:
            for i in range(width):
                value[i] += gap[i] * unit[i]
        else:
            for i in range(width):
                if worst[i] < 0 or gap[i] * unit[i] > value[i] or np.isnan(gap[i]):
                    value[i], worst[i] = gap[i] * unit[i], y
    for i in range(width):
        value[i] /= averaged_over
    if judgement.statistic[c] == MAXIMUM:
        for s in range(weight.shape[0]):
            for y in range(begin, end):
                for r in range(weight.shape[2]):
                    for i in range(width):
                        if y != worst[i]:
                            weight[s, y, r, i] = 0.0


@compiled(error_model="numpy", apart=True)
def _weigh(
    judgement: Judgement,
    c: int,
    averaged_over: int,
    place: tuple[Floats, Floats, Floats, Floats, Floats],
    weight: Floats,
) -> None:
    """Fill `weight` [region, lane] of a stream and year with share times the slope in its supply.

    `place` is (share [lane], demand, supply [region, lane], what a missing FTE counts, what lacks
    [lane]).
    """
    share, demand, supply, unit, lack = place
    supervised, summed = judgement.supervisors[c] > 0.0, judgement.summed[c]
    for r in range(weight.shape[0]):
        if judgement.member[c, r] == 0.0:
            continue
        for i in range(weight.shape[1]):
            short = not summed or demand[r, i] > supply[r, i]
            counts = short and (lack[i] > 0.0 or supervised)
            weight[r, i] = -unit[i] / averaged_over * share[i] if counts else 0.0


@compiled(error_model="numpy", apart=True)
def _per_demand(judgement: Judgement, c: int, unit: Floats) -> None:
    """Turn `unit` [lane], all that is wanted in a year, into what a missing FTE counts in Z."""
    supervised, relative = judgement.supervisors[c] > 0.0, judgement.relative[c]
    fixed = 1.0 / judgement.supervisors[c] if supervised else 1.0
    if supervised or not relative:
        for i in range(unit.shape[0]):
            unit[i] = fixed
    else:
        for i in range(unit.shape[0]):
            unit[i] = 1.0 / unit[i] if unit[i] > 0.0 else 0.0


@compiled(error_model="numpy", apart=True)
def _lacking(
    judgement: Judgement,
    c: int,
    needed: float,
    demand: Floats,
    supply: Floats,
    lack: Floats,
    sums: tuple[Floats, Floats, Floats],
) -> None:
    """Fill `lack` [lane] with what one stream lacks in a year, from [region, lane]; FTE.

    Where supervision is judged it is signed: where supervisors abound it is below zero. A lack
    that is no number stays so: comparisons with it are false, and must not pass as no shortage.
    `sums` [lane] is room for what is wanted and present, and what is wanted of all streams so far.
    """
    supervisors, width = judgement.supervisors[c], lack.shape[0]
    wanted, present, all_wanted = sums
    for i in range(width):
        lack[i], wanted[i], present[i] = 0.0, 0.0, 0.0
    for r in range(demand.shape[0]):
        if judgement.member[c, r] == 0.0:
            continue
        if judgement.summed[c]:
            for i in range(width):
                enough = demand[r, i] <= supply[r, i]
                lack[i] += 0.0 if enough else demand[r, i] - supply[r, i]
        for i in range(width):
            wanted[i] += demand[r, i]
            present[i] += supply[r, i]
            all_wanted[i] += demand[r, i]
    if supervisors > 0.0:
        for i in range(width):
            lack[i] = needed / (1.0 / supervisors) - present[i]
    elif not judgement.summed[c]:
        for i in range(width):
            gap = wanted[i] - present[i]
            lack[i] = 0.0 if gap <= 0.0 else gap


@compiled()
def shortage(
    lanes: Lanes, judgement: Judgement, level: Floats, first: int, last: int, z: Floats
) -> None:
    """Fill `z` [limit, block, lane] for blocks first to last-1 under `level` [row, year].

    Supply is worked out where a limit counts it: of one region it takes a quarter of the time.
    """
    regions = lanes.unplaced.shape[1]
    room = new_room(lanes)
    supply = room[3]
    needed = np.empty((z.shape[0], supply.shape[1]))
    needed_supervision(judgement, level[:regions], needed)
    weight, once = np.empty((0, *supply.shape[1:])), np.ones(supply.shape[3])
    counted, member = np.empty(supply.shape[0]), np.empty(regions)
    counted_by_any(judgement, counted, member)
    for b in range(first, last):
        supply_lanes(lanes, judgement, level, b, counted, member, room)
        for c in range(z.shape[0]):
            judge(judgement, c, needed, (once, lanes.demand[b], supply), z[c, b], weight)
