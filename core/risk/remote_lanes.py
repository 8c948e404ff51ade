"""Lanes that live with the workers of a cluster: made there once, asked every round, never moved.

A worker that is lost takes its lanes along; the scheduler works them out again elsewhere from
(study, sample, range), which gives the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..compute.cluster import Cluster
from ..compute.graph import Call, graph_of
from ..compute.place import Range, split
from ..compute.workers import Workers
from ..kernels.shortage import TOGETHER
from ..kernels.state import LANES
from .blocks import AnyLanes, lanes_of
from .lanes import ByBlock, Filling, Judged, SharedLanes, run_kernel

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
LEAST, MOST = TOGETHER * LANES, 8192
"""Scenarios of a share: below, Dask's 2 ms a task would count; above, a lost one costs too much."""


class RemoteLanes(SharedLanes):
    """Blocks of lanes with the workers of a cluster, in shares of whole blocks."""

    def __init__(self, workers: Workers, futures: list[Any], ranges: list[Range]) -> None:
        super().__init__(workers, [(first // LANES, -(-count // LANES)) for first, count in ranges])
        self._futures = futures  # of a `Judged` for each share
        self._ranges = ranges  # (first scenario, count) likewise

    def call(self, asked: Filling, number: int) -> Call:
        """See SharedLanes."""
        first, count = self.shares[number]
        mine = tuple(
            each.values[first : first + count] if isinstance(each, ByBlock) else each
            for each in asked.arguments
        )
        whole, axis = asked.out.shape, asked.axis
        shape = (*whole[:axis], count, *whole[axis + 1 :])
        return Call(filled, (asked.kernel, mine, shape), (self._futures[number],))

    def take(self, numbers: Numbers) -> AnyLanes:
        """See HeldLanes."""
        place, calls = [], []
        for future, (first, count) in zip(self._futures, self._ranges, strict=True):
            mine = np.flatnonzero((numbers >= first) & (numbers < first + count))
            if len(mine):
                place.append(mine)
                calls.append(Call(taken, (numbers[mine] - first,), (future,)))
        fields: list[Floats] = []
        for where, found in self.workers.results("taken", calls, place):
            if not fields:
                fields = [np.empty((len(numbers), *array.shape[1:])) for array in found]
            for field, array in zip(fields, found, strict=True):
                field[where] = array
        return lanes_of(fields)


def made_remotely(
    calls: list[Call], ranges: list[Range], workers: Workers
) -> tuple[RemoteLanes, Iterator[tuple[Range, Floats]]]:
    """Have calls make the `Judged` of ranges of scenarios there; return the lanes, and the weights.

    The weights of a range come when it is made.
    """
    cluster = workers.scheduler
    assert isinstance(cluster, Cluster)
    futures = cluster.hold(graph_of(calls[0].function.__name__, calls))
    weights = [Call(weight_of, (), (future,)) for future in futures]
    return RemoteLanes(workers, futures, ranges), workers.results("weight_of", weights, ranges)


def remote_ranges(scenarios: int, threads: int) -> list[Range]:
    """Return the shares of scenarios: four or more a worker, of blocks that belong together."""
    wanted = min(max(scenarios // (4 * threads), LEAST), MOST)
    return split(scenarios, -(-wanted // LEAST) * LEAST)


def filled(
    kernel: tuple[str, str], arguments: tuple[Any, ...], shape: tuple[int, ...], judged: Judged
) -> Floats:
    """Return what a kernel fills for all blocks of a share."""
    out = np.zeros(shape)
    run_kernel(kernel, judged.lanes, arguments, (0, len(judged.lanes.leakage)), out)
    return out


def taken(numbers: Numbers, judged: Judged) -> tuple[Floats, ...]:
    """Return the fields of some scenarios of a share, [n, ...]."""
    return tuple(array[numbers // LANES, ..., numbers % LANES] for array in judged.lanes)


def weight_of(judged: Judged) -> Floats:
    """Return what each scenario of a share weighs."""
    return judged.weight
