"""Shortage under a plan where LIS2/3 posts are limited, compiled: two queues, one after the other.

As `shortage.py`, whose judgement it shares: from appointment through LIS1 to the queue before
LIS2/3, and from entry there to supply.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .shortage import Floats, Judgement, appoint_lanes, earmark_lanes, judge, needed_supervision


class EntryLanes(NamedTuple):
    """Scenario data in blocks of lanes, [block, ..., lane]: half-years that can still count."""

    leakage: Floats  # [block, lane]
    fill_rate: Floats  # [block, region, lane]
    offer_share: Floats  # [block, half_year of appointment, lane]
    unplaced: Floats  # [block, region, lane]
    newcomers: Floats  # [block, half_year of appointment, lane] in all regions together
    baseline: Floats  # [block, stream, year held, region, lane] FTE
    demand: Floats  # [block, stream, year held, region, lane] FTE
    completing: Floats  # [block, n - completes, lane] share who complete LIS1 n half-years on
    choice: Floats  # [block, region, region, lane]
    group_share: Floats  # [block, group, lane]
    wanting: Floats  # [block, half_year, group, region, lane] persons, whatever the plan
    staying: Floats  # [block, lane] of those who wait for LIS2/3, per half-year
    still: Floats  # [block, group, duration, lane] in training after 1, 2, ... half-years
    present: Floats  # [block, group, half_year, lane] share of those at the start in training
    response: Floats  # [block, group, n - delay, region, region, lane] FTE per one who begins


class Entries(NamedTuple):
    """What is judged, and what streams count of those who begin LIS2/3."""

    judgement: Judgement
    counted: Floats  # [stream, group] 1 where the group counts
    trainee_fte: Floats  # [stream] FTE of a doctor in LIS2/3; 0: specialists only
    trainees: Floats  # [group, region] persons in LIS2/3 at the start
    delay: int  # half-years from entry to the first specialist
    completes: int  # half-years from appointment to the first who completes LIS1
    track_share: Floats  # [track, group] of those in a track who choose the group


class Course(NamedTuple):
    """Room for the course of both queues in a block of lanes, under one plan."""

    appointed: Floats  # [half_year of appointment, region, lane] persons
    done: Floats  # [half_year, region, lane] persons appointed who complete LIS1 as it begins
    earmarked: Floats  # [track, half_year of appointment, region, lane] persons
    in_tracks: Floats  # [track, half_year, region, lane] those of `done` who were in tracks
    entry: Floats  # [half_year, group, region, lane] persons who begin LIS2/3
    full: Floats  # [half_year, group, region, lane] 1 where posts decide
    grown: Floats  # [group, year held, region, lane] FTE of specialists from them
    training: Floats  # [group, year held, region, lane] persons of them still in training


@compiled()
def new_course(lanes: EntryLanes, tracks: int) -> Course:
    """Return room for a block."""
    half_years, groups, regions, width = lanes.wanting.shape[1:]
    years, appointing = lanes.demand.shape[2], lanes.offer_share.shape[1]
    return Course(
        appointed=np.empty((appointing, regions, width)),
        done=np.empty((half_years, regions, width)),
        earmarked=np.empty((tracks, appointing, regions, width)),
        in_tracks=np.empty((tracks, half_years, regions, width)),
        entry=np.empty((half_years, groups, regions, width)),
        full=np.empty((half_years, groups, regions, width)),
        grown=np.empty((groups, years, regions, width)),
        training=np.empty((groups, years, regions, width)),
    )


@compiled()
def follow_both(lanes: EntryLanes, entries: Entries, b: int, level: Floats, course: Course) -> None:
    """Fill `course` of block b under `level` [row, year]: LIS1, LIS2/3 posts, tracks.

    queue[h] = staying · (queue[h - 1] - entry[h - 1]) + wanting[h] + those who completed LIS1,
    entry[h] = min(queue[h], max(0, posts[h] - those still in training at h)).
    """
    regions = course.done.shape[1]
    judgement, appointed = entries.judgement, course.appointed
    # of `Lanes` it reads what `EntryLanes` has as well; measures bring nobody to these queues
    nobody = np.empty((0, 0))
    appoint_lanes(lanes, judgement, b, level[:regions], nobody, appointed)  # type: ignore[arg-type]
    _complete(lanes, entries.completes, b, appointed, course.done)
    tracks = level[regions * (1 + course.entry.shape[1]) :]
    earmark_lanes(lanes, judgement, b, tracks, course.earmarked)  # type: ignore[arg-type]
    for e in range(course.earmarked.shape[0]):
        _complete(lanes, entries.completes, b, course.earmarked[e], course.in_tracks[e])
    for k in range(course.entry.shape[1]):
        for t in range(regions):
            _admit(lanes, entries, b, k, t, level[regions + k * regions + t], course)


@compiled(contract=True)
def _complete(lanes: EntryLanes, completes: int, b: int, appointed: Floats, done: Floats) -> None:
    half_years, regions, width = done.shape
    done[:] = 0.0
    for h in range(appointed.shape[0]):
        for n in range(half_years - h - completes):
            for r in range(regions):
                for i in range(width):
                    done[h + completes + n, r, i] += lanes.completing[b, n, i] * appointed[h, r, i]


@compiled(contract=True)
def _admit(
    lanes: EntryLanes, entries: Entries, b: int, k: int, t: int, posts: Floats, course: Course
) -> None:
    """Fill entry and full of group k in region t under `posts` [year]."""
    half_years, regions, width = course.done.shape
    waiting, inside, coming = np.zeros(width), np.empty(width), np.empty(width)
    more, trainees = np.empty(width), entries.trainees[k, t]
    for h in range(half_years):
        for i in range(width):
            inside[i] = trainees * lanes.present[b, k, h, i]
            coming[i], more[i] = 0.0, 0.0
        for d in range(1, min(lanes.still.shape[2], h) + 1):
            for i in range(width):
                inside[i] += lanes.still[b, k, d - 1, i] * course.entry[h - d, k, t, i]
        for r in range(regions):
            for i in range(width):
                coming[i] += lanes.choice[b, r, t, i] * course.done[h, r, i]
        for e in range(course.in_tracks.shape[0]):
            for r in range(regions):
                for i in range(width):
                    beyond = entries.track_share[e, k] - lanes.group_share[b, k, i]
                    more[i] += beyond * lanes.choice[b, r, t, i] * course.in_tracks[e, h, r, i]
        for i in range(width):
            wanting = lanes.wanting[b, h, k, t, i] + lanes.group_share[b, k, i] * coming[i]
            if course.in_tracks.shape[0] > 0:
                wanting += more[i]
            queue = lanes.staying[b, i] * waiting[i] + wanting
            room = max(0.0, posts[h // 2] - inside[i])
            begins = min(queue, room)
            course.entry[h, k, t, i] = begins
            course.full[h, k, t, i] = 1.0 if room <= queue else 0.0
            waiting[i] = queue - begins


@compiled(contract=True)
def grow(lanes: EntryLanes, entries: Entries, b: int, course: Course) -> None:
    """Fill `grown` and `training` of `course`: what becomes of those who begin, group by group."""
    groups, years, regions, width = course.grown.shape
    half_years, delay = course.entry.shape[0], entries.delay
    course.grown[:], course.training[:] = 0.0, 0.0
    for k in range(groups):
        for y in range(years):
            end = 2 * (entries.judgement.first + y) + 1
            for h in range(min(half_years, end - delay + 1)):
                for t in range(regions):
                    for u in range(regions):
                        for i in range(width):
                            course.grown[k, y, u, i] += (
                                lanes.response[b, k, end - h - delay, t, u, i]
                                * course.entry[h, k, t, i]
                            )
            if entries.trainee_fte.max() > 0.0:
                for h in range(max(0, end + 1 - lanes.still.shape[2]), min(half_years, end + 1)):
                    for t in range(regions):
                        for i in range(width):
                            course.training[k, y, t, i] += (
                                lanes.still[b, k, end - h, i] * course.entry[h, k, t, i]
                            )


@compiled()
def supply_of(
    lanes: EntryLanes, entries: Entries, b: int, s: int, course: Course, supply: Floats
) -> None:
    """Fill `supply` [year held, region, lane] of stream s: baseline and those who began."""
    years, regions, width = supply.shape
    for y in range(years):
        for t in range(regions):
            for i in range(width):
                supply[y, t, i] = lanes.baseline[b, s, y, t, i]
            for k in range(course.grown.shape[0]):
                if entries.counted[s, k] > 0.0:
                    for i in range(width):
                        supply[y, t, i] += (
                            course.grown[k, y, t, i]
                            + entries.trainee_fte[s] * course.training[k, y, t, i]
                        )


@compiled()
def supplied(
    lanes: EntryLanes, entries: Entries, level: Floats, b: int, course: Course, supply: Floats
) -> None:
    """Follow both queues of block b, and fill the supply [stream, year held, region, lane]."""
    follow_both(lanes, entries, b, level, course)
    grow(lanes, entries, b, course)
    for s in range(supply.shape[0]):
        supply_of(lanes, entries, b, s, course, supply[s])


@compiled()
def shortage_of_both(
    lanes: EntryLanes, entries: Entries, level: Floats, first: int, last: int, z: Floats
) -> None:
    """Fill `z` [limit, block, lane] for blocks first to last-1 under `level` [row, year]."""
    judgement = entries.judgement
    regions, width = lanes.unplaced.shape[1:]
    streams, years = lanes.demand.shape[1:3]
    needed = np.empty((z.shape[0], years))
    needed_supervision(judgement, level[:regions], needed)
    course = new_course(lanes, len(entries.track_share))
    supply = np.empty((streams, years, regions, width))
    weight, once = np.empty((0, years, regions, width)), np.ones(width)
    for b in range(first, last):
        supplied(lanes, entries, level, b, course, supply)
        for c in range(z.shape[0]):
            judge(judgement, c, needed, (once, lanes.demand[b], supply), z[c, b], weight)
