"""The study: everything a run is asked, as one frozen value, and the few figures that follow from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from .distributions import Figure, Fixed, Quantity
from .sections import (
    Capacity,
    Comparison,
    Cost,
    Demand,
    DirectEntry,
    Group,
    Identifier,
    Lis1,
    Origin,
    Posts,
    Queue,
    Ramp,
    Region,
    RiskLimit,
    Row,
    Sampling,
    Section,
    Solve,
    Specialists,
    SupervisionRow,
    Time,
    Training,
)


class Study(Section):
    """A complete question. Equal studies give equal answers, bit for bit."""

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
    demand: Demand
    capacity: dict[Identifier, Capacity]
    supervision: tuple[SupervisionRow, ...] = Field(strict=False)
    ramp: Ramp
    cost: Cost
    risk: dict[Identifier, RiskLimit] = Field(min_length=1)
    comparison: dict[Identifier, Comparison]
    sampling: Sampling
    solve: Solve

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Projected calendar years."""
        return tuple(range(self.time.first_year, self.time.last_year + 1))

    @cached_property
    def decision_years(self) -> tuple[int, ...]:
        """Calendar years in which slots may be opened."""
        return tuple(range(self.time.first_decision, self.time.last_decision + 1))

    @cached_property
    def window_years(self) -> tuple[int, ...]:
        """Calendar years in which shortage is judged."""
        return tuple(range(self.time.window[0], self.time.window[1] + 1))

    @cached_property
    def level0(self) -> NDArray[np.float64]:
        """Slots on offer before any decision, [region], starts a year."""
        in_use = np.array([r.posts_in_use.value for r in self.regions.values()])
        unused = int(self.posts.unused.value) if self.posts.unused_treatment == "offered" else 0
        return in_use + largest_remainder(unused, in_use)

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical text of the study."""
        return hashlib.sha256(self.canonical_text.encode()).hexdigest()

    @cached_property
    def canonical_text(self) -> str:
        """The whole study, tables included, as JSON from which it can be loaded again."""
        return self.model_dump_json()

    def figures(self) -> Iterator[tuple[str, Figure | Row]]:
        """Yield every figure and table row with its dotted key, in the order of the study."""
        yield from _walk("", self)

    def uncertain(self) -> dict[str, Quantity]:
        """Return the figures that have a distribution, by dotted key."""
        return {
            key: figure  # type: ignore[misc]  # Quantity is the union of Figure's kinds
            for key, figure in self.figures()
            if hasattr(figure, "quantile") and not isinstance(figure, Fixed)
        }


def largest_remainder(total: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Split a whole number in proportion to `weights` into whole numbers (largest remainder).

    Ties go to the first. This is how a national plan is shared out over regions.
    """
    quota = total * weights / weights.sum()
    parts = np.floor(quota)
    order = np.argsort(-(quota - parts), kind="stable")
    parts[order[: total - int(parts.sum())]] += 1.0
    return parts


def _walk(key: str, value: Any) -> Iterator[tuple[str, Figure | Row]]:
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


def _problems(study: Study) -> Iterator[str]:
    """Yield what does not fit together, each as `key: found; what is allowed`."""
    yield from _label_problems(study)
    yield from _range_problems(study)
    rest = [name for name, group in study.groups.items() if group.choice is None]
    if len(rest) != 1:
        yield f"groups: exactly one group must leave out `choice` and take the rest, found {rest or 'none'}"
    if len(study.lis1.appointed_before_start) != len(study.posts.stages):
        yield (
            f"lis1.appointed_before_start: {len(study.lis1.appointed_before_start)} values for "
            f"{len(study.posts.stages)} stages of posts.stages; give one per stage"
        )
    if 2 * (study.training.historic_until - study.time.first_year) > len(study.posts.stages):
        yield (
            f"training.historic_until: {study.training.historic_until} is so late that doctors appointed in "
            f"the projection would follow the historic share; at most "
            f"{study.time.first_year + len(study.posts.stages) // 2}"
        )
    if study.training.mean_years.bounds[0] <= study.training.shortest_years.value:
        yield (
            f"training.mean_years: can be as low as {study.training.mean_years.bounds[0]:g}; must stay "
            f"above shortest_years = {study.training.shortest_years.value:g}"
        )
    for attribute in ("foreign_share", "direct_share"):
        total = sum(getattr(group, attribute).value for group in study.groups.values())
        if abs(total - 1.0) > 1e-9:
            yield f"groups.*.{attribute}: shares add up to {total:g}, must be 1"
    table = [w for w in study.demand.weights if w.table == study.demand.weight_table]
    if sum(w.weight for w in table) <= 0:
        names = sorted({w.table for w in study.demand.weights})
        yield f"demand.weight_table: no weights in table '{study.demand.weight_table}'; tables: {names}"


