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

from .compute import Workers, split
from .kept import Kept
from .shortage_kernel import LANES, Lanes

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
