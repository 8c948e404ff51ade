"""Streams: what risk limits judge, as arrays. Limits that count the same groups alike share one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..flow.demand import build_demand, build_doctors_demand
from ..flow.rates import (
    admission_of,
    build_rates,
    rows_of_levels,
    track_share,
    trainees_at_start,
)
from ..flow.regions import posts_share, regional_key
from ..kernels.cohorts import Rates, new_flow
from ..kernels.entering import Tiers, entry_tiers
from ..kernels.loops import baseline_and_response
from ..kernels.response import WAYS
from ..kernels.shortage import MAXIMUM, MEAN, TOTAL, Judgement, Lanes
from ..kernels.state import LANES
from ..kernels.training import judged_response, judged_tiers
from ..kernels.two_queues import Entries, EntryLanes
from ..scenarios.draws import Draws, Figures
from ..study.risk_limit import Counts, RiskLimit
from ..study.study import Study
from ..system.supervision import busy_shares, supervisors_at_start
from .blocks import AnyLanes, fill_up, lanes_of, place_lanes

Floats = NDArray[np.float64]


class Stream(NamedTuple):
    """Some groups, counted in one way."""

    groups: tuple[str, ...]  # in the order of the study
    counts: Counts


def streams_judged(study: Study, limit: RiskLimit) -> tuple[Stream, ...]:
    """Return what a limit judges: its groups together, or each where none stands in for another."""
    named = limit.groups or tuple(study.groups)
    groups = tuple(group for group in study.groups if group in named)
    parts = tuple((group,) for group in groups) if limit.over_groups else (groups,)
    return tuple(Stream(part, limit.counts) for part in parts)


def streams_of(study: Study) -> tuple[Stream, ...]:
    """Return the different streams the study's limits judge, in the order of their first use."""
    judged = (streams_judged(study, limit) for limit in study.risk.values())
    return tuple(dict.fromkeys(chain.from_iterable(judged)))


def years_held(study: Study) -> tuple[int, int]:
    """Return first and last year any limit judges."""
    judged = [limit.years(study.time) for limit in study.risk.values()]
    return min(first for first, _ in judged), max(last for _, last in judged)


def held_in(study: Study) -> slice:
    """Return where the years any limit judges lie among those projected."""
    first, last = years_held(study)
    return slice(first - study.time.first_year, last - study.time.first_year + 1)


def shortest_delay(study: Study, counts: Counts = "specialists") -> int:
    """Return the half-years before which an appointment cannot add to supply.

    A specialist: from her round to her start, LIS1 without leave, then the shortest LIS2/3
    (durations are laid on half-years), counted at the end of the last half-year of
    training. A doctor past LIS1 counts at the end of the first half-year in LIS2/3.
    """
    stages = study.lis1.half_years_to_start + len(study.posts.stages)
    if counts == "doctors":
        return stages
    return stages + study.training.fewest_half_years - 1


def least_delay(study: Study) -> int:
    """Return the shortest delay of all streams, in half-years."""
    return min(shortest_delay(study, stream.counts) for stream in streams_of(study))


def counted_in(study: Study) -> tuple[Floats, Floats]:
    """Return which groups each stream counts, [stream, group], and FTE in LIS2/3, [stream]."""
    streams, fte = streams_of(study), study.trainee_fte
    return (
        np.array([[float(g in stream.groups) for g in study.groups] for stream in streams]),
        np.array([fte if stream.counts == "doctors" else 0.0 for stream in streams]),
    )


