"""The section on risk before and after: limits, and the probability of shortage by year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..blocks import Block, Paragraph, Section, Table
from ..charts.figures import figure_of
from ..charts.lines import BLACK, BLUE, Line
from ..reading import Reading
from ..texts.risk import futures_in_words, risk_in_words
from ..texts.words import Words
from .plan import frame, places


def risk(reading: Reading, words: Words) -> Section:
    """Return the risks before and after, and the probability of shortage by year."""
    year = reading.study.time.window[1]
    chart = frame(reading, words, words("risk.probability"))
    chart = replace(chart, form=".0%", domain=(0.0, 1.0))
    drawn = []
    for prefix, where, name in places(reading, words):
        chosen, none = (
            reading.values(f"{prefix}shortage_probability", plan=p, **where)
            for p in (0, reading.none)
        )
        t = reading.year(year)
        found = {"none": words.percent(none[t], 0), "plan": words.percent(chosen[t], 0)}
        message = words("risk.message", name=name, year=year, **found)
        series = (
            Line(words("word.plan"), chosen, BLUE),
            Line(words("word.none"), none, BLACK, (5, 4)),
        )
        drawn.append((name, message, chart, series))
    blocks: tuple[Block, ...] = (
        *_lead(reading, words),
        _risk_table(reading, words),
        figure_of("risk", drawn[0][1], drawn, words),
    )
    return Section("risk", words("risk.title"), blocks)


def _lead(reading: Reading, words: Words) -> list[Paragraph]:
    """Return what limits measure: all the same, or each what it does."""
    measured: dict[str, list[str]] = {}
    for n, name in enumerate(reading.names("limit")):
        measured.setdefault(risk_in_words(reading, words, n), []).append(words.name(name))
    if len(measured) == 1:
        return [Paragraph(words("risk.lead", measure=measure)) for measure in measured]
    each = [
        Paragraph(words("risk.each", names=words.listed(names), measure=measure), tone="item")
        for measure, names in measured.items()
    ]
    return [Paragraph(words("risk.lead_each")), *each]


def attained(limit: float, floor: float, ceiling: float) -> float:
    """Return where a limit lies between the floor (0) and no new posts (1)."""
    return (limit - floor) / (ceiling - floor) if ceiling > floor else np.nan


def _risk_table(reading: Reading, words: Words) -> Table:
    rows = []
    for n, name in enumerate(reading.names("limit")):
        relative = reading.relative(n)
        limit, floor, ceiling = (
            reading.at(f"risk_{key}", limit=n) for key in ("limit", "floor", "ceiling")
        )
        none, chosen = (reading.at("risk_in_sample", plan=p, limit=n) for p in (reading.none, 0))
        fresh, low, high = (
            reading.at(f"risk_fresh{key}", plan=0, limit=n) for key in ("", "_low", "_high")
        )
        rows.append(
            (
                words.name(name),
                futures_in_words(reading.limits[n], words, short=True),
                *(words.risk(x, relative) for x in (limit, none, chosen, fresh)),
                words.span(low, high, relative),
                *(words.risk(x, relative) for x in (floor, ceiling)),
                words.percent(attained(limit, floor, ceiling), 0),
                words.yes(reading.at("risk_binding", limit=n)),
            )
        )
    header = tuple(words(f"risk.column_{key}") for key in _COLUMNS)
    return Table(words("risk.caption"), header, tuple(rows), note=words("risk.note"))


_COLUMNS = (
    "limit_name", "futures", "limit", "none", "plan", "fresh", "interval", "floor", "ceiling",
    "attained", "binding",
)  # fmt: skip
