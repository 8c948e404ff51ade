"""Parallelism: the one owner of workers. Blocks go to a Dask client, passes over them to threads.

Results never depend on the number of workers or on the order in which blocks finish: every block
has its own place in the output, and what is summed is summed in the order of the blocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol


class Progress(Protocol):
    """Who wants to hear how far a step has come."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Tell that `done` of `total` units of a step are finished."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


class Workers:
    """Threads of this process and, for blocks of scenarios, a Dask client if one is given."""

    def __init__(self, threads: int, client: Any = None) -> None:
        self.threads = threads
        self._client = client
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None

    def close(self) -> None:
        """Let the threads go; the client is its owner's to close."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(
        self, task: Callable[..., None], ranges: Sequence[tuple[int, int]], *args: Any
    ) -> None:
        """Run `task(first, last, *args)` for every range on the threads of this process."""
        if self._pool is None:
            for first, last in ranges:
                task(first, last, *args)
            return
        for future in [self._pool.submit(task, first, last, *args) for first, last in ranges]:
            future.result()

    def blocks(
        self, task: Callable[..., Any], ranges: Sequence[tuple[int, int]], *args: Any
    ) -> Iterator[tuple[tuple[int, int], Any]]:
        """Yield `(first, count), task(first, count, *args)` for every range as they finish.

        Only a few blocks per worker are under way at a time, which bounds the memory.
        """
        if self._client is None:
            for first, count in ranges:
                yield (first, count), task(first, count, *args)
            return
        from distributed import as_completed

        threads = sum(self._client.nthreads().values())
        waiting = iter(ranges)
        place: dict[str, tuple[int, int]] = {}
        running = as_completed(with_results=True)

        def start() -> None:
            block = next(waiting, None)
            if block is not None:
                future = self._client.submit(task, *block, *args, pure=False)
                place[future.key] = block
                running.add(future)

        for _ in range(2 * threads):
            start()
        for future, result in running:
            start()
            yield place.pop(future.key), result
            future.release()


@contextmanager
def local_workers(threads: int | None = None, processes: bool = False) -> Iterator[Workers]:
    """Start a Dask client on this machine: threads, or processes of one thread each."""
    from distributed import Client, LocalCluster

    wanted = threads or available_cores()
    inside = {} if not processes else {"host": "127.0.0.1"}
    with (
        LocalCluster(
            n_workers=wanted if processes else 1,
            threads_per_worker=1 if processes else wanted,
            processes=processes,
            dashboard_address="127.0.0.1:0",  # None: port 8787 of every interface
            worker_dashboard_address="127.0.0.1:0",
            **inside,
        ) as cluster,
        Client(cluster) as client,
    ):
        workers = Workers(wanted, client)
        try:
            yield workers
        finally:
            workers.close()


def available_cores() -> int:
    """Return the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def split(total: int, size: int) -> list[tuple[int, int]]:
    """Return (first, count) of blocks of `size` covering `total`."""
    return [(first, min(size, total - first)) for first in range(0, total, size)]
