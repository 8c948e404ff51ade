"""What LIS2/3 posts leave to judge, compiled: baseline, who wants to begin, response to one entry.

Where LIS2/3 posts are limited the queue before them lies between appointment and supply. So the
response is that of one who begins LIS2/3, and the baseline holds nobody who does in the projection.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .admission import Admission, still_training
from .cohorts import begin, train, work
from .compiled import compiled
from .response import complete, move, moves_of, serve
from .state import Floats, Flow, Rates
from .training import add_up


class Tiers(NamedTuple):
    """What is known of a block of scenarios before any plan."""

    baseline: Floats  # [n, stream, year, region] FTE, if nobody began LIS2/3
    completing: Floats  # [n, half_years since appointment] share who complete LIS1 as it begins
    wanting: Floats  # [n, half_year, group, region] persons who want to begin whatever the plan
    still: Floats  # [n, group, duration] share in training after 1, 2, ... half-years
    present: Floats  # [n, group, half_year] share of those at the start in training as it begins
    response: Floats  # [n, group, half_years since entry, region, region] FTE of specialists


@compiled()
def entry_tiers(
    rates: Rates,
    admission: Admission,
    counted: Floats,
    trainee_fte: Floats,
    flow: Flow,
    tiers: Tiers,
) -> None:
    """Fill `tiers`; `counted` [stream, group] and `trainee_fte` [stream] are what streams count."""
    half_years = tiers.wanting.shape[1]
    historic, present = np.empty(rates.outcome.shape[3] + 1), np.empty(rates.outcome.shape[3] + 1)
    for i in range(rates.leakage.shape[0]):
        flow.appointed[:] = 0.0
        begin(rates, i, flow)
        tiers.completing[i] = complete(rates, i, half_years)
        for k in range(flow.entry.shape[0]):
            still_training(rates.historic_outcome[i], k, historic)
            whole = historic[1:].sum()
            for h in range(half_years):
                left = historic[min(h + 1, historic.shape[0] - 1) :].sum()
                tiers.present[i, k, h] = left / whole if whole > 0.0 else 0.0
                for t in range(flow.entry.shape[1]):
                    tiers.wanting[i, h, k, t] = flow.entry[k, t, h]
            for t in range(flow.entry.shape[1]):
                tiers.wanting[i, 0, k, t] += admission.staying[i] * admission.waiting[k, t]
            still_training(rates.outcome[i], k, present)
            tiers.still[i, k] = present[1:]
        flow.entry[:] = 0.0
        train(rates, i, flow)
        work(rates, i, flow)
        for s in range(counted.shape[0]):
            add_up(flow, counted[s], trainee_fte[s], tiers.baseline[i, s])
        respond_to_entry(rates, i, tiers.response[i])


@compiled(contract=True)
def respond_to_entry(rates: Rates, i: int, response: Floats) -> None:
    """Fill `response` [group, n, region, region] in FTE: what one who begins LIS2/3 adds.

    It is the supply of the second region at the end of an autumn half-year, n half-years after
    she began in the first.
    """
    groups, length, regions = response.shape[:3]
    places = np.empty((length, regions, regions))  # n half-years of mobility
    places[0] = np.eye(regions)
    moves = np.empty((regions, regions))
    moves_of(rates, i, moves)
    move(moves, places)
    working = np.empty(length + 1)
    response[:] = 0.0
    for k in range(groups):
        serve(rates.entry_age[k], rates.survival[i, k], rates.fte[k], working)
        for d in range(min(rates.outcome.shape[3], length)):
            share = rates.outcome[i, 0, k, d]
            if share > 0.0:
                for n in range(length - d):
                    worth = share * working[n]
                    for t in range(regions):
                        for u in range(regions):
                            response[k, d + n, t, u] += worth * places[n, t, u]
