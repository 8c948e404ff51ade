"""The graph of a call, as Dask takes it: a task for each block of scenarios, none needs another.

What a task is called with travels inside its function, so that Dask never looks into an array. Who
works a graph out is a scheduler; nothing here imports Dask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import uuid4

Key: TypeAlias = tuple[str, int]
Graph: TypeAlias = dict[Key, tuple[Any, ...]]
WINDOW = 2
"""Tasks a worker is given at a time: so few results wait that memory stays bounded, and progress is
told, answers are written and Ctrl-C is heard from one window to the next."""


class Call(NamedTuple):
    """A function and its arguments; last of all come the results `on` which a cluster holds."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    on: tuple[Any, ...] = ()  # futures


def graph_of(name: str, calls: Iterable[Call]) -> Graph:
    """Return a task for every call, in their order, under keys that no other graph uses.

    >>> graph = graph_of("power", [Call(pow, (2, 3)), Call(pow, (3, 2))])
    >>> [task() for task, in graph.values()]
    [8, 9]
    """
    unique = f"{name}-{uuid4().hex}"
    return {
        (unique, number): (partial(call.function, *call.arguments), *call.on)
        for number, call in enumerate(calls)
    }


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
