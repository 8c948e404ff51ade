"""Targets that bind measures: how many specialists may arrive from abroad."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..study.targets import Targets
from .limit import Nationwide, Taken

Floats = NDArray[np.float64]


class Arriving(NamedTuple):
    """Specialists from abroad, mean over scenarios, persons a year."""

    plain: Floats  # [year] from the first decision on, without units of measures
    each: Floats  # [measure] that a unit brings
    delay: tuple[int, ...]  # by measure, years from use to arrival
    rows: slice  # of plans, those of measures


@dataclass(frozen=True, eq=False)
class FromAbroad(Nationwide):
    """The most specialists that arrive from abroad in a year, mean over scenarios.

    arrivals[y] + sum_m each[m] · units[m, y − delay[m]] <= most,  from a year on
    """

    kind = "from_abroad"
    said = "target.from_abroad"
    lawful = True
    divisible = False
    room: Floats  # [year], infinite before the target's year
    arriving: Arriving
    title: str = "specialists from abroad"
    unit: str = "persons a year"

    def used(self, slots: Floats) -> Floats:
        """Return who arrives, [year] from the first decision on."""
        who = self.arriving
        total = who.plain.copy()
        for row, each, delay in zip(slots[who.rows], who.each, who.delay, strict=True):
            begun = np.zeros(len(total))
            begun[: len(row)] = row
            total[delay:] += each * np.cumsum(begun)[: len(total) - delay]
        return total

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Never asked: a target does not give way."""
        raise NotImplementedError


def targets(
    wanted: Targets, years: Sequence[int], arriving: Callable[[], Arriving]
) -> Iterator[FromAbroad]:
    """Yield the limits that targets are; who arrives is worked out only if they are any."""
    most = wanted.from_abroad
    if most is not None:
        after = np.array(years) >= most.from_year
        yield FromAbroad(np.where(after, most.persons, np.inf), arriving())
