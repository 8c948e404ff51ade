"""Where blocks of lanes live: in this process, or with the workers of a cluster.

A kernel is called as `kernel(lanes, *arguments, first, last, out)` for blocks of lanes `first` to
`last - 1` and fills `out` there. Every block is worked out by itself, so neither the place nor the
number of workers shows in a single bit. A call of a kernel is one graph, made by `Held.fill`; kinds
of lanes differ in what a task is called with: on threads it writes into `out` in place, on a
cluster the answer travels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..compute.checkpoint import Checkpoint
from ..compute.graph import Call
from ..compute.place import Range, split
from ..compute.workers import Workers
from ..kernels.shortage import TOGETHER
from ..kernels.state import LANES
from .blocks import AnyLanes, lanes_of

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Kernel = Callable[..., None]

TASK_BYTES = 2_000_000
"""Lanes a task reads at least: about a millisecond of the fastest kernel, as measured by
benchmarks/dask_overhead.py; Dask's 0.05 ms a task do not count beside it."""
TASKS_A_WORKER = 3
"""At most: a worker that is held up leaves some of its share to the others."""


class ByBlock(NamedTuple):
    """An argument of a kernel with a value for each block of lanes, [block, ...]."""

    values: Floats


class Judged(NamedTuple):
    """The judged part of some scenarios, and what each of them weighs."""

    lanes: AnyLanes  # fields as [n, ...], or, held by a cluster, as [block, ..., lane]
    weight: Floats  # [n]


class Bound(NamedTuple):
    """What a plan teaches about the risk of others: risk - drop + slope · (level - its own)."""

    slope: Floats  # [row, year] of the levels asked about
    drop: float  # by how much it lies below the risk of the plan itself


class Bounds(NamedTuple):
    """The same of every scenario's own Z."""

    slope: Floats  # [realization, row, year]
    drop: Floats  # [realization]


class HeldLanes(Protocol):
    """Blocks of lanes of one sample, wherever they are."""

    workers: Workers
    blocks: int

    def fill(self, kernel: Kernel, arguments: tuple[Any, ...], out: Floats, axis: int = 0) -> None:
        """Fill `out`, whose axis `axis` counts blocks of lanes, by a kernel."""

    def take(self, numbers: Numbers) -> AnyLanes:
        """Return the lanes of some scenarios, fields as [n, ...], in the order of `numbers`."""


class Filling(NamedTuple):
    """What a kernel is asked: `out`, whose axis `axis` counts blocks of lanes, is to be filled."""

    kernel: tuple[str, str]  # module and name: a compiled kernel itself does not travel
    arguments: tuple[Any, ...]
    out: Floats
    axis: int


class SharedLanes(ABC):
    """Blocks of lanes in shares, [first block, number of blocks]: a kernel is a task for each."""

    def __init__(self, workers: Workers, shares: Sequence[Range]) -> None:
        self.workers = workers
        self.shares = shares
        self.blocks = sum(count for _, count in shares)

    @abstractmethod
    def call(self, asked: Filling, number: int) -> Call:
        """Return the task that fills a share: in place (None), or by what it returns."""

    def fill(self, kernel: Kernel, arguments: tuple[Any, ...], out: Floats, axis: int = 0) -> None:
        """See HeldLanes."""
        asked = Filling((kernel.__module__, kernel.__name__), arguments, out, axis)
        calls = [self.call(asked, number) for number in range(len(self.shares))]
        whole = np.moveaxis(out, axis, 0)
        for (first, count), found in self.workers.results(kernel.__name__, calls, self.shares):
            if found is not None:
                whole[first : first + count] = np.moveaxis(found, axis, 0)


def run_kernel(
    kernel: tuple[str, str], lanes: AnyLanes, arguments: tuple[Any, ...], share: Range, out: Floats
) -> None:
    """Fill `out` by a kernel for a share of the blocks of `lanes`."""
    module, name = kernel
    plain = [each.values if isinstance(each, ByBlock) else each for each in arguments]
    first, count = share
    getattr(import_module(module), name)(lanes, *plain, first, first + count, out)


class LocalLanes(SharedLanes):
    """Blocks of lanes in the memory of this process."""

    def __init__(self, lanes: AnyLanes, workers: Workers) -> None:
        size = sum(array.nbytes for array in lanes)
        blocks = len(lanes.leakage)
        local = workers.in_process()
        super().__init__(local, shares_of(blocks, size, local.scheduler.threads))
        self.lanes = lanes

    def call(self, asked: Filling, number: int) -> Call:
        """See SharedLanes."""
        share = self.shares[number]
        return Call(run_kernel, (asked.kernel, self.lanes, asked.arguments, share, asked.out))

    def take(self, numbers: Numbers) -> AnyLanes:
        """See HeldLanes."""
        return lanes_of([array[numbers // LANES, ..., numbers % LANES] for array in self.lanes])


def shares_of(blocks: int, size: int, threads: int) -> list[Range]:
    """Return the tasks of a kernel on so many blocks of `size` bytes in all, each (first, count).

    >>> shares_of(32, 3_000_000, threads=2)
    [(0, 32)]
    >>> shares_of(160, 58_000_000, threads=2)
    [(0, 32), (32, 32), (64, 32), (96, 32), (128, 32)]
    """
    groups = -(-blocks // TOGETHER)
    tasks = 1 if threads == 1 else min(TASKS_A_WORKER * threads, size // TASK_BYTES, groups)
    return split(blocks, -(-groups // max(1, tasks)) * TOGETHER)


class CheckpointedLanes:
    """Blocks of lanes whose answers are kept in the folder of the run."""

    def __init__(self, held: HeldLanes, checkpoint: Checkpoint, identity: str) -> None:
        self.held = held
        self._checkpoint = checkpoint
        self._identity = identity
        self.workers = held.workers
        self.blocks = held.blocks

    def fill(self, kernel: Kernel, arguments: tuple[Any, ...], out: Floats, axis: int = 0) -> None:
        """See HeldLanes."""

        def find() -> Floats:
            self.held.fill(kernel, arguments, out, axis)
            return out

        asked = (self._identity, list(out.shape), *arguments)
        found = self._checkpoint.answer(kernel.__name__, asked, find)
        if found is not out:
            out[...] = found

    def take(self, numbers: Numbers) -> AnyLanes:
        """See HeldLanes."""
        return self.held.take(numbers)
