"""Blocks of lanes: scenarios, one after another in memory elsewhere, side by side for kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..kernels.shortage import Lanes
from ..kernels.state import LANES
from ..kernels.two_queues import EntryLanes

Floats = NDArray[np.float64]

AnyLanes = Lanes | EntryLanes
"""Lanes of a study without and with limited LIS2/3 posts."""


def lanes_of(fields: Sequence[Floats]) -> AnyLanes:
    """Return the lanes that have these fields, in their order."""
    return Lanes(*fields) if len(fields) == len(Lanes._fields) else EntryLanes(*fields)


def place_lanes(lanes: AnyLanes, first: int, count: int, parts: AnyLanes) -> None:
    """Put scenarios first to first + count - 1 into their lanes."""
    for target, values in zip(lanes, parts, strict=True):
        place_field(target, first, count, values)


def place_field(target: Floats, first: int, count: int, values: Floats) -> None:
    """Put scenarios first to first + count - 1 of one field into its lanes."""
    number = np.arange(first, first + count)
    target[number // LANES, ..., number % LANES] = values


def fill_up(lanes: AnyLanes, scenarios: int) -> None:
    """Fill the unused lanes of the last block with its first scenario; they never carry weight."""
    for array in lanes:
        fill_up_field(array, scenarios)


def fill_up_field(lanes: Floats, scenarios: int) -> None:
    """Fill the unused lanes of one field."""
    used = scenarios - (len(lanes) - 1) * LANES
    lanes[-1, ..., used:] = lanes[-1, ..., :1]
