"""Checks of demand and of correlations: what does not fit together there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np

from ..processes import ALTERNATIVE, copula_factor
from ..unchecked import UncheckedStudy


def demand_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield what does not fit together in the study's demand."""
    demand = study.demand
    table = [w for w in demand.weights if w.table == demand.weight_table]
    if sum(w.weight for w in table) <= 0:
        names = sorted({w.table for w in demand.weights})
        yield (f"demand.weight_table: no weights in table '{demand.weight_table}'; tables: {names}")
    yield from _weight_problems(study)
    yield from _proposal_problems(study)
    for group, need in demand.need.items():
        if sum(model.weight for model in need.models) <= 0:
            yield f"demand.need.{group}.models: no model has a weight"
    yield from _by_group_problems(study)
    followed = [each.id for each in demand.alternatives if each.method == "activity"]
    if followed and demand.activity is None:
        yield (
            f"demand.alternatives: '{followed[0]}' follows activity, but demand.activity with the "
            "tables `use` and `population` is missing"
        )
    if demand.activity is not None:
        yield from _activity_problems(study)
    yield from _path_problems(study)
    yield from _factor_problems(study)


def _factor_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield factors of groups nobody knows, named twice, or that end before they begin."""
    first, named = study.time.first_year, dict[str, str]()
    for key, factor in study.demand.factor.items():
        for group in factor.groups:
            if group not in study.groups:
                known = ", ".join(sorted(study.groups))
                yield f"demand.factor.{key}.groups: unknown label '{group}'; known: {known}"
        for group in sorted({each for each in factor.groups if factor.groups.count(each) > 1}):
            yield f"demand.factor.{key}.groups: '{group}' stands there twice; name it once"
        if factor.name in named:
            other = named[factor.name]
            yield (
                f"demand.factor.{key}.name: '{factor.name}' is the name of demand.factor.{other}, "
                "too; give another"
            )
        named[factor.name] = key
        until, place = factor.grows_until, f"demand.factor.{key}.grows_until"
        if until is not None and factor.growth_per_year is None:
            yield f"{place}: {until}; it has no growth_per_year"
        elif until is not None and until < first:
            yield f"{place}: {until}; must be {first}, the first projected year, or later"


def _weight_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield alternatives that a table gives no weight: one left out is never a weight of zero."""
    known = dict.fromkeys(row.id for row in study.demand.alternatives)
    for table in dict.fromkeys(row.table for row in study.demand.weights):
        told = {row.alternative for row in study.demand.weights if row.table == table}
        lacking = [each for each in known if each not in told]
        if lacking and told <= set(known):
            yield (
                f"demand.weights: table '{table}': no row for {', '.join(lacking)}; give one for "
                "every alternative (0 where it has no weight)"
            )


def _proposal_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield alternatives that a table gives weight and the proposal would never draw."""
    name, weights = study.sampling.proposal_table, study.demand.weights
    if name is None:
        return
    tables = sorted({row.table for row in weights})
    drawn = {row.alternative for row in weights if row.table == name and row.weight > 0}
    if not drawn:
        yield f"sampling.proposal_table: no weights in table '{name}'; tables: {tables}"
        return
    for row in weights:
        if row.weight > 0 and row.alternative not in drawn:
            yield (
                f"sampling.proposal_table: table '{name}' never draws '{row.alternative}', which "
                f"table '{row.table}' gives weight"
            )


def _by_group_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield alternatives whose growth by group lacks a group, or does not add up to their own."""
    table = study.demand.by_group
    if table is None:
        return
    for each in study.demand.alternatives:
        told = {
            row.group: row.doctors_per_year for row in table.growth if row.alternative == each.id
        }
        lacking = [group for group in study.groups if group not in told]
        if each.method != "growth":
            if told:
                what = "activity" if each.method == "activity" else "demand.path"
                yield (
                    f"demand.by_group.growth: '{each.id}' follows {what}, which tells groups "
                    "apart itself; leave its rows out"
                )
        elif lacking:
            yield (
                f"demand.by_group.growth: '{each.id}': no row for {', '.join(lacking)}; give one "
                "for every group (0 where it does not grow)"
            )
        elif not math.isclose(
            sum(told.values()), each.doctors_per_year, rel_tol=1e-9, abs_tol=1e-9
        ):
            yield (
                f"demand.by_group.growth: '{each.id}': groups add up to {sum(told.values()):g} "
                f"doctors a year; must be the alternative's {each.doctors_per_year:g}"
            )


def _activity_problems(study: UncheckedStudy) -> Iterator[str]:
    tables = study.demand.activity
    assert tables is not None
    start, end = study.time.first_year - 1, study.time.last_year
    years: dict[tuple[str, str], list[int]] = {}
    for row in tables.population:
        years.setdefault((row.region, row.ages), []).append(row.year)
    for region in study.regions:
        for band in dict.fromkeys(row.ages for row in tables.use):
            known_years = years.get((region, band), [])
            if not known_years or min(known_years) > start or max(known_years) < end:
                reach = f"{min(known_years)} to {max(known_years)}" if known_years else "no row"
                yield (
                    f"demand.activity.population: region '{region}', ages '{band}': {reach}; must "
                    f"reach from {start} (the stocks' year) to {end}"
                )


def _path_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield paths that do not reach over all years, or from which no growth follows."""
    demand, start, end = study.demand, study.time.first_year - 1, study.time.last_year
    paths = [each.id for each in demand.alternatives if each.method == "path"]
    told: dict[tuple[str, str, str], dict[int, float]] = {}
    for row in demand.path:
        told.setdefault((row.alternative, row.region, row.group), {})[row.year] = row.fte
    idle = dict.fromkeys(row.alternative for row in demand.path if row.alternative not in paths)
    for name in idle:
        if name in {each.id for each in demand.alternatives}:
            said = f"'{name}' follows another method of demand.alternatives"
            yield f'demand.path: {said}; give method = "path" there, or leave its rows out'
    for name, region, group in product(paths, study.regions, study.groups):
        rows, place = told.get((name, region, group), {}), f"'{name}', '{region}', '{group}'"
        if not rows or min(rows) > start or max(rows) < end:
            reach = f"{min(rows)} to {max(rows)}" if rows else "no row"
            asked = f"must reach from {start} (the stocks' year) to {end}"
            yield f"demand.path: {place}: {reach}; {asked}"
            continue
        years = sorted(rows)
        base = np.interp(start, years, [rows[year] for year in years])
        if base <= 0.0 < max(rows.values()):
            yield f"demand.path: {place}: 0 in {start}, from which nothing can grow; give more"


def correlation_problems(study: UncheckedStudy) -> Iterator[str]:
    """Yield correlations of what is never drawn, and those no distribution can have.

    One with a fixed figure does nothing, so that a figure can be fixed without another change.
    """
    if not study.correlation:
        return
    known, sound = {*study.drawable, ALTERNATIVE}, True
    pairs = [frozenset(pair.keys) for pair in study.correlation]
    for number, pair in enumerate(study.correlation, start=1):
        for key in pair.keys:
            if key not in known:
                sound = False
                why = "is not drawn" if key in study.quantities else "is not a figure"
                yield f"correlation: pair {number}: '{key}' {why}; name figures drawn per scenario"
        if len(set(pair.keys)) == 1 or pairs.count(frozenset(pair.keys)) > 1:
            sound = False
            yield f"correlation: pair {number}: {' and '.join(pair.keys)}: twice the same"
    if sound:
        keys = list(dict.fromkeys(key for pair in study.correlation for key in pair.keys))
        try:
            copula_factor(keys, study.correlation)
        except ValueError as error:
            yield str(error)
