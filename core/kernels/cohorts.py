"""The compiled cohort flow of one scenario: appointment, training, work, response to one post.

Equations and symbols are those of docs/model.md; `tests/helpers/naive.py` computes the same in
plain Python. Nothing here raises: callers check what comes out. Every function treats scenario `i`
of `rates` alone and in a fixed order of operations: its numbers do not depend on others.

Loops become vectors only if few checks tell their arrays apart: they touch few arrays, at distances
known beforehand. Hot loops take no slices: counting references costs as much as arithmetic.
"""

import numpy as np

from .compiled import compiled
from .response import move, moves_of, respond
from .state import Floats, Flow, Four, Rates, down, new_flow

__all__ = ["Flow", "Rates", "appoint", "new_flow", "project", "respond"]

BLOCK = 64  # ages whose rows lie at fixed distances
ROW = 72  # room for a block and for those who grow out of it; whole cache lines
TWICE, SPRING_NEW, SPRING_FOREIGN, AUTUMN_NEW, AUTUMN_FOREIGN, FTE = range(0, 6 * ROW, ROW)
"""Where each kind begins in a row of `terms`: who stays a year, who joins, FTE a person."""
LANES = 16  # sums over ages run side by side: one sum alone would await itself
PERSONS = 4 * LANES  # where persons begin in a row of `sums`, after the FTE of four regions
COMPLETE, LEAVE = 0, 1  # ways out of LIS2/3: rows of an outcome


@compiled(inline="always")
def project(rates: Rates, i: int, level: Floats, flow: Flow) -> None:
    """Run all of scenario i under `level` [region, year] starts; no years: section 4's baseline."""
    flow.queue[:] = 0.0
    flow.appointed[:] = 0.0
    if level.shape[1] > 0:
        appoint(rates, i, level, flow.queue, flow.appointed)
    begin(rates, i, flow)
    train(rates, i, flow)
    work(rates, i, flow)


