"""The compiled flow of doctors without a speciality: nobody who stops training vanishes."""

from typing import NamedTuple

import numpy as np

from .compiled import compiled
from .state import Floats, Flow, Rates


class Others(NamedTuple):
    """What scenarios know about doctors without a speciality (docs/model.md 3.7)."""

    stock: Floats  # [region, age] persons at the start
    arrivals: Floats  # [n] persons a half-year
    exits: Floats  # [n] share of those in LIS2/3 who leave work in a half-year
    share: Floats  # [region] of those who join
    entry_age: Floats  # [age] of those who join
    survival: Floats  # [n, age] per half-year
    fte: float  # per person


class OthersFlow(NamedTuple):
    """What becomes of them, in persons."""

    others: Floats  # [n, year, region] at the end of the year
    others_joined: Floats  # [n, year, region] in the year


@compiled()
def stopping(rates: Rates, i: int, exits: float, flow: Flow, stopped: Floats) -> None:
    """Fill `stopped` [half_year] with who gives up, persons: from queue, LIS1 and LIS2/3 together.

    Of those in LIS2/3 a share `exits` leaves work: they are among those who left, and join nobody.
    """
    regions, stages = flow.queue.shape[1], flow.occupants.shape[1]
    for h in range(stopped.shape[0]):
        total = 0.0
        for r in range(regions):
            waiting, present = rates.unplaced[i, r], 0.0
            if h > 0:
                waiting = flow.queue[h - 1, r] - flow.appointed[h - 1, r]
            for s in range(stages):
                present += rates.occupants[s, r] if h == 0 else flow.occupants[h - 1, s, r]
            total += rates.leakage[i] * waiting + rates.drop_out[i] * present
            for k in range(flow.left_training.shape[0]):
                training = rates.trainees[k, r] if h == 0 else flow.trainees[k, r, h - 1]
                out_of_work = exits * (training + flow.entry[k, r, h])
                total += flow.left_training[k, r, h] - out_of_work
        stopped[h] = total


@compiled()
def follow(
    others: Others, rates: Rates, i: int, flow: Flow, no_longer_waiting: Floats, out: OthersFlow
) -> None:
    """Fill scenario i of `out`: present ones leave, then those who stopped training join (3.7).

    `no_longer_waiting` [half_year] are persons who give up waiting for LIS2/3.
    """
    regions, ages = others.stock.shape
    now, later = np.zeros((regions, ages + 1)), np.empty((regions, ages))  # the last ones leave
    stopped = np.empty(no_longer_waiting.shape[0])
    stopping(rates, i, others.exits[i], flow, stopped)
    for r in range(regions):
        for a in range(ages):
            now[r, a] = others.stock[r, a]
    for y in range(out.others.shape[1]):
        spring = stopped[2 * y] + others.arrivals[i] + no_longer_waiting[2 * y]
        autumn = stopped[2 * y + 1] + others.arrivals[i] + no_longer_waiting[2 * y + 1]
        for r in range(regions):
            first, second = spring * others.share[r], autumn * others.share[r]
            out.others_joined[i, y, r] = first + second
            for a in range(ages):
                later[r, a] = others.survival[i, a] * now[r, a] + first * others.entry_age[a]
            for a in range(ages):  # and a year older
                now[r, a + 1] = others.survival[i, a] * later[r, a] + second * others.entry_age[a]
        for r in range(regions):
            total = 0.0
            for a in range(ages):
                total += now[r, a + 1]
            out.others[i, y, r], now[r, 0] = total, 0.0


def new_others_flow(count: int, years: int, regions: int) -> OthersFlow:
    """Return room for a block of scenarios."""
    shape = (count, years, regions)
    return OthersFlow(np.empty(shape), np.empty(shape))
