"""The plan and the risks as tables in a terminal."""

from __future__ import annotations

import xarray as xr
from rich.table import Table

from .reading import Reading
from .words import Words


def plan_table(result: xr.Dataset, language: str = "en") -> Table:
    """Return new posts by year (those with any) and region with totals."""
    reading, words = Reading(result), Words(language)
    table = Table(title=words("terminal.plan"), show_footer=True)
    totals = [*reading.slots.sum(axis=0), reading.slots.sum()]
    names = [*map(words.name, reading.names("region")), words("word.total")]
    table.add_column(words("word.year"), no_wrap=True, footer=words("word.total"))
    for name, total in zip(names, totals, strict=True):
        table.add_column(name, footer=words.number(float(total)), justify="right")
    for year in reading.slot_years:
        opened = reading.slots[reading.year(year)]
        table.add_row(str(year), *(words.number(float(x)) for x in (*opened, opened.sum())))
    return table


def risk_table(result: xr.Dataset, language: str = "en") -> Table:
    """Return each limit with the risk before, after and on fresh scenarios."""
    reading, words = Reading(result), Words(language)
    table = Table(title=words("terminal.risk"))
    for key in ("limit_name", "limit", "none", "plan", "fresh", "interval", "binding"):
        words_in_it = key in {"limit_name", "binding"}
        table.add_column(
            words(f"risk.column_{key}"),
            justify="left" if words_in_it else "right",
            no_wrap=key in {"interval", "limit_name"},
            overflow="fold",
        )
    for n, name in enumerate(reading.names("limit")):
        values = [
            reading.at("risk_limit", limit=n),
            reading.at("risk_in_sample", plan=reading.none, limit=n),
            reading.at("risk_in_sample", plan=0, limit=n),
            reading.at("risk_fresh", plan=0, limit=n),
        ]
        ends = [reading.at(f"risk_fresh_{end}", plan=0, limit=n) for end in ("low", "high")]
        interval = words.span(ends[0], ends[1], reading.relative(n))
        table.add_row(
            words.name(name),
            *(words.risk(x, reading.relative(n)) for x in values),
            interval,
            words.yes(reading.at("risk_binding", limit=n)),
        )
    return table
