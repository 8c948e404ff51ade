"""The compiled flow of those educated abroad: a part of the flow of everybody, never a change."""

from typing import NamedTuple

import numpy as np

from .cohorts import begin, train, work
from .compiled import compiled
from .state import Floats, Flow, Rates


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
    count = origins.abroad.shape[0]
    waiting, taken = np.empty(count), np.empty(count)
    stay = 1.0 - rates.leakage[i]
    for r in range(appointed.shape[1]):
        for o in range(count):
            waiting[o] = rates.unplaced[i, r] * origins.unplaced[o]
        for h in range(appointed.shape[0]):
            for o in range(count):
                new = rates.newcomers[i, h, r] * origins.newcomers[i, h, o]
                waiting[o] = stay * waiting[o] + new
            share_out(everybody.appointed[h, r], waiting, origins.propensity[i], taken)
            appointed[h, r] = 0.0
            for o in range(count):
                waiting[o] -= taken[o]
                appointed[h, r] += origins.abroad[o] * taken[o]


@compiled()
def share_out(total: float, waiting: Floats, propensity: Floats, taken: Floats) -> None:
    """Fill `taken` [origin] with `total` persons by number times propensity, at most `waiting`."""
    taken[:] = 0.0
    left = total
    for _ in range(waiting.shape[0]):  # each pass empties an origin or ends
        weight = 0.0
        for o in range(waiting.shape[0]):
            weight += propensity[o] * (waiting[o] - taken[o])
        if weight <= 0.0 or left <= 0.0:
            return
        per_weight, given = left / weight, 0.0
        for o in range(waiting.shape[0]):
            room = waiting[o] - taken[o]
            more = min(per_weight * propensity[o] * room, room)
            taken[o] += more
            given += more
        left -= given


@compiled(inline="always")
def project_abroad(origins: Origins, rates: Rates, i: int, everybody: Flow, abroad: Flow) -> None:
    """Fill `abroad` with the flow of those educated abroad, part of the flow of `everybody`."""
    appoint_abroad(origins, rates, i, everybody, abroad.appointed)
    begin(origins.rates, i, abroad)
    train(origins.rates, i, abroad)
    work(origins.rates, i, abroad)
