"""The limits on LIS2/3 posts that may be opened: by group and region, in the country, in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .limit import ROUNDING, SystemLimit, Taken
from .limits import WHY_LAXER, RegionalRamp, padded

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpecialistRamp(RegionalRamp):
    """The most new LIS2/3 posts a year of one group in one region."""

    kind = "specialist_ramp"
    group: str = ""
    unit: str = "posts"

    @property
    def identifier(self) -> str:
        """The name in result files."""
        return f"{self.kind}.{self.group}.{self.region}"

    @property
    def key(self) -> str:
        """Where the study says it."""
        return f"specialist_posts.new.most {self.group} {self.region}"

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
class NationalPosts(SystemLimit):
    """The most new LIS2/3 posts, a year in the whole country or in all years together."""

    kind = "specialist_national"
    room: Floats  # [year], or a single entry for all years together
    rows: slice  # of the plan
    title: str = "new LIS2/3 posts in the country"
    subject: str = "the country"
    unit: str = "posts"
    place: tuple[()] = ()

    @property
    def identifier(self) -> str:
        """The name in result files."""
        return self.kind

    @property
    def key(self) -> str:
        """Where the study says it."""
        return "specialist_posts.new.national"

    def used(self, slots: Floats) -> Floats:
        """Return the posts opened, [year]."""
        return padded(slots[self.rows].sum(axis=0), len(self.room))

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
    title: str = "new LIS2/3 posts in all years"

    @property
    def key(self) -> str:
        """Where the study says it."""
        return "specialist_posts.new.total"

    def used(self, slots: Floats) -> Floats:
        """Return the posts opened, a single entry."""
        return np.array([slots[self.rows].sum()])

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the number."""
        data["specialist_posts"]["new"]["total"]["value"] += float(taken.amounts.max())
