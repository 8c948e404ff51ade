"""The graph of a call, as Dask takes it: a task for each block of scenarios, none needs another.

What a task is called with travels inside its function, so that Dask never looks into an array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

Key: TypeAlias = tuple[str, int]
Graph: TypeAlias = dict[Key, tuple[Any, ...]]


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
