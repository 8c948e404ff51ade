"""What specialty groups lack, each by itself: no group fills the places of another."""

from __future__ import annotations

import numpy as np

from ...blocks import Block, Details, Paragraph, Table
from ...reading import Floats, Reading
from ...texts.words import MISSING, Words


def told(reading: Reading) -> bool:
    """Tell whether the result has several groups, and what each lacks."""
    return len(reading.ids("specialty")) > 1 and reading.has("national_missing_group_mean")


def groups(reading: Reading, words: Words) -> tuple[Block, ...]:
    """Return what is missing group by group, in a sentence and, folded away, by year."""
    year = reading.study.time.window[1]
    t = reading.year(year)
    names = [words.name(name) for name in reading.names("specialty")]
    apart, none = (_missing(reading, plan)[t] for plan in (0, reading.none))
    each = [
        words("groups.each", name=name, missing=words.number(count))
        for name, count in zip(names, apart.tolist(), strict=True)
    ]
    lead = words(
        "groups.lead",
        year=year,
        apart=words.number(float(apart.sum())),
        none=words.number(float(none.sum())),
        each=words.listed(each),
        pooled=words.number(_pooled(reading, 0)[t]),
    )
    by_year = (_by_year(reading, words, names),)
    return Paragraph(lead), Details(words("groups.summary"), by_year, printed=False)


def _missing(reading: Reading, plan: int) -> Floats:
    """Return who is missing in each group, [time, specialty] FTE."""
    return reading.values("national_missing_group_mean", plan=plan)


def _pooled(reading: Reading, plan: int) -> Floats:
    """Return who is missing where a surplus of one group counts against another, [time] FTE."""
    return reading.values("national_missing_mean", plan=plan)


def _national(reading: Reading, name: str, **index: int) -> Floats:
    """Return a mean by group and region as that of the country, [time, specialty]."""
    return np.asarray(reading.values(f"{name}_group_mean", **index).sum(axis=-1))


def _by_year(reading: Reading, words: Words, names: list[str]) -> Table:
    """Return demand, supply, shortage and new specialists of each group, and both ways to add."""
    demand, supply = _national(reading, "demand"), _national(reading, "supply", plan=0)
    new = _national(reading, "qualified", plan=0) + _national(reading, "arrived", plan=0)
    missing = [_missing(reading, plan) for plan in (0, reading.none)]
    pooled = [_pooled(reading, plan) for plan in (0, reading.none)]
    chance = reading.values("national_shortage_group_probability", plan=0)
    rows: list[tuple[str, ...]] = []
    for year in reading.selected_years:
        t = reading.year(year)
        for k, name in enumerate(names):
            counts = (demand[t, k], supply[t, k], *(each[t, k] for each in missing))
            cells = (*map(words.number, counts), words.percent(chance[t, k], 0))
            rows.append((name, str(year), *cells, words.number(new[t, k])))
        whole = (demand[t].sum(), supply[t].sum())
        apart, together = [each[t].sum() for each in missing], [each[t] for each in pooled]
        for key, lacking in (("apart", apart), ("pooled", together)):
            cells = tuple(map(words.number, (*whole, *lacking)))
            rows.append((words(f"groups.{key}"), str(year), *cells, MISSING, MISSING))
    header = tuple(words(f"groups.column_{key}") for key in _COLUMNS)
    return Table(words("groups.caption"), header, tuple(rows), texts=2, note=words("groups.note"))


_COLUMNS = ("group", "year", "demand", "supply", "plan", "none", "chance", "new")
