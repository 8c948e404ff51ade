"""Cuts of the shortage in the levels, compiled: back from supply through response and queue.

Where one more appointed early would be missing from the queue when one counts for more, the plain
slope bounds nothing. What a slot is worth is clipped at zero there: the dual of the queue's linear
programme, a bound at every plan (docs/model.md section 5, Two queues). Else it is the slope.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .shortage import (
    Floats,
    Judgement,
    Lanes,
    add_beside,
    add_supply,
    add_tracks,
    appoint_lanes,
    counted_by_any,
    earmark_lanes,
    join_lanes,
    judge,
    needed_supervision,
)


@compiled()
def slopes(
    lanes: Lanes,
    judgement: Judgement,
    level: Floats,
    begin: int,
    share: Floats,
    first: int,
    last: int,
    cut: Floats,
) -> None:
    """Fill `cut` [block, limit, row · year + 1]: slopes of Z in the levels, and the drop.

    Scenarios count by `share` [block, limit, lane]; blocks without weight are passed over. The drop
    is by how much the cut lies below Z at the plan itself. No plan changes a round before `begin`:
    what a slot would be worth there is not worked out. Supply is worked out once for all limits.
    """
    half_years, width = lanes.newcomers.shape[1:]
    regions = lanes.unplaced.shape[1]
    streams, years = lanes.demand.shape[1:3]
    appointed = np.empty((half_years, regions, width))
    bound = np.empty((half_years, regions, width))
    worth = np.empty((half_years, regions, width))
    supply = np.empty((streams, years, regions, width))
    value = np.empty(width)
    weights = np.empty((streams, years, regions, width))
    needed = np.empty((judgement.member.shape[0], years))
    needed_supervision(judgement, level[:regions], needed)
    earmarked = np.empty((lanes.more.shape[2], half_years, regions, width))
    extra = np.empty((half_years if lanes.joining.shape[1] > 0 else 0, width))
    counted, member = np.empty(streams), np.empty(regions)
    counted_by_any(judgement, counted, member)
    carries = np.empty(share.shape[1])
    for b in range(first, last):
        cut[b] = 0.0
        if not some_count(share, b, carries):
            continue
        join_lanes(lanes, judgement, b, level, extra)
        appoint_lanes(lanes, judgement, b, level, extra, appointed, bound)
        earmark_lanes(lanes, judgement, b, level[regions:], earmarked)
        for s in range(streams):
            if counted[s] > 0.0:
                add_supply(lanes, b, s, judgement, member, (appointed, supply[s]))
                add_tracks(lanes, b, s, judgement, earmarked, supply[s])
                add_beside(lanes, b, s, judgement, level, supply[s])
        for c in range(share.shape[1]):
            if carries[c] == 0.0:
                continue
            judge(judgement, c, needed, lanes.demand[b], supply, value, weights)
            weights *= share[b, c]
            _pull_back(lanes, b, judgement, c, begin, weights, worth)
            gradient = cut[b, c, :-1].reshape(level.shape)
            drop = _queue_slope(lanes, judgement, b, begin, worth, appointed, bound, gradient)
            cut[b, c, -1] = drop
            _need_slope(judgement, c, weights, gradient[:regions])
            if lanes.more.shape[2] > 0:
                every = np.zeros((*gradient[regions:].shape, width))
                track_slope(lanes, b, judgement, c, weights, every)
                add_lanes(every, gradient[regions:])
            if lanes.beside.shape[2] > 0:
                units = np.zeros((*gradient[judgement.units :].shape, width))
                beside_slope(lanes, judgement, b, c, weights, units)
                add_lanes(units, gradient[judgement.units :])


@compiled()
def some_count(share: Floats, b: int, carries: Floats) -> bool:
    """Fill `carries` [limit]: 1 where a scenario of the block counts; return whether any."""
    found = False
    for c in range(carries.shape[0]):
        carries[c] = 0.0
        for i in range(share.shape[2]):
            if share[b, c, i] > 0.0:
                carries[c] = 1.0
                found = True
    return found


@compiled(contract=True, apart=True)
def _pull_back(
    lanes: Lanes, b: int, judgement: Judgement, c: int, begin: int, weights: Floats, worth: Floats
) -> None:
    """Fill `worth` [half_year, region, lane]: slope in the number appointed then and there.

    From half-year `begin` on, before which it is zero. Four terms to a sum, as fewer are to be
    fetched and put back: where a limit counts four regions these, where it counts one four years.
    """
    response, (half_years, regions, width) = lanes.response, worth.shape
    years, base = weights.shape[1], judgement.delay.min()
    members, only = 0, 0
    for t in range(regions):
        if judgement.member[c, t] > 0.0:
            members, only = members + 1, t
    worth[:] = 0.0
    for s in range(weights.shape[0]):
        if not judgement.counted[c, s]:
            continue
        for h in range(begin, half_years):
            began = max(0, (h + judgement.delay[s]) // 2 - judgement.first)  # first year it counts
            since = 2 * judgement.first + 1 - h - base  # in year 0 held; two more in each later one
            for r in range(regions):
                y = began
                while members == 1 and y + 3 < years:
                    lag = since + 2 * y
                    for i in range(width):
                        total = worth[h, r, i]
                        total += weights[s, y, only, i] * response[b, s, lag, r, only, i]
                        total += weights[s, y + 1, only, i] * response[b, s, lag + 2, r, only, i]
                        total += weights[s, y + 2, only, i] * response[b, s, lag + 4, r, only, i]
                        total += weights[s, y + 3, only, i] * response[b, s, lag + 6, r, only, i]
                        worth[h, r, i] = total
                    y += 4
                while y < years:
                    t, lag = 0, since + 2 * y
                    while members == regions and t + 3 < regions:
                        for i in range(width):
                            total = worth[h, r, i]
                            total += weights[s, y, t, i] * response[b, s, lag, r, t, i]
                            total += weights[s, y, t + 1, i] * response[b, s, lag, r, t + 1, i]
                            total += weights[s, y, t + 2, i] * response[b, s, lag, r, t + 2, i]
                            total += weights[s, y, t + 3, i] * response[b, s, lag, r, t + 3, i]
                            worth[h, r, i] = total
                        t += 4
                    while t < regions:
                        if judgement.member[c, t] > 0.0:
                            for i in range(width):
                                worth[h, r, i] += weights[s, y, t, i] * response[b, s, lag, r, t, i]
                        t += 1
                    y += 1


@compiled(apart=True)
def _queue_slope(
    lanes: Lanes,
    judgement: Judgement,
    b: int,
    begin: int,
    worth: Floats,
    appointed: Floats,
    bound: Floats,
    gradient: Floats,
) -> float:
    """Add to `gradient` [row, year] what a slot is worth, back through the queue, and who joins it.

    One more appointed now leaves one fewer in the queue, of whom a share (1 - leakage) would have
    waited for the next round; where applicants decide, a slot is worth nothing. Where she would be
    worth more later, she counts as that: return what is clipped, times those appointed.
    """
    half_years, regions, width = worth.shape
    later = np.empty(width)  # slope in the length of the next round's queue
    gained, clipped = np.empty(width), np.empty(width)
    drop: float = 0.0
    joined = lanes.joining.shape[1] > 0
    for r in range(regions):
        later[:] = 0.0
        for h in range(half_years - 1, begin - 1, -1):
            for i in range(width):
                stay = (1.0 - lanes.leakage[b, i]) * later[i]
                counts = min(worth[h, r, i], stay)
                clipped[i] = (worth[h, r, i] - counts) * appointed[h, r, i]
                offer = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i]
                offers_decide = bound[h, r, i] > 0.0
                gained[i] = offer * (counts - stay) if offers_decide else 0.0
                later[i] = stay if offers_decide else counts
            total = 0.0
            for i in range(width):  # one after the other: a sum depends on its order
                total += gained[i]
                drop += clipped[i]
            gradient[r, (h + judgement.to_start) // 2] += total
            if joined:
                _joining_slope(lanes, judgement, b, h, r, later, gradient)
    return drop


@compiled()
def _joining_slope(
    lanes: Lanes, judgement: Judgement, b: int, h: int, r: int, later: Floats, gradient: Floats
) -> None:
    """Add to `gradient` [row, year] what those are worth whom units bring to a queue, by `later`.

    `later` [lane] is the slope in the length of the queue of region r in half-year h.
    """
    for m in range(lanes.joining.shape[1]):
        year = (h - 1) // 2 - judgement.wait[m]
        if year >= 0:
            total: float = 0.0
            for i in range(later.shape[0]):
                total += later[i] * lanes.joining[b, m, h % 2, i]
            gradient[judgement.units + m, year] += total * judgement.preference[r]


@compiled(contract=True)
def track_slope(
    lanes: Lanes, b: int, judgement: Judgement, c: int, weights: Floats, gradient: Floats
) -> None:
    """Add to `gradient` [track · region, year, lane] what an earmarked slot is worth beyond others.

    Exactly linear, of either sign: it takes a doctor from the groups that the rest choose.
    """
    regions, width = lanes.unplaced.shape[1:]
    base, to_start = judgement.delay.min(), judgement.to_start
    for s in range(weights.shape[0]):
        if not judgement.counted[c, s]:
            continue
        for e in range(lanes.more.shape[2]):
            for y in range(weights.shape[1]):
                end = 2 * (judgement.first + y) + 1
                for h in range(end - judgement.delay[s] + 1):
                    for r in range(regions):
                        for t in range(regions):
                            if judgement.member[c, t] > 0.0:
                                for i in range(width):
                                    gradient[e * regions + r, (h + to_start) // 2, i] += (
                                        weights[s, y, t, i]
                                        * lanes.more[b, s, e, end - h - base, r, t, i]
                                        * lanes.fill_rate[b, r, i]
                                        * lanes.offer_share[b, h, i]
                                    )


@compiled()
def _need_slope(judgement: Judgement, c: int, weights: Floats, gradient: Floats) -> None:
    """Add to `gradient` [region, year] the supervision a slot needs itself."""
    if judgement.supervisors[c] <= 0.0:
        return
    every = np.zeros((*gradient.shape, weights.shape[3]))
    each_need_slope(judgement, c, weights, every)
    add_lanes(every, gradient)


@compiled()
def add_lanes(every: Floats, gradient: Floats) -> None:
    """Add `every` [row, year, lane] to `gradient` [row, year], one lane after the other.

    Loops: an array assigned to a slice would bring numba's own words for shapes that do not fit,
    which are a tenth of all that is compiled.
    """
    for i in range(every.shape[2]):
        for row in range(every.shape[0]):
            for y in range(every.shape[1]):
                gradient[row, y] += every[row, y, i]


@compiled()
def each_slope(
    lanes: Lanes,
    judgement: Judgement,
    level: Floats,
    c: int,
    begin: int,
    first: int,
    last: int,
    cut: Floats,
) -> None:
    """Fill `cut` [block, row · year + 1, lane] with the cut of every scenario's own Z."""
    half_years, width = lanes.newcomers.shape[1:]
    regions = lanes.unplaced.shape[1]
    streams, years = lanes.demand.shape[1:3]
    appointed = np.empty((half_years, regions, width))
    bound = np.empty((half_years, regions, width))
    worth = np.empty((half_years, regions, width))
    supply = np.empty((streams, years, regions, width))
    value = np.empty(width)
    weights = np.empty((streams, years, regions, width))
    needed = np.empty((judgement.member.shape[0], years))
    needed_supervision(judgement, level[:regions], needed)
    earmarked = np.empty((lanes.more.shape[2], half_years, regions, width))
    extra = np.empty((half_years if lanes.joining.shape[1] > 0 else 0, width))
    for b in range(first, last):
        cut[b] = 0.0
        join_lanes(lanes, judgement, b, level, extra)
        appoint_lanes(lanes, judgement, b, level, extra, appointed, bound)
        earmark_lanes(lanes, judgement, b, level[regions:], earmarked)
        for s in range(streams):
            if judgement.counted[c, s]:
                add_supply(lanes, b, s, judgement, judgement.member[c], (appointed, supply[s]))
                add_tracks(lanes, b, s, judgement, earmarked, supply[s])
                add_beside(lanes, b, s, judgement, level, supply[s])
        judge(judgement, c, needed, lanes.demand[b], supply, value, weights)
        _pull_back(lanes, b, judgement, c, begin, weights, worth)
        gradient = cut[b, :-1].reshape((level.shape[0], level.shape[1], width))
        _each_queue_slope(lanes, judgement, b, begin, worth, appointed, bound, gradient, cut[b, -1])
        each_need_slope(judgement, c, weights, gradient[:regions])
        track_slope(lanes, b, judgement, c, weights, gradient[regions:])
        beside_slope(lanes, judgement, b, c, weights, gradient[judgement.units :])


