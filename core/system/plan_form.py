"""The form of a plan: how much a yearly intake may change, and of how few numbers it may consist.

Numbers of new posts that are one for a run of years, or multiples of more than one, are decided
together: whatever changes a plan post by post asks `Decisions` what changes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..study.limits import Limits
from .limit import Nationwide, SystemLimit, Taken

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
JUST_ABOVE = 1e-7
"""Steps by which a solver's plan may exceed a number that is not rounded up for it."""


@dataclass(frozen=True, eq=False)
class IntakeChange(SystemLimit):
    """The most by which a region's yearly starts may differ from those of its first open year.

    With a room of none the intake is constant from then on.
    """

    kind = "intake_change"
    named = "{region}"
    said = "limits.intake_change.{region}"
    region: str
    title: str
    subject: str
    place: tuple[int]
    room: Floats
    lead: int  # decision years before slots can open
    unit: str = "slots"

    def used(self, slots: Floats) -> Floats:
        """Return by how many starts the years after the first differ from it, [year]."""
        differs, first = np.zeros(len(self.room)), self.lead + 1
        differs[first : slots.shape[1]] = np.abs(np.cumsum(slots[self.place[0], first:]))
        return differs

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the number by the most of any year."""
        data["limits"]["intake_change"][self.region]["value"] += float(taken.amounts.max())


class Run(NamedTuple):
    """Columns of a row in which a plan has one number, in the order of years; two or more."""

    row: int
    columns: Numbers


@dataclass(frozen=True, eq=False)
class ConstantAfter(Nationwide):
    """New LIS1 posts a year are one number per region after the first years of a plan.

    A lead time that ends later begins a number anew, and so does a review.
    """

    kind = "constant_after"
    said = "limits.constant_after"
    divisible = False
    after: int  # decision years that are free
    ends: tuple[tuple[int, ...], ...]  # [region] where runs of one number begin, and the last ends
    room: Floats
    unit: str = "slots"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name in words."""
        years = f"{self.after} decision year{'s' * (self.after != 1)}"
        return f"yearly numbers of new slots, constant after {years}"

    @property
    def runs(self) -> tuple[Run, ...]:
        """Return the years of each region that have one number, where these are several."""
        return tuple(
            Run(row, np.arange(*run))
            for row, ends in enumerate(self.ends)
            for run in pairwise(ends)
            if run[1] - run[0] > 1
        )

    def restarted(self, starts: Sequence[int]) -> ConstantAfter:
        """Return the limit where a number is decided anew in some decision years, too."""
        ends = (sorted({*own, *(y for y in starts if own[0] < y < own[-1])}) for own in self.ends)
        return replace(self, ends=tuple(tuple(own) for own in ends))

    def used(self, slots: Floats) -> Floats:
        """Return by how many slots a year differs from the first of its run, [year] at worst."""
        differs = np.zeros(len(self.room))
        for row, years in self.runs:
            own = np.abs(slots[row, years] - slots[row, years[0]])
            differs[years] = np.maximum(differs[years], own)
        return differs

    def relax(self, data: dict[str, Any], taken: Taken) -> None:  # noqa: ARG002
        """Leave the key out: a number that is nearly constant is no fewer decisions."""
        data["limits"][self.kind] = None


@dataclass(frozen=True, eq=False)
class MultiplesOf(Nationwide):
    """New LIS1 posts of a year and region are a multiple of a number."""

    kind = "multiples_of"
    said = "limits.multiples_of"
    divisible = False
    of: int
    regions: int  # the first rows of a plan
    room: Floats
    unit: str = "slots"

    @property
    def title(self) -> str:  # type: ignore[override]
        """The name in words."""
        return f"yearly numbers of new slots, multiples of {self.of}"

    def used(self, slots: Floats) -> Floats:
        """Return how many slots the worst region is away from a multiple, [year]."""
        own = slots[: self.regions]
        away = np.zeros(len(self.room))
        away[: own.shape[1]] = np.abs(own - self.of * np.round(own / self.of)).max(axis=0)
        return away

    def relax(self, data: dict[str, Any], taken: Taken) -> None:  # noqa: ARG002
        """Leave the key out."""
        data["limits"][self.kind] = None


