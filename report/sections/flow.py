"""The sections on how doctors flow, from applicant to specialist, and on filling the posts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..blocks import Paragraph, Section, Table
from ..charts.figures import figure_of
from ..charts.lines import BLUE, GREY, VERMILION, Line
from ..reading import Floats, Reading
from ..texts.calendar import when_counted
from ..texts.words import Words
from .plan import frame

_STEPS = (
    ("newcomers", "persons"), ("appointed", "persons"), ("unplaced", "persons"),
    ("waiting_time", "years"), ("lis1", "persons"), ("training", "persons"),
    ("qualified", "persons"), ("arrived", "persons"), ("exits", "persons"),
    ("specialists", "persons"), ("abroad_share", "share"),
)  # fmt: skip
_FORMS = {"persons": ",.0f", "years": ",.2f", "share": ".0%"}


def flow(reading: Reading, words: Words) -> Section:
    """Return how many doctors pass each step, the whole country, with the plan and without."""
    drawn = []
    table_rows: list[tuple[str, ...]] = []
    year = reading.study.time.window[1]
    for key, unit in _STEPS:
        values = national_flow(reading, key)
        if values is None:
            continue
        plan, none = values(0), values(reading.none)
        name, told = words(f"flow.{key}"), words(f"flow.unit_{unit}")
        chart = replace(frame(reading, words, told, window=False), form=_FORMS[unit], height=150)
        t = reading.year(year)
        said = {
            "plan": words.formed(plan[t], chart.form),
            "none": words.formed(none[t], chart.form),
        }
        message = words("flow.message", name=name, year=year, unit=told, **said)
        series = (
            Line(words("word.plan"), plan, BLUE),
            Line(words("word.none"), none, GREY, (5, 4)),
        )
        drawn.append((name, message, chart, series))
        shown = (plan[reading.year(each)] for each in reading.selected_years)
        table_rows.append((name, told, *(words.formed(x, chart.form) for x in shown)))
    header = (words("flow.step"), words("flow.unit"), *map(str, reading.selected_years))
    blocks = (
        Paragraph(words("flow.lead", when=when_counted(reading, words))),
        Table(words("flow.caption"), header, tuple(table_rows), texts=2),
        figure_of("flow", words("flow.figure"), drawn, words, size="tiny"),
    )
    return Section("flow", words("flow.title"), blocks)


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


def filling(reading: Reading, words: Words) -> Section:
    """Return whether the posts can be filled: appointments, lack of applicants, the queue."""
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
    chart = frame(reading, words, words("filling.unit"), window=False)
    places = [(words("word.country"), list(range(len(regional))))]
    places += [(row[0], [r]) for r, row in enumerate(regional)]
    drawn = []
    for name, which in places:
        series = _queue(reading, words, which)
        said = {
            "queue": words.number(series[0].values[-1]),
            "lack": words.number(series[2].values[-1]),
        }
        drawn.append((name, words("filling.message", name=name, year=last, **said), chart, series))
    blocks = (
        Paragraph(words("filling.lead")),
        Table(words("filling.caption"), (words("word.year"), *columns), rows),
        Table(
            words("filling.caption_region", year=last), (words("word.region"), *columns), regional
        ),
        figure_of("filling", drawn[0][1], drawn, words),
    )
    return Section("filling", words("filling.title"), blocks)


_POSTS = ("level", "appointed_mean", "unfilled_mean", "lacking_mean", "unplaced_mean")


def _queue(reading: Reading, words: Words, regions: list[int]) -> tuple[Line, ...]:
    """Return applicants without a post, with and without the plan, and empty posts."""
    waiting, waiting_none = (
        reading.values("unplaced_mean", plan=p)[:, regions].sum(axis=1) for p in (0, reading.none)
    )
    lacking = reading.values("lacking_mean", plan=0)[:, regions].sum(axis=1)
    return (
        Line(words("filling.queue"), waiting, BLUE),
        Line(words("filling.queue_none"), waiting_none, GREY, (5, 4)),
        Line(words("filling.lack"), lacking, VERMILION, (2, 2)),
    )
