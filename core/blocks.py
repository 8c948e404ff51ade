"""Loops over the scenarios of a block: the kernel is one thing, the loop another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .kernel import Flow, Rates, new_flow, project, respond

Floats = NDArray[np.float64]


class Ensemble(NamedTuple):
    """What a block of scenarios yields under one plan, with groups where marked."""

    supply: Floats  # [n, year, group, region] FTE
    persons: Floats  # [n, year, group, region] specialists
    training: Floats  # [n, year, group, region] persons in LIS2/3
    qualified: Floats  # [n, year, group, region] persons completing LIS2/3 in the year
    appointed: Floats  # [n, year, region] persons appointed to LIS1
    unplaced: Floats  # [n, year, region] applicants left after the autumn round


def _room(rates: Rates) -> tuple[int, int, int, int, int]:
    """Return half-years, stages, groups, regions, ages."""
    groups, regions, ages = rates.specialists.shape
    return rates.newcomers.shape[1], rates.occupants.shape[0], groups, regions, ages


def ensemble(rates: Rates, level: Floats) -> Ensemble:
    """Return the whole flow of every scenario of the block under `level` [region, year]."""
    count = len(rates.leakage)
    half_years, stages, groups, regions, ages = _room(rates)
    grouped = (count, half_years // 2, groups, regions)
    out = Ensemble(
        supply=np.empty(grouped),
        persons=np.empty(grouped),
        training=np.empty(grouped),
        qualified=np.empty(grouped),
        appointed=np.empty((count, half_years // 2, regions)),
        unplaced=np.empty((count, half_years // 2, regions)),
    )
    _ensemble(rates, level, new_flow(half_years, stages, groups, regions, ages), out)
    return out


@njit(nogil=True, cache=True)
def _ensemble(rates: Rates, level: Floats, flow: Flow, out: Ensemble) -> None:
    for i in range(rates.leakage.shape[0]):
        project(rates, i, level, flow)
        out.supply[i] = flow.supply
        out.persons[i] = flow.persons
        for y in range(flow.supply.shape[0]):
            for r in range(flow.supply.shape[2]):
                spring, autumn = 2 * y, 2 * y + 1
                out.appointed[i, y, r] = flow.appointed[spring, r] + flow.appointed[autumn, r]
                out.unplaced[i, y, r] = flow.queue[autumn, r] - flow.appointed[autumn, r]
                for k in range(flow.supply.shape[1]):
                    out.training[i, y, k, r] = flow.trainees[k, r, autumn]
                    out.qualified[i, y, k, r] = (
                        flow.qualified[k, r, spring] + flow.qualified[k, r, autumn]
                    )


def baseline_and_response(rates: Rates, length: int) -> tuple[Floats, Floats]:
    """Return the two tiers of every scenario, all groups together.

    Returns
    -------
    baseline : [n, year, region] FTE, without anyone appointed in the projection
    response : [n, length, region, region] FTE per person, by half-years since appointment
    """
    count = len(rates.leakage)
    half_years, stages, groups, regions, ages = _room(rates)
    baseline = np.empty((count, half_years // 2, regions))
    response = np.empty((count, length, regions, regions))
    nobody = np.empty((regions, 0))
    flow = new_flow(half_years, stages, groups, regions, ages)
    _two_tiers(rates, nobody, flow, baseline, response)
    return baseline, response


@njit(nogil=True, cache=True)
def _two_tiers(
    rates: Rates, nobody: Floats, flow: Flow, baseline: Floats, response: Floats
) -> None:
    for i in range(rates.leakage.shape[0]):
        project(rates, i, nobody, flow)
        for y in range(baseline.shape[1]):
            for r in range(baseline.shape[2]):
                total = 0.0
                for k in range(flow.supply.shape[1]):
                    total += flow.supply[y, k, r]
                baseline[i, y, r] = total
        respond(rates, i, response[i : i + 1])
