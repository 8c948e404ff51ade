"""Parallelism: the one owner of workers. Blocks of scenarios go to threads or to a cluster.

Results never depend on the number of workers or on the order in which blocks finish: every block
has its own place in the output, and what is summed is summed in the order of the blocks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .checkpoint import NOWHERE, Kept
from .place import Place, Range, Where, available_cores

if TYPE_CHECKING:
    from .cluster import Cluster


class Workers:
    """Threads of this process and, for blocks of scenarios, a cluster if one is given."""

    def __init__(self, threads: int, cluster: Cluster | None = None, kept: Kept = NOWHERE) -> None:
        self.threads = threads
        self.cluster = cluster
        self.kept = kept
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def close(self) -> None:
        """Let the threads go, what is kept be written; the cluster is its owner's to close."""
        self.kept.close()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(self, task: Callable[..., None], ranges: Sequence[Range], *args: Any) -> None:
        """Run `task(first, last, *args)` for every range on the threads of this process."""
        if self._pool is None:
            for first, last in ranges:
                task(first, last, *args)
            return
        for future in [self._pool.submit(task, first, last, *args) for first, last in ranges]:
            future.result()

    def blocks(
        self, task: Callable[..., Any], ranges: Sequence[Range], *args: Any
    ) -> Iterator[tuple[Range, Any]]:
        """Yield `(first, count), task(first, count, *args)` for every range as they finish.

        What a folder keeps is read from there, checked; what is worked out is kept there. Only a
        few blocks per worker are under way at a time, which bounds the memory.
        """
        missing, keys = list(ranges), dict[Range, str]()
        if self.kept:
            name = self.kept.key(task.__name__, *args)
            keys = {block: "-".join((name, *map(str, block))) for block in ranges}
            missing = []
            for block in ranges:
                known, value = self.kept.look_up(keys[block])
                if known:
                    yield block, value
                else:
                    missing.append(block)
        for block, (seconds, value) in self._worked_out(missing, task, *args):
            if self.kept:
                self.kept.keep(keys[block], value, seconds)
            yield block, value

    def _worked_out(
        self, ranges: Sequence[Range], task: Callable[..., Any], *args: Any
    ) -> Iterator[tuple[Range, tuple[float, Any]]]:
        if self.cluster is not None:
            yield from self.cluster.blocks(timed, ranges, task, *args)
        elif self._pool is None:
            for block in ranges:
                yield block, timed(*block, task, *args)
        else:
            yield from _on_threads(self._pool, 2 * self.threads, ranges, task, *args)


def timed(first: int, count: int, task: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    """Return how many seconds a block took, and its result."""
    began = time.perf_counter()
    result = task(first, count, *args)
    return time.perf_counter() - began, result


def _on_threads(
    pool: ThreadPoolExecutor, at_once: int, ranges: Sequence[Range], *args: Any
) -> Iterator[tuple[Range, tuple[float, Any]]]:
    """Yield every block as it finishes on the threads, a few of them under way at a time."""
    waiting = iter(ranges)
    place: dict[Future[tuple[float, Any]], Range] = {}

    def start() -> None:
        block = next(waiting, None)
        if block is not None:
            place[pool.submit(timed, *block, *args)] = block

    for _ in range(at_once):
        start()
    while place:
        for future in wait(place, return_when=FIRST_COMPLETED).done:
            start()
            yield place.pop(future), future.result()


@contextmanager
def workers_at(where: Where = None) -> Iterator[Workers]:
    """Start the workers of a place.

    Raises
    ------
    ClusterError
        If the cluster cannot be reached, has no workers, or other versions than this process.
    """
    place = where if isinstance(where, Place) else Place(where)
    if place.cluster == "threads":
        workers = Workers(place.workers or available_cores(), kept=Kept(place.kept))
        try:
            yield workers
        finally:
            workers.close()
        return
    from .clusters import open_cluster

    with open_cluster(place) as cluster:
        workers = Workers(available_cores(), cluster, Kept(place.kept))
        try:
            yield workers
        finally:
            workers.close()


@contextmanager
def local_workers(threads: Where = None, processes: bool = False) -> Iterator[Workers]:
    """Start workers on this machine: threads of this process, or processes of one thread each."""
    place = threads if isinstance(threads, Place) else Place(threads)
    with workers_at(place._replace(cluster="local") if processes else place) as workers:
        yield workers
