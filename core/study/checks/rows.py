"""Checks of the rows of a study's tables: labels nobody knows, and what is said twice.

Each problem names its row as `key.index`, so that the loader can point at file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..unchecked import UncheckedStudy

if TYPE_CHECKING:
    from ..specialists import AgedRow, AgeRow


class Table(NamedTuple):
    """A table of a study: its rows, the labels they may use, and what each row speaks of."""

    key: str
    rows: Sequence[Any]
    labels: dict[str, set[str]]  # field -> labels allowed there
    speaks_of: Callable[[Any], list[str]]


def row_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield unknown labels, each once where it first stands, and rows for the same thing."""
    for table in _tables(study):
        yield from _unknown_labels(table)
        yield from _double_rows(table)
    yield from _mixed_regions(study)
    years = study.posts.history
    for index, row in enumerate(years):
        first, decision = study.time.first_year, study.time.first_decision
        if not first <= row.year < decision:
            yield (
                f"posts.history.{index}: a row for {row.year}; history is from {first} to "
                f"{decision - 1}"
            )


def _tables(study: UncheckedStudy) -> Iterator[Table]:
    regions, groups, demand = set(study.regions), set(study.groups), study.demand
    by_region = {"region": regions}
    yield Table(
        "supervision",
        study.supervision,
        {},
        lambda row: [f"limit '{row.limit}', region '{row.region}'"],
    )
    yield Table(
        "specialists.stock",
        study.specialists.stock,
        {"group": groups, "region": regions},
        _of_stock,
    )
    yield Table("specialists.retirement", study.specialists.retirement, {"group": groups}, _of_ages)
    yield Table(
        "posts.history",
        study.posts.history,
        by_region,
        lambda row: [f"region '{row.region}', year {row.year}"],
    )
    yield Table("demand.alternatives", demand.alternatives, {}, _of_alternative)
    yield Table(
        "demand.weights",
        demand.weights,
        {"alternative": {row.id for row in demand.alternatives}},
        lambda row: [f"table '{row.table}', alternative '{row.alternative}'"],
    )
    for group, need in demand.need.items():
        yield Table(
            f"demand.need.{group}.models", need.models, {}, lambda row: [f"model '{row.id}'"]
        )
    if demand.activity is not None:
        yield Table(
            "demand.activity.use",
            demand.activity.use,
            {"group": groups},
            lambda row: [f"group '{row.group}', ages '{row.ages}'"],
        )
        yield Table(
            "demand.activity.population",
            demand.activity.population,
            by_region,
            lambda row: [f"region '{row.region}', ages '{row.ages}', year {row.year}"],
        )


def _of_alternative(row: Any) -> list[str]:
    return [f"alternative '{row.id}'"]


def _of_ages(row: AgedRow) -> list[str]:
    return [f"group '{row.group}', age {age}" for age in row.ages]


def _of_stock(row: AgeRow) -> list[str]:
    where = f", region '{row.region}'" if row.region else ""
    return [f"{each}{where}" for each in _of_ages(row)]


def _unknown_labels(table: Table) -> Iterator[str]:
    for field, allowed in table.labels.items():
        seen = set(allowed) | {None}
        for index, row in enumerate(table.rows):
            label = getattr(row, field)
            if label not in seen:
                seen.add(label)
                yield (
                    f"{table.key}.{index}: unknown label '{label}'; known: "
                    f"{', '.join(sorted(allowed))}"
                )


def _double_rows(table: Table) -> Iterator[str]:
    seen = set[str]()
    for index, row in enumerate(table.rows):
        said = table.speaks_of(row)
        again = [each for each in said if each in seen]
        if again:
            yield f"{table.key}.{index}: two rows for {again[0]}"
        seen.update(said)


def _mixed_regions(study: UncheckedStudy) -> Iterator[str]:
    """Yield the first row that spreads over all regions what other rows place in one."""
    placed = {each for row in study.specialists.stock if row.region for each in _of_ages(row)}
    for index, row in enumerate(study.specialists.stock):
        again = [] if row.region else [each for each in _of_ages(row) if each in placed]
        if again:
            yield (
                f"specialists.stock.{index}: {again[0]}: rows with and without a region; name the "
                "region in all of them or in none"
            )
            return
