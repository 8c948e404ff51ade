"""The limits on LIS2/3 posts that may be opened: by group and region, in the country, in all.

Where posts may be closed, too, one of them is *lawful*: fewer posts than doctors in LIS2/3 hold
would make supply convex, and no cut would hold (docs/optimisation.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..study.specialist_posts import NewSpecialistPosts
from .limit import ROUNDING, Nationwide, SystemLimit, Taken
from .limits import WHY_LAXER, RegionalRamp, padded

Floats = NDArray[np.float64]


class PostPlace(NamedTuple):
    """A row of plans that decides on LIS2/3 posts: of which group, and where."""

    row: int
    group: str
    region: str
    name: str  # in words
    most: Floats  # [decision year]
    least: Floats  # [decision year] below zero: closed


def limits_of_posts(
    new: NewSpecialistPosts, places: list[PostPlace], years: int
) -> Iterator[SystemLimit]:
    """Yield every limit on LIS2/3 posts, watched in so many years."""
    for row, group, region, name, most, least in places:
        # how many are closed is a limit of its own: this one may give way
        closed = np.full(len(least), -np.inf) if new.closing else least
        room, title = np.full(years, most.max(initial=0.0)), f"new LIS2/3 posts, {name}"
        yield SpecialistRamp(region, title, name, (row,), room, most, closed, group=group)
    rows = slice(places[0].row, places[-1].row + 1)
    if new.national is not None:
        yield NationalPosts(np.full(years, new.national.value), rows)
    if new.total is not None and not new.closing:
        yield TotalPosts(np.array([new.total.value]), rows)
    if new.total is not None and new.closing:
        yield NetPosts(np.full(years, new.total.value), rows)
    for row, group, region, name, _, least in places if new.closing else ():
        title = f"LIS2/3 posts closed, {name}"
        yield PostsHeld(group, region, title, name, (row,), padded(-least, years))


@dataclass(frozen=True, eq=False)
class SpecialistRamp(RegionalRamp):
    """The most new LIS2/3 posts a year of one group in one region."""

    kind = "specialist_ramp"
    named = "{group}.{region}"
    said = "specialist_posts.new.most {group} {region}"
    group: str = ""
    unit: str = "posts"

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the most by that of any year, as a row of its own region."""
        new = data["specialist_posts"]["new"]
        same = [
            row
            for row in new["most"]
            if row["group"] == self.group and row["region"] in (None, self.region)
        ]
        kept = [row for row in new["most"] if row not in same or row["region"] is None]
        raised = float(self.room[0] + taken.amounts.max())
        said = same[0]["assumption"] if same else ""
        new["most"] = (
            *kept,
            {"group": self.group, "region": self.region, "most": raised,
             "assumption": said or WHY_LAXER},
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class NationalPosts(Nationwide):
    """The most new LIS2/3 posts, a year in the whole country or in all years together."""

    kind = "specialist_national"
    said = "specialist_posts.new.national"
    room: Floats  # [year], or a single entry for all years together
    rows: slice  # of the plan
    title: str = "new LIS2/3 posts in the country"
    unit: str = "posts"

    def used(self, slots: Floats) -> Floats:
        """Return the posts opened, [year]."""
        return padded(np.maximum(slots[self.rows], 0.0).sum(axis=0), len(self.room))

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return in which years the limit is kept; its tolerance is absolute."""
        return self.used(slots) <= self.room + ROUNDING

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the number by the most of any year."""
        data["specialist_posts"]["new"]["national"]["value"] += float(taken.amounts.max())


@dataclass(frozen=True, eq=False)
class TotalPosts(NationalPosts):
    """The most new LIS2/3 posts in all years and places together."""

    kind = "specialist_total"
    said = "specialist_posts.new.total"
    title: str = "new LIS2/3 posts in all years"

    def used(self, slots: Floats) -> Floats:
        """Return the posts opened, a single entry."""
        return np.array([slots[self.rows].sum()])

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the number."""
        data["specialist_posts"]["new"]["total"]["value"] += float(taken.amounts.max())


@dataclass(frozen=True, eq=False)
class NetPosts(TotalPosts):
    """The most LIS2/3 posts opened less those closed, in all places, from the first to each year.

    sum_{r, k, t <= y} z[k, r, t] <= total
    """

    kind = "specialist_net"
    title: str = "new LIS2/3 posts less those closed"

    def used(self, slots: Floats) -> Floats:
        """Return the posts opened less those closed up to each year, [year]."""
        net = np.cumsum(slots[self.rows].sum(axis=0))
        return np.append(net, np.full(len(self.room) - len(net), net[-1]))


@dataclass(frozen=True, eq=False)
class PostsHeld(SystemLimit):
    """LIS2/3 posts closed in a year, of one group in one region: none that anybody holds.

    -z[k, r, y] <= what is sure to fall vacant in every scenario (`least_posts`)
    """

    kind = "specialist_held"
    named = "{group}.{region}"
    said = "specialist_posts.new.closing {group} {region}"
    lawful = True
    group: str
    region: str
    title: str
    subject: str
    place: tuple[int]  # row of the plan
    room: Floats  # [year]
    unit: str = "posts"

    def used(self, slots: Floats) -> Floats:
        """Return the posts closed, [year]."""
        return padded(np.maximum(-slots[self.place[0]], 0.0), len(self.room))

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return in which years no more are closed; a little less may be than what is proved."""
        return self.used(slots) <= self.room + ROUNDING

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Never asked: a lawful limit does not give way."""
        raise NotImplementedError
