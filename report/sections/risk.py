"""The section on unmet need: what is missing, how likely that is, and what the limits measure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..blocks import Block, Figure, Pair, Paragraph, Section, Table
from ..charts.figures import panel_of, table_of
from ..charts.lines import DASHES, Frame, Line, Markings
from ..charts.vega import BLUE, GREY
from ..reading import Floats, Reading
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
from .parts.frames import ALIKE, frame, furthest_apart, places
from .supply import by_place, medians

Curves = tuple[Floats, Floats]
CLOSED = 0.005
"""Unmet need below this share of need counts as none."""


def risk(reading: Reading, words: Words) -> Section:
    """Return unmet need and its probability by year, the limits, and supply against need."""
    pair = Pair(((_gap(reading, words),), (_probability(reading, words),)))
    blocks: tuple[Block, ...] = (
        Paragraph(_course(reading, words), "lede"),
        pair,
        *_measured(reading, words),
        _risk_table(reading, words),
        Paragraph(_choosers(reading, words), tone="note"),
        *_regions_alike(reading, words),
        medians(reading, words),
        *by_place(reading, words),
    )
    return Section("risk", _title(reading, words), blocks, words("risk.name"))


def _at_end(reading: Reading) -> tuple[float, float, float]:
    """Return median need, and unmet need with and without the plan, at the window's end, FTE."""
    t = reading.year(reading.judged_year)
    need = reading.at("national_demand_quantile", time=t, quantile=reading.median)
    return need, float(reading.missing(0)[t]), float(reading.missing(reading.none)[t])


def _title(reading: Reading, words: Words) -> str:
    """Return whether the plan closes the gap, narrows it, or does neither."""
    need, with_plan, without = _at_end(reading)
    closed = CLOSED * need
    if not reading.slots.any():
        return words("risk.title_none" if without > closed else "risk.title_no_gap")
    if with_plan <= closed < without:
        return words("risk.title_closed")
    if closed < with_plan < 0.99 * without:
        return words("risk.title_narrowed")
    return words("risk.title")


def _course(reading: Reading, words: Words) -> str:
    """Return when the plan is felt, and how unmet need goes on after the window."""
    parts = []
    if reading.felt_from is not None and reading.slot_years:
        parts.append(words("risk.felt", year=reading.felt_from))
    path, end = reading.missing(0), reading.year(reading.judged_year)
    if end + 1 < len(path):
        key = (
            "rises" if path[-1] > 1.1 * path[end] else "falls" if path[-1] < 0.9 * path[end] else ""
        )
        if key:
            parts.append(words(f"risk.{key}", year=reading.judged_year, last=reading.years[-1]))
    return " ".join(parts) or words("risk.course")


def _gap(reading: Reading, words: Words) -> Figure:
    """Return unmet need by year, the mean over scenarios, with and without the plan."""
    chart = replace(frame(reading, words, words("word.fte_title")), zero=True)
    _, with_plan, without = _at_end(reading)
    said = {
        "year": reading.judged_year,
        "fewer": words.about(without - with_plan),
        "plan": words.about(with_plan),
        "none": words.about(without),
    }
    narrowed = with_plan < 0.99 * without
    caption = words("risk.gap_fewer" if narrowed else "risk.gap", **said)
    both = (reading.missing(0), reading.missing(reading.none))
    return _drawn(reading, words, ("gap", caption, words("risk.gap_alt", **said)), chart, both)


def _probability(reading: Reading, words: Words) -> Figure:
    """Return the share of scenarios with a shortage by year, with and without the plan."""
    chart = replace(frame(reading, words, words("risk.probability")), form=".0%", domain=(0.0, 1.0))
    both = (reading.chance(0), reading.chance(reading.none))
    t = reading.year(reading.judged_year)
    said = {
        "name": words("word.country"),
        "year": reading.judged_year,
        "plan": words.percent(float(both[0][t]), 0),
        "none": words.percent(float(both[1][t]), 0),
    }
    since = both[0][reading.year(reading.study.time.first_decision) :]
    most, least = float(since.max()), float(since.min())
    key = "always" if least >= 0.5 else "never" if most < 0.5 else ""
    caption = words(f"risk.chance_{key or 'course'}", likely=words.likely(most))
    return _drawn(reading, words, ("chance", caption, words("risk.message", **said)), chart, both)


