"""The compiled flow of those educated abroad: a part of the flow of everybody, never a change."""

from typing import NamedTuple

import numpy as np

from .cohorts import begin, train, work
from .compiled import compiled
from .state import Floats, Flow, Rates

FOUR = 4  # regions side by side: one alone would await its own divisions


class Origins(NamedTuple):
    """What scenarios know about origins of education."""

    newcomers: Floats  # [n, half_year, origin] share of each origin in the new applicants
    unplaced: Floats  # [origin] share of each in those unplaced at the start
    propensity: Floats  # [n, origin] chance of being appointed, relative
    abroad: Floats  # [origin] 1 where the education was abroad
    rates: Rates  # those of the doctors present at the start and arriving who were educated abroad


@compiled()
def appoint_abroad(
    origins: Origins, rates: Rates, i: int, everybody: Flow, appointed: Floats
) -> None:
    """Fill `appointed` [half_year, region] with those educated abroad among all appointed.

    Each round takes from the origins of the queue in proportion to number times propensity, none
    beyond its number; what that leaves over goes to the others likewise.
    """
    half_years, regions = appointed.shape
    count, stay, propensity = origins.abroad.shape[0], 1.0 - rates.leakage[i], origins.propensity[i]
    waiting, taken = np.empty((count, FOUR)), np.empty((count, FOUR))
    new, total, part, given = np.zeros(FOUR), np.zeros(FOUR), np.empty(FOUR), np.empty(FOUR)
    for first in range(0, regions, FOUR):
        some = min(FOUR, regions - first)
        waiting[:], new[:], total[:] = 0.0, 0.0, 0.0  # nobody in regions there are not
        for o in range(count):
            for r in range(some):
                waiting[o, r] = rates.unplaced[i, first + r] * origins.unplaced[o]
        for h in range(half_years):
            for r in range(some):
                new[r] = rates.newcomers[i, h, first + r]
                total[r] = everybody.appointed[h, first + r]
            for o in range(count):
                share = origins.newcomers[i, h, o]
                for r in range(FOUR):
                    waiting[o, r] = stay * waiting[o, r] + new[r] * share
            share_out(total, waiting, propensity, taken, (part, given))
            for r in range(FOUR):
                part[r] = 0.0
            for o in range(count):
                for r in range(FOUR):
                    waiting[o, r] -= taken[o, r]
                    part[r] += origins.abroad[o] * taken[o, r]
            for r in range(some):
                appointed[h, first + r] = part[r]


@compiled(error_model="numpy", forceinline=True)
def share_out(
    left: Floats, waiting: Floats, propensity: Floats, taken: Floats, room: tuple[Floats, Floats]
) -> None:
    """Fill `taken` [origin, four] with `left` [four] persons by number times propensity.

    None takes more than `waiting` [origin, four]; `left` keeps those for whom there is nobody.
    `room` [four] twice is to work in: four regions side by side, without a branch.
    """
    count, (weight, given) = waiting.shape[0], room
    for o in range(count):
        for r in range(FOUR):
            taken[o, r] = 0.0
    for _ in range(count):  # each pass empties an origin or takes all
        for r in range(FOUR):
            weight[r], given[r] = 0.0, 0.0
        for o in range(count):
            for r in range(FOUR):
                weight[r] += propensity[o] * (waiting[o, r] - taken[o, r])
        for r in range(FOUR):  # from here on: what a person of weight 1 gets; 0 where all is done
            ended = weight[r] <= 0.0 or left[r] <= 0.0
            weight[r] = 0.0 if ended else left[r] / weight[r]
        for o in range(count):
            for r in range(FOUR):
                still = waiting[o, r] - taken[o, r]
                more = min(weight[r] * propensity[o] * still, still)
                more = 0.0 if weight[r] == 0.0 else more
                taken[o, r] += more
                given[r] += more
        for r in range(FOUR):
            left[r] -= given[r]


@compiled(inline="always")
def project_abroad(origins: Origins, rates: Rates, i: int, everybody: Flow, abroad: Flow) -> None:
    """Fill `abroad` with the flow of those educated abroad, part of the flow of `everybody`."""
    appoint_abroad(origins, rates, i, everybody, abroad.appointed)
    begin(origins.rates, i, abroad)
    train(origins.rates, i, abroad)
    work(origins.rates, i, abroad)
