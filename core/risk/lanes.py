"""Where blocks of lanes live: in this process, or with the workers of a cluster.

A kernel is called as `kernel(lanes, *arguments, first, last, out)` for blocks of lanes `first` to
`last - 1` and fills `out` there. Every block is worked out by itself, so neither the place nor the
number of workers shows in a single bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..compute.checkpoint import Kept
from ..compute.place import split
from ..compute.workers import Workers
from ..kernels.shortage import LANES, Lanes
from ..study.study import Study
from .streams import least_delay, streams_of, years_held

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Kernel = Callable[..., None]


class ByBlock(NamedTuple):
    """An argument of a kernel with a value for each block of lanes, [block, ...]."""

    values: Floats


class HeldLanes(Protocol):
    """Blocks of lanes of one sample, wherever they are."""

    workers: Workers
    blocks: int

    def fill(self, kernel: Kernel, arguments: tuple[Any, ...], out: Floats, axis: int = 0) -> None:
        """Fill `out`, whose axis `axis` counts blocks of lanes, by a kernel."""

    def take(self, numbers: Numbers) -> Lanes:
        """Return the lanes of some scenarios, fields as [n, ...], in the order of `numbers`."""


class LocalLanes:
    """Blocks of lanes in the memory of this process."""

    def __init__(self, lanes: Lanes, workers: Workers) -> None:
        self.lanes = lanes
        self.workers = workers
        self.blocks = len(lanes.leakage)
        self._ranges = [
            (first, first + count)
            for first, count in split(self.blocks, max(1, -(-self.blocks // 32)))
        ]

    def fill(self, kernel: Kernel, arguments: tuple[Any, ...], out: Floats, axis: int = 0) -> None:  # noqa: ARG002
        """See HeldLanes."""
        plain = [each.values if isinstance(each, ByBlock) else each for each in arguments]
        self.workers.each(
            lambda first, last: kernel(self.lanes, *plain, first, last, out), self._ranges
        )

    def take(self, numbers: Numbers) -> Lanes:
        """See HeldLanes."""
        return Lanes(*(array[numbers // LANES, ..., numbers % LANES] for array in self.lanes))


class KeptLanes:
    """Blocks of lanes whose answers are kept in the folder of the run."""

    def __init__(self, held: HeldLanes, kept: Kept, identity: str) -> None:
        self._held = held
        self._kept = kept
        self._identity = identity
        self.workers = held.workers
        self.blocks = held.blocks

    def fill(self, kernel: Kernel, arguments: tuple[Any, ...], out: Floats, axis: int = 0) -> None:
        """See HeldLanes."""

        def find() -> Floats:
            self._held.fill(kernel, arguments, out, axis)
            return out

        asked = (self._identity, list(out.shape), *arguments)
        found = self._kept.answer(kernel.__name__, asked, find)
        if found is not out:
            out[...] = found

    def take(self, numbers: Numbers) -> Lanes:
        """See HeldLanes."""
        return self._held.take(numbers)


SINGLE_FROM = 200_000
"""From so many scenarios on their lanes are kept in single precision: a million must fit into
memory. What is worked out from them is in double precision all the same."""


def empty_lanes(study: Study, scenarios: int, of: int = 0) -> Lanes:
    """Return room for some scenarios, of a sample of so many, in blocks of lanes."""
    blocks, regions, streams = -(-scenarios // LANES), len(study.regions), len(streams_of(study))
    first, last = years_held(study)
    counted = max(2 * (last - study.time.first_year + 1) - least_delay(study), 0)
    shapes = {
        "leakage": (),
        "fill_rate": (regions,),
        "offer_share": (counted,),
        "unplaced": (regions,),
        "newcomers": (counted,),
        "baseline": (streams, last - first + 1, regions),
        "demand": (streams, last - first + 1, regions),
        "response": (streams, counted, regions, regions),
    }
    kind = np.float32 if of >= SINGLE_FROM else np.float64
    return Lanes(
        **{name: np.empty((blocks, *shape, LANES), kind) for name, shape in shapes.items()}
    )


def place_lanes(lanes: Lanes, first: int, count: int, parts: Lanes) -> None:
    """Put scenarios first to first + count - 1 into their lanes."""
    number = np.arange(first, first + count)
    for target, values in zip(lanes, parts, strict=True):
        target[number // LANES, ..., number % LANES] = values


def fill_up(lanes: Lanes, scenarios: int) -> None:
    """Fill the unused lanes of the last block with its first scenario; they never carry weight."""
    used = scenarios - (len(lanes.leakage) - 1) * LANES
    for array in lanes:
        array[-1, ..., used:] = array[-1, ..., :1]
