"""The section on the way from applicant to specialist, and on filling the posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..blocks import Block, Details, Figure, Pair, Paragraph, Section, Table
from ..charts.figures import figure_of, panel_of, table_of
from ..charts.lines import BLACK, BLUE, DASHES, GREY, Line
from ..reading import Floats, Reading
from ..texts.calendar import when_counted
from ..texts.words import Words
from . import doctors
from .parts.frames import frame

_STEPS = (
    ("newcomers", "persons"), ("appointed", "persons"), ("unplaced", "persons"),
    ("waiting_time", "years"), ("lis1", "persons"), ("training", "persons"),
    ("qualified", "persons"), ("arrived", "persons"), ("exits", "persons"),
    ("specialists", "persons"), ("abroad_share", "share"),
)  # fmt: skip
SHORT = 0.005
"""Share of the posts from which on lack of applicants is one."""
_FORMS = {"persons": ",.0f", "years": ",.2f", "share": ".0%"}


def flow(reading: Reading, words: Words) -> Section:
    """Return whether posts can be filled, and how many doctors pass each step on the way."""
    pair = Pair(((_filled(reading, words),), (_steps_table(reading, words),)))
    when = when_counted(reading, words)
    blocks: list[Block] = [Paragraph(words("filling.lead"), "lede"), pair]
    blocks += doctors.doctors(reading, words) if doctors.told(reading) else ()
    series = (Paragraph(words("flow.lead", when=when)), _series(reading, words))
    blocks.append(Details(words("flow.summary"), series, printed=False))
    tables = filling(reading, words)
    blocks.append(Details(words("filling.summary"), tables, printed=False))
    return Section("flow", _title(reading, words), tuple(blocks), words("flow.title"))


def _title(reading: Reading, words: Words) -> str:
    """Return from when on posts stand empty for lack of applicants, or that they do not."""
    lacking = reading.values("lacking_mean", plan=0).sum(axis=1)
    level = reading.values("level", plan=0).sum(axis=1)
    since = reading.year(reading.study.time.first_decision)
    short = np.flatnonzero(lacking[since:] >= SHORT * level[since:])
    if not len(short):
        return words("flow.title_filled")
    year = reading.years[since + int(short[0])]
    return words(
        "flow.title_empty",
        year=year,
        last=reading.years[-1],
        posts=words.number(float(lacking[-1])),
    )


def _steps_table(reading: Reading, words: Words) -> Table:
    """Return each step with the plan in four years, the last also without new posts."""
    first, last = reading.study.time.first_decision, reading.study.time.window[1]
    years = sorted({first, reading.study.time.window[0], last})
    rows = []
    for key, unit in _STEPS:
        values = national_flow(reading, key)
        if values is None:
            continue
        plan, none = values(0), values(reading.none)
        shown = [plan[reading.year(year)] for year in years] + [none[reading.year(last)]]
        name = words("flow.with_unit", step=words(f"flow.{key}"), unit=words(f"flow.unit_{unit}"))
        name = words(f"flow.{key}") if unit == "persons" else name
        rows.append((name, *(words.formed(x, _FORMS[unit]) for x in shown)))
    header = (words("flow.step"), *map(str, years), words("flow.without", year=last))
    return Table(words("flow.caption"), header, tuple(rows))


def _series(reading: Reading, words: Words) -> Figure:
    """Return every step by year, with the plan and without new posts."""
    drawn, year = [], reading.study.time.window[1]
    for key, unit in _STEPS:
        values = national_flow(reading, key)
        if values is None:
            continue
        plan, none = values(0), values(reading.none)
        name, told = words(f"flow.{key}"), words(f"flow.unit_{unit}")
        chart = replace(frame(reading, words, told, window=False), form=_FORMS[unit], height=170)
        t = reading.year(year)
        said = {end: words.formed(x[t], chart.form) for end, x in (("plan", plan), ("none", none))}
        message = words("flow.message", name=name, year=year, unit=told, **said)
        series = (
            Line(words("word.plan"), plan, BLUE),
            Line(words("word.none"), none, GREY, DASHES),
        )
        drawn.append((name, message, chart, series))
    return figure_of("flow", words("flow.figure"), drawn, words, size="tiny")


def national_flow(reading: Reading, key: str) -> Callable[[int], Floats] | None:
    """Return a step of the flow [time] as a function of the plan, or None where it is not told."""
    if key == "abroad_share":
        name = "national_abroad_share"
        return (lambda plan: reading.values(name, plan=plan)) if reading.has(name) else None
    if key == "waiting_time":
        if not reading.has("waiting_time", "newcomers_mean"):
            return None
        return lambda plan: _mean_wait(reading, plan)
    if not reading.has(f"{key}_mean"):
        return None
    return lambda plan: reading.values(f"{key}_mean", plan=plan).sum(axis=1)


def _mean_wait(reading: Reading, plan: int) -> Floats:
    """Return the regions' waiting times weighted by new applicants, [time]."""
    new = reading.values("newcomers_mean", plan=plan)
    waited = reading.values("waiting_time", plan=plan) * new
    return np.asarray(waited.sum(axis=1) / new.sum(axis=1).clip(1e-12))


def filling(reading: Reading, words: Words) -> tuple[Table, Table]:
    """Return appointments, lack of applicants and the queue, by year and by region."""
    columns = tuple(words(f"filling.column_{name}") for name in _POSTS)
    national = {name: reading.values(name, plan=0).sum(axis=1) for name in _POSTS}
    rows = tuple(
        (str(year), *(words.number(national[name][reading.year(year)]) for name in _POSTS))
        for year in reading.selected_years
    )
    last = reading.years[-1]
    regional = tuple(
        (words.name(region), *(words.number(reading.values(n, plan=0)[-1, r]) for n in _POSTS))
        for r, region in enumerate(reading.names("region"))
    )
    caption = words("filling.caption_region", year=last)
    return (
        Table(words("filling.caption"), (words("word.year"), *columns), rows),
        Table(caption, (words("word.region"), *columns), regional),
    )


def _filled(reading: Reading, words: Words) -> Figure:
    """Return the queue with and without the plan, and posts that stand empty, in the country."""
    chart = replace(
        frame(reading, words, words("filling.unit"), window=False), zero=True, height=300
    )
    series = _queue(reading, words)
    said = words(
        "filling.message",
        name=words("word.country"),
        year=reading.years[-1],
        queue=words.number(series[0].values[-1]),
        lack=words.number(series[2].values[-1]),
    )
    grows = series[0].values[-1] > series[0].values[reading.year(reading.study.time.first_decision)]
    caption = words("filling.longer" if grows else "filling.shorter")
    panel = panel_of("", said, chart, series)
    table = table_of("", chart, series, words, reading.selected_years)
    return Figure(
        "filling", caption, (panel,), "wide", subtitle=words("filling.sub"), numbers=(table,)
    )


_POSTS = ("level", "appointed_mean", "unfilled_mean", "lacking_mean", "unplaced_mean")


def _queue(reading: Reading, words: Words) -> tuple[Line, ...]:
    """Return applicants without a post, with and without the plan, and empty posts."""
    waiting, waiting_none = (
        reading.values("unplaced_mean", plan=p).sum(axis=1) for p in (0, reading.none)
    )
    lacking = reading.values("lacking_mean", plan=0).sum(axis=1)
    return (
        Line(words("filling.queue"), waiting, BLUE),
        Line(words("filling.queue_none"), waiting_none, GREY, DASHES),
        Line(words("filling.lack"), lacking, BLACK, (1, 3)),
    )
