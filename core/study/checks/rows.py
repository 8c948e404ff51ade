"""Checks of the rows of a study's tables: labels nobody knows, and what is said twice.

Each problem names its row as `key.index`, so that the loader can point at file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..demand import Activity, Demand, PathRow
from ..specialist_posts import NewSpecialistPosts
from ..specialists import AgedRow, AgeRow, Specialists
from ..tracks import NewTrackPosts
from ..unchecked import UncheckedStudy
from ..world import Row


class Table(NamedTuple):
    """A table of a study: its rows, the labels they may use, and what each row speaks of."""

    key: str
    rows: Sequence[Row]
    labels: dict[str, set[str]]  # field -> labels allowed there
    said: list[list[str]]  # by row: what it speaks of


def row_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield unknown labels, each once where it first stands, and rows for the same thing."""
    for table in _tables(study):
        yield from _unknown_labels(table)
        yield from _double_rows(table)
    yield from _mixed_regions(study)
    for index, exits in enumerate(study.specialists.exits_by_year):
        if exits.year not in study.years:
            yield (
                f"specialists.exits_by_year.{index}: a row for {exits.year}; the projection is "
                f"from {study.time.first_year} to {study.time.last_year}"
            )
    years = study.posts.history
    for index, row in enumerate(years):
        first, decision = study.time.first_year, study.time.first_decision
        if not first <= row.year < decision:
            yield (
                f"posts.history.{index}: a row for {row.year}; history is from {first} to "
                f"{decision - 1}"
            )


def _tables(study: UncheckedStudy) -> Iterator[Table]:
    regions, groups = set(study.regions), set(study.groups)
    yield Table(
        "supervision",
        study.supervision,
        {},
        [[f"limit '{row.limit}', region '{row.region}'"] for row in study.supervision],
    )
    yield from _tables_of_specialists(study.specialists, regions, groups)
    if study.without_speciality is not None:
        rows = study.without_speciality.stock
        yield Table(
            "without_speciality.stock",
            rows,
            {"region": regions},
            [[f"age {age}{_in(row.region)}" for age in row.ages] for row in rows],
        )
    yield from _tables_of_posts(study, regions, groups)
    yield from _tables_of_cost_and_limits(study)
    yield from _tables_of_demand(study.demand, regions, groups)


def _tables_of_posts(study: UncheckedStudy, regions: set[str], groups: set[str]) -> Iterator[Table]:
    if study.specialist_posts is not None:
        posts = study.specialist_posts.posts
        yield Table(
            "specialist_posts.posts",
            posts,
            {"group": groups, "region": regions},
            [[f"group '{row.group}'{_in(row.region)}, year {row.year}"] for row in posts],
        )
        if study.specialist_posts.new is not None:
            yield from _tables_of_new_posts(study.specialist_posts.new, study)
    for name, track in study.track.items():
        yield Table(
            f"track.{name}.posts",
            track.posts,
            {"region": regions},
            [[f"region '{row.region}', year {row.year}"] for row in track.posts],
        )
        if track.new is not None:
            yield from _tables_of_new_tracks(f"track.{name}.new", track.new, study)
    yield Table(
        "posts.history",
        study.posts.history,
        {"region": regions},
        [[f"region '{row.region}', year {row.year}"] for row in study.posts.history],
    )


def _tables_of_specialists(
    people: Specialists, regions: set[str], groups: set[str]
) -> Iterator[Table]:
    yield Table(
        "specialists.stock",
        people.stock,
        {"group": groups, "region": regions},
        [_of_stock(row) for row in people.stock],
    )
    yield Table(
        "specialists.retirement",
        people.retirement,
        {"group": groups},
        [_of_ages(row) for row in people.retirement],
    )
    yield Table(
        "specialists.exits_by_year",
        people.exits_by_year,
        {"group": groups},
        [[f"group '{row.group}', year {row.year}"] for row in people.exits_by_year],
    )
    yield Table(
        "specialists.fte_by_age",
        people.fte_by_age,
        {"group": groups},
        [_of_ages(row) for row in people.fte_by_age],
    )


