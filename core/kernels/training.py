"""Doctors in LIS2/3 as part of a judged stream, compiled: their response beside the specialists'.

A stream counts some groups, specialists only or all doctors past LIS1 (docs/model.md section 5).
"""

from __future__ import annotations

import numpy as np

from .cohorts import project, respond
from .compiled import compiled
from .response import STAY, WAYS, complete
from .state import Floats, Flow, Rates


@compiled()
def judged_tiers(
    rates: Rates,
    nobody: Floats,
    counted: Floats,
    trainee_fte: Floats,
    flow: Flow,
    baseline: Floats,
    response: Floats,
) -> None:
    """Fill `baseline` [n, stream, year, region] and `response` [n, stream, way, length].

    `counted` [stream, group] is 1 where the group counts, `trainee_fte` [stream] what a doctor in
    LIS2/3 counts (0: specialists only); `nobody` [region, 0] are no levels.
    """
    streams, groups = counted.shape
    by_group = np.empty((groups, WAYS, response.shape[3]))
    for i in range(rates.leakage.shape[0]):
        project(rates, i, nobody, flow)
        if counted.min() <= 0.0:
            respond(rates, i, by_group)
        for s in range(streams):
            add_up(flow, counted[s], trainee_fte[s], baseline[i, s])
            if counted[s].min() > 0.0:
                respond(rates, i, response[i, s : s + 1])
            else:
                _choose(by_group, counted[s], response[i, s])
            if trainee_fte[s] > 0.0:
                respond_in_training(rates, i, counted[s], trainee_fte[s], response[i, s])


@compiled()
def judged_response(rates: Rates, counted: Floats, trainee_fte: Floats, response: Floats) -> None:
    """Fill `response` as `judged_tiers` does, and no baseline."""
    by_group = np.empty((counted.shape[1], WAYS, response.shape[3]))
    for i in range(rates.leakage.shape[0]):
        respond(rates, i, by_group)
        for s in range(counted.shape[0]):
            _choose(by_group, counted[s], response[i, s])
            if trainee_fte[s] > 0.0:
                respond_in_training(rates, i, counted[s], trainee_fte[s], response[i, s])


@compiled()
def _choose(by_group: Floats, counted: Floats, response: Floats) -> None:
    """Fill `response` [way, length] with the sum over the groups that count."""
    response[:] = 0.0
    for k in range(counted.shape[0]):
        if counted[k] > 0.0:
            for way in range(WAYS):
                for n in range(response.shape[1]):
                    response[way, n] += by_group[k, way, n]


@compiled()
def add_up(flow: Flow, counted: Floats, trainee_fte: float, baseline: Floats) -> None:
    """Fill `baseline` [year, region] from one scenario's flow."""
    for y in range(baseline.shape[0]):
        for r in range(baseline.shape[1]):
            total = 0.0
            for k in range(counted.shape[0]):
                if counted[k] > 0.0:
                    total += flow.supply[y, k, r]
                    if trainee_fte > 0.0:
                        total += trainee_fte * flow.trainees[k, r, 2 * y + 1]
            baseline[y, r] = total


@compiled()
def respond_in_training(
    rates: Rates, i: int, counted: Floats, trainee_fte: float, response: Floats
) -> None:
    """Add to `response` [way, n] the FTE of one appointed while in LIS2/3.

    Trainees stay in the region they chose: after m half-years to completed LIS1 and d in LIS2/3
    a share 1 - outcome[1..d] is still in training, at the end of half-year n = m + d - 1.
    """
    length = response.shape[1]
    longest = rates.outcome.shape[3]
    entered = complete(rates, i, length)
    for k in range(counted.shape[0]):
        if counted[k] <= 0.0:
            continue
        share = trainee_fte * rates.group_share[i, k]
        staying = np.zeros(length + 1)  # after d half-years
        staying[0] = 1.0
        for d in range(1, min(length, longest) + 1):
            ended = rates.outcome[i, 0, k, d - 1] + rates.outcome[i, 1, k, d - 1]
            staying[d] = max(staying[d - 1] - ended, 0.0)
        for n in range(length):
            present = 0.0
            for m in range(1, n + 1):
                present += entered[m] * staying[n - m + 1]
            response[STAY, n] += share * present