def stream_tiers(study: Study, rates: Rates, length: int) -> tuple[Floats, Floats]:
    """Return the two tiers of every scenario and stream (docs/model.md section 4).

    Returns
    -------
    baseline : [n, stream, year, region] FTE, without anyone appointed in the projection
    response : [n, stream, way, length] FTE per person, by half-years since appointment
    """
    streams = streams_of(study)
    if streams == (Stream(tuple(study.groups), "specialists"),):
        baseline, response = baseline_and_response(rates, length)
        return baseline[:, None], response[:, None]
    half_years, stages = rates.newcomers.shape[1], rates.occupants.shape[0]
    groups, regions, ages = rates.specialists.shape
    baseline = np.empty((len(rates.leakage), len(streams), half_years // 2, regions))
    response = np.empty((len(rates.leakage), len(streams), WAYS, length))
    judged_tiers(
        rates,
        np.empty((regions, 0)),
        *counted_in(study),
        new_flow(half_years, stages, groups, regions, ages),
        baseline,
        response,
    )
    return baseline, response


def stream_demand(study: Study, draws: Draws) -> Floats:
    """Return demand of every scenario and stream, [n, stream, year, region] FTE."""
    streams, built = streams_of(study), dict[Counts, Floats]()
    for stream in streams:
        if stream.counts not in built:
            build = build_demand if stream.counts == "specialists" else build_doctors_demand
            built[stream.counts] = build(study, draws)
    parts = []
    for stream in streams:
        chosen = [k for k, group in enumerate(study.groups) if group in stream.groups]
        total = built[stream.counts][:, :, chosen[0]].copy()
        for k in chosen[1:]:
            total += built[stream.counts][:, :, k]
        parts.append(total)
    return np.stack(parts, axis=1)


SINGLE_FROM = 200_000
"""From so many scenarios on their lanes are kept in single precision: a million must fit into
memory. What is worked out from them is in double precision all the same."""


def lane_mb(study: Study) -> float:
    """Return what is held of a scenario, MB."""
    return sum(array.nbytes for array in empty_lanes(study, LANES)) / LANES / 1e6


def empty_lanes(study: Study, scenarios: int, of: int = 0) -> AnyLanes:
    """Return room for some scenarios, of a sample of so many, in blocks of lanes."""
    shapes = _shapes(study) if study.specialist_posts is None else _entry_shapes(study)
    kind, blocks = np.float32 if of >= SINGLE_FROM else np.float64, -(-scenarios // LANES)
    return lanes_of([np.empty((blocks, *shape, LANES), kind) for shape in shapes.values()])


def in_lanes(study: Study, parts: AnyLanes, of: int = 0) -> AnyLanes:
    """Return some scenarios, fields as [n, ...], of a sample of so many, in blocks of lanes."""
    count = len(parts.leakage)
    lanes = empty_lanes(study, count, of)
    place_lanes(lanes, 0, count, parts)
    fill_up(lanes, count)
    return lanes


def _shapes(study: Study) -> dict[str, tuple[int, ...]]:
    """Return the shape of each field of `Lanes`, for one scenario."""
    regions, streams = len(study.regions), len(streams_of(study))
    first, last = years_held(study)
    counted = max(2 * (last - study.time.first_year + 1) - least_delay(study), 0)
    return {
        "leakage": (),
        "fill_rate": (regions,),
        "offer_share": (counted,),
        "unplaced": (regions,),
        "newcomers": (counted,),
        "baseline": (streams, last - first + 1, regions),
        "demand": (streams, last - first + 1, regions),
        "choice": (regions, regions),
        "response": (streams, WAYS, counted),
        "more": (streams, len(study.track), WAYS, counted),
        "joining": (len(study.columns), 2),
        "beside": (streams, len(study.columns), last - study.time.first_year + 1, regions),
    }


def appointment_lanes(study: Study, draws: Draws, rates: Rates) -> Lanes:
    """Return the judged part of some scenarios, fields as [n, ...], of all years."""
    length = 2 * (years_held(study)[1] - study.time.first_year + 1)
    counted = max(length - least_delay(study), 0)  # who is appointed later comes too late
    baseline, response = stream_tiers(study, rates, length)
    return Lanes(
        leakage=rates.leakage,
        fill_rate=rates.fill_rate,
        offer_share=rates.offer_share[:, :counted],
        unplaced=rates.unplaced,
        newcomers=rates.newcomers[:, :counted].sum(axis=2),
        baseline=baseline,
        demand=stream_demand(study, draws),
        choice=rates.choice,
        response=response[..., least_delay(study) :],
        more=track_responses(study, rates, response)[..., least_delay(study) :],
        joining=np.zeros((len(rates.leakage), len(study.columns), 2)),
        beside=np.zeros((len(baseline), *_shapes(study)["beside"])),
    )


def with_units(study: Study, lanes: Lanes, rates: Rates, draw: Callable[[Study], Draws]) -> Lanes:
    """Return lanes with what a unit of each measure decided by columns does; fields [n, ...].

    It is the difference between the same scenario with one unit in use and without, so that what a
    lever does is said in one place (core/study/measures/in_force.py), and the same from whatever
    year on. `lanes` and `rates` are those without, of all years; `draw` returns the draws of the
    same scenarios of another study.
    """
    joining, beside = lanes.joining.copy(), lanes.beside.copy()
    until = beside.shape[3]
    for m, (name, one) in enumerate(study.with_one_unit.items()):
        measure = study.measure[name]
        if all(effect.lever == "capacity" for effect in measure.effects):
            continue
        own = build_rates(one, draw(one))
        more = (own.newcomers - rates.newcomers).sum(axis=2)
        joining[:, m] = more[:, -2:]  # of the last year: all who come in a year
        begun = measure.in_use_from - study.time.first_year
        found = stream_tiers(one, own, 1)[0] - lanes.baseline
        beside[:, :, m, : until - begun] = found[:, :, begun:until]
    return lanes._replace(joining=joining, beside=beside)


def track_responses(study: Study, rates: Rates, response: Floats) -> Floats:
    """Return what one appointed to a track adds beyond `response`, that of the others.

    [n, stream, track, way, half_years since appointment] FTE; of either sign.
    """
    share = track_share(study)
    more = np.empty((*response.shape[:2], len(share), *response.shape[2:]))
    if not len(share):
        return more
    own = np.empty(response.shape)
    for e, row in enumerate(share):
        alike = np.repeat(row[None], len(rates.group_share), axis=0)
        judged_response(rates._replace(group_share=alike), *counted_in(study), own)
        more[:, :, e] = own - response
    return more


def entering_half_years(study: Study) -> int:
    """Return in how many half-years those who begin LIS2/3 can still count in the window."""
    whole = 2 * (years_held(study)[1] - study.time.first_year + 1)
    if any(stream.counts == "doctors" for stream in streams_of(study)):
        return whole
    return max(whole - _entry_delay(study), 0)


def _entry_delay(study: Study) -> int:
    """Return the half-years from entry to LIS2/3 to the first specialist."""
    return max(study.training.fewest_half_years - 1, 0)


def _completes(study: Study) -> int:
    """Return the half-years from appointment to the first who completes LIS1."""
    return study.lis1.half_years_to_start + len(study.posts.stages)


def _entry_shapes(study: Study) -> dict[str, tuple[int, ...]]:
    """Return the shape of each field of `EntryLanes`, for one scenario."""
    groups, regions = len(study.groups), len(study.regions)
    half_years, held = entering_half_years(study), _shapes(study)
    whole = 2 * (years_held(study)[1] - study.time.first_year + 1)
    appointing = max(half_years - _completes(study), 0)
    return {
        "leakage": (),
        "fill_rate": (regions,),
        "offer_share": (appointing,),
        "unplaced": (regions,),
        "newcomers": (appointing,),
        "baseline": held["baseline"],
        "demand": held["demand"],
        "completing": (appointing,),
        "choice": (regions, regions),
        "group_share": (groups,),
        "wanting": (half_years, groups, regions),
        "staying": (),
        "still": (groups, study.training.most_half_years),
        "present": (groups, half_years),
        "response": (groups, max(whole - _entry_delay(study), 0), regions, regions),
    }


def entry_lanes(study: Study, draws: Draws, rates: Rates) -> EntryLanes:
    """Return the judged part of some scenarios where LIS2/3 posts are limited, fields as [n, ...].

    The baseline holds all years, as `stream_tiers` does.
    """
    shapes, count = _entry_shapes(study), len(rates.leakage)
    admission = admission_of(study, Figures(study, draws))
    assert admission is not None
    groups, regions, ages = rates.specialists.shape
    all_half_years, half_years = rates.newcomers.shape[1], entering_half_years(study)
    whole = 2 * (years_held(study)[1] - study.time.first_year + 1)
    tiers = Tiers(
        baseline=np.empty((count, len(streams_of(study)), all_half_years // 2, regions)),
        completing=np.empty((count, half_years)),
        wanting=np.empty((count, *shapes["wanting"])),
        still=np.empty((count, *shapes["still"])),
        present=np.empty((count, *shapes["present"])),
        response=np.empty((count, groups, whole, regions, regions)),
    )
    stages = rates.occupants.shape[0]
    flow = new_flow(all_half_years, stages, groups, regions, ages)
    entry_tiers(rates, admission, *counted_in(study), flow, tiers)
    appointing = shapes["newcomers"][0]
    return EntryLanes(
        leakage=rates.leakage,
        fill_rate=rates.fill_rate,
        offer_share=rates.offer_share[:, :appointing],
        unplaced=rates.unplaced,
        newcomers=rates.newcomers[:, :appointing].sum(axis=2),
        baseline=tiers.baseline,
        demand=stream_demand(study, draws),
        completing=tiers.completing[:, _completes(study) :],
        choice=rates.choice,
        group_share=rates.group_share,
        wanting=tiers.wanting,
        staying=admission.staying,
        still=tiers.still,
        present=tiers.present,
        response=tiers.response[:, :, _entry_delay(study) :],
    )


def years_that_count(study: Study) -> int:
    """Return in how many of the first years projected levels can change what any limit judges.

    Who is appointed later, or begins LIS2/3 later, is no specialist by the end of the windows.
    Places that need supervision themselves, and what measures bring beside the queue, count in the
    years that are judged.
    """
    judged = years_held(study)[1] - study.time.first_year + 1
    if study.columns or not study.on_shortage.all():
        return judged
    if study.specialist_posts is None:
        begin, shapes = 0, _shapes(study)
    else:
        begin, shapes = entering_half_years(study), _entry_shapes(study)
    rounds = shapes["offer_share"][0]
    appointed = rounds + study.lis1.half_years_to_start if rounds else 0
    return -(-max(appointed, begin) // 2)


def judgement_of(study: Study) -> Judgement:
    """Return what the study judges as the kernel's arrays."""
    limits = list(study.risk.values())
    streams = streams_of(study)
    first = years_held(study)[0]
    judged = np.array([limit.years(study.time) for limit in limits])
    by_limit = [streams_judged(study, limit) for limit in limits]
    names = {"mean": MEAN, "max": MAXIMUM, "sum": TOTAL}
    return Judgement(
        preference=posts_share(study.posts_at_start),
        counted=np.array([[s in limit for s in streams] for limit in by_limit]),
        member=np.array([[float(r in limit.regions) for r in study.regions] for limit in limits]),
        summed=np.array([limit.over_regions for limit in limits]),
        relative=np.array([limit.measure == "relative" for limit in limits]),
        statistic=np.array([names[limit.statistic] for limit in limits]),
        begin=judged[:, 0] - first,
        end=judged[:, 1] - first + 1,
        supervisors=np.array([supervisors_at_start(study, limit) for limit in limits]),
        busy=np.stack([busy_shares(study, limit) for limit in limits]),
        first=first - study.time.first_year,
        delay=np.array([shortest_delay(study, stream.counts) for stream in streams]),
        least=least_delay(study),
        to_start=study.lis1.half_years_to_start,
        landing=regional_key(study.regions, study.posts_at_start),
        units=rows_of_levels(study),
        wait=np.array([study.measure[m].delay_years for m in study.columns], dtype=np.int64),
    )


def entries_of(study: Study, judgement: Judgement) -> Entries | None:
    """Return what is judged of those who begin LIS2/3; None where their posts are not limited."""
    if study.specialist_posts is None:
        return None
    counted, fte = counted_in(study)
    trainees = trainees_at_start(study)
    delays = _entry_delay(study), _completes(study)
    return Entries(judgement, counted, fte, trainees, *delays, track_share(study))
