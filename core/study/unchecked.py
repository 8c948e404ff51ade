"""A study whose sections are right each by itself, and what follows directly from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from .cost import Cost
from .demand import Demand
from .distributions import QUANTITIES, Figure, Fixed, Quantity
from .limits import Capacity, Limits, Ramp, SupervisionRow
from .measures.change import Change
from .measures.measure import Measure
from .others import WithoutSpeciality
from .processes import Autoregressive, Correlation, Process, Regimes
from .risk_limit import AnyRiskLimit, ShortageLimit
from .settings import Comparison, Review, Sampling, Solve
from .specialist_posts import SpecialistPosts
from .specialists import Specialists
from .targets import Targets
from .tracks import Track
from .world import (
    Composition,
    DirectEntry,
    Group,
    Identifier,
    Lis1,
    Origin,
    Posts,
    Queue,
    Region,
    Row,
    Section,
    SectionWithOptions,
    Time,
    Training,
)


class UncheckedStudy(SectionWithOptions):
    """The sections of a study, before anybody asked whether they fit together."""

    options = ("change", "measure", "review", "specialist_posts", "target", "track")

    schema_version: int = Field(ge=1, le=1)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    known_as_of: str
    time: Time
    posts: Posts
    regions: dict[Identifier, Region] = Field(min_length=1)
    groups: dict[Identifier, Group] = Field(min_length=1)
    applicants: dict[Identifier, Origin] = Field(min_length=1)
    queue: Queue
    lis1: Lis1
    training: Training
    direct_entry: DirectEntry
    specialists: Specialists
    without_speciality: WithoutSpeciality | None = Field(
        default=None, description="left out: who stops training is not counted any more"
    )
    specialist_posts: SpecialistPosts | None = Field(
        default=None, description="left out: whoever completes LIS1 begins LIS2/3 at once"
    )
    track: dict[Identifier, Track] = Field(
        default={}, description="left out: whoever completes LIS1 chooses as the rest"
    )
    composition: Composition
    demand: Demand
    capacity: dict[Identifier, Capacity]
    supervision: tuple[SupervisionRow, ...] = Field(strict=False)
    ramp: Ramp
    limits: Limits = Limits()
    cost: Cost
    risk: dict[Identifier, AnyRiskLimit] = Field(min_length=1)
    comparison: dict[Identifier, Comparison]
    correlation: tuple[Correlation, ...] = Field(default=(), strict=False)
    measure: dict[Identifier, Measure] = Field(
        default={}, description="what else than new posts may be done; left out: nothing"
    )
    target: Targets = Field(default=Targets(), description="left out: none")
    change: dict[Identifier, Change] = Field(
        default={}, description="figures moved as measures move them; left out: none"
    )
    review: Review | None = Field(
        default=None, description="left out: one plan for all futures, decided once"
    )
    sampling: Sampling
    solve: Solve

    @model_validator(mode="before")
    @classmethod
    def _exits_beside_posts(cls, data: Any) -> Any:  # noqa: ANN401
        """Fill in `training.exits`: who waits must leave like specialists, or waiting pays."""
        if not isinstance(data, dict) or data.get("specialist_posts") is None:
            return data
        training = data.get("training")
        if not isinstance(training, dict) or "exits" in training:
            return data
        return data | {"training": training | {"exits": "specialists"}}

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Projected calendar years."""
        return tuple(range(self.time.first_year, self.time.last_year + 1))

    @cached_property
    def decision_years(self) -> tuple[int, ...]:
        """Calendar years in which slots may be opened."""
        return tuple(range(self.time.first_decision, self.time.last_decision + 1))

    @property
    def first(self) -> int:
        """Index of the first decision year among the projected years."""
        return self.time.first_decision - self.time.first_year

    @property
    def convex(self) -> NDArray[np.bool_]:
        """Which limits on risk have a convex rule, bounded by cuts, [limit]."""
        return np.array([limit.risk_rule.convex for limit in self.risk.values()])

    @property
    def on_shortage(self) -> NDArray[np.bool_]:
        """Which limits on risk are on shortage, not on supervision, [limit]."""
        return np.array([isinstance(limit, ShortageLimit) for limit in self.risk.values()])

    @property
    def drawn_and_counted_by(self) -> tuple[str | None, str]:
        """By which weights alternatives of demand are drawn (None: their own), and counted."""
        return self.sampling.proposal_table, self.demand.weight_table

    @property
    def risk_at_most(self) -> NDArray[np.float64]:
        """The limits on risk, [limit]; infinite for a price."""
        return np.array([limit.at_most for limit in self.risk.values()])

    @property
    def frontier_axis(self) -> int | None:
        """The limit a frontier runs along: on shortage, the first for the whole country.

        Where none is for the whole country the first of all; None where there are only prices.
        """
        limits = list(self.risk.values())
        on_shortage = [
            c for c in np.flatnonzero(self.on_shortage).tolist() if limits[c].limit is not None
        ]
        whole = [c for c in on_shortage if set(limits[c].regions) == set(self.regions)]
        return next(iter(whole + on_shortage), None)

    @cached_property
    def window_years(self) -> tuple[int, ...]:
        """Calendar years in which shortage is judged."""
        return tuple(range(self.time.window[0], self.time.window[1] + 1))

    @cached_property
    def posts_at_start(self) -> NDArray[np.float64]:
        """Slots on offer when the projection begins, [region], starts a year."""
        in_use = np.array([r.posts_in_use.value for r in self.regions.values()])
        unused = int(self.posts.unused.value) if self.posts.unused_treatment == "offered" else 0
        return np.asarray(in_use + largest_remainder(unused, in_use))

    @cached_property
    def given_levels(self) -> NDArray[np.float64]:
        """Slots on offer without any decision, [region, year], starts a year."""
        if not self.posts.converted:
            return self.stated_levels
        level, regions = self.stated_levels.copy(), list(self.regions)
        for row in self.posts.converted:
            level[regions.index(row.region), max(row.year - self.years[0], 0) :] += row.posts
        return level

    @cached_property
    def stated_levels(self) -> NDArray[np.float64]:
        """The same without posts that were converted, [region, year], starts a year."""
        rows = {(row.region, row.year): float(row.posts) for row in self.posts.history}
        present = self.posts_at_start
        level = np.empty((len(present), len(self.years)))
        for y, year in enumerate(self.years):
            known = [rows.get((region, year)) for region in self.regions]
            present = np.array([p if k is None else k for p, k in zip(present, known, strict=True)])
            level[:, y] = present
        return level

    @cached_property
    def earmarked(self) -> NDArray[np.float64]:
        """Earmarked slots without any decision, [track, region, year], of those on offer."""
        slots = np.zeros((len(self.track), *self.given_levels.shape))
        regions = list(self.regions)
        for e, track in enumerate(self.track.values()):
            for row in sorted(track.posts, key=lambda row: row.year):
                slots[e, regions.index(row.region), row.year - self.years[0] :] = row.posts
        return slots

    @property
    def trainee_fte(self) -> float:
        """FTE that a doctor in LIS2/3 counts as among all doctors; of service if asked."""
        told, each = self.cost.after_lis1, self.training.trainee_fte.value
        return each * told.service_share.value if told and told.counts_as_service else each

    @property
    def decides_posts(self) -> bool:
        """Whether LIS2/3 posts are a decision beside LIS1."""
        return self.specialist_posts is not None and self.specialist_posts.new is not None

    @property
    def closes_posts(self) -> bool:
        """Whether LIS2/3 posts may be closed, too."""
        posts = self.specialist_posts
        return posts is not None and posts.new is not None and posts.new.closing

    @property
    def decides_tracks(self) -> bool:
        """Whether earmarked posts of some track are a decision beside LIS1."""
        return any(track.new is not None for track in self.track.values())

    @property
    def posts_today(self) -> NDArray[np.float64]:
        """Slots whose use of a capacity is today's, [region], starts a year.

        Those of the last year of the posts' history, or in use at the start without one.
        """
        if self.posts.history:
            return np.asarray(self.stated_levels[:, -1])
        return np.array([region.posts_in_use.value for region in self.regions.values()])

    @property
    def level0(self) -> NDArray[np.float64]:
        """Slots on offer just before the first decision, [region], starts a year."""
        return np.asarray(self.given_levels[:, -1])

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with other sections; pydantic would keep what follows from the old ones."""
        copied = super().model_copy(update=update, deep=deep)
        for name in [name for name in vars(copied) if name not in type(self).model_fields]:
            del vars(copied)[name]
        return copied

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical text of the study."""
        return hashlib.sha256(self.canonical_text.encode()).hexdigest()

    @cached_property
    def canonical_text(self) -> str:
        """The whole study, tables included, as JSON from which it can be loaded again."""
        return self.model_dump_json()

    def figures(self) -> Iterator[tuple[str, Figure | Row]]:
        """Yield every figure and table row with its dotted key, in the order of the study.

        Those of measures are none: they act where a measure is in force, as ordinary keys.
        """
        for name in type(self).model_fields:
            if name != "measure":
                yield from _walk(name, getattr(self, name))

    @cached_property
    def quantities(self) -> dict[str, Quantity]:
        """Every single figure by dotted key, with or without a distribution."""
        return {key: each for key, each in self.figures() if isinstance(each, QUANTITIES)}

    @cached_property
    def uncertain(self) -> dict[str, Quantity]:
        """The figures drawn per scenario, by dotted key, in the order of the study."""
        return {key: each for key, each in self.drawable.items() if not isinstance(each, Fixed)}

    @cached_property
    def drawable(self) -> dict[str, Quantity]:
        """The figures that have a distribution or are fixed, by dotted key.

        Supervision needs stay at their centre: limits of the system are deterministic. So are
        costs.
        """
        certain = ("capacity.", "cost.specialist_training.")
        return {key: each for key, each in self.quantities.items() if not key.startswith(certain)}

    @cached_property
    def processes(self) -> dict[str, Process]:
        """The yearly processes, by dotted key."""
        return {
            key: each for key, each in self.figures() if isinstance(each, Autoregressive | Regimes)
        }


def largest_remainder(total: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Split a whole number in proportion to `weights` into whole numbers (largest remainder).

    Ties go to the first. This is how a national plan is shared out over regions.
    """
    quota = total * weights / weights.sum()
    parts: NDArray[np.float64] = np.floor(quota)
    order = np.argsort(-(quota - parts), kind="stable")
    parts[order[: total - int(parts.sum())]] += 1.0
    return parts


def _walk(key: str, value: object) -> Iterator[tuple[str, Figure | Row]]:
    if isinstance(value, Figure | Row):
        yield key, value
    elif isinstance(value, Section):
        for name in type(value).model_fields:
            yield from _walk(f"{key}.{name}" if key else name, getattr(value, name))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _walk(f"{key}.{name}", item)
    elif isinstance(value, tuple):
        for index, item in enumerate(value, start=1):
            yield from _walk(f"{key}[{index}]", item)