def limits_of_form(
    limits: Limits, names: dict[str, str], leads: Sequence[int], years: tuple[int, int]
) -> Iterator[SystemLimit]:
    """Yield the limits on the form of a plan that a study sets and that bind any plan.

    Parameters
    ----------
    names : regions, identifier -> name
    leads : [region] decision years before slots can open
    years : watched years and decision years, how many
    """
    watched, decisions = years
    for region, change in limits.intake_change.items():
        row, name, room = list(names).index(region), names[region], np.full(watched, change.value)
        yield IntakeChange(region, f"change of intake, {name}", name, (row,), room, leads[row])
    after, of, none = limits.constant_after, limits.multiples_of, np.zeros(watched)
    if after is not None:
        begin = (sorted({after, max(after, lead)}) for lead in leads[: len(names)])
        ends = tuple((*(y for y in own if y < decisions), decisions) for own in begin)
        constant = ConstantAfter(after, ends, none)
        if constant.runs:
            yield constant
    if of is not None and of > 1:
        yield MultiplesOf(of, len(names), none)


@dataclass(frozen=True, eq=False)
class Decisions:
    """The numbers of which a plan consists: each in steps, and one for a year or for a run of them.

    Plans are [row, column]; columns are decision years, or those of a tree of branches.
    """

    step: Floats  # [row, 1] posts
    runs: tuple[Run, ...]

    def along(self, path: Numbers) -> Decisions:
        """Return the decisions of a tree: branches have a column for each year, [branch, year].

        They share a run as long as they share its columns: no run goes on beyond a review.
        """
        runs = (
            Run(row, columns)
            for row, years in self.runs
            for columns in np.unique(path[:, years], axis=0)
        )
        return replace(self, runs=tuple(runs))

    def stepped(self, values: Floats, rounding: Callable[[Floats], Floats]) -> Floats:
        """Return values [row, column] rounded to steps: `rounding` rounds to whole numbers."""
        return np.asarray(self.step * rounding(values / self.step))

    def columns(self, place: tuple[int, int]) -> Numbers:
        """Return the columns that change with a place, (row, column)."""
        row, column = place
        own = (run.columns for run in self.runs if run.row == row and column in run.columns)
        return next(own, np.array([column]))

    def leads(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return where a number is decided, and not that of an earlier year, [row, column]."""
        leads = np.ones(shape, dtype=np.bool_)
        for row, columns in self.runs:
            leads[row, columns[1:]] = False
        return leads

    def together(self, values: Floats) -> Floats:
        """Return what a step of each number is worth, by what a post is worth, [row, column]."""
        found = np.asarray(values * self.step)
        for row, columns in self.runs:
            found[row, columns] = found[row, columns].sum()
        return found

    def changed(self, slots: Floats, place: tuple[int, int], steps: float) -> Floats:
        """Return a plan whose number at a place is so many steps higher."""
        plan = slots.copy()
        plan[place[0], self.columns(place)] += steps * self.step[place[0], 0]
        return plan

    def evened(self, slots: Floats) -> Floats:
        """Return a plan of an LP with each run's number as in its first year, to the last bit."""
        plan = slots.copy()
        for row, columns in self.runs:
            plan[row, columns] = plan[row, columns[0]]
        return plan

    def raised(self, plan: Floats, slots: Floats, cumulated: Callable[[Floats], Floats]) -> Floats:
        """Return a plan, `slots` rounded up, with the least number of each run that is enough.

        max_j lacking[j] / (j + 1) in steps, rounded up: no level falls below that of `slots`,
        lacking[j] being what these have opened by year j and the plan has not before the run. It is
        not below their own number rounded down, so that no more is closed than there.

        Parameters
        ----------
        cumulated : what a plan has opened by each year, [row, column]
        """
        wanted = cumulated(slots)
        for row, columns in self.runs:
            before = cumulated(plan)[row, columns[0]] - plan[row, columns[0]]
            step, years = float(self.step[row, 0]), np.arange(1, len(columns) + 1)
            needed = float(((wanted[row, columns] - before) / years).max()) / step
            least = np.floor(slots[row, columns].min() / step + JUST_ABOVE)
            plan[row, columns] = step * max(np.ceil(needed - JUST_ABOVE), least)
        return plan


def decisions_of(limits: Sequence[SystemLimit], rows: int) -> Decisions:
    """Return the decisions of plans with so many rows that keep these limits."""
    step, runs = np.ones((rows, 1)), list[Run]()
    for limit in limits:
        if isinstance(limit, MultiplesOf):
            step[: limit.regions] = limit.of
        elif isinstance(limit, ConstantAfter):
            runs += limit.runs
    return Decisions(step, tuple(runs))
