"""The second queue, compiled: posts decide when those who want to train on begin LIS2/3.

Everything else is the flow of `cohorts.py`; a study without such posts never comes here.
"""

from typing import NamedTuple

import numpy as np

from .cohorts import appoint, begin, train, work
from .compiled import compiled
from .origins import Origins, appoint_abroad
from .state import Floats, Flow, Rates


class Admission(NamedTuple):
    """What scenarios know about those who wait for LIS2/3 (docs/model.md 3.8)."""

    waiting: Floats  # [group, region] persons at the start
    staying: Floats  # [n] share of those who wait who still do half a year later
    giving_up: Floats  # [n] share who give it up and work on; the rest has left work
    abroad: float  # share of `waiting` educated abroad


class Admitted(NamedTuple):
    """Room for what becomes of them in one scenario, [group, region, half_year]."""

    wanting: Floats  # persons who come to want to begin
    queue: Floats  # persons who want to, before any begins
    vacant: Floats  # posts nobody took


@compiled()
def new_admitted(groups: int, regions: int, half_years: int) -> Admitted:
    """Return room for one scenario."""
    shape = (groups, regions, half_years)
    return Admitted(np.zeros(shape), np.zeros(shape), np.zeros(shape))


@compiled()
def still_training(outcome: Floats, k: int, still: Floats) -> None:
    """Fill `still` [duration + 1]: the share of group k in training after d half-years.

    F[d] = 1 - sum_{e <= d} (outcome[0, k, e - 1] + outcome[1, k, e - 1]), none after the longest.
    """
    still[0] = 1.0
    for d in range(1, still.shape[0] - 1):
        still[d] = max(0.0, still[d - 1] - (outcome[0, k, d - 1] + outcome[1, k, d - 1]))
    still[-1] = 0.0


@compiled()
def admit(
    rates: Rates, i: int, admission: Admission, posts: Floats, flow: Flow, admitted: Admitted
) -> None:
    """Turn `flow.entry`, who wants to begin, into who does, under `posts` [group · region, year].

    Persons in training as a half-year begins hold their posts; who wants to takes the others:

        queue[h] = staying · (queue[h - 1] - entry[h - 1]) + wanting[h]
        entry[h] = min(queue[h], max(0, posts[h] - inside[h]))

    Those at the start follow the historic outcomes, whoever begins in the projection the present.
    """
    groups, regions, half_years = flow.entry.shape
    longest = rates.outcome.shape[3]
    early, late = np.empty(longest + 1), np.empty(longest + 1)
    for k in range(groups):
        still_training(rates.historic_outcome[i], k, early)
        still_training(rates.outcome[i], k, late)
        cohorts = early[1:].sum()
        for t in range(regions):
            cohort = rates.trainees[k, t] / cohorts if cohorts > 0.0 else 0.0
            waiting = admission.waiting[k, t]
            for h in range(half_years):
                inside = cohort * early[h + 1 :].sum()
                for d in range(1, min(longest, h) + 1):
                    inside += late[d] * flow.entry[k, t, h - d]
                wanting = flow.entry[k, t, h]
                queue = admission.staying[i] * waiting + wanting
                room = max(0.0, posts[k * regions + t, h // 2] - inside)
                begins = min(queue, room)
                flow.entry[k, t, h] = begins
                admitted.wanting[k, t, h], admitted.queue[k, t, h] = wanting, queue
                admitted.vacant[k, t, h] = room - begins
                waiting = queue - begins


@compiled()
def admit_abroad(
    admission: Admission, i: int, everybody: Flow, admitted: Admitted, abroad: Flow
) -> None:
    """Turn `abroad.entry` into who of those educated abroad begins: their share of the queue."""
    groups, regions, half_years = abroad.entry.shape
    for k in range(groups):
        for t in range(regions):
            waiting = admission.abroad * admission.waiting[k, t]
            for h in range(half_years):
                queue = admission.staying[i] * waiting + abroad.entry[k, t, h]
                whole = admitted.queue[k, t, h]
                share = queue / whole if whole > 0.0 else 0.0
                abroad.entry[k, t, h] = share * everybody.entry[k, t, h]
                waiting = queue - abroad.entry[k, t, h]


@compiled()
def project_admitted(
    rates: Rates, i: int, admission: Admission, level: Floats, flow: Flow, admitted: Admitted
) -> None:
    """Run all of scenario i under `level` [row, year].

    The first rows are LIS1 starts by region, the others LIS2/3 posts by group and region.
    """
    regions = flow.queue.shape[1]
    appoint(rates, i, level[:regions], flow.queue, flow.appointed)
    begin(rates, i, flow)
    admit(rates, i, admission, level[regions:], flow, admitted)
    train(rates, i, flow)
    work(rates, i, flow)


@compiled()
def project_abroad_admitted(
    origins: Origins,
    rates: Rates,
    i: int,
    admission: Admission,
    everybody: Flow,
    admitted: Admitted,
    abroad: Flow,
) -> None:
    """Fill `abroad` with the flow of those educated abroad, part of the flow of `everybody`."""
    appoint_abroad(origins, rates, i, everybody, abroad.appointed)
    begin(origins.rates, i, abroad)
    admit_abroad(admission, i, everybody, admitted, abroad)
    train(origins.rates, i, abroad)
    work(origins.rates, i, abroad)
