"""Small, awkward rates for the tests: everything differs from everything else.

Nothing here is realistic. Matrices are not symmetric, no two regions, groups, ages or half-years
are alike and the queue binds in one region only, so that a swapped index cannot go unnoticed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

REGION_AXES: dict[str, tuple[int, ...]] = {
    "unplaced": (0,),
    "newcomers": (1,),
    "fill_rate": (0,),
    "occupants": (1,),
    "starting": (1,),
    "choice": (0, 1),
    "direct_entry": (2,),
    "trainees": (1,),
    "specialists": (1,),
    "foreign": (2,),
    "landing": (0,),
}


def small_rates(
    seed: int,
    *,
    groups: int = 2,
    regions: int = 3,
    stages: int = 3,
    ages: int = 12,
    longest: int = 14,
    half_years: int = 24,
    first_outcome: int = 4,
    historic_until: int | None = None,
    to_start: int = 0,
) -> dict[str, Any]:
    """The table of docs/model.md, section 2, as nested lists of the shapes and units given there.

    Nobody completes before half-year ``first_outcome`` in LIS2/3, and nobody leaves before it
    either, save in the historic cohorts, which lose some from their first half-year on.
    ``historic_until`` is the number of stages unless given: the latest half-year for which
    section 4 holds, since nobody the model appoints can enter LIS2/3 before it.
    """
    draw = random.Random(seed)
    early = [_outcome(draw, longest, first_outcome, leaving_from=1) for _ in range(groups)]
    later = [_outcome(draw, longest, first_outcome, first_outcome) for _ in range(groups)]
    answer = {
        "offer_share": [draw.uniform(0.4, 0.6) for _ in range(half_years)],
        "unplaced": _numbers(draw, 10.0, 30.0, regions),
        "newcomers": _numbers(draw, 20.0, 40.0, half_years, regions),
        "leakage": draw.uniform(0.05, 0.2),
        "fill_rate": _numbers(draw, 0.85, 1.0, regions),
        "leave": _numbers(draw, 0.1, 0.25, stages),
        "drop_out": draw.uniform(0.01, 0.05),
        "occupants": _numbers(draw, 10.0, 30.0, stages, regions),
        "choice": _stochastic(draw, regions, staying=1.0),
        "group_share": _shares(draw, groups),
        "direct_entry": _numbers(draw, 0.0, 5.0, half_years, groups, regions),
        "trainees": _numbers(draw, 60.0, 200.0, groups, regions),
        "historic_outcome": [[table[kind] for table in early] for kind in range(2)],
        "outcome": [[table[kind] for table in later] for kind in range(2)],
        "historic_until": stages if historic_until is None else historic_until,
        "specialists": _numbers(draw, 5.0, 50.0, groups, regions, ages),
        "entry_age": [_shares(draw, ages) for _ in range(groups)],
        "foreign": _numbers(draw, 0.0, 4.0, half_years, groups, regions),
        "foreign_age": [_shares(draw, ages) for _ in range(groups)],
        "survival": _numbers(draw, 0.85, 0.999, groups, ages),
        "moving": draw.uniform(0.02, 0.15),
        "landing": _shares(draw, regions),
        "fte": _numbers(draw, 0.5, 1.0, groups, ages),
    }
    # drawn last: the other rates are the same however long it takes to begin
    return answer | {"starting": _numbers(draw, 10.0, 30.0, to_start, regions)}


def small_level(seed: int, rates: Mapping[str, Any]) -> list[list[int]]:
    """Slots [R][H/2], LIS1 starts a year, to go with ``small_rates``.

    The queue binds always in region 0 (and 3, 6, ...), never in region 1 (4, 7, ...) and in
    some years only in region 2 (5, 8, ...).
    """
    draw = random.Random(seed)
    years = range(len(rates["newcomers"]) // 2)
    binding = (lambda _: True, lambda _: False, lambda y: y % 4 >= 2)
    return [
        [draw.randint(260, 300) if binding[r % 3](y) else draw.randint(10, 25) for y in years]
        for r in range(len(rates["unplaced"]))
    ]


def permuted(rates: Mapping[str, Any], order: Sequence[int]) -> dict[str, Any]:
    """The same rates with the regions renamed: the new region i is the old ``order[i]``."""
    answer = dict(rates)
    for name, axes in REGION_AXES.items():
        for axis in axes:
            answer[name] = reordered(answer[name], order, axis)
    return answer


def reordered(values: list[Any], order: Sequence[int], axis: int) -> list[Any]:
    """Nested lists with the entries along one axis in a new order."""
    if axis == 0:
        return [values[i] for i in order]
    return [reordered(part, order, axis - 1) for part in values]


def _numbers(draw: random.Random, low: float, high: float, *shape: int) -> list[Any]:
    if len(shape) == 1:
        return [draw.uniform(low, high) for _ in range(shape[0])]
    return [_numbers(draw, low, high, *shape[1:]) for _ in range(shape[0])]


def _shares(draw: random.Random, count: int) -> list[float]:
    weights = [draw.uniform(0.1, 1.0) for _ in range(count)]
    return [weight / sum(weights) for weight in weights]


def _stochastic(draw: random.Random, count: int, staying: float) -> list[list[float]]:
    """A matrix [R][R] whose rows sum to 1, the heavier on the diagonal the larger ``staying``."""
    rows = [[draw.uniform(0.05, 1.0) for _ in range(count)] for _ in range(count)]
    for r in range(count):
        rows[r][r] += staying
    return [[value / sum(row) for value in row] for row in rows]


def _outcome(
    draw: random.Random, longest: int, completing_from: int, leaving_from: int
) -> list[list[float]]:
    """Probabilities [2][D] of completing and of leaving by half-year in LIS2/3; sum to 1."""
    share = draw.uniform(0.7, 0.9)
    answer = []
    for kind_share, first in ((share, completing_from), (1.0 - share, leaving_from)):
        spread = _shares(draw, longest - first + 1)
        answer.append([0.0] * (first - 1) + [kind_share * value for value in spread])
    return answer
