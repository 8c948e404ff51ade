"""The limits on earmarked LIS1 posts: how many anew, of how many posts, filled by whom, how large.

Two are *lawful*: more earmarked posts than there are, or than newcomers fill in some scenario,
would make supply neither concave nor linear in tracks (docs/model.md section 5, *Tracks*).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .limit import ROUNDING, SystemLimit, Taken
from .limits import WHY_LAXER, RegionalRamp
from .posts import with_history

Floats = NDArray[np.float64]
HAIR = 2.0 * ROUNDING
"""Of what newcomers fill, and in posts: a plan within a solver's tolerance is still filled."""


@dataclass(frozen=True, eq=False)
class TrackRamp(RegionalRamp):
    """The most posts a year that can be earmarked anew for one track in one region."""

    kind = "track_ramp"
    named = "{track}.{region}"
    said = "track.{track}.new.most {region}"
    track: str = ""
    unit: str = "posts"

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the most by that of any year, as a row of its own region."""
        new = data["track"][self.track].get("new") or {"most": ()}
        same = [row for row in new["most"] if row["region"] in (None, self.region)]
        kept = [row for row in new["most"] if row["region"] != self.region]
        raised = float(self.room[0] + taken.amounts.max())
        said = same[0]["assumption"] if same else ""
        row = {"region": self.region, "most": raised, "assumption": said or WHY_LAXER}
        data["track"][self.track]["new"] = new | {"most": (*kept, row)}


@dataclass(frozen=True, eq=False)
class Earmarked(SystemLimit):
    """Earmarked posts of all tracks in a region: of those on offer there.

    sum_e track_level[e, r, y] <= level[r, y]
    """

    kind = "earmarked"
    named = "{region}"
    said = "track.*.new {region}"
    lawful = True
    region: str
    title: str
    subject: str
    place: tuple[int]  # number of the region
    rows: tuple[int, ...]  # of plans, those of tracks in the region
    given: Floats  # [row, year] levels without any decision
    first: int  # index of the first decision year
    unit: str = "posts"

    @property
    def room(self) -> Floats:  # type: ignore[override]
        """None may be more, [year]."""
        return np.zeros(self.given.shape[1] - self.first)

    def used(self, slots: Floats) -> Floats:
        """Return the posts earmarked beyond those on offer, [year]; below zero: fewer."""
        level = with_history(self.given, self.first, slots)[:, self.first :]
        return np.asarray(level[list(self.rows)].sum(axis=0) - level[self.place[0]])

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Never asked: a lawful limit does not give way."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Newcomers(Earmarked):
    """Earmarked posts of all tracks in a region: no more than newcomers fill in every scenario.

    sum_e track_level[e, r, y] <= min over scenarios and rounds h of the year of
    newcomers[h, r] / (fill_rate · offer_share[h]), or those given where they are more already.
    """

    kind = "newcomers"
    most: Floats = field(default_factory=lambda: np.zeros(0))  # [year] of the whole projection

    @property
    def room(self) -> Floats:  # type: ignore[override]
        """What newcomers fill, [year]."""
        stated = self.given[list(self.rows)].sum(axis=0)
        within = np.maximum(self.most * (1.0 - HAIR) - HAIR, 0.0)
        return np.asarray(np.maximum(within, stated)[self.first :])

    def used(self, slots: Floats) -> Floats:
        """Return the posts earmarked, [year]."""
        level = with_history(self.given, self.first, slots)
        return np.asarray(level[list(self.rows), self.first :].sum(axis=0))


@dataclass(frozen=True, eq=False)
class TrackShare(SystemLimit):
    """The least share of the country's LIS1 posts that one track has, from the last decision on."""

    kind = "track_least_share"
    named = "{track}"
    said = "track.{track}.new.least_share"
    divisible = False
    track: str
    title: str
    subject: str
    place: tuple[int]  # number of the track
    share: float
    rows: tuple[int, ...]  # of plans, those of the track
    regions: int  # the first rows of plans
    given: Floats  # [row, year] levels without any decision
    first: int  # index of the first decision year
    since: int  # index of the first year it is asked in, of those from the first decision on
    unit: str = "posts"

    @property
    def room(self) -> Floats:  # type: ignore[override]
        """None may lack, [year]."""
        return np.zeros(self.given.shape[1] - self.first)

    def used(self, slots: Floats) -> Floats:
        """Return the posts the track lacks to its share of all, [year]; 0 before it is asked."""
        own, every = self._posts(slots)
        lacking = self.share * every - own
        lacking[: self.since] = 0.0
        return np.asarray(lacking)

    def _posts(self, slots: Floats) -> tuple[Floats, Floats]:
        """Return the track's posts and all LIS1 posts on offer, each [year]."""
        level = with_history(self.given, self.first, slots)[:, self.first :]
        return level[list(self.rows)].sum(axis=0), level[: self.regions].sum(axis=0)

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Lower the share to the least that the track has when it is asked."""
        own, every = self._posts(taken.slots)
        share = float((own / every)[self.since :].min())
        data["track"][self.track]["new"]["least_share"]["value"] = min(share, self.share)


@dataclass(frozen=True, eq=False)
class MostTrackShare(TrackShare):
    """The greatest share of the country's LIS1 posts that one track has, in every year."""

    kind = "track_most_share"
    said = "track.{track}.new.most_share"

    def used(self, slots: Floats) -> Floats:
        """Return the track's posts beyond its share of all, [year]; below zero: fewer."""
        own, every = self._posts(slots)
        return np.asarray(own - self.share * every)

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the share to the greatest that the track has."""
        own, every = self._posts(taken.slots)
        share = float((own / every).max())
        data["track"][self.track]["new"]["most_share"]["value"] = max(share, self.share)
