"""Places: where a command calculates, how progress is told, ranges of scenarios."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

Range: TypeAlias = tuple[int, int]


class Progress(Protocol):
    """Who wants to hear how far a step has come."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Tell that `done` of `total` units of a step are finished."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


class Place(NamedTuple):
    """Where a command calculates, and in which folder it keeps what it has worked out so far."""

    workers: int | None = None  # threads, processes or jobs; None: all cores, the profile's number
    cluster: str = "threads"  # threads, local, an address, slurm, or the file of a profile
    checkpoint: Path | None = None


Where: TypeAlias = Place | int | None
"""A number is a number of threads of this process; None: as many as there are cores."""


def available_cores() -> int:
    """Return the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def split(total: int, size: int) -> list[Range]:
    """Return (first, count) of blocks of `size` covering `total`."""
    return [(first, min(size, total - first)) for first in range(0, total, size)]
