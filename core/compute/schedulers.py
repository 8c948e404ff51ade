"""Who works a graph out: Dask in this process, or (in `cluster`) a Dask client elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol

from dask.local import get_sync
from dask.threaded import get as get_threaded

from .graph import Graph, Key
from .place import split

WINDOW = 2
"""Tasks a worker is given at a time: so few results wait that memory stays bounded, and progress is
told, answers are written and Ctrl-C is heard from one window to the next."""


class Scheduler(Protocol):
    """Works out graphs. The results do not depend on which scheduler does."""

    @property
    def threads(self) -> int:
        """Return how many tasks are worked out at a time."""

    @property
    def shares_memory(self) -> bool:
        """Return whether tasks may write into the arrays of this process."""

    def results(self, graph: Graph) -> Iterator[tuple[Key, Any]]:
        """Yield every task's key and result as they come, a window of tasks at a time."""


class ThisProcess:
    """Dask's threads in this process; a single task, or one thread, is worked out in place."""

    shares_memory = True

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def results(self, graph: Graph) -> Iterator[tuple[Key, Any]]:
        """See Scheduler."""
        size = 1 if self.threads == 1 else WINDOW * self.threads
        for first, count in split(len(graph), size):
            window = dict(islice(graph.items(), first, first + count))
            keys = list(window)
            if count == 1:
                found = get_sync(window, keys)
            else:
                found = get_threaded(window, keys, num_workers=self.threads)
            yield from zip(keys, found, strict=True)
