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
    interval = f" {words('risk.lead_interval')}" if reading.searched else ""
    measured: dict[tuple[str, str], list[str]] = {}
    for n, name in enumerate(reading.names("limit")):
        said = (judged_in_words(reading.limits[n], words), risk_in_words(reading, words, n))
        measured.setdefault(said, []).append(words.name(name))
    if len(measured) == 1:
        ((judged, measure),) = measured
        lead = words("risk.lead", judged=judged, measure=measure)
        return [Paragraph(f"{lead}{interval}")]
    each = [
        Paragraph(
            words("risk.each", names=words.listed(names), judged=judged, measure=measure),
            tone="item",
        )
        for (judged, measure), names in measured.items()
    ]
    return [Paragraph(words("risk.lead_each") + interval), *each]


def _choosers(reading: Reading, words: Words) -> str:
    """Return who chose each limit, and why as the study says; limits of one reason together."""
    chosen: dict[tuple[str, str], list[str]] = {}
    for limit, name in zip(reading.limits, reading.names("limit"), strict=True):
        why = words.name(limit.assumption) if limit.assumption else limit.source
        said = (chooser_in_words(limit, words), why)
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
    alike = judged_alike(reading.limits, words)
    columns = [key for key in _COLUMNS if reading.searched or key not in _SEARCHED]
    columns = [key for key in columns if not (alike and key == "futures")]
    rows = []
    for n in range(len(reading.limits)):
        cells = _cells(reading, words, n)
        rows.append(tuple(cells[key] for key in columns))
    first = reading.national
    told = {
        "what": what_in_words(reading.limits[first], words),
        "years": years_judged(reading, first),
    }
    header = tuple(words(f"risk.column_{key}", **told) for key in columns)
    caption = words("risk.caption" if alike else "risk.caption_each", judged=as_title(alike))
    notes = ["note_interval"] * reading.searched + ["note"]
    note = " ".join(words(f"risk.{key}", **told) for key in notes)
    return Table(caption, header, tuple(rows), texts=1 if alike else 2, note=note)


def _cells(reading: Reading, words: Words, n: int) -> dict[str, str]:
    """Return the cells of a limit's row, those there are."""
    relative, chances = reading.relative(n), chances_in_words(reading, words, n)
    limit = reading.at("risk_limit", limit=n)
    none, chosen = (reading.at("risk_in_sample", plan=p, limit=n) for p in (reading.none, 0))
    told = {
        "limit_name": words.name(reading.names("limit")[n]),
        "futures": judged_in_words(reading.limits[n], words),
        "limit": words.risk(limit, relative),
        "none": words.risk(none, relative),
        "plan": words.risk(chosen, relative),
        "chance": f"{chances['chance_before']} → {chances['chance_after']}",
    }
    if not reading.searched:
        return told
    floor, ceiling = (reading.at(f"risk_{key}", limit=n) for key in ("floor", "ceiling"))
    fresh, low, high = (
        reading.at(f"risk_fresh{key}", plan=0, limit=n) for key in ("", "_low", "_high")
    )
    return told | {
        "fresh": words.risk(fresh, relative),
        "interval": words.span(low, high, relative),
        "floor": words.risk(floor, relative),
        "attained": words.percent(attained(limit, floor, ceiling), 0),
        "binding": words.yes(reading.at("risk_binding", limit=n)),
    }


_COLUMNS = (
    "limit_name", "futures", "limit", "none", "plan", "fresh", "interval", "floor", "attained",
    "chance", "binding",
)  # fmt: skip
_SEARCHED = {"fresh", "interval", "floor", "attained", "binding"}
"""Columns of a plan that was searched for."""