def _tables_of_cost_and_limits(study: UncheckedStudy) -> Iterator[Table]:
    yield Table(
        "cost.components",
        study.cost.components,
        {},
        [
            [f"item '{row.item}', payer '{row.payer}', timing '{row.timing}'"]
            for row in study.cost.components
        ],
    )
    yield Table(
        "limits.capacity",
        study.limits.capacity,
        {},
        [
            [f"limit '{row.limit}', region '{row.region}', year {row.year}"]
            for row in study.limits.capacity
        ],
    )
    yield Table(
        "limits.budget",
        study.limits.budget,
        {},
        [[f"payer '{row.payer}', year {row.year}"] for row in study.limits.budget],
    )


def _tables_of_new_posts(new: NewSpecialistPosts, study: UncheckedStudy) -> Iterator[Table]:
    regions, groups = set(study.regions), set(study.groups)
    yield Table(
        "specialist_posts.new.most",
        new.most,
        {"group": groups, "region": regions},
        [[f"group '{row.group}'{_in(row.region)}"] for row in new.most],
    )
    yield Table(
        "specialist_posts.new.prices",
        new.prices,
        {"group": groups, "payer": {row.payer for row in study.cost.components}},
        [[f"item '{row.item}', payer '{row.payer}'{_of(row.group)}"] for row in new.prices],
    )


def _tables_of_new_tracks(key: str, new: NewTrackPosts, study: UncheckedStudy) -> Iterator[Table]:
    yield Table(
        f"{key}.most",
        new.most,
        {"region": set(study.regions)},
        [[f"region '{row.region}'" if row.region else "each region"] for row in new.most],
    )
    yield Table(
        f"{key}.prices",
        new.prices,
        {"payer": {row.payer for row in study.cost.components}},
        [[f"item '{row.item}', payer '{row.payer}'"] for row in new.prices],
    )


def _of(group: str | None) -> str:
    return f", group '{group}'" if group else ""


def _tables_of_demand(demand: Demand, regions: set[str], groups: set[str]) -> Iterator[Table]:
    named = [row.id for row in demand.alternatives]
    yield Table(
        "demand.alternatives", demand.alternatives, {}, [[f"alternative '{id_}'"] for id_ in named]
    )
    yield Table(
        "demand.weights",
        demand.weights,
        {"alternative": set(named)},
        [[f"table '{row.table}', alternative '{row.alternative}'"] for row in demand.weights],
    )
    if demand.by_group is not None:
        rows = demand.by_group.growth
        yield Table(
            "demand.by_group.growth",
            rows,
            {"alternative": set(named), "group": groups},
            [[f"alternative '{row.alternative}', group '{row.group}'"] for row in rows],
        )
    for group, need in demand.need.items():
        said = [[f"model '{row.id}'"] for row in need.models]
        yield Table(f"demand.need.{group}.models", need.models, {}, said)
    yield Table(
        "demand.path",
        demand.path,
        {"alternative": set(named), "region": regions, "group": groups},
        [[_of_path(row)] for row in demand.path],
    )
    if demand.activity is None:
        return
    yield from _tables_of_activity(demand.activity, regions, groups)


def _tables_of_activity(tables: Activity, regions: set[str], groups: set[str]) -> Iterator[Table]:
    use, population = tables.use, tables.population
    yield Table(
        "demand.activity.use",
        use,
        {"group": groups},
        [[f"group '{row.group}', ages '{row.ages}'"] for row in use],
    )
    yield Table(
        "demand.activity.population",
        population,
        {"region": regions},
        [[f"region '{row.region}', ages '{row.ages}', year {row.year}"] for row in population],
    )


def _of_path(row: PathRow) -> str:
    place = f"region '{row.region}', group '{row.group}'"
    return f"alternative '{row.alternative}', year {row.year}, {place}"


def _of_ages(row: AgedRow) -> list[str]:
    return [f"group '{row.group}', age {age}" for age in row.ages]


def _of_stock(row: AgeRow) -> list[str]:
    return [f"{each}{_in(row.region)}" for each in _of_ages(row)]


def _in(region: str | None) -> str:
    return f", region '{region}'" if region else ""


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
    """Yield rows for what an earlier one speaks of, which is named as `key.index`, too."""
    first: dict[str, int] = {}
    for index, said in enumerate(table.said):
        again = [each for each in said if each in first]
        if again:
            earlier = f"{table.key}.{first[again[0]]}"
            yield f"{table.key}.{index}: two rows for {again[0]}: this one and {earlier}"
        first = dict.fromkeys(said, index) | first


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