@compiled()
def appoint(rates: Rates, i: int, level: Floats, queue: Floats, appointed: Floats) -> None:
    """Appoint from each region's queue (3.1) [half_year, region] under `level` [region, year].

    The round of a half-year fills the posts of the intake `to_start` half-years later; after the
    last year the levels are those of the last.
    """
    newcomers, offer_share, stay = rates.newcomers[i], rates.offer_share[i], 1.0 - rates.leakage[i]
    to_start, last = rates.starting.shape[0], level.shape[1] - 1
    for r in range(level.shape[0]):
        unplaced, fill_rate = rates.unplaced[i, r], rates.fill_rate[i, r]
        for h in range(appointed.shape[0]):
            waiting = stay * unplaced + newcomers[h, r]
            posts = level[r, min((h + to_start) // 2, last)]
            offers = fill_rate * offer_share[h] * posts
            queue[h, r] = waiting
            appointed[h, r] = min(offers, waiting)
            unplaced = waiting - appointed[h, r]


@compiled(contract=True, apart=True)
def begin(rates: Rates, i: int, flow: Flow) -> None:
    """LIS1 (3.2) and the choice of region and group (the entry of 3.3)."""
    half_years, stages, regions = flow.occupants.shape
    occupants, entry, direct_entry = flow.occupants, flow.entry, rates.direct_entry
    repeat = (1.0 - rates.drop_out[i]) * rates.leave[i]
    advance = (1.0 - rates.drop_out[i]) * (1.0 - rates.leave[i])
    completing, choosing = np.empty((regions, half_years)), np.zeros((regions, half_years))
    inside, to_start = rates.occupants.copy(), rates.starting.shape[0]
    for h in range(half_years):
        for r in range(regions):
            earlier = h < to_start  # appointed before the start
            moving = rates.starting[h, r] if earlier else flow.appointed[h - to_start, r]
            for s in range(stages):
                passing = advance[s] * inside[s, r]
                inside[s, r] = moving + repeat[s] * inside[s, r]
                occupants[h, s, r] = inside[s, r]
                moving = passing  # to the next stage; from the last one, completers
            completing[r, h] = moving
    for t in range(regions):
        for r in range(regions):
            share = rates.choice[i, r, t]
            for h in range(half_years):
                choosing[t, h] += share * completing[r, h]
    for k in range(entry.shape[0]):
        share = rates.group_share[i, k]
        for h in range(half_years):
            for t in range(regions):
                entry[k, t, h] = share * choosing[t, h] + direct_entry[i, h, k, t]


@compiled(contract=True, apart=True)
def train(rates: Rates, i: int, flow: Flow) -> None:
    """LIS2/3 (3.3), four regions at a time: of half-year h and region r in place 4·h + r.

    `early` entries follow the historic outcomes, `late` ones the present. The equal cohorts before
    h = 0 are early entries too: both begin `durations` half-years before it.
    """
    groups, regions, half_years = flow.entry.shape
    entry, qualified, left, trainees = flow.entry, flow.qualified, flow.left_training, flow.trainees
    historic, present, at_start = rates.historic_outcome, rates.outcome, rates.trainees
    longest, until = present.shape[3], max(0, min(rates.historic_until, half_years))
    durations = (longest + 7) // 8 * 8  # nobody stays for the last ones
    past, now = np.zeros((2, durations)), np.zeros((2, durations))
    early, late = np.zeros(4 * (durations + half_years)), np.zeros(4 * (durations + half_years))
    done, gone = np.empty(4 * half_years), np.empty(4 * half_years)
    for k in range(groups):
        cohorts = float(longest)  # shares of the past cohorts still in training, added up
        for d in range(longest):
            for way in range(2):
                past[way, d], now[way, d] = historic[i, way, k, d], present[i, way, k, d]
            cohorts -= (longest - d) * (past[0, d] + past[1, d])
        for first in range(0, regions, 4):
            done[:], gone[:] = 0.0, 0.0
            for r in range(first, min(first + 4, regions)):
                place, cohort = r - first, at_start[k, r] / cohorts if cohorts > 0.0 else 0.0
                for d in range(durations):
                    early[4 * d + place] = cohort
                for h in range(until):
                    early[4 * (durations + h) + place] = entry[k, r, h]
                for h in range(until, half_years):
                    late[4 * (durations + h) + place] = entry[k, r, h]
            _finish(past, early, until, done, gone)
            _finish(now, late, half_years, done, gone)
            for r in range(first, min(first + 4, regions)):
                place, stock = r - first, at_start[k, r]
                for h in range(half_years):
                    completing, leaving = done[4 * h + place], gone[4 * h + place]
                    qualified[k, r, h], left[k, r, h] = completing, leaving
                    stock += entry[k, r, h] - (completing + leaving)
                    trainees[k, r, h] = stock


@compiled(contract=True, apart=True)
def _finish(outcome: Floats, entry: Floats, until: int, done: Floats, gone: Floats) -> None:
    """Add those of `entry` who complete to `done`, who leave to `gone`; nobody enters from `until`.

    `outcome` [2, duration]; `entry` [4 · (duration + half_year)] begins as many half-years earlier
    as there are durations. Eight durations a pass: fewer sums to fetch and put back.
    """
    durations = outcome.shape[1]
    for d in range(0, durations, 8):
        complete, complete_later = (
            _along(outcome, COMPLETE, d, 1),
            _along(outcome, COMPLETE, d + 4, 1),
        )
        leave, leave_later = _along(outcome, LEAVE, d, 1), _along(outcome, LEAVE, d + 4, 1)
        came = entry[4 * (durations - d - 7) :]
        for j in range(min(4 * (until + d + 8), done.shape[0])):
            recent = came[j + 28], came[j + 24], came[j + 20], came[j + 16]
            earlier = came[j + 12], came[j + 8], came[j + 4], came[j]
            done[j] += _dot(complete, recent) + _dot(complete_later, earlier)
            gone[j] += _dot(leave, recent) + _dot(leave_later, earlier)


@compiled(forceinline=True)
def _along(values: Floats, row: int, first: int, step: int) -> Four:
    """Return four values of a row."""
    place, last = first + step, first + 2 * step
    return values[row, first], values[row, place], values[row, last], values[row, last + step]


@compiled(contract=True, forceinline=True)
def _dot(one: Four, other: Four) -> float:
    """Return the scalar product."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2] + one[3] * other[3]


@compiled()
def work(rates: Rates, i: int, flow: Flow) -> None:
    """Specialists by age (3.4, 3.5), a year at a time; regions in fours, the last ones empty.

    The two half-years in one step halve the work: with survival s, moves M, and those who join in
    spring (b) and in autumn (c), s·M(s·M(P) + b) + c = s·(s·M²(P) + M(b)) + c.
    `now` and `after` [four · block, region · ROW + age] are the year's first and last day.
    """
    groups, regions, ages = rates.specialists.shape
    years, fours, blocks = flow.supply.shape[0], (regions + 3) // 4, (ages + BLOCK - 1) // BLOCK
    moves, joining = np.zeros((2, 4 * fours, 4 * fours)), np.empty((4 * years, 4 * fours))
    terms, sums = np.zeros((blocks, FTE + ROW)), np.empty((years * fours, 2 * PERSONS))
    now, after = np.zeros((fours * blocks, 4 * ROW)), np.zeros((fours * blocks, 4 * ROW))
    moves_of(rates, i, moves[0])
    move(moves[0], moves)
    once, twice, specialists, at_end = moves[0], moves[1], rates.specialists, flow.ages
    for k in range(groups):
        _look_up(rates, i, k, terms)
        _join(rates.foreign, i, flow.qualified, k, once, joining)
        sums[:] = 0.0
        for r in range(regions):
            for a in range(ages):
                now[r // 4 * blocks + a // BLOCK, r % 4 * ROW + a % BLOCK] = specialists[k, r, a]
        for y in range(years):
            for four in range(fours):
                _pass_year(twice, terms, joining, ages, y, four, now, after)
                for other in range(1, fours):
                    _arrive(twice, terms, ages, other, four, now, after)
                _add_up(terms, ages, y * fours + four, four, after, sums)
            now, after = after, now
        for r in range(regions):
            for y in range(years):
                row, place = y * fours + r // 4, r % 4 * LANES
                flow.supply[y, k, r] = _total(sums, row, place)
                flow.persons[y, k, r] = _total(sums, row, PERSONS + place)
            for a in range(ages):
                at_end[k, r, a] = now[r // 4 * blocks + a // BLOCK, r % 4 * ROW + a % BLOCK]


@compiled()
def _look_up(rates: Rates, i: int, k: int, terms: Floats) -> None:
    """Fill `terms` [block, kind + age] of group k; beyond the oldest age nobody stays."""
    for a in range(rates.fte.shape[1]):
        b, place, stay = a // BLOCK, a % BLOCK, rates.survival[i, k, a]
        new, foreign = rates.entry_age[k, a], rates.foreign_age[k, a]
        terms[b, TWICE + place], terms[b, FTE + place] = stay * stay, rates.fte[k, a]
        terms[b, SPRING_NEW + place], terms[b, SPRING_FOREIGN + place] = stay * new, stay * foreign
        terms[b, AUTUMN_NEW + place], terms[b, AUTUMN_FOREIGN + place] = new, foreign


@compiled(contract=True)
def _join(foreign: Floats, i: int, new: Floats, k: int, once: Floats, joining: Floats) -> None:
    """Fill `joining` [4 · year + kind, region]: spring's new and foreign, moved, and autumn's."""
    joining[:] = 0.0
    for t in range(new.shape[1]):
        for y in range(joining.shape[0] // 4):
            joining[4 * y + 2, t] = new[k, t, 2 * y + 1]
            joining[4 * y + 3, t] = foreign[i, 2 * y + 1, k, t]
        for r in range(new.shape[1]):
            share = once[r, t]
            for y in range(joining.shape[0] // 4):
                joining[4 * y, t] += share * new[k, r, 2 * y]
                joining[4 * y + 1, t] += share * foreign[i, 2 * y, k, r]


@compiled(contract=True, forceinline=True)
def _pass_year(
    twice: Floats,
    terms: Floats,
    joining: Floats,
    ages: int,
    y: int,
    four: int,
    now: Floats,
    after: Floats,
) -> None:
    """Fill `after` of four regions from the first four of `now`: ages one place up, a year on."""
    t, blocks = 4 * four, terms.shape[0]
    to_1, to_2 = down(twice, 0, t), down(twice, 0, t + 1)
    to_3, to_4 = down(twice, 0, t + 2), down(twice, 0, t + 3)
    join_1, join_2 = down(joining, 4 * y, t), down(joining, 4 * y, t + 1)
    join_3, join_4 = down(joining, 4 * y, t + 2), down(joining, 4 * y, t + 3)
    for b in range(blocks):
        out = four * blocks + b
        for a in range(min(BLOCK, (ages - b * BLOCK + 3) // 4 * 4)):  # whole vectors
            here, joined = _along(now, b, a, ROW), _along(terms, b, SPRING_NEW + a, ROW)
            stay = terms[b, TWICE + a]
            after[out, a + 1] = stay * _dot(here, to_1) + _dot(joined, join_1)
            after[out, ROW + a + 1] = stay * _dot(here, to_2) + _dot(joined, join_2)
            after[out, 2 * ROW + a + 1] = stay * _dot(here, to_3) + _dot(joined, join_3)
            after[out, 3 * ROW + a + 1] = stay * _dot(here, to_4) + _dot(joined, join_4)


@compiled(contract=True)
def _arrive(
    twice: Floats, terms: Floats, ages: int, other: int, four: int, now: Floats, after: Floats
) -> None:
    """Add to `after` of four regions those who come from four others."""
    blocks = terms.shape[0]
    for r in range(4):
        here = down(twice, 4 * other, 4 * four + r)
        for b in range(blocks):
            for a in range(min(BLOCK, ages - b * BLOCK)):
                there = _along(now, other * blocks + b, a, ROW)
                after[four * blocks + b, r * ROW + a + 1] += terms[b, TWICE + a] * _dot(there, here)


@compiled(contract=True, forceinline=True)
def _add_up(terms: Floats, ages: int, row: int, four: int, after: Floats, sums: Floats) -> None:
    """Add FTE and persons of four regions to `sums`; who grew out of a block begins the next."""
    blocks = terms.shape[0]
    for b in range(blocks):
        out = four * blocks + b
        for r in range(4):
            after[out, r * ROW] = after[out - 1, r * ROW + BLOCK] if b > 0 else 0.0
        for a in range(min(LANES, ages)):  # and every sixteenth age after it
            fte, one = _along(terms, b, FTE + a, LANES), _along(after, out, a + 1, LANES)
            two = _along(after, out, ROW + a + 1, LANES)
            three = _along(after, out, 2 * ROW + a + 1, LANES)
            four_ = _along(after, out, 3 * ROW + a + 1, LANES)
            sums[row, a] += _dot(fte, one)
            sums[row, LANES + a] += _dot(fte, two)
            sums[row, 2 * LANES + a] += _dot(fte, three)
            sums[row, 3 * LANES + a] += _dot(fte, four_)
            sums[row, PERSONS + a] += one[0] + one[1] + one[2] + one[3]
            sums[row, PERSONS + LANES + a] += two[0] + two[1] + two[2] + two[3]
            sums[row, PERSONS + 2 * LANES + a] += three[0] + three[1] + three[2] + three[3]
            sums[row, PERSONS + 3 * LANES + a] += four_[0] + four_[1] + four_[2] + four_[3]


@compiled()
def _total(sums: Floats, row: int, place: int) -> float:
    """Return the sum of the lanes from `place` on, four by four."""
    total = 0.0
    for n in range(place, place + 4):
        total += (sums[row, n] + sums[row, n + 4]) + (sums[row, n + 8] + sums[row, n + 12])
    return total
