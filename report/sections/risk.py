"""The section on risk before and after: limits, and the probability of shortage by year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..blocks import Block, Paragraph, Section, Table
from ..charts.figures import figure_of
from ..charts.lines import BLACK, BLUE, Line
from ..reading import Reading
from ..texts.risk import (
    as_title,
    chances_in_words,
    chooser_in_words,
    judged_alike,
    judged_in_words,
    risk_in_words,
    what_in_words,
    years_judged,
)
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
        Paragraph(_choosers(reading, words), tone="note"),
        figure_of("risk", drawn[0][1], drawn, words),
    )
    return Section("risk", words("risk.title"), blocks)


def _lead(reading: Reading, words: Words) -> list[Paragraph]:
    """Return what limits measure: all the same, or each what it does."""
    measured: dict[tuple[str, str], list[str]] = {}
    for n, name in enumerate(reading.names("limit")):
        said = (judged_in_words(reading.limits[n], words), risk_in_words(reading, words, n))
        measured.setdefault(said, []).append(words.name(name))
    if len(measured) == 1:
        ((judged, measure),) = measured
        return [Paragraph(words("risk.lead", judged=judged, measure=measure))]
    each = [
        Paragraph(
            words("risk.each", names=words.listed(names), judged=judged, measure=measure),
            tone="item",
        )
        for (judged, measure), names in measured.items()
    ]
    return [Paragraph(words("risk.lead_each")), *each]


def _choosers(reading: Reading, words: Words) -> str:
    """Return who chose each limit, and why as the study says; limits of one reason together."""
    chosen: dict[tuple[str, str], list[str]] = {}
    for limit, name in zip(reading.limits, reading.names("limit"), strict=True):
        said = (chooser_in_words(limit, words), limit.assumption or limit.source)
        chosen.setdefault(said, []).append(words.name(name))
    each = (
        words("risk.note_one", names=words.listed(names), chosen=chooser, why=why)
        for (chooser, why), names in chosen.items()
    )
    return words("risk.note_chosen", said="; ".join(each))


def attained(limit: float, floor: float, ceiling: float) -> float:
    """Return where a limit lies between the floor (0) and no new posts (1)."""
    return (limit - floor) / (ceiling - floor) if ceiling > floor else np.nan


def _risk_table(reading: Reading, words: Words) -> Table:
    """Return what each limit judges before and after, and the probability of any shortage."""
    alike, rows = judged_alike(reading.limits, words), []
    for n, name in enumerate(reading.names("limit")):
        relative = reading.relative(n)
        limit, floor, ceiling = (
            reading.at(f"risk_{key}", limit=n) for key in ("limit", "floor", "ceiling")
        )
        none, chosen = (reading.at("risk_in_sample", plan=p, limit=n) for p in (reading.none, 0))
        fresh, low, high = (
            reading.at(f"risk_fresh{key}", plan=0, limit=n) for key in ("", "_low", "_high")
        )
        chances = chances_in_words(reading, words, n)
        rows.append(
            (
                words.name(name),
                *([] if alike else [judged_in_words(reading.limits[n], words)]),
                *(words.risk(x, relative) for x in (limit, none, chosen, fresh)),
                words.span(low, high, relative),
                words.risk(floor, relative),
                words.percent(attained(limit, floor, ceiling), 0),
                f"{chances['chance_before']} → {chances['chance_after']}",
                words.yes(reading.at("risk_binding", limit=n)),
            )
        )
    first = reading.national
    told = {
        "what": what_in_words(reading.limits[first], words),
        "years": years_judged(reading, first),
    }
    columns = [key for key in _COLUMNS if not (alike and key == "futures")]
    header = tuple(words(f"risk.column_{key}", **told) for key in columns)
    caption = words("risk.caption" if alike else "risk.caption_each", judged=as_title(alike))
    texts = 1 if alike else 2
    return Table(caption, header, tuple(rows), texts=texts, note=words("risk.note", **told))


_COLUMNS = (
    "limit_name", "futures", "limit", "none", "plan", "fresh", "interval", "floor", "attained",
    "chance", "binding",
)  # fmt: skip
