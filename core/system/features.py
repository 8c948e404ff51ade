"""Features of a plan that near-optimal plans are compared by: posts in all, where, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import System

Floats = NDArray[np.float64]
TOTAL, FIRST_YEAR, YEARS, REGION = "total", "first_year", "years", "region."
"""Identifiers of what is told of LIS1 posts; a region's is followed by its own."""
UNITS = {"slots": "LIS1 starts a year", "posts": "posts", "tracks": "LIS1 starts a year"}
TITLES = {"posts": "LIS2/3 posts in all", "tracks": "newly earmarked LIS1 posts in all"}
"""Of families beside LIS1, by their variable."""


@dataclass(frozen=True, eq=False)
class Feature:
    """A number that a plan has: sum of weight x slots, or in how many years LIS1 posts open."""

    identifier: str
    title: str
    unit: str
    weight: Floats | None  # [row, decision year]; None: years in which posts are opened are counted
    opens: Floats  # [row, decision year] one where LIS1 posts can be opened
    whole: bool = True  # whether it is a whole number under every plan in whole posts

    def of(self, slots: Floats) -> float:
        """Return what it is under a plan, slots [row, decision year]."""
        if self.weight is None:
            return float(((slots > 0.0) & (self.opens > 0.0)).any(axis=0).sum())
        return float((self.weight * slots).sum())


def features_of(system: System) -> tuple[Feature, ...]:
    """Return the features by which plans of a system are compared, those of LIS1 first.

    Of kinds of posts on which nothing is decided there are none.
    """
    return (*_of_lis1(system), *_of_others(system))


def _of_lis1(system: System) -> Iterator[Feature]:
    most, least = system.lis1(system.most_slots), system.lis1(system.least_slots)
    moved, opens = (most > 0.0) | (least < 0.0), np.zeros(system.most_slots.shape)
    opens[: len(most)] = most > 0.0
    if not moved.any():
        return
    unit, first = UNITS["slots"], int(np.argmax(moved.any(axis=0)))

    def linear(identifier: str, title: str, rows: slice, years: slice) -> Feature:
        weight = np.zeros(opens.shape)
        weight[rows, years] = 1.0
        return Feature(identifier, title, unit, weight, opens)

    every, always = slice(0, len(most)), slice(None)
    yield linear(TOTAL, "LIS1 posts in all", every, always)
    title = f"LIS1 posts in {system.decision_years[first]}"
    yield linear(FIRST_YEAR, title, every, slice(first, first + 1))
    if len(most) > 1:
        for r, region in enumerate(system.regions):
            title = f"LIS1 posts in {system.region_names[r]}"
            yield linear(f"{REGION}{region}", title, slice(r, r + 1), always)
    yield Feature(YEARS, "years in which LIS1 posts are opened", "years", None, opens)


def _of_others(system: System) -> Iterator[Feature]:
    nothing = np.zeros(system.most_slots.shape)
    for family in system.families[1:]:
        if system.most_slots[family.rows].any():
            weight, name = nothing.copy(), family.variable
            weight[family.rows] = 1.0
            whole = family.whole
            yield Feature(f"{name}.total", TITLES[name], UNITS[name], weight, nothing, whole)
