"""The compiled cohort flow of one scenario: appointment, training, work, response to one post.

Equations and symbols are those of docs/model.md; `tests/naive.py` computes the same in plain
Python. Nothing here raises: callers check what comes out. Every function treats scenario `i` of
`rates` alone and in a fixed order of operations: its numbers do not depend on others.
Hot loops slice few rows and touch no tuples: counting references costs as much as arithmetic.
"""

import numpy as np
from numba import njit

from .state import Floats, Flow, Rates, new_flow

__all__ = ["Flow", "Rates", "appoint", "new_flow", "project", "respond"]


@njit(nogil=True, cache=True)
def project(rates: Rates, i: int, level: Floats, flow: Flow) -> None:
    """Run all of scenario i under `level` [region, year] starts; no years: section 4's baseline."""
    flow.queue[:] = 0.0
    flow.appointed[:] = 0.0
    if level.shape[1] > 0:
        appoint(rates, i, level, flow.queue, flow.appointed)
    begin(rates, i, flow)
    train(rates, i, flow)
    work(rates, i, flow)


@njit(nogil=True, cache=True)
def appoint(rates: Rates, i: int, level: Floats, queue: Floats, appointed: Floats) -> None:
    """Appoint from each region's queue (3.1) [half_year, region] under `level` [region, year]."""
    newcomers, offer_share, stay = rates.newcomers[i], rates.offer_share[i], 1.0 - rates.leakage[i]
    for r in range(level.shape[0]):
        unplaced, fill_rate = rates.unplaced[i, r], rates.fill_rate[i, r]
        for h in range(appointed.shape[0]):
            waiting = stay * unplaced + newcomers[h, r]
            offers = fill_rate * offer_share[h] * level[r, h // 2]
            queue[h, r] = waiting
            appointed[h, r] = min(offers, waiting)
            unplaced = waiting - appointed[h, r]


@njit(nogil=True, cache=True)
def begin(rates: Rates, i: int, flow: Flow) -> None:
    """LIS1 (3.2) and the choice of region and group (the entry of 3.3)."""
    half_years, stages, regions = flow.occupants.shape
    appointed, occupants, entry = flow.appointed, flow.occupants, flow.entry
    choice, group_share, direct_entry = rates.choice[i], rates.group_share[i], rates.direct_entry[i]
    repeat = (1.0 - rates.drop_out[i]) * rates.leave[i]
    advance = (1.0 - rates.drop_out[i]) * (1.0 - rates.leave[i])
    last, before = stages - 1, rates.occupants
    for h in range(half_years):
        now = occupants[h]
        for r in range(regions):
            now[0, r] = appointed[h, r] + repeat[0] * before[0, r]
            for s in range(1, stages):
                now[s, r] = advance[s - 1] * before[s - 1, r] + repeat[s] * before[s, r]
        for t in range(regions):
            arriving = 0.0
            for r in range(regions):
                arriving += choice[r, t] * (advance[last] * before[last, r])
            for k in range(entry.shape[0]):
                entry[k, t, h] = group_share[k] * arriving + direct_entry[h, k, t]
        before = now


@njit(nogil=True, cache=True)
def train(rates: Rates, i: int, flow: Flow) -> None:
    """LIS2/3 (3.3): `early` entries follow the historic outcomes, `late` ones the present.

    Past cohorts finish alike in every region: `pipeline` is one trainee's course, worked out once.
    """
    groups, regions, half_years = flow.entry.shape
    entry, qualified, left, trainees = flow.entry, flow.qualified, flow.left_training, flow.trainees
    historic, present = rates.historic_outcome[i], rates.outcome[i]
    longest, until = present.shape[2], max(0, min(rates.historic_until, half_years))
    early, late = np.zeros(longest + half_years), np.zeros(longest + half_years)
    pipeline = np.empty((2, half_years))
    for k in range(groups):
        cohorts = float(longest)  # shares of the past cohorts still in training, added up
        for d in range(longest):
            cohorts -= (longest - d) * (historic[0, k, d] + historic[1, k, d])
        early[:longest] = 1.0 / cohorts if cohorts > 0.0 else 0.0
        pipeline[:] = 0.0
        _finish(historic[0, k], early, pipeline[0])
        _finish(historic[1, k], early, pipeline[1])
        for r in range(regions):
            stock = rates.trainees[k, r]
            late[longest + until :] = entry[k, r, until:]
            for h in range(half_years):
                qualified[k, r, h] = stock * pipeline[0, h]
                left[k, r, h] = stock * pipeline[1, h]
            for h in range(until):
                for d in range(min(longest, half_years - h)):
                    qualified[k, r, h + d] += historic[0, k, d] * entry[k, r, h]
                    left[k, r, h + d] += historic[1, k, d] * entry[k, r, h]
            _finish(present[0, k], late, qualified[k, r])
            _finish(present[1, k], late, left[k, r])
            for h in range(half_years):
                stock += entry[k, r, h] - (qualified[k, r, h] + left[k, r, h])
                trainees[k, r, h] = stock


@njit(nogil=True, cache=True, fastmath={"contract"})
def _finish(outcome: Floats, entry: Floats, done: Floats) -> None:
    """Add to `done` [half_year] those of `entry` [duration + half_year], four durations a pass.

    Durations below the shortest are passed over: nobody completes then.
    """
    longest, first = outcome.shape[0], 0
    while first < longest - 4 and outcome[first : first + 4].max() == 0.0:
        first += 4
    for d in range(first, longest - 3, 4):
        one, two, three, four = outcome[d], outcome[d + 1], outcome[d + 2], outcome[d + 3]
        came = entry[longest - d - 3 :]
        for h in range(done.shape[0]):
            done[h] += one * came[h + 3] + two * came[h + 2] + three * came[h + 1] + four * came[h]
    for d in range(longest // 4 * 4, longest):
        one, came = outcome[d], entry[longest - d :]
        for h in range(done.shape[0]):
            done[h] += one * came[h]


@njit(nogil=True, cache=True)
def work(rates: Rates, i: int, flow: Flow) -> None:
    """Specialists by age (3.4, 3.5), a year at a time; regions in fours, the last ones empty.

    The two half-years in one step halve the work: with survival s, moves M, and those who join in
    spring (b) and in autumn (c), s·M(s·M(P) + b) + c = s·(s·M²(P) + M(b)) + c.
    """
    groups, regions, ages = rates.specialists.shape
    years, wide = flow.supply.shape[0], (regions + 3) // 4 * 4
    foreign, qualified, mobility = rates.foreign[i], flow.qualified, rates.mobility[i]
    terms, totals = np.empty((4, ages)), np.empty((2, years, wide))
    moves, joining = np.zeros((2, wide, wide)), np.zeros((4, wide))
    now, after = np.zeros((wide, ages + 1)), np.zeros((wide, ages + 1))
    moves[0, :regions, :regions] = mobility
    _move(moves[0], moves)
    for k in range(groups):
        terms[0], terms[1] = rates.survival[i, k], rates.fte[k]
        terms[2], terms[3] = rates.entry_age[k], rates.foreign_age[k]
        now[:regions, :ages] = rates.specialists[k]
        for y in range(years):
            for t in range(regions):
                new = abroad = 0.0  # spring's, after their moves in autumn; then autumn's
                for r in range(regions):
                    new += mobility[r, t] * qualified[k, r, 2 * y]
                    abroad += mobility[r, t] * foreign[2 * y, k, r]
                joining[0, t], joining[1, t] = new, abroad
                joining[2, t] = qualified[k, t, 2 * y + 1]
                joining[3, t] = foreign[2 * y + 1, k, t]
            _pass_year(moves[1], terms, joining, now, after)
            _add_up(terms, after, y, totals)
            now, after = after, now
        flow.supply[:, k], flow.persons[:, k] = totals[0, :, :regions], totals[1, :, :regions]
        flow.ages[k] = now[:regions, :ages]


@njit(nogil=True, cache=True, fastmath={"contract"})
def _pass_year(moves: Floats, terms: Floats, joining: Floats, now: Floats, after: Floats) -> None:
    """Fill `after` [region, 1 + age] from `now` [region, age]: ages one place higher, a year on."""
    for t in range(after.shape[0]):
        one, two, three, four = moves[0, t], moves[1, t], moves[2, t], moves[3, t]
        new, abroad = joining[0, t], joining[1, t]
        new_later, abroad_later = joining[2, t], joining[3, t]
        after[t, 0] = 0.0
        for a in range(terms.shape[1]):
            stay = one * now[0, a] + two * now[1, a] + three * now[2, a] + four * now[3, a]
            spring = terms[0, a] * stay + (new * terms[2, a] + abroad * terms[3, a])
            autumn = new_later * terms[2, a] + abroad_later * terms[3, a]
            after[t, a + 1] = terms[0, a] * spring + autumn
        for r in range(4, now.shape[0], 4):
            one, two, three, four = moves[r, t], moves[r + 1, t], moves[r + 2, t], moves[r + 3, t]
            for a in range(terms.shape[1]):
                stay = one * now[r, a] + two * now[r + 1, a]
                stay += three * now[r + 2, a] + four * now[r + 3, a]
                after[t, a + 1] += terms[0, a] * (terms[0, a] * stay)


@njit(nogil=True, cache=True, fastmath={"contract"})
def _add_up(terms: Floats, after: Floats, y: int, totals: Floats) -> None:
    """Fill `totals` [2, year, region] of year y: FTE, persons. One sum alone would await itself."""
    for t in range(0, after.shape[0], 4):
        f1 = f2 = f3 = f4 = p1 = p2 = p3 = p4 = 0.0
        for a in range(terms.shape[1]):
            one, two, three = after[t, a + 1], after[t + 1, a + 1], after[t + 2, a + 1]
            four, fte = after[t + 3, a + 1], terms[1, a]
            f1, f2, f3, f4 = f1 + fte * one, f2 + fte * two, f3 + fte * three, f4 + fte * four
            p1, p2, p3, p4 = p1 + one, p2 + two, p3 + three, p4 + four
        totals[0, y, t], totals[0, y, t + 1] = f1, f2
        totals[0, y, t + 2], totals[0, y, t + 3] = f3, f4
        totals[1, y, t], totals[1, y, t + 1] = p1, p2
        totals[1, y, t + 2], totals[1, y, t + 3] = p3, p4


@njit(nogil=True, cache=True)
def _move(moves: Floats, places: Floats) -> None:
    """Fill `places` [n, region, region] from the second on: the one before times `moves`."""
    for n in range(1, places.shape[0]):
        for r in range(places.shape[1]):
            for t in range(places.shape[2]):
                total = 0.0
                for m in range(places.shape[2]):
                    total += places[n - 1, r, m] * moves[m, t]
                places[n, r, t] = total


@njit(nogil=True, cache=True, fastmath={"contract"})
def respond(rates: Rates, i: int, response: Floats) -> None:
    """Fill `response` [group, n, region, region] in FTE: what one appointed adds (section 4).

    `response[k, n, r, t]` is the supply of region t at the end of an autumn half-year, n half-years
    after one person was appointed in region r. In room for one group, all groups are added up.
    """
    rooms, length, regions = response.shape[:3]
    stages, longest = rates.occupants.shape[0], rates.outcome.shape[3]
    repeat = (1.0 - rates.drop_out[i]) * rates.leave[i]
    advance = (1.0 - rates.drop_out[i]) * (1.0 - rates.leave[i])
    completing, inside = np.zeros(longest + length), np.zeros(stages)
    inside[0] = 1.0
    for h in range(1, length):  # half-years since the appointment
        completing[longest + h] = advance[stages - 1] * inside[stages - 1]
        for s in range(stages - 1, 0, -1):
            inside[s] = advance[s - 1] * inside[s - 1] + repeat[s] * inside[s]
        inside[0] *= repeat[0]
    places = np.empty((length, regions, regions))  # choice, then n half-years of mobility
    places[0] = rates.choice[i]
    _move(rates.mobility[i], places)
    ways, working, response[:] = places.reshape((length, -1)), np.empty(length + 1), 0.0
    for k in range(rates.entry_age.shape[0]):
        qualifying = np.zeros(length)
        _finish(rates.outcome[i, 0, k], rates.group_share[i, k] * completing, qualifying)
        _serve(rates.entry_age[k], rates.survival[i, k], rates.fte[k], working)
        out = response[min(k, rooms - 1)].reshape((length, -1))
        for m in range(length):
            if qualifying[m] > 0.0:
                for n in range(length - m):
                    weight = qualifying[m] * working[n]
                    for pair in range(ways.shape[1]):
                        out[m + n, pair] += weight * ways[n, pair]


@njit(nogil=True, cache=True, fastmath={"contract"})
def _serve(entry_age: Floats, survival: Floats, fte: Floats, working: Floats) -> None:
    """Fill `working` [half_year] in FTE of a new specialist, so long after entry, in an autumn.

    Even: entry in an autumn, a birthday at once; odd: in a spring. `worth`: FTE birthdays later.
    """
    worth, spring_age = fte.copy(), survival * entry_age
    for n in range(0, working.shape[0] - 1, 2):
        autumn = spring = 0.0
        for a in range(worth.shape[0]):
            autumn += entry_age[a] * worth[a]
            spring += spring_age[a] * worth[a]
        working[n], working[n + 1] = autumn, spring
        for a in range(worth.shape[0] - 1):
            worth[a] = survival[a + 1] * survival[a + 1] * worth[a + 1]
        worth[-1] = 0.0
