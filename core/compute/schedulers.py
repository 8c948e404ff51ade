"""The scheduler of this process: Dask's threads. That of a cluster is `cluster.Cluster`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from dask.callbacks import Callback
from dask.local import get_sync
from dask.threaded import get as get_threaded

from .graph import WINDOW, Graph, Key
from .place import split


class ThisProcess:
    """Dask's threads in this process; a single task, or one thread, is worked out in place.

    Dask orders, starts and tells of even a single task in a quarter of a millisecond. A search of a
    small study asks for thousands: unless somebody watches, they are called without it.
    """

    shares_memory = True

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def results(self, graph: Graph) -> Iterator[tuple[Key, Any]]:
        """See Scheduler."""
        size = 1 if self.threads == 1 else WINDOW * self.threads
        for first, count in split(len(graph), size):
            window = dict(islice(graph.items(), first, first + count))
            keys = list(window)
            if count == 1 and not Callback.active:
                ((work, *on),) = window.values()
                found = (work(*on),)
            elif count == 1:
                found = get_sync(window, keys)
            else:
                found = get_threaded(window, keys, num_workers=self.threads)
            yield from zip(keys, found, strict=True)
