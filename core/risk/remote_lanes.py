"""Lanes that live with the workers of a cluster: made there once, asked every round, never moved.

A worker that is lost takes its lanes along; the scheduler works them out again elsewhere from
(study, sample, range), which gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..compute.cluster import Cluster
from ..compute.place import Progress, split
from ..compute.workers import Workers
from ..kernels.shortage import LANES, Lanes
from .lanes import ByBlock, Kernel

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
LEAST, MOST = 512, 8192
"""Scenarios of a part: below, Dask's 2 ms a task would count; above, a lost one costs too much."""


class Part(Protocol):
    """Lanes of some scenarios, and what each of these weighs by itself."""

    @property
    def lanes(self) -> Lanes:
        """Return the lanes, fields [block, ..., LANES]."""

    @property
    def weight(self) -> Floats:
        """Return what each scenario weighs, [n]."""


Make = Callable[..., Part]


class RemoteLanes:
    """Blocks of lanes with the workers of a cluster, in parts of whole blocks."""

    def __init__(self, workers: Workers, futures: list[Any], ranges: list[tuple[int, int]]) -> None:
        assert workers.cluster is not None
        self.workers = workers
        self._cluster: Cluster = workers.cluster
        self._futures = futures
        self._ranges = ranges  # (first scenario, count) of every part
        self.blocks = sum(-(-count // LANES) for _, count in ranges)

    def fill(self, kernel: Kernel, arguments: tuple[Any, ...], out: Floats, axis: int = 0) -> None:
        """See HeldLanes."""
        name = (kernel.__module__, kernel.__name__)
        place: dict[Any, slice] = {}
        for future, (first, count) in zip(self._futures, self._ranges, strict=True):
            where = slice(first // LANES, -(-(first + count) // LANES))
            mine = tuple(
                each.values[where] if isinstance(each, ByBlock) else each for each in arguments
            )
            shape = [*out.shape[:axis], where.stop - where.start, *out.shape[axis + 1 :]]
            place[self._cluster.submit(filled, future, name, mine, shape)] = where
        whole = np.moveaxis(out, axis, 0)
        for where, found in self._results(place):
            whole[where] = np.moveaxis(found, axis, 0)

    def take(self, numbers: Numbers) -> Lanes:
        """See HeldLanes."""
        place: dict[Any, Numbers] = {}
        for future, (first, count) in zip(self._futures, self._ranges, strict=True):
            mine = np.flatnonzero((numbers >= first) & (numbers < first + count))
            if len(mine):
                place[self._cluster.submit(taken, future, numbers[mine] - first)] = mine
        fields: list[Floats] = []
        for where, found in self._results(place):
            if not fields:
                fields = [np.empty((len(numbers), *array.shape[1:])) for array in found]
            for field, array in zip(fields, found, strict=True):
                field[where] = array
        return Lanes(*fields)

    def _results(self, place: dict[Any, Any]) -> Any:
        """Yield the place and result of every future as they finish."""
        waiting = dict(place)
        while waiting:
            for future in self._cluster.finished(list(waiting)):
                yield waiting.pop(future), self._cluster.result(future)
                future.release()


def made_remotely(
    make: Make,
    begin: int,
    scenarios: int,
    arguments: tuple[Any, ...],
    workers: Workers,
    progress: Progress,
    of: int,
) -> tuple[RemoteLanes, Floats]:
    """Have `make(first, count, *arguments)` work out parts there; return them and all weights.

    The parts cover `scenarios` from number `begin` on; progress is told out of `of`.
    """
    cluster = workers.cluster
    assert cluster is not None
    ranges = split(scenarios, part_size(scenarios, cluster.threads))
    futures = [cluster.submit(make, begin + first, count, *arguments) for first, count in ranges]
    weighing = {
        cluster.submit(weight_of, future): place
        for future, place in zip(futures, ranges, strict=True)
    }
    weight, done = np.empty(scenarios), 0
    while weighing:
        for future in cluster.finished(list(weighing)):
            first, count = weighing.pop(future)
            weight[first : first + count] = cluster.result(future)
            done += count
            progress("scenarios", begin + done, of)
    return RemoteLanes(workers, futures, ranges), weight


def part_size(scenarios: int, threads: int) -> int:
    """Return the scenarios of a part: four parts or more a worker, whole blocks of lanes."""
    wanted = min(max(scenarios // (4 * threads), LEAST), MOST)
    return -(-wanted // LANES) * LANES


def filled(
    part: Part, kernel: tuple[str, str], arguments: tuple[Any, ...], shape: list[int]
) -> Floats:
    """Return what a kernel, (module, name), fills for all blocks of a part."""
    module, name = kernel
    plain = [each.values if isinstance(each, ByBlock) else each for each in arguments]
    out = np.zeros(shape)
    getattr(import_module(module), name)(part.lanes, *plain, 0, len(part.lanes.leakage), out)
    return out


def taken(part: Part, numbers: Numbers) -> tuple[Floats, ...]:
    """Return the fields of some scenarios of a part, [n, ...]."""
    return tuple(array[numbers // LANES, ..., numbers % LANES] for array in part.lanes)


def weight_of(part: Part) -> Floats:
    """Return what each scenario of a part weighs."""
    return part.weight
