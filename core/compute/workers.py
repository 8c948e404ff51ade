"""Parallelism: the one owner of workers. Blocks of scenarios are tasks of Dask, at every size.

Results never depend on the number of workers or on the order in which blocks finish: every block
has its own place in the output, and what is summed is summed in the order of the blocks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from .checkpoint import NOWHERE, Checkpoint
from .graph import Call, Scheduler, graph_of
from .place import Place, Range, Where, available_cores
from .schedulers import ThisProcess

T = TypeVar("T")


class Workers:
    """A scheduler (by default of so many threads of this process) and the run's checkpoint."""

    def __init__(
        self, threads: int = 1, scheduler: Scheduler | None = None, checkpoint: Checkpoint = NOWHERE
    ) -> None:
        self.scheduler = scheduler or ThisProcess(threads)
        self.checkpoint = checkpoint

    def in_process(self) -> Workers:
        """Return workers for what lies in the memory of this process."""
        if self.scheduler.shares_memory:
            return self
        return Workers(available_cores(), checkpoint=self.checkpoint)

    def close(self) -> None:
        """Let what is kept be written; a cluster is its owner's to close."""
        self.checkpoint.close()

    def blocks(
        self, task: Callable[..., Any], ranges: Sequence[Range], *args: Any
    ) -> Iterator[tuple[Range, Any]]:
        """Yield `(first, count), task(first, count, *args)` for every range as they finish.

        What a folder keeps is read from there, checked; what is worked out is kept there.
        """
        missing, keys = list(ranges), dict[Range, str]()
        if self.checkpoint:
            name = self.checkpoint.key(task.__name__, *args)
            keys = {block: "-".join((name, *map(str, block))) for block in ranges}
            missing = []
            for block in ranges:
                known, value = self.checkpoint.look_up(keys[block])
                if known:
                    yield block, value
                else:
                    missing.append(block)
        calls = [Call(timed, (*block, task, *args)) for block in missing]
        for block, (seconds, value) in self.results(task.__name__, calls, missing):
            if self.checkpoint:
                self.checkpoint.keep(keys[block], value, seconds)
            yield block, value

    def results(
        self, name: str, calls: Sequence[Call], places: Sequence[T]
    ) -> Iterator[tuple[T, Any]]:
        """Yield the place and the result of every call as they come; Dask shows them by name."""
        graph = graph_of(name, calls)
        place = dict(zip(graph, places, strict=True))
        for key, found in self.scheduler.results(graph):
            yield place[key], found


def timed(first: int, count: int, task: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    """Return how many seconds a block took, and its result."""
    began = time.perf_counter()
    result = task(first, count, *args)
    return time.perf_counter() - began, result


@contextmanager
def workers_at(where: Where = None) -> Iterator[Workers]:
    """Start the workers of a place.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, has no workers, or other versions than this process.
    """
    place = where if isinstance(where, Place) else Place(where)
    with ExitStack() as stack:
        if place.cluster == "threads":
            scheduler: Scheduler = ThisProcess(place.workers or available_cores())
        else:
            from .clusters import open_cluster

            scheduler = stack.enter_context(open_cluster(place))
        workers = Workers(scheduler=scheduler, checkpoint=Checkpoint(place.checkpoint))
        stack.callback(workers.close)
        yield workers


@contextmanager
def local_workers(threads: Where = None, processes: bool = False) -> Iterator[Workers]:
    """Start workers on this machine: threads of this process, or processes of one thread each."""
    place = threads if isinstance(threads, Place) else Place(threads)
    with workers_at(place._replace(cluster="local") if processes else place) as workers:
        yield workers
