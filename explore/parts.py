"""Parts of a plan that stand in one grid: LIS1 by region, LIS2/3 posts or a track by region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.system.arrays import System, system_of
from ..core.system.families import Family
from ..core.system.posts import plans_of
from ..report.reading import Reading
from ..report.texts.words import Words

Floats = NDArray[np.float64]
LIS1 = "slots"
"""The variable of the family that every study decides on."""
WAITING = {LIS1: "unplaced", "posts": "waiting_training"}
"""Who waits for a post of a family: flows, [year, *axes of the family]."""


class Part(NamedTuple):
    """Rows of a plan [row, decision year] that differ by region alone."""

    name: str  # in words
    family: Family
    at: tuple[int, ...]  # its place in the family, without the region
    rows: slice  # of every plan

    def waiting(self, means: Mapping[str, Floats], years: slice) -> float:
        """Return how many wait for a post of this part, on average over some years.

        NaN where no flow of `means` [year, (group,) region] counts them.
        """
        flow = WAITING.get(self.family.variable)
        if flow is None:
            return float("nan")
        in_years = np.moveaxis(means[flow][years], 0, -1)
        return float(in_years[self.at].sum() / in_years.shape[-1])


def plan_of(reading: Reading, plan: int = 0) -> Floats:
    """Return a plan of a result, [row, decision year]; whole where it is decided so."""
    return _decided(reading, "", plan=plan)


def plan_of_branch(reading: Reading, branch: int) -> Floats:
    """Return the plan of an end branch of a result, counted from 1, likewise."""
    return _decided(reading, "branch_", branch=branch - 1)


def _decided(reading: Reading, prefix: str, **place: int) -> Floats:
    """Return a plan of the variables with a prefix, [row, decision year]."""
    system = system_of(reading.study)
    decided = slice(system.first, system.first + len(system.decision_years))
    rows = plans_of(reading.study, lambda variable: reading.values(prefix + variable, **place))
    return system.rounded(rows[:, decided])


def parts_of(reading: Reading, words: Words) -> list[Part]:
    """Return the parts of a plan, in the order of its rows."""
    families = system_of(reading.study).families
    return [part for each in families for part in parts_in(each, reading, words)]


def parts_in(family: Family, reading: Reading, words: Words) -> Iterator[Part]:
    """Yield the parts of a family.

    A family without a name in words is told by those of its parts.
    """
    axes = [str(dim) for dim in reading.data[family.variable].dims][2:-1]
    names = [[words.name(each) for each in reading.names(dim)] for dim in axes]
    key, regions = f"desk.family_{family.variable}", family.shape[-1]
    for n, at in enumerate(np.ndindex(*family.shape[:-1])):
        name = words.listed(names[axis][i] for axis, i in enumerate(at))
        first = family.first + n * regions
        rows = slice(first, first + regions)
        yield Part(words(key, name=name) if words.has(key) else name, family, at, rows)


def least_of(system: System) -> Floats:
    """Return the least that may stand in each cell of a plan: below zero where posts can close."""
    return np.minimum(0.0, np.ceil(system.least_slots))
