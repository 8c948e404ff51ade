"""From those appointed to supply, and back from supply to who was appointed, compiled.

Who moves lands by one key, so that what one appointed responds with (`respond`) is known by two
ways: where she chose to be, and where movers land. Lanes lie innermost, as in `shortage.py`; of
those appointed and their supply there are `LANES`.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled
from .response import MOVED, STAY
from .state import LANES, Floats, Four, down

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
    of everybody, of whom some move. Four regions are worked out together, the rest one by one.
    """
    half_years, regions = appointed.shape[:2]
    years, places, count = supply.shape[0], np.zeros(regions, np.int64), 0
    for t in range(regions):
        if member[t] > 0.0:
            places[count] = t
            count += 1
    whole, fours = regions // 4 * 4, count // 4 * 4
    came, moved = np.zeros((half_years, LANES)), np.zeros((years, LANES))
    for h in range(half_years):
        for r in range(0, whole, 4):
            for i in range(LANES):
                here = came[h, i] + appointed[h, r, i]
                here += appointed[h, r + 1, i]
                here += appointed[h, r + 2, i]
                here += appointed[h, r + 3, i]
                came[h, i] = here
        for r in range(whole, regions):
            for i in range(LANES):
                came[h, i] += appointed[h, r, i]
    _sum_over_rounds(response[MOVED], when, came, moved)
    share, stayed = np.empty((regions, 4 * LANES)), np.empty((years, 4 * LANES))
    came_to = np.empty((half_years, 4 * LANES))
    for first in range(0, fours, 4):
        for r in range(regions):
            for n in range(4):
                for i in range(LANES):
                    share[r, n * LANES + i] = choice[r, places[first + n], i]
        _come_to_four(appointed, share, came_to)
        stayed[:] = 0.0
        _sum_over_rounds(response[STAY], when, came_to, stayed)
        for y in range(years):
            for n in range(4):
                t = places[first + n]
                for i in range(LANES):
                    here = stayed[y, n * LANES + i] + landing[t] * moved[y, i]
                    supply[y, t, i] += here
    for n in range(fours, count):
        t = places[n]
        _come_to_one(appointed, choice, t, came)
        stayed[:] = 0.0
        _sum_over_rounds(response[STAY], when, came, stayed)
        for y in range(years):
            for i in range(LANES):
                here = stayed[y, i] + landing[t] * moved[y, i]
                supply[y, t, i] += here


@compiled(contract=True, apart=True)
def _come_to_one(appointed: Floats, choice: Floats, t: int, came: Floats) -> None:
    """Fill `came` [half_year, lane] with those `appointed` who choose region t."""
    half_years, regions = appointed.shape[:2]
    whole = regions // 4 * 4
    for h in range(half_years):
        for i in range(LANES):
            came[h, i] = 0.0
        for r in range(0, whole, 4):
            for i in range(LANES):
                one, two = appointed[h, r, i], appointed[h, r + 1, i]
                these = one, two, appointed[h, r + 2, i], appointed[h, r + 3, i]
                one, two = choice[r, t, i], choice[r + 1, t, i]
                share = one, two, choice[r + 2, t, i], choice[r + 3, t, i]
                came[h, i] = _more(came[h, i], share, these)
        for r in range(whole, regions):
            for i in range(LANES):
                came[h, i] += choice[r, t, i] * appointed[h, r, i]


@compiled(contract=True, apart=True)
def _come_to_four(appointed: Floats, share: Floats, came: Floats) -> None:
    """Fill `came` [half_year, n · lane] with those `appointed` who choose four regions.

    `share` [region, n · lane] is the share of those appointed in one who do.
    """
    half_years, regions = appointed.shape[:2]
    whole = regions // 4 * 4
    for h in range(half_years):
        for i in range(4 * LANES):
            came[h, i] = 0.0
        for r in range(0, whole, 4):
            for i in range(LANES):
                one, two = appointed[h, r, i], appointed[h, r + 1, i]
                these = one, two, appointed[h, r + 2, i], appointed[h, r + 3, i]
                for_one, for_two = down(share, r, i), down(share, r, LANES + i)
                for_three = down(share, r, 2 * LANES + i)
                for_four = down(share, r, 3 * LANES + i)
                came[h, i] = _more(came[h, i], for_one, these)
                came[h, LANES + i] = _more(came[h, LANES + i], for_two, these)
                came[h, 2 * LANES + i] = _more(came[h, 2 * LANES + i], for_three, these)
                came[h, 3 * LANES + i] = _more(came[h, 3 * LANES + i], for_four, these)
        for r in range(whole, regions):
            for n in range(4):
                for i in range(LANES):
                    came[h, n * LANES + i] += share[r, n * LANES + i] * appointed[h, r, i]