@compiled()
def _each_queue_slope(
    lanes: Lanes,
    judgement: Judgement,
    b: int,
    begin: int,
    worth: Floats,
    appointed: Floats,
    bound: Floats,
    gradient: Floats,
    drop: Floats,
) -> None:
    """Add to `gradient` [row, year, lane], `drop` [lane] what `_queue_slope` does in all."""
    half_years, regions, width = worth.shape
    for r in range(regions):
        for i in range(width):
            later = 0.0
            for h in range(half_years - 1, begin - 1, -1):
                stay = (1.0 - lanes.leakage[b, i]) * later
                counts = min(worth[h, r, i], stay)
                drop[i] += (worth[h, r, i] - counts) * appointed[h, r, i]
                later = counts
                if bound[h, r, i] > 0.0:
                    offer = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i]
                    gradient[r, (h + judgement.to_start) // 2, i] += offer * (counts - stay)
                    later = stay
                for m in range(lanes.joining.shape[1]):
                    year = (h - 1) // 2 - judgement.wait[m]
                    if year >= 0:
                        joined = later * lanes.joining[b, m, h % 2, i] * judgement.preference[r]
                        gradient[judgement.units + m, year, i] += joined


@compiled()
def each_need_slope(judgement: Judgement, c: int, weights: Floats, gradient: Floats) -> None:
    """Add to `gradient` [region, year, lane] the supervision a slot needs itself."""
    if judgement.supervisors[c] <= 0.0:
        return
    member = np.argmax(judgement.member[c])  # the weights of all members are the same
    stream = np.argmax(judgement.counted[c])  # of which there is one
    for y in range(judgement.begin[c], judgement.end[c]):
        for r in range(gradient.shape[0]):
            for o in range(judgement.busy.shape[2]):
                at = judgement.first + y - o
                if at >= 0:
                    each = judgement.supervisors[c] * judgement.busy[c, r, o]
                    for i in range(gradient.shape[2]):
                        gradient[r, at, i] -= weights[stream, y, member, i] * each


@compiled()
def beside_slope(
    lanes: Lanes, judgement: Judgement, b: int, c: int, weights: Floats, gradient: Floats
) -> None:
    """Add to `gradient` [measure, year, lane] what their units bring beside the queue.

    A unit more from a year on has begun in it, and one fewer begins in the next.
    """
    regions, width = weights.shape[2:]
    for s in range(weights.shape[0]):
        if not judgement.counted[c, s]:
            continue
        for m in range(lanes.beside.shape[2]):
            for y in range(weights.shape[1]):
                for begun in range(judgement.first + y + 1):
                    since = judgement.first + y - begun
                    for t in range(regions):
                        if judgement.member[c, t] > 0.0:
                            for i in range(width):
                                worth = lanes.beside[b, s, m, since, t, i]
                                if since > 0:
                                    worth -= lanes.beside[b, s, m, since - 1, t, i]
                                gradient[m, begun, i] += weights[s, y, t, i] * worth
