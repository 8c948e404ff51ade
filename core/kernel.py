"""The cohort flow of one scenario, compiled: appointment, training, work, and the response to one post.

Equations and symbols are those of docs/model.md; `tests/naive.py` computes the same in plain
Python. Nothing here raises: callers check what comes out. Every function treats scenario `i`
of `rates`, alone and in a fixed order of operations, so a scenario's numbers do not depend on which
others are computed beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Rates(NamedTuple):
    """What scenarios know, docs/model.md section 2; a leading axis `realization` where marked [n, ...]."""

    offer_share: Floats  # [2]
    unplaced: Floats  # [n, region] persons
    newcomers: Floats  # [n, half_year, region] persons
    leakage: Floats  # [n] per half-year
    fill_rate: Floats  # [n, region]
    leave: Floats  # [n] per half-year
    drop_out: Floats  # [n] per half-year
    occupants: Floats  # [stage, region] persons
    choice: Floats  # [n, region, region]
    group_share: Floats  # [n, group]
    direct_entry: Floats  # [n, half_year, group, region] persons
    trainees: Floats  # [group, region] persons
    historic_outcome: Floats  # [n, 2, group, duration]
    outcome: Floats  # [n, 2, group, duration]
    historic_until: int  # half-year
    specialists: Floats  # [group, region, age] persons
    entry_age: Floats  # [group, age]
    foreign: Floats  # [n, half_year, group, region] persons
    foreign_age: Floats  # [group, age]
    survival: Floats  # [n, group, age] per half-year
    mobility: Floats  # [n, region, region] per half-year
    fte: Floats  # [group, age] FTE per person


class Flow(NamedTuple):
    """Room for what one scenario yields; `qualified`, `entry` and `trainees` also carry it along."""

    queue: Floats  # [half_year, region] persons, before appointment
    appointed: Floats  # [half_year, region] persons
    occupants: Floats  # [half_year, stage, region] persons
    entry: Floats  # [group, region, half_year] persons beginning LIS2/3
    qualified: Floats  # [group, region, half_year] persons completing LIS2/3
    left_training: Floats  # [group, region, half_year] persons giving it up
    trainees: Floats  # [group, region, half_year] persons in LIS2/3 at the end
    supply: Floats  # [year, group, region] FTE
    persons: Floats  # [year, group, region] specialists, persons
    ages: Floats  # [group, region, age] persons, after the last ageing


@njit(nogil=True, cache=True)
def appoint(rates: Rates, i: int, level: Floats, queue: Floats, appointed: Floats) -> None:
    """Appoint from each region's queue (3.1); `level` [region, year] -> `appointed` [half_year, region]."""
    stay = 1.0 - rates.leakage[i]
    for r in range(level.shape[0]):
        unplaced = rates.unplaced[i, r]
        for h in range(appointed.shape[0]):
            waiting = stay * unplaced + rates.newcomers[i, h, r]
            offers = rates.fill_rate[i, r] * rates.offer_share[h % 2] * level[r, h // 2]
            queue[h, r] = waiting
            appointed[h, r] = min(offers, waiting)
            unplaced = waiting - appointed[h, r]


@njit(nogil=True, cache=True)
def begin(rates: Rates, i: int, flow: Flow) -> None:
    """LIS1 (3.2) and the choice of region and group (the entry of 3.3)."""
    half_years, stages, regions = flow.occupants.shape
    repeat = (1.0 - rates.drop_out[i]) * rates.leave[i]
    advance = (1.0 - rates.drop_out[i]) * (1.0 - rates.leave[i])
    for h in range(half_years):
        before = rates.occupants if h == 0 else flow.occupants[h - 1]
        for r in range(regions):
            flow.occupants[h, 0, r] = flow.appointed[h, r] + repeat * before[0, r]
            for s in range(1, stages):
                flow.occupants[h, s, r] = advance * before[s - 1, r] + repeat * before[s, r]
        for t in range(regions):
            arriving = 0.0
            for r in range(regions):
                arriving += rates.choice[i, r, t] * (advance * before[stages - 1, r])
            for k in range(flow.entry.shape[0]):
                flow.entry[k, t, h] = (
                    rates.group_share[i, k] * arriving + rates.direct_entry[i, h, k, t]
                )


@njit(nogil=True, cache=True)
def train(rates: Rates, i: int, flow: Flow) -> None:
    """LIS2/3 (3.3): completions, leavers and stock by half-year."""
    groups, regions, half_years = flow.entry.shape
    for k in range(groups):
        still = 1.0  # share of a past cohort still in training
        stayed = 0.0
        for e in range(rates.historic_outcome.shape[3]):
            still -= rates.historic_outcome[i, 0, k, e] + rates.historic_outcome[i, 1, k, e]
            stayed += still
        for r in range(regions):
            cohort = rates.trainees[k, r] / stayed if stayed > 0.0 else 0.0
            _pipeline(rates.historic_outcome[i, 0, k], cohort, flow.qualified[k, r])
            _pipeline(rates.historic_outcome[i, 1, k], cohort, flow.left_training[k, r])
            for h in range(half_years):
                table = rates.historic_outcome if h < rates.historic_until else rates.outcome
                entry = flow.entry[k, r, h]
                _spread(table[i, 0, k], entry, flow.qualified[k, r, h:])
                _spread(table[i, 1, k], entry, flow.left_training[k, r, h:])
            stock = rates.trainees[k, r]
            for h in range(half_years):
                stock += flow.entry[k, r, h] - flow.qualified[k, r, h] - flow.left_training[k, r, h]
                flow.trainees[k, r, h] = stock


@njit(nogil=True, cache=True)
def _pipeline(outcome: Floats, cohort: float, out: Floats) -> None:
    """Fill `out` [half_year] with those of equal past cohorts who finish at its end."""
    tail = 0.0
    for d in range(outcome.shape[0] - 1, out.shape[0], -1):
        tail += outcome[d]
    for h in range(out.shape[0] - 1, -1, -1):
        if h + 1 < outcome.shape[0]:
            tail += outcome[h + 1]
        out[h] = cohort * tail


@njit(nogil=True, cache=True)
def _spread(outcome: Floats, entry: float, out: Floats) -> None:
    """Add one cohort's outcome [duration] to `out`, half-years from its entry on."""
    for d in range(min(outcome.shape[0], out.shape[0])):
        out[d] += outcome[d] * entry


@njit(nogil=True, cache=True)
def work(rates: Rates, i: int, flow: Flow, now: Floats, after: Floats) -> None:
    """Specialists by age (3.4, 3.5), a year at a time; `now`, `after` [region, age + 1] scratch.

    The two half-years in one step halve the work: with survival s, moves M, and those who join in
    spring (b) and in autumn (c), s·M(s·M(P) + b) + c = s²·M²(P) + s·M(b) + c. Ages stand one place higher in
    the scratch rows, so that the new year's ages are the same row read from the start.
    """
    groups, regions, ages = rates.specialists.shape
    terms = np.empty((5, ages))
    twice = np.zeros((regions, regions))
    _multiply(rates.mobility[i], rates.mobility[i], twice)
    for k in range(groups):
        survival = rates.survival[i, k]
        terms[0], terms[1], terms[2] = survival * survival, rates.entry_age[k], rates.foreign_age[k]
        terms[3], terms[4] = survival * rates.entry_age[k], survival * rates.foreign_age[k]
        now[:, :ages] = rates.specialists[k]
        for y in range(flow.supply.shape[0]):
            for t in range(regions):
                _join(_joining(rates, i, flow, k, t, y), terms, t, after)
                _stay(twice, terms, t, now, after)
                flow.supply[y, k, t], flow.persons[y, k, t] = _sums(rates.fte, k, t, after)
                after[t, 0] = 0.0
            now, after = after, now
        flow.ages[k] = now[:, :ages]


@njit(nogil=True, cache=True)
def _joining(
    rates: Rates, i: int, flow: Flow, k: int, t: int, y: int
) -> tuple[float, float, float, float]:
    """Return those joining region t: spring's (after their moves in autumn), then autumn's; new, foreign."""
    new = abroad = 0.0
    for r in range(rates.mobility.shape[1]):
        new += rates.mobility[i, r, t] * flow.qualified[k, r, 2 * y]
        abroad += rates.mobility[i, r, t] * rates.foreign[i, 2 * y, k, r]
    return new, abroad, flow.qualified[k, t, 2 * y + 1], rates.foreign[i, 2 * y + 1, k, t]


@njit(nogil=True, cache=True, fastmath={"contract"})
def _join(joining: tuple[float, float, float, float], terms: Floats, t: int, after: Floats) -> None:
    """Put those who joined region t during the year into `after`, one age up."""
    spring_new, spring_abroad, autumn_new, autumn_abroad = joining
    for a in range(terms.shape[1]):
        after[t, a + 1] = (spring_new * terms[3, a] + spring_abroad * terms[4, a]) + (
            autumn_new * terms[1, a] + autumn_abroad * terms[2, a]
        )


@njit(nogil=True, cache=True, fastmath={"contract"})
def _stay(moves: Floats, terms: Floats, t: int, now: Floats, after: Floats) -> None:
    """Add to `after` those of every region who end the year in t, four regions at a pass.

    No row is sliced here: a slice costs as much as the arithmetic on it (measured, 50 ages).
    """
    whole = now.shape[0] // 4 * 4
    for r in range(0, whole, 4):
        one, two, three, four = moves[r, t], moves[r + 1, t], moves[r + 2, t], moves[r + 3, t]
        for a in range(terms.shape[1]):
            after[t, a + 1] += terms[0, a] * (
                (one * now[r, a] + two * now[r + 1, a])
                + (three * now[r + 2, a] + four * now[r + 3, a])
            )
    for r in range(whole, now.shape[0]):
        one = moves[r, t]
        for a in range(terms.shape[1]):
            after[t, a + 1] += terms[0, a] * (one * now[r, a])


@njit(nogil=True, cache=True, fastmath={"contract"})
def _sums(fte: Floats, k: int, t: int, after: Floats) -> tuple[float, float]:
    """Return FTE and persons of region t in four interleaved sums each: one chain would wait on itself."""
    f1 = f2 = f3 = f4 = 0.0
    p1 = p2 = p3 = p4 = 0.0
    ages = fte.shape[1]
    whole = ages // 4 * 4
    for a in range(0, whole, 4):
        p1 += after[t, a + 1]
        p2 += after[t, a + 2]
        p3 += after[t, a + 3]
        p4 += after[t, a + 4]
        f1 += fte[k, a] * after[t, a + 1]
        f2 += fte[k, a + 1] * after[t, a + 2]
        f3 += fte[k, a + 2] * after[t, a + 3]
        f4 += fte[k, a + 3] * after[t, a + 4]
    for a in range(whole, ages):
        p1 += after[t, a + 1]
        f1 += fte[k, a] * after[t, a + 1]
    return (f1 + f2) + (f3 + f4), (p1 + p2) + (p3 + p4)


@njit(nogil=True, cache=True)
def _multiply(left: Floats, right: Floats, out: Floats) -> None:
    """Matrix product in a fixed order (BLAS would not promise one)."""
    for r in range(left.shape[0]):
        for t in range(right.shape[1]):
            total = 0.0
            for m in range(right.shape[0]):
                total += left[r, m] * right[m, t]
            out[r, t] = total


@njit(nogil=True, cache=True)
def respond(rates: Rates, i: int, response: Floats) -> None:
    """Fill `response` [group, n, region, region] in FTE: what one person appointed adds (section 4).

    `response[k, n, r, t]` is the supply of region t at the end of an autumn half-year, n half-years after
    the half-year in which one person was appointed in region r. With room for one group only, all groups
    are added up there.
    """
    length, regions = response.shape[1], response.shape[2]
    pairs = regions * regions
    finishing = _lis1_duration(rates, i, length)
    moved = np.empty((length, regions, regions))  # choice, then n half-years of mobility
    moved[0] = rates.choice[i]
    for n in range(1, length):
        _multiply(moved[n - 1], rates.mobility[i], moved[n])
    qualifying = np.empty(length)
    working = np.empty(length)
    response[:] = 0.0
    ways = moved.reshape((length, pairs))
    flat = response.reshape((response.shape[0], length, pairs))
    for k in range(rates.entry_age.shape[0]):
        qualifying[:] = 0.0
        for h in range(length):
            _spread(rates.outcome[i, 0, k], finishing[h], qualifying[h:])
        _career(rates.entry_age[k], rates.survival[i, k], rates.fte[k], working)
        for n in range(length):
            working[n] *= rates.group_share[i, k]
        _convolve(qualifying, working, ways, flat, min(k, response.shape[0] - 1))


@njit(nogil=True, cache=True, fastmath={"contract"})
def _convolve(qualifying: Floats, working: Floats, ways: Floats, out: Floats, g: int) -> None:
    """Add to `out[g, m + n]` [..., pair] those qualified after m half-years and at work n later."""
    length = working.shape[0]
    for m in range(length):
        if qualifying[m] > 0.0:
            for n in range(length - m):
                weight = qualifying[m] * working[n]
                for pair in range(ways.shape[1]):
                    out[g, m + n, pair] += weight * ways[n, pair]


@njit(nogil=True, cache=True)
def _lis1_duration(rates: Rates, i: int, length: int) -> Floats:
    """Return the probability [half_year] that LIS2/3 begins that many half-years after appointment."""
    repeat = (1.0 - rates.drop_out[i]) * rates.leave[i]
    advance = (1.0 - rates.drop_out[i]) * (1.0 - rates.leave[i])
    stages = rates.occupants.shape[0]
    occupied = np.zeros(stages)
    occupied[0] = 1.0
    finishing = np.zeros(length)
    for h in range(1, length):
        finishing[h] = advance * occupied[stages - 1]
        for s in range(stages - 1, 0, -1):
            occupied[s] = advance * occupied[s - 1] + repeat * occupied[s]
        occupied[0] *= repeat
    return finishing


@njit(nogil=True, cache=True)
def _career(entry_age: Floats, survival: Floats, fte: Floats, working: Floats) -> None:
    """Fill `working` [half_year] in FTE of a new specialist, so long after entry, in an autumn.

    An even number of half-years means entry in an autumn (the first birthday follows at once), an odd
    number entry in a spring.
    """
    ages = entry_age.shape[0]
    for odd in range(2):
        alive = entry_age.copy()
        if odd == 1:
            alive *= survival
        for n in range(odd, working.shape[0], 2):
            total = 0.0
            for a in range(ages):
                total += fte[a] * alive[a]
            working[n] = total
            for a in range(ages - 1, 0, -1):
                alive[a] = alive[a - 1] * survival[a] * survival[a]
            alive[0] = 0.0


@njit(nogil=True, cache=True)
def project(rates: Rates, i: int, level: Floats, flow: Flow) -> None:
    """Run the whole flow of scenario i under `level` [region, year], starts a year.

    With an empty `level` (no years) nobody is appointed: the baseline of section 4.
    """
    if level.shape[1] > 0:
        appoint(rates, i, level, flow.queue, flow.appointed)
    else:
        flow.queue[:] = 0.0
        flow.appointed[:] = 0.0
    begin(rates, i, flow)
    train(rates, i, flow)
    regions, ages = flow.ages.shape[1], flow.ages.shape[2]
    work(rates, i, flow, np.empty((regions, ages + 1)), np.empty((regions, ages + 1)))


@njit(nogil=True, cache=True)
def new_flow(half_years: int, stages: int, groups: int, regions: int, ages: int) -> Flow:
    """Return room for one scenario's flow."""
    return Flow(
        queue=np.zeros((half_years, regions)),
        appointed=np.zeros((half_years, regions)),
        occupants=np.zeros((half_years, stages, regions)),
        entry=np.zeros((groups, regions, half_years)),
        qualified=np.zeros((groups, regions, half_years)),
        left_training=np.zeros((groups, regions, half_years)),
        trainees=np.zeros((groups, regions, half_years)),
        supply=np.zeros((half_years // 2, groups, regions)),
        persons=np.zeros((half_years // 2, groups, regions)),
        ages=np.zeros((groups, regions, ages)),
    )
