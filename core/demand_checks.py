"""Checks of demand and of correlations: what does not fit together there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .processes import ALTERNATIVE, copula_factor

if TYPE_CHECKING:
    from .study import Study


def demand_problems(study: Study) -> Iterator[str]:
    """Yield what does not fit together in the study's demand."""
    demand = study.demand
    table = [w for w in demand.weights if w.table == demand.weight_table]
    if sum(w.weight for w in table) <= 0:
        names = sorted({w.table for w in demand.weights})
        yield (f"demand.weight_table: no weights in table '{demand.weight_table}'; tables: {names}")
    for group, need in demand.need.items():
        if sum(model.weight for model in need.models) <= 0:
            yield f"demand.need.{group}.models: no model has a weight"
    followed = [each.id for each in demand.alternatives if each.method == "activity"]
    if followed and demand.activity is None:
        yield (
            f"demand.alternatives: '{followed[0]}' follows activity, but demand.activity with the "
            "tables `use` and `population` is missing"
        )
    if demand.activity is not None:
        yield from _activity_problems(study)


def _activity_problems(study: Study) -> Iterator[str]:
    tables = study.demand.activity
    assert tables is not None
    for key, found, allowed in (
        ("use", {row.group for row in tables.use}, set(study.groups)),
        ("population", {row.region for row in tables.population}, set(study.regions)),
    ):
        for label in sorted(found - allowed):
            known = ", ".join(sorted(allowed))
            yield f"demand.activity.{key}: unknown label '{label}'; known: {known}"
    start, end = study.time.first_year - 1, study.time.last_year
    years: dict[tuple[str, str], list[int]] = {}
    for row in tables.population:
        years.setdefault((row.region, row.ages), []).append(row.year)
    for region in study.regions:
        for band in dict.fromkeys(row.ages for row in tables.use):
            known_years = years.get((region, band), [])
            if len(known_years) != len(set(known_years)):
                yield f"demand.activity.population: a year twice for '{region}', ages '{band}'"
            elif not known_years or min(known_years) > start or max(known_years) < end:
                reach = f"{min(known_years)} to {max(known_years)}" if known_years else "no row"
                yield (
                    f"demand.activity.population: region '{region}', ages '{band}': {reach}; must "
                    f"reach from {start} (the stocks' year) to {end}"
                )


def correlation_problems(study: Study) -> Iterator[str]:
    """Yield correlations of unknown or fixed figures, and those no distribution can have."""
    if not study.correlation:
        return
    known, sound = {*study.uncertain, ALTERNATIVE}, True
    pairs = [frozenset(pair.keys) for pair in study.correlation]
    for number, pair in enumerate(study.correlation, start=1):
        for key in pair.keys:
            if key not in known:
                sound = False
                why = "is not uncertain" if key in study.quantities else "is not a figure"
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
