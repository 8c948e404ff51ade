"""From those appointed to supply, and back from supply to who was appointed, compiled.

Who moves lands by one key, so that what one appointed responds with (`respond`) is known by two
ways: where she chose to be, and where movers land. Lanes lie innermost, as in `shortage.py`.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .response import MOVED, STAY
from .state import Floats

Window = tuple[int, int, int]
"""Index of the first year judged in the projection, half-years before the first response of a
stream, and of the stream that responds first, from which responses are counted."""


@compiled(contract=True, apart=True)
def add_response(
    response: Floats,
    choice: Floats,
    landing: Floats,
    member: Floats,
    when: Window,
    appointed: Floats,
    supply: Floats,
) -> None:
    """Add to `supply` what those `appointed` [half_year, region, lane] respond with, by two ways.

    Sums over rounds are of those who choose a region of `member`, wherever they were appointed, and
    of everybody, of whom some move.
    """
    (half_years, regions, width), years = appointed.shape, supply.shape[0]
    places, count = np.zeros(regions, np.int64), 0
    for t in range(regions):
        if member[t] > 0.0:
            places[count] = t
            count += 1
    coming, everybody = np.zeros((half_years, count, width)), np.zeros((half_years, 1, width))
    fours = regions // 4 * 4
    for h in range(half_years):
        for r in range(regions):
            for i in range(width):
                everybody[h, 0, i] += appointed[h, r, i]
        for n in range(count):
            t = places[n]
            for r in range(0, fours, 4):
                for i in range(width):
                    here = coming[h, n, i] + choice[r, t, i] * appointed[h, r, i]
                    here += choice[r + 1, t, i] * appointed[h, r + 1, i]
                    here += choice[r + 2, t, i] * appointed[h, r + 2, i]
                    here += choice[r + 3, t, i] * appointed[h, r + 3, i]
                    coming[h, n, i] = here
            for r in range(fours, regions):
                for i in range(width):
                    coming[h, n, i] += choice[r, t, i] * appointed[h, r, i]
    came, moved = np.zeros((years, count, width)), np.zeros((years, 1, width))
    _sum_over_rounds(response[STAY], when, coming, came)
    _sum_over_rounds(response[MOVED], when, everybody, moved)
    for y in range(years):
        for n in range(count):
            for i in range(width):
                here = came[y, n, i] + landing[places[n]] * moved[y, 0, i]
                supply[y, places[n], i] += here


@compiled(contract=True, apart=True)
def _sum_over_rounds(response: Floats, when: Window, came: Floats, total: Floats) -> None:
    """Add to `total` [year, row, lane] the response to those who `came` [half_year, row, lane].

    Four rounds of four rows at a time: fewer sums to fetch and put back.
    """
    (first, delay, base), (rows, width) = when, came.shape[1:]
    fours = rows // 4 * 4
    for y in range(total.shape[0]):
        end = 2 * (first + y) + 1
        rounds = max(0, end - delay + 1)
        whole = rounds // 4 * 4
        for h in range(0, whole, 4):
            lag = end - base - h
            for r in range(0, fours, 4):
                for i in range(width):
                    one = response[lag, i]
                    two = response[lag - 1, i]
                    three = response[lag - 2, i]
                    four = response[lag - 3, i]
                    here = total[y, r, i]
                    here += one * came[h, r, i]
                    here += two * came[h + 1, r, i]
                    here += three * came[h + 2, r, i]
                    here += four * came[h + 3, r, i]
                    total[y, r, i] = here
                    second = total[y, r + 1, i]
                    second += one * came[h, r + 1, i]
                    second += two * came[h + 1, r + 1, i]
                    second += three * came[h + 2, r + 1, i]
                    second += four * came[h + 3, r + 1, i]
                    total[y, r + 1, i] = second
                    third = total[y, r + 2, i]
                    third += one * came[h, r + 2, i]
                    third += two * came[h + 1, r + 2, i]
                    third += three * came[h + 2, r + 2, i]
                    third += four * came[h + 3, r + 2, i]
                    total[y, r + 2, i] = third
                    fourth = total[y, r + 3, i]
                    fourth += one * came[h, r + 3, i]
                    fourth += two * came[h + 1, r + 3, i]
                    fourth += three * came[h + 2, r + 3, i]
                    fourth += four * came[h + 3, r + 3, i]
                    total[y, r + 3, i] = fourth
            for r in range(fours, rows):
                for i in range(width):
                    here = total[y, r, i]
                    here += response[lag, i] * came[h, r, i]
                    here += response[lag - 1, i] * came[h + 1, r, i]
                    here += response[lag - 2, i] * came[h + 2, r, i]
                    here += response[lag - 3, i] * came[h + 3, r, i]
                    total[y, r, i] = here
        for h in range(whole, rounds):
            for r in range(rows):
                for i in range(width):
                    total[y, r, i] += response[end - base - h, i] * came[h, r, i]


@compiled(contract=True, apart=True)
def respond_back(
    response: Floats,
    places: tuple[Floats, Floats, Floats],
    alike: bool,
    when: Window,
    begin: int,
    weights: Floats,
    worth: Floats,
) -> None:
    """Add to `worth` what one appointed adds to supply, by its `weights` [year, region, lane].

    By two ways, as supply is added up: what an FTE is worth where she chooses to be, and where
    movers land. Unless shortfalls are summed over regions it is worth the same in all that count.
    """
    (half_years, regions, width), years = worth.shape, weights.shape[0]
    choice, landing, member = places
    counted, row = np.zeros(regions, np.int64), np.zeros(regions, np.int64)
    count = 0
    for t in range(regions):
        if member[t] > 0.0 and (not alike or count == 0):
            counted[count] = t
            count += 1
        row[t] = count - 1
    if count == 0:
        return
    chosen, moved = np.zeros((half_years, count, width)), np.zeros((half_years, 1, width))
    there, landed = np.zeros((years, count, width)), np.zeros((years, 1, width))
    share, land = np.zeros((regions, count, width)), np.zeros(count)
    for t in range(regions):
        if member[t] > 0.0:
            land[row[t]] += landing[t]
            for r in range(regions):
                for i in range(width):
                    share[r, row[t], i] += choice[r, t, i]
    for y in range(years):
        for n in range(count):
            for i in range(width):
                there[y, n, i] = weights[y, counted[n], i]
                landed[y, 0, i] += land[n] * there[y, n, i]
    _sum_over_years(response[STAY], when, begin, there, chosen)
    _sum_over_years(response[MOVED], when, begin, landed, moved)
    for h in range(begin, half_years):
        for r in range(regions):
            for i in range(width):
                worth[h, r, i] += moved[h, 0, i] + share[r, 0, i] * chosen[h, 0, i]
            for n in range(1, count):
                for i in range(width):
                    worth[h, r, i] += share[r, n, i] * chosen[h, n, i]


@compiled(contract=True, apart=True)
def _sum_over_years(
    response: Floats,
    when: Window,
    begin: int,
    weights: Floats,
    worth: Floats,
) -> None:
    """Add to `worth` [half_year, row, lane] what responses weigh by `weights` [year, row, lane].

    Four years at a time: fewer sums to fetch and put back.
    """
    (first, delay, base), (years, rows, width) = when, weights.shape
    for h in range(begin, worth.shape[0]):
        began = max(0, (h + delay) // 2 - first)  # first year it counts
        since = 2 * first + 1 - h - base  # lag in year 0 held; two more in each later one
        whole = began + max(0, years - began) // 4 * 4
        for y in range(began, whole, 4):
            lag = since + 2 * y
            for r in range(rows):
                for i in range(width):
                    here = worth[h, r, i]
                    here += response[lag, i] * weights[y, r, i]
                    here += response[lag + 2, i] * weights[y + 1, r, i]
                    here += response[lag + 4, i] * weights[y + 2, r, i]
                    here += response[lag + 6, i] * weights[y + 3, r, i]
                    worth[h, r, i] = here
        for y in range(whole, years):
            for r in range(rows):
                for i in range(width):
                    worth[h, r, i] += response[since + 2 * y, i] * weights[y, r, i]
