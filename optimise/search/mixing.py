"""Open scenarios of a chance limit: those that a plan may or may not let break it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


class Open(NamedTuple):
    """What is left to choose: of the scenarios `number`, a weight `room` may break the limit."""

    limit: int
    number: Numbers  # [open]
    weight: Floats  # [open]
    room: float


class Direction(NamedTuple):
    """A direction a with a . v >= h_i for every open scenario i that keeps its limit."""

    direction: Floats  # [column]
    least: Floats  # [open] h_i
    quantile: float  # a . v is at least that in any case


def settled(each: Open, directions: list[Direction], beyond: float) -> tuple[Open, list[Direction]]:
    """Return what stays open once scenarios out of reach break the limit.

    Those whose cheapest plan (the first direction) costs more than `beyond`, and those no plan
    within the program suits.
    """
    lost = directions[0].least > beyond
    for each_direction in directions:
        lost |= np.isinf(each_direction.least) & (each_direction.least > 0)
    left = ~lost
    still = Open(
        each.limit, each.number[left], each.weight[left], each.room - each.weight[lost].sum()
    )
    return still, [one._replace(least=one.least[left]) for one in directions]


def mixing_rows(
    each: Open, directions: list[Direction], flags: Floats, values: Floats, first: int
) -> tuple[csr_matrix, Floats]:
    """Return the mixing inequality of each direction that cuts the point off most.

    With h_1 >= h_2 >= ... down to the quantile q, and t_1 = 1 < t_2 < ... where the flag b is lower
    than ever before: a . v + sum_j (h[t_j] - h[t_j+1]) b[t_j] >= h_1, the last next one being q.
    (Günlük and Pochet 2001). `flags` [open] is the point's b, its other columns are `values`.
    """
    rows, lower = [], []
    for one in directions:
        order = np.argsort(-one.least, kind="stable")
        order = order[(one.least > one.quantile + 1e-9)[order]]
        if not len(order) or np.isinf(one.quantile):  # all that is open may break the limit
            continue
        running = np.minimum.accumulate(flags[order])
        chosen = order[np.append(True, running[1:] < running[:-1] - 1e-9)]
        h = np.append(one.least[chosen], one.quantile)
        row = np.zeros(first + len(each.number))
        row[: len(one.direction)] = one.direction
        row[first + chosen] = h[:-1] - h[1:]
        point = float(row[: len(values)] @ values) + float(row[first:] @ flags)
        scale = float(np.abs(row).max())
        if point < h[0] - 1e-6 * max(scale, 1.0):
            rows.append(row / scale)
            lower.append(h[0] / scale)
    if not rows:
        return csr_matrix((0, first + len(each.number))), np.zeros(0)
    return csr_matrix(np.array(rows)), np.array(lower)