def _label_problems(study: Study) -> Iterator[str]:
    regions, groups = set(study.regions), set(study.groups)
    alternatives = {a.id for a in study.demand.alternatives}
    for key, found, allowed in [
        *((f"risk.{n}.regions", set(limit.regions), regions) for n, limit in study.risk.items()),
        ("specialists.stock", {row.group for row in study.specialists.stock}, groups),
        ("specialists.retirement", {row.group for row in study.specialists.retirement}, groups),
        ("demand.weights", {w.alternative for w in study.demand.weights}, alternatives),
        ("demand.unmet", set(study.demand.unmet), groups),
        ("ramp.regional", set(study.ramp.regional), regions),
        ("capacity.*.arena", {c.arena for c in study.capacity.values()}, set(study.posts.stages)),
    ]:
        for label in sorted(found - allowed):
            yield f"{key}: unknown label '{label}'; known: {', '.join(sorted(allowed))}"
    for region in sorted(regions - set(study.ramp.regional)):
        yield f"ramp.regional: region '{region}' is missing"
    for group in sorted(groups - {row.group for row in study.specialists.stock}):
        yield f"specialists.stock: group '{group}' is missing"
    wanted = {(limit, region) for limit in study.capacity for region in regions}
    found_pairs = [(row.limit, row.region) for row in study.supervision]
    for limit, region in sorted(wanted - set(found_pairs)):
        yield f"supervision: no row for limit '{limit}', region '{region}'"
    for limit, region in sorted(set(found_pairs) - wanted):
        yield f"supervision: row for limit '{limit}', region '{region}', which the study does not have"
    cells = [(row.group, row.age) for row in study.specialists.stock]
    for group, age in sorted({cell for cell in cells if cells.count(cell) > 1}):
        yield f"specialists.stock: two rows for group '{group}', age {age}"
    for limit, region in sorted({p for p in found_pairs if found_pairs.count(p) > 1}):
        yield f"supervision: two rows for limit '{limit}', region '{region}'"


_SHARES = (
    "posts.spring_share",
    "queue.leakage",
    "queue.fill_rate",
    "lis1.leave",
    "lis1.drop_out",
    "training.completion_share",
    "training.completion_share_historic",
    "specialists.mobility_per_year",
    "demand.specialist_share",
    "demand.normalisation_probability",
    "retention",
    "spring_share",
    "choice",
    "foreign_share",
    "direct_share",
    "cost.discount_rate",
)
_ANY_SIGN = (
    "retirement_shift_years",
    "growth_error",
    "real_growth",
    "normalisation_per_year",
    "noise_correlation",
    "risk.",
    "comparison.",
)


def _range_problems(study: Study) -> Iterator[str]:
    """Yield figures outside their natural range: shares in [0, 1], other figures not negative."""
    for key, figure in study.figures():
        if isinstance(figure, Row) or not hasattr(figure, "bounds"):
            continue
        low, high = figure.bounds
        if any(key == share or key.endswith(f".{share}") for share in _SHARES):
            if low < 0 or high > 1:
                yield f"{key}: ranges from {low:g} to {high:g}; must lie within 0 to 1"
        elif low < 0 and not any(name in key for name in _ANY_SIGN):
            yield f"{key}: can be negative (lowest {low:g}); must be 0 or more (cut a normal with `low`)"
    if abs(study.demand.noise_correlation.value) >= 1:
        yield f"demand.noise_correlation: {study.demand.noise_correlation.value:g}; must lie between -1 and 1"
