"""Streams: what risk limits judge. Limits that count the same groups in the same way share one."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..flow.demand import build_demand, build_doctors_demand
from ..kernels.cohorts import Rates, new_flow
from ..kernels.loops import baseline_and_response
from ..kernels.shortage import LANES, Lanes
from ..kernels.training import judged_tiers
from ..scenarios.draws import Draws
from ..study.risk_limit import Counts, RiskLimit
from ..study.study import Study

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


def stream_tiers(study: Study, rates: Rates, length: int) -> tuple[Floats, Floats]:
    """Return the two tiers of every scenario and stream (docs/model.md section 4).

    Returns
    -------
    baseline : [n, stream, year, region] FTE, without anyone appointed in the projection
    response : [n, stream, length, region, region] FTE per person, by half-years since appointment
    """
    streams = streams_of(study)
    if streams == (Stream(tuple(study.groups), "specialists"),):
        baseline, response = baseline_and_response(rates, length)
        return baseline[:, None], response[:, None]
    half_years, stages = rates.newcomers.shape[1], rates.occupants.shape[0]
    groups, regions, ages = rates.specialists.shape
    baseline = np.empty((len(rates.leakage), len(streams), half_years // 2, regions))
    response = np.empty((len(rates.leakage), len(streams), length, regions, regions))
    fte = study.trainee_fte
    judged_tiers(
        rates,
        np.empty((regions, 0)),
        np.array([[float(g in stream.groups) for g in study.groups] for stream in streams]),
        np.array([fte if stream.counts == "doctors" else 0.0 for stream in streams]),
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


def empty_lanes(study: Study, scenarios: int, of: int = 0) -> Lanes:
    """Return room for some scenarios, of a sample of so many, in blocks of lanes."""
    blocks, regions, streams = -(-scenarios // LANES), len(study.regions), len(streams_of(study))
    first, last = years_held(study)
    counted = max(2 * (last - study.time.first_year + 1) - least_delay(study), 0)
    shapes = {
        "leakage": (),
        "fill_rate": (regions,),
        "offer_share": (counted,),
        "unplaced": (regions,),
        "newcomers": (counted,),
        "baseline": (streams, last - first + 1, regions),
        "demand": (streams, last - first + 1, regions),
        "response": (streams, counted, regions, regions),
    }
    kind = np.float32 if of >= SINGLE_FROM else np.float64
    return Lanes(
        **{name: np.empty((blocks, *shape, LANES), kind) for name, shape in shapes.items()}
    )
