"""The concavity condition of docs/model.md section 5, compiled: where it holds, cuts are valid."""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .response import MOVED, STAY
from .shortage import Floats, Judgement, Lanes, appoint_lanes, join_lanes


@compiled()
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
    half_years, width = lanes.newcomers.shape[1:]
    regions = lanes.unplaced.shape[1]
    appointed = np.empty((half_years, regions, width))
    extra = np.empty((half_years if lanes.joining.shape[1] > 0 else 0, width))
    nearly = np.empty(width)
    for b in range(first, last):
        excess[b] = 0.0
        _excess_if_always(lanes, judgement, b, begin, nearly)
        if not nearly.max() > 0.0:
            continue  # 20 times as fast, and nearly all blocks
        join_lanes(lanes, judgement, b, level, extra)
        appoint_lanes(lanes, judgement, b, level, extra, appointed)
        for i in range(width):
            if not nearly[i] > 0.0:
                continue
            worst = 0.0
            for c in range(judgement.member.shape[0]):
                for s in range(judgement.counted.shape[1]):
                    if judgement.counted[c, s]:
                        here = (b, i, s, c)
                        found = _excess_of_stream(lanes, judgement, here, begin, level, appointed)
                        worst = max(worst, found)
            excess[b, i] = worst


@compiled()
def _excess_if_always(
    lanes: Lanes, judgement: Judgement, b: int, begin: int, worst: Floats
) -> None:
    """Fill `worst` [lane] with the excess if applicants decided in every half-year: no less.

    Then it is the same in every year of the window but for where it begins, and asks

        w[k] >= max over j < k of (1 - leakage)^(k - j) w[j]

    of what one appointed k half-years before counts for, w[k]. With fewer half-years in which the
    queue binds the maximum is over fewer of the same numbers: where this is zero, so is that.
    """
    base, width = judgement.least, worst.shape[0]
    members = judgement.member.shape[1]
    chosen, later, single = np.empty(width), np.empty(width), np.empty(members)
    worst[:] = 0.0
    for c in range(judgement.member.shape[0]):
        lags = 2 * (judgement.first + judgement.end[c] - 1) + 2 - begin - base
        for s in range(judgement.counted.shape[1]):
            if not judgement.counted[c, s]:
                continue
            for alone in range(members if judgement.summed[c] else 1):
                if judgement.summed[c] and judgement.member[c, alone] == 0.0:
                    continue
                for t in range(members):
                    both = t == alone or not judgement.summed[c]
                    single[t] = judgement.member[c, t] if both else 0.0
                for r in range(members):
                    landed = _going_to(lanes, judgement, b, single, r, chosen)
                    later[:] = 0.0
                    for k in range(judgement.delay[s] - base, lags):
                        for i in range(width):
                            stay = lanes.response[b, s, STAY, k, i]
                            moved = lanes.response[b, s, MOVED, k, i]
                            worth = stay * chosen[i] + moved * landed
                            worst[i] = max(worst[i], later[i] - worth)
                            later[i] = max(later[i], worth) * (1.0 - lanes.leakage[b, i])


@compiled()
def _going_to(
    lanes: Lanes, judgement: Judgement, b: int, member: Floats, r: int, chosen: Floats
) -> float:
    """Return the share of movers who land in regions of `member` [region].

    Fill `chosen` [lane] with the share of those of region r who choose them.
    """
    landed = 0.0
    chosen[:] = 0.0
    for t in range(member.shape[0]):
        if member[t] > 0.0:
            landed += judgement.landing[t]
            for i in range(chosen.shape[0]):
                chosen[i] += lanes.choice[b, r, t, i]
    return landed


@compiled()
def _excess_of_stream(
    lanes: Lanes,
    judgement: Judgement,
    place: tuple[int, int, int, int],
    begin: int,
    level: Floats,
    appointed: Floats,
) -> float:
    """Return the largest violation for what one limit judges of one stream.

    `place` is (block, lane, stream, limit). Of a limit summed over regions every region's supply
    must be concave, as of one summed over groups every group's.
    """
    b, i, s, c = place
    regions, worst = judgement.member.shape[1], 0.0
    single = np.zeros(regions)
    for r in range(regions):
        if not judgement.summed[c]:
            here = (b, i, r, s, c)
            member = judgement.member[c]
            found = _excess(lanes, member, judgement, here, begin, level, appointed)
            worst = max(worst, found)
            continue
        for t in range(regions):
            if judgement.member[c, t] > 0.0:
                single[:] = 0.0
                single[t] = 1.0
                here = (b, i, r, s, c)
                found = _excess(lanes, single, judgement, here, begin, level, appointed)
                worst = max(worst, found)
    return worst


@compiled()
def _excess(
    lanes: Lanes,
    member: Floats,
    judgement: Judgement,
    place: tuple[int, int, int, int, int],
    begin: int,
    level: Floats,
    appointed: Floats,
) -> float:
    """Return the largest violation for the supply of `member` [region].

    `place` is (block, lane, region of appointment, stream, limit).
    """
    b, i, r, s, c = place
    base, delay = judgement.least, judgement.delay[s]
    worst, waiting = 0.0, 1.0 - lanes.leakage[b, i]
    chosen = np.empty(lanes.choice.shape[3])
    landed = _going_to(lanes, judgement, b, member, r, chosen)
    for y in range(judgement.begin[c], judgement.end[c]):
        end = 2 * (judgement.first + y) + 1
        best_later = 0.0
        for h in range(end - delay, begin - 1, -1):
            lag = end - h - base
            stay, moved = lanes.response[b, s, STAY, lag, i], lanes.response[b, s, MOVED, lag, i]
            worth = stay * chosen[i] + moved * landed
            worst = max(worst, best_later - worth)
            slots = level[r, (h + judgement.to_start) // 2]
            offers = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i] * slots
            if offers > appointed[h, r, i]:  # applicants decide
                best_later = max(best_later, worth)
            best_later *= waiting
    return worst