def _drawn(
    reading: Reading, words: Words, said: tuple[str, str, str], chart: Frame, both: Curves
) -> Figure:
    """Return a figure of two lines, with their values at the end of the window.

    `said` is the figure's key, its heading and the words in its stead.
    """
    key, caption, alternative = said
    chart = replace(chart, marks=Markings(points=(reading.judged_year,)), height=250)
    series = (
        Line(words("word.with_plan"), both[0], BLUE, short=words("word.plan")),
        Line(words("word.none_long"), both[1], GREY, DASHES, short=words("word.none")),
    )
    panel = panel_of("", alternative, chart, series)
    table = table_of("", chart, series, words, reading.selected_years)
    subtitle = words(f"risk.{key}_sub")
    return Figure(key, caption, (panel,), "wide", subtitle=subtitle, numbers=(table,))


def _regions_alike(reading: Reading, words: Words) -> list[Paragraph]:
    """Return that regions are not drawn one by one, where they hardly differ."""
    if len(reading.ids("region")) < 2:
        return []
    apart = regions_apart(reading, words)
    key = "risk.alike" if apart <= ALIKE else "risk.unlike"
    return [Paragraph(words(key, points=words.number(100 * apart, 1)), tone="note")]


def regions_apart(reading: Reading, words: Words) -> float:
    """Return by how much the regions' median need and supply differ, as shares of their start."""
    regions = [where for _, where, _ in places(reading, words)[1:]]
    need = [
        reading.values("demand_quantile", quantile=reading.median, **where) for where in regions
    ]
    supply = [
        reading.values("supply_quantile", plan=0, quantile=reading.median, **where)
        for where in regions
    ]
    return max(furthest_apart(need), furthest_apart(supply))


def _measured(reading: Reading, words: Words) -> list[Paragraph]:
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
            words("risk.each", names=words.listed(names), judged=judged, measure=measure), "item"
        )
        for (judged, measure), names in measured.items()
    ]
    return [Paragraph(words("risk.lead_each")), *each]


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
    """Return what each limit judges before and after, what is allowed, and whether it is kept."""
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
    header = tuple(words(f"risk.column_{key}") for key in columns)
    caption = words(
        "risk.caption" if alike else "risk.caption_each", judged=as_title(alike), **told
    )
    chances = chances_in_words(reading, words, first)
    name = words.name(reading.names("limit")[first])
    note = words("risk.note", name=name, years=told["years"], **chances)
    return Table(caption, header, tuple(rows), texts=1 if alike else 2, note=note)


def _cells(reading: Reading, words: Words, n: int) -> dict[str, str]:
    """Return the cells of a limit's row, those there are."""
    relative = reading.relative(n)
    limit = reading.at("risk_limit", limit=n)
    none, chosen = (reading.at("risk_in_sample", plan=p, limit=n) for p in (reading.none, 0))
    told = {
        "limit_name": words.name(reading.names("limit")[n]),
        "futures": judged_in_words(reading.limits[n], words),
        "limit": words.risk(limit, relative),
        "none": words.risk(none, relative),
        "plan": words.risk(chosen, relative),
        "kept": words.yes(n not in reading.exceeded(0)) if np.isfinite(limit) else "–",
    }
    if not reading.searched:
        return told
    low, high = (reading.at(f"risk_fresh_{end}", plan=0, limit=n) for end in ("low", "high"))
    return told | {
        "interval": words.span(low, high, relative),
        "floor": words.risk(reading.at("risk_floor", limit=n), relative),
    }


_COLUMNS = ("limit_name", "futures", "none", "plan", "limit", "floor", "interval", "kept")
_SEARCHED = {"interval", "floor"}
"""Columns of a plan that was searched for."""
