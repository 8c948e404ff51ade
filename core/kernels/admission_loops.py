"""Loops over the scenarios of a block in which LIS2/3 posts decide who trains on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .admission import (
    Admission,
    Admitted,
    new_admitted,
    project_abroad_admitted,
    project_admitted,
)
from .compiled import compiled
from .loops import Ensemble, record_intake, record_training, record_work, room_for
from .origins import Origins
from .others import Others, OthersFlow, follow, new_others_flow
from .state import Floats, Flow, Rates
from .tracks import Tracks, project_tracks_admitted


class AdmittedFlow(NamedTuple):
    """Who waits for LIS2/3 in a block of scenarios, [n, year, group, region]."""

    wanting: Floats  # persons who come to want to begin in the year
    waiting_training: Floats  # persons who still wait after its second half-year
    left_waiting: Floats  # persons who give up or leave work while they wait, in the year
    vacant: Floats  # posts without a doctor, mean of its half-years


def ensemble_admitted(
    rates: Rates,
    origins: Origins,
    level: Floats,
    admission: Admission,
    others: Others | None,
    tracks: Tracks | None = None,
) -> tuple[Ensemble, AdmittedFlow, OthersFlow | None]:
    """Return the whole flow of every scenario under `level` [row, year], and who waits.

    Rows are LIS1 starts by region, then LIS2/3 posts by group and region.
    """
    out, room = room_for(rates)
    shape = out.training.shape
    waiting = AdmittedFlow(*(np.empty(shape) for _ in AdmittedFlow._fields))
    rest = None if others is None else new_others_flow(*out.lis1.shape)
    _ensemble(rates, origins, level, admission, tracks, room, out, waiting, others, rest)
    return out, waiting, rest


@compiled()
def _ensemble(
    rates: Rates,
    origins: Origins,
    level: Floats,
    admission: Admission,
    tracks: Tracks | None,
    room: tuple[Flow, Flow],
    out: Ensemble,
    waiting: AdmittedFlow,
    others: Others | None,
    rest: OthersFlow | None,
) -> None:
    everybody, abroad = room
    groups, regions, half_years = everybody.entry.shape
    admitted = new_admitted(groups, regions, half_years)
    given_up = np.empty(half_years)
    for i in range(rates.leakage.shape[0]):
        if tracks is None:
            project_admitted(rates, i, admission, level, everybody, admitted)
            project_abroad_admitted(origins, rates, i, admission, everybody, admitted, abroad)
        else:
            project_tracks_admitted(
                origins, rates, i, admission, level, tracks, everybody, admitted, abroad
            )
        record_intake(i, rates.starting.shape[0], everybody, abroad, out)
        record_work(i, everybody, abroad, out)
        record_training(i, rates, everybody, abroad, out)
        _record_waiting(i, admission, everybody, admitted, waiting, given_up)
        if others is not None and rest is not None:
            follow(others, rates, i, everybody, given_up, rest)


@compiled()
def _record_waiting(
    i: int,
    admission: Admission,
    flow: Flow,
    admitted: Admitted,
    out: AdmittedFlow,
    given_up: Floats,
) -> None:
    """Fill scenario i of `out`, and `given_up` [half_year] with who works on and waits no more."""
    given_up[:] = 0.0
    leaving = 1.0 - admission.staying[i]
    for k in range(flow.entry.shape[0]):
        for t in range(flow.entry.shape[1]):
            waiting = admission.waiting[k, t]
            for y in range(out.wanting.shape[1]):
                spring, autumn = 2 * y, 2 * y + 1
                after = admitted.queue[k, t, spring] - flow.entry[k, t, spring]
                given_up[spring] += admission.giving_up[i] * waiting
                given_up[autumn] += admission.giving_up[i] * after
                out.left_waiting[i, y, k, t] = leaving * (waiting + after)
                waiting = admitted.queue[k, t, autumn] - flow.entry[k, t, autumn]
                out.waiting_training[i, y, k, t] = waiting
                out.wanting[i, y, k, t] = (
                    admitted.wanting[k, t, spring] + admitted.wanting[k, t, autumn]
                )
                out.vacant[i, y, k, t] = 0.5 * (
                    admitted.vacant[k, t, spring] + admitted.vacant[k, t, autumn]
                )
