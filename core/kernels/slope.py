"""Cuts of the shortage in the levels, compiled: back from supply through response and queue.

Where one more appointed early would be missing from the queue when one counts for more, the plain
slope bounds nothing. What a slot is worth is clipped at zero there: the dual of the queue's linear
programme, a bound at every plan (docs/model.md section 5, Two queues). Else it is the slope.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .shortage import (
    TOGETHER,
    Floats,
    Judgement,
    Lanes,
    counted_by_any,
    judge,
    needed_supervision,
    new_room,
    supply_lanes,
    window_of,
)
from .supply import respond_back

SUMS = 8  # side by side: one sum alone would await itself


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
    """Fill `cut` [block, limit, row · year + 1, lane]: slopes of Z in the levels, and the drop.

    Scenarios count by `share` [block, limit, lane]. Those of `TOGETHER` blocks that count for any
    limit are worked on side by side, in as few blocks as they fill; what is left of `cut` is zero.
    Where all count, each keeps its place. In room for one lane they are added up. The drop is by
    how much the cut lies below Z at the plan itself. No plan changes a round before `begin`: what a
    slot would be worth there is not worked out. Supply is worked out once for all limits.
    """
    (limits, width), regions = share.shape[1:], lanes.unplaced.shape[1]
    room, chosen, few = new_room(lanes), new_block(lanes), np.empty((limits, width))
    appointed, supply = room[0], room[3]
    needed = np.empty((limits, supply.shape[1]))
    needed_supervision(judgement, level[:regions], needed)
    streams, member = np.empty(len(supply)), np.empty(regions)
    counted_by_any(judgement, streams, member)
    worth, value, weights = np.empty(appointed.shape), np.empty(width), np.empty(supply.shape)
    every, numbers = np.empty((level.size + 1, width)), np.empty(TOGETHER * width, np.int64)
    gradient = every[:-1].reshape((level.shape[0], level.shape[1], width))
    for start in range(first, last, TOGETHER):
        end = min(start + TOGETHER, last)
        cut[start:end] = 0.0
        count = find_counting(share, start, end, numbers)
        for n in range(0, count, width):
            place = start + n // width
            source, b, weight = lanes, place, share[place]
            if count < (end - start) * width:
                bring_together(lanes, share, numbers[n:count], chosen, few)
                source, b, weight = chosen, 0, few
            supply_lanes(source, judgement, level, b, streams, member, room)
            for c in range(limits):
                if some_count(weight[c]):
                    every[:] = 0.0
                    flow = weight[c], source.demand[b], supply
                    judge(judgement, c, needed, flow, value, weights)
                    _pull_back(source, b, judgement, c, begin, weights, worth)
                    plan = level, worth, appointed
                    _queue_slope(source, judgement, b, begin, plan, gradient, every[-1])
                    each_need_slope(judgement, c, weights, gradient[:regions])
                    track_slope(source, b, judgement, c, begin, weights, worth, gradient[regions:])
                    beside_slope(source, judgement, b, c, weights, gradient[judgement.units :])
                    add_lanes(every, cut[place, c])


@compiled()
def some_count(share: Floats) -> bool:
    """Return whether a scenario counts by its share, [lane]."""
    found = False
    for i in range(share.shape[0]):
        found = found or share[i] > 0.0
    return found


@compiled()
def find_counting(share: Floats, first: int, last: int, numbers: NDArray[np.int64]) -> int:
    """Fill `numbers` with the scenarios of some blocks that count for any limit; return how many.

    By `share` [block, limit, lane], numbered through all blocks.
    """
    width, count = share.shape[2], 0
    for b in range(first, last):
        for i in range(width):
            counts = False
            for c in range(share.shape[1]):
                counts = counts or share[b, c, i] > 0.0
            if counts:
                numbers[count] = b * width + i
                count += 1
    return count


@compiled()
def new_block(lanes: Lanes) -> Lanes:
    """Return room for the scenarios of one block."""
    return Lanes(
        np.empty_like(lanes.leakage[:1]),
        np.empty_like(lanes.fill_rate[:1]),
        np.empty_like(lanes.offer_share[:1]),
        np.empty_like(lanes.unplaced[:1]),
        np.empty_like(lanes.newcomers[:1]),
        np.empty_like(lanes.baseline[:1]),
        np.empty_like(lanes.demand[:1]),
        np.empty_like(lanes.choice[:1]),
        np.empty_like(lanes.response[:1]),
        np.empty_like(lanes.more[:1]),
        np.empty_like(lanes.joining[:1]),
        np.empty_like(lanes.beside[:1]),
    )


@compiled()
def bring_together(
    lanes: Lanes, share: Floats, numbers: NDArray[np.int64], block: Lanes, few: Floats
) -> None:
    """Fill `block` with scenarios of `numbers`, as many as it holds, and `few` with their share.

    Lanes that are left hold the first of them, whose share there is zero.
    """
    width = few.shape[1]
    own = np.empty((2, width), np.int64)  # block, and lane in it
    own[0], own[1], few[:] = numbers[0] // width, numbers[0] % width, 0.0
    for i in range(min(width, numbers.shape[0])):
        own[0, i], own[1, i] = numbers[i] // width, numbers[i] % width
        for c in range(few.shape[0]):
            few[c, i] = share[own[0, i], c, own[1, i]]
    # one by one: numba goes through fields of different shapes by their names alone
    _bring(lanes.leakage.reshape(-1), own, block.leakage.reshape(-1))
    _bring(lanes.fill_rate.reshape(-1), own, block.fill_rate.reshape(-1))
    _bring(lanes.offer_share.reshape(-1), own, block.offer_share.reshape(-1))
    _bring(lanes.unplaced.reshape(-1), own, block.unplaced.reshape(-1))
    _bring(lanes.newcomers.reshape(-1), own, block.newcomers.reshape(-1))
    _bring(lanes.baseline.reshape(-1), own, block.baseline.reshape(-1))
    _bring(lanes.demand.reshape(-1), own, block.demand.reshape(-1))
    _bring(lanes.choice.reshape(-1), own, block.choice.reshape(-1))
    _bring(lanes.response.reshape(-1), own, block.response.reshape(-1))
    _bring(lanes.more.reshape(-1), own, block.more.reshape(-1))
    _bring(lanes.joining.reshape(-1), own, block.joining.reshape(-1))
    _bring(lanes.beside.reshape(-1), own, block.beside.reshape(-1))


@compiled(apart=True)
def _bring(every: Floats, own: NDArray[np.int64], block: Floats) -> None:
    """Fill a field of one block, [... · lane], from that of all, [block · ... · lane].

    `own` [2, lane] says from which block, and from which lane of it.
    """
    width, size = own.shape[1], block.shape[0]
    begin = np.empty(width, np.int64)
    for i in range(width):
        begin[i] = own[0, i] * size + own[1, i]
    for row in range(0, size, width):
        for i in range(width):
            block[row + i] = every[begin[i] + row]


@compiled(apart=True)
def add_lanes(every: Floats, total: Floats) -> None:
    """Fill `total` [place, lane] with `every`, or, of one lane, with the sums over lanes.

    Eight sums side by side, then what is left.
    """
    parts, whole = np.empty(SUMS), every.shape[1] // SUMS * SUMS
    for n in range(total.shape[0]):
        if total.shape[1] > 1:
            for i in range(every.shape[1]):
                total[n, i] = every[n, i]
            continue
        for k in range(SUMS):
            parts[k] = 0.0
        for i in range(0, whole, SUMS):
            for k in range(SUMS):
                parts[k] += every[n, i + k]
        rest = 0.0
        for i in range(whole, every.shape[1]):
            rest += every[n, i]
        near = (parts[0] + parts[4]) + (parts[1] + parts[5])
        total[n, 0] = near + ((parts[2] + parts[6]) + (parts[3] + parts[7])) + rest


@compiled()
def _pull_back(
    lanes: Lanes, b: int, judgement: Judgement, c: int, begin: int, weights: Floats, worth: Floats
) -> None:
    """Fill `worth` [half_year, region, lane] from `begin` on: slope in the number appointed then.

    Of rounds before `begin` nothing is filled in.
    """
    worth[begin:] = 0.0
    for s in range(weights.shape[0]):
        if judgement.counted[c, s]:
            places = lanes.choice[b], judgement.landing, judgement.member[c]
            when, alike = window_of(judgement, s), not judgement.summed[c]
            respond_back(lanes.response[b, s], places, alike, when, begin, weights[s], worth)


@compiled(apart=True)
def _queue_slope(
    lanes: Lanes,
    judgement: Judgement,
    b: int,
    begin: int,
    flow: tuple[Floats, Floats, Floats],
    gradient: Floats,
    drop: Floats,
) -> None:
    """Add to `gradient` [row, year, lane] what a slot is worth, back through the queue.

    `flow` is (level, worth, appointed). One more appointed now leaves one fewer in the queue, of
    whom a share (1 - leakage) would have waited for the next round; where applicants decide, a slot
    is worth nothing. Where she would be worth more later, she counts as that: `drop` [lane] grows
    by what is clipped, times those appointed. Who joins by a measure is worth what the queue is.
    """
    level, worth, appointed = flow
    half_years, regions, width = worth.shape
    later = np.empty(width)  # slope in the length of the next round's queue
    for r in range(regions):
        for i in range(width):
            later[i] = 0.0
        for h in range(half_years - 1, begin - 1, -1):
            year = (h + judgement.to_start) // 2
            for i in range(width):
                stay = (1.0 - lanes.leakage[b, i]) * later[i]
                counts = min(worth[h, r, i], stay)
                drop[i] += (worth[h, r, i] - counts) * appointed[h, r, i]
                offer = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i]
                offers_decide = offer * level[r, year] <= appointed[h, r, i]
                gradient[r, year, i] += offer * (counts - stay) if offers_decide else 0.0
                later[i] = stay if offers_decide else counts
            for m in range(lanes.joining.shape[1]):
                begun = (h - 1) // 2 - judgement.wait[m]
                if begun >= 0:
                    for i in range(width):
                        joined = later[i] * lanes.joining[b, m, h % 2, i] * judgement.preference[r]
                        gradient[judgement.units + m, begun, i] += joined


@compiled()
def track_slope(
    lanes: Lanes,
    b: int,
    judgement: Judgement,
    c: int,
    begin: int,
    weights: Floats,
    worth: Floats,
    gradient: Floats,
) -> None:
    """Add to `gradient` [track · region, year, lane] what an earmarked slot is worth beyond others.

    Exactly linear, of either sign: it takes a doctor from the groups that the rest choose. `worth`
    [half_year, region, lane] is room to work in.
    """
    half_years, regions, width = worth.shape
    places = lanes.choice[b], judgement.landing, judgement.member[c]
    for e in range(lanes.more.shape[2]):
        worth[:] = 0.0
        for s in range(weights.shape[0]):
            if judgement.counted[c, s]:
                more = lanes.more[b, s, e]
                when, alike = window_of(judgement, s), not judgement.summed[c]
                respond_back(more, places, alike, when, begin, weights[s], worth)
        for h in range(begin, half_years):
            year = (h + judgement.to_start) // 2
            for r in range(regions):
                for i in range(width):
                    offer = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i]
                    gradient[e * regions + r, year, i] += offer * worth[h, r, i]


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
