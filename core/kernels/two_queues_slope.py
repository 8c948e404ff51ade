"""Cuts where LIS2/3 posts are limited, compiled: back from supply through both queues.

The supply of a scenario, weighed over years and regions, is the value of a linear programme in
which both queues are filled at once. Its dual is read off the pattern of the plan, and every
residual is clipped at zero: so the cut is valid at every plan, and where nothing is clipped it is
the slope itself (docs/model.md section 5, Two queues).
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .shortage import Floats, judge, needed_supervision
from .slope import add_lanes, each_need_slope, some_count
from .two_queues import Course, Entries, EntryLanes, new_course, supplied

Begin = tuple[int, int]
"""First half-year in which a plan can change who is appointed, and who begins LIS2/3."""


@compiled()
def cuts_of_both(
    lanes: EntryLanes,
    entries: Entries,
    level: Floats,
    begin: Begin,
    share: Floats,
    first: int,
    last: int,
    cut: Floats,
) -> None:
    """Fill `cut` [block, limit, row · year + 1, lane]: slopes of Z in the levels, and the drop.

    Scenarios count by `share` [block, limit, lane]; in room for one lane they are added up. The
    drop is by how much the cut lies below Z at the plan itself. No plan changes anything before
    `begin`. Both queues are followed once for all limits.
    """
    judgement = entries.judgement
    regions, width = lanes.unplaced.shape[1:]
    course = new_course(lanes, len(entries.track_share))
    supply, value = np.empty(lanes.demand.shape[1:]), np.empty(width)
    needed = np.empty((share.shape[1], lanes.demand.shape[2]))
    needed_supervision(judgement, level[:regions], needed)
    weights = np.empty(supply.shape)
    every = np.empty((level.size + 1, width))
    gradient = every[:-1].reshape((level.shape[0], level.shape[1], width))
    for b in range(first, last):
        cut[b] = 0.0
        followed = False
        for c in range(share.shape[1]):
            if some_count(share[b, c]):
                if not followed:
                    supplied(lanes, entries, level, b, course, supply)
                    followed = True
                every[:] = 0.0
                flow = share[b, c], lanes.demand[b], supply
                judge(judgement, c, needed, flow, value, weights)
                _back_through_both(
                    lanes, entries, level, begin, b, c, course, weights, every[-1], gradient
                )
                each_need_slope(judgement, c, weights, gradient[:regions])
                add_lanes(every, cut[b, c])


@compiled()
def _back_through_both(
    lanes: EntryLanes,
    entries: Entries,
    level: Floats,
    begin: Begin,
    b: int,
    c: int,
    course: Course,
    weights: Floats,
    drop: Floats,
    slopes: Floats,
) -> None:
    """Take from `slopes` [row, year, lane] what a slot or post is worth by `weights` of supply."""
    regions = lanes.unplaced.shape[1]
    tracks = regions * (1 + lanes.group_share.shape[1])
    worth, earlier = np.empty(course.entry.shape), np.empty(course.appointed.shape)
    _pull_back(lanes, entries, b, c, weights, worth)
    _through_posts(lanes, b, begin[1], course, worth, slopes[regions:tracks], drop)
    _before_choice(lanes, entries.completes, b, worth, earlier)
    to_start, appointed = entries.judgement.to_start, course.appointed
    own = slopes[:regions]
    _through_offers(lanes, to_start, b, begin[0], level, appointed, earlier, own, drop)
    _through_tracks(lanes, entries, b, worth, slopes[tracks:])


@compiled(contract=True)
def _pull_back(
    lanes: EntryLanes, entries: Entries, b: int, c: int, weights: Floats, worth: Floats
) -> None:
    """Fill `worth` [half_year, group, region, lane]: what Z falls by per one who begins then."""
    worth[:] = 0.0
    for s in range(weights.shape[0]):
        if entries.judgement.counted[c, s]:
            for k in range(worth.shape[1]):
                if entries.counted[s, k] > 0.0:
                    _pull_back_one(lanes, entries, b, c, s, k, weights[s], worth)


@compiled(contract=True)
def _pull_back_one(
    lanes: EntryLanes,
    entries: Entries,
    b: int,
    c: int,
    s: int,
    k: int,
    weights: Floats,
    worth: Floats,
) -> None:
    """Add to `worth` what those of group k count in stream s; `weights` [year, region, lane]."""
    half_years, _, regions, width = worth.shape
    member, delay, fte = entries.judgement.member[c], entries.delay, entries.trainee_fte[s]
    for y in range(weights.shape[0]):
        end = 2 * (entries.judgement.first + y) + 1
        for h in range(min(half_years, end - delay + 1)):
            for t in range(regions):
                for u in range(regions):
                    if member[u] > 0.0:
                        for i in range(width):
                            worth[h, k, t, i] -= (
                                weights[y, u, i] * lanes.response[b, k, end - h - delay, t, u, i]
                            )
        if fte > 0.0:
            for h in range(max(0, end + 1 - lanes.still.shape[2]), min(half_years, end + 1)):
                for t in range(regions):
                    if member[t] > 0.0:
                        for i in range(width):
                            worth[h, k, t, i] -= (
                                fte * weights[y, t, i] * lanes.still[b, k, end - h, i]
                            )


@compiled(contract=True)
def _through_posts(
    lanes: EntryLanes,
    b: int,
    begin: int,
    course: Course,
    worth: Floats,
    slopes: Floats,
    drop: Floats,
) -> None:
    """Take from `slopes` [group · region, year, lane] what a post is worth; fill `worth` anew.

    It becomes the worth of one more who wants to begin then. `drop` [lane] grows by what is clipped
    times those who begin: the gap of the dual. Before `begin` who begins is the same under every
    plan, and nothing is clipped.
    """
    half_years, groups, regions, width = worth.shape
    longest = lanes.still.shape[2]
    post = np.empty((half_years, width))
    later, left = np.empty(width), np.empty(width)
    for k in range(groups):
        for t in range(regions):
            later[:] = 0.0
            for h in range(half_years - 1, -1, -1):
                for i in range(width):
                    left[i] = worth[h, k, t, i] - later[i]
                for d in range(1, min(longest, half_years - 1 - h) + 1):
                    for i in range(width):
                        left[i] -= lanes.still[b, k, d - 1, i] * post[h + d, i]
                for i in range(width):
                    if left[i] < 0.0 and h >= begin:
                        drop[i] -= left[i] * course.entry[h, k, t, i]
                        left[i] = 0.0
                    posts_decide = course.full[h, k, t, i] > 0.0
                    post[h, i] = left[i] if posts_decide else 0.0
                    worth[h, k, t, i] = later[i] if posts_decide else later[i] + left[i]
                    later[i] = lanes.staying[b, i] * worth[h, k, t, i]
                    slopes[k * regions + t, h // 2, i] -= post[h, i]


@compiled(contract=True)
def _before_choice(
    lanes: EntryLanes, completes: int, b: int, worth: Floats, earlier: Floats
) -> None:
    """Fill `earlier` [half_year of appointment, region, lane]: worth of one appointed then."""
    half_years, groups, regions, width = worth.shape
    done = np.zeros((half_years, regions, width))
    for h in range(half_years):
        for k in range(groups):
            for t in range(regions):
                for r in range(regions):
                    for i in range(width):
                        done[h, r, i] += (
                            lanes.choice[b, r, t, i]
                            * lanes.group_share[b, k, i]
                            * worth[h, k, t, i]
                        )
    earlier[:] = 0.0
    for h in range(earlier.shape[0]):
        for n in range(half_years - h - completes):
            for r in range(regions):
                for i in range(width):
                    earlier[h, r, i] += lanes.completing[b, n, i] * done[h + completes + n, r, i]


@compiled(contract=True)
def _through_tracks(
    lanes: EntryLanes, entries: Entries, b: int, worth: Floats, slopes: Floats
) -> None:
    """Take from `slopes` [track · region, year, lane] what one in a track is worth beyond others.

    The dual is linear in who wants to begin: exact for it, of either sign, and never clipped.
    """
    half_years, groups, regions, width = worth.shape
    to_start = entries.judgement.to_start
    done = np.empty((half_years, regions, width))
    for e in range(entries.track_share.shape[0]):
        done[:] = 0.0
        for h in range(half_years):
            for k in range(groups):
                for t in range(regions):
                    for r in range(regions):
                        for i in range(width):
                            beyond = entries.track_share[e, k] - lanes.group_share[b, k, i]
                            done[h, r, i] += lanes.choice[b, r, t, i] * beyond * worth[h, k, t, i]
        for h in range(lanes.offer_share.shape[1]):
            for n in range(half_years - h - entries.completes):
                for r in range(regions):
                    for i in range(width):
                        slopes[e * regions + r, (h + to_start) // 2, i] -= (
                            lanes.completing[b, n, i]
                            * done[h + entries.completes + n, r, i]
                            * lanes.fill_rate[b, r, i]
                            * lanes.offer_share[b, h, i]
                        )


@compiled()
def _through_offers(
    lanes: EntryLanes,
    to_start: int,
    b: int,
    begin: int,
    level: Floats,
    appointed: Floats,
    worth: Floats,
    slopes: Floats,
    drop: Floats,
) -> None:
    """Take from `slopes` [region, year, lane] what a slot is worth, clipped like a post."""
    half_years, regions, width = worth.shape
    for r in range(regions):
        for i in range(width):
            later = 0.0
            for h in range(half_years - 1, -1, -1):
                left = worth[h, r, i] - later
                if left < 0.0 and h >= begin:
                    drop[i] -= left * appointed[h, r, i]
                    left = 0.0
                year = (h + to_start) // 2
                offer = lanes.fill_rate[b, r, i] * lanes.offer_share[b, h, i]
                if offer * level[r, year] <= appointed[h, r, i]:  # offers decide
                    slopes[r, year, i] -= offer * left
                else:
                    later += left
                later *= 1.0 - lanes.leakage[b, i]