@compiled(forceinline=True)
def _back(response: Floats, lag: int, i: int) -> Four:
    """Return the response to four rounds, each a half-year later than the one before."""
    return response[lag, i], response[lag - 1, i], response[lag - 2, i], response[lag - 3, i]


@compiled(contract=True, forceinline=True)
def _more(here: float, one: Four, other: Four) -> float:
    """Return `here` and four products, added one after the other."""
    here += one[0] * other[0]
    here += one[1] * other[1]
    here += one[2] * other[2]
    here += one[3] * other[3]
    return here


@compiled(contract=True, apart=True)
def _sum_over_rounds(response: Floats, when: Window, came: Floats, total: Floats) -> None:
    """Add to `total` [year, n · lane] the response to those who `came` [half_year, n · lane].

    For one region or four. Four rounds are added at a time to two years of four regions or to four
    years of one, at distances that the compiler knows: each number is fetched for several sums.
    """
    (first, delay, base), (half_years, width), years = when, came.shape, total.shape[0]
    rows = width // LANES
    side = 2 if rows == 4 else 4  # years
    for h in range(0, half_years - 3, 4):
        began = max(0, (h + delay + 3) // 2 - first)  # first year in which all four rounds count
        whole = began + max(0, years - began) // side * side
        for y in range(began, whole, side):
            lag = 2 * (first + y) + 1 - base - h
            if rows == 4:
                for i in range(LANES):
                    now, later = _back(response, lag, i), _back(response, lag + 2, i)
                    these = down(came, h, i)
                    total[y, i] = _more(total[y, i], now, these)
                    total[y + 1, i] = _more(total[y + 1, i], later, these)
                    these = down(came, h, LANES + i)
                    total[y, LANES + i] = _more(total[y, LANES + i], now, these)
                    total[y + 1, LANES + i] = _more(total[y + 1, LANES + i], later, these)
                    these = down(came, h, 2 * LANES + i)
                    total[y, 2 * LANES + i] = _more(total[y, 2 * LANES + i], now, these)
                    total[y + 1, 2 * LANES + i] = _more(total[y + 1, 2 * LANES + i], later, these)
                    these = down(came, h, 3 * LANES + i)
                    total[y, 3 * LANES + i] = _more(total[y, 3 * LANES + i], now, these)
                    total[y + 1, 3 * LANES + i] = _more(total[y + 1, 3 * LANES + i], later, these)
            else:
                for i in range(LANES):
                    these = down(came, h, i)
                    total[y, i] = _more(total[y, i], _back(response, lag, i), these)
                    total[y + 1, i] = _more(total[y + 1, i], _back(response, lag + 2, i), these)
                    total[y + 2, i] = _more(total[y + 2, i], _back(response, lag + 4, i), these)
                    total[y + 3, i] = _more(total[y + 3, i], _back(response, lag + 6, i), these)
        for y in range(whole, years):
            lag = 2 * (first + y) + 1 - base - h
            for n in range(rows):
                for i in range(LANES):
                    j = n * LANES + i
                    total[y, j] = _more(total[y, j], _back(response, lag, i), down(came, h, j))
    for y in range(years):
        end = 2 * (first + y) + 1
        rounds = max(0, end - delay + 1)
        for h in range(rounds // 4 * 4, rounds):
            for n in range(rows):
                for i in range(LANES):
                    total[y, n * LANES + i] += response[end - base - h, i] * came[h, n * LANES + i]


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
