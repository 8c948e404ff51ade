"""The sections on what the plan takes: cost, supervision and applicants."""

from __future__ import annotations

import numpy as np

from .bar_charts import Stack, bars, legend_of
from .blocks import Figure, Panel, Paragraph, Section, Table
from .charts import BLACK, BLUE, GREY, VERMILION, Line, lines
from .plan_sections import frame
from .reading import Reading
from .words import MISSING, Words


def cost(reading: Reading, words: Words) -> Section:
    """Return cost by year and payer, and the two ways to add it up."""
    payers = [words.name(name) for name in reading.names("payer")]
    by_payer = reading.values("cost_payer", plan=0)
    report, gross = (reading.values(f"cost_{key}", plan=0) for key in ("report", "gross"))
    years = [str(year) for year in reading.selected_years]
    rows = [
        (year, *(words.million(float(x)) for x in (*by_payer[t], gross[t], report[t])))
        for year, t in zip(years, map(reading.year, reading.selected_years), strict=True)
    ]
    sums = (*by_payer.sum(axis=0), gross.sum(), report.sum())
    rows.append((words("cost.all_years"), *(words.million(float(x)) for x in sums)))
    header = (words("word.year"), *payers, words("cost.gross"), words("cost.report"))
    price_year = reading.study.cost.price_year
    table = Table(words("cost.caption", price_year=price_year), header, tuple(rows), total=True)
    left_out = [
        words.name(row.item)
        for row in reading.study.cost.components
        if row.in_gross and not row.in_report
    ]
    stack = Stack(
        reading.years,
        payers,
        by_payer / 1e6,
        words("cost.unit"),
        words("word.year"),
        labelled=False,
    )
    line = Line(words("cost.report_short"), report / 1e6, BLACK, (5, 4))
    message = words(
        "cost.message",
        gross=words.billion(float(gross.sum())),
        report=words.billion(float(report.sum())),
        first=reading.years[0],
        last=reading.years[-1],
    )
    sentence = words(
        "cost.lead", left_out=words.listed(left_out) or MISSING, last=reading.years[-1]
    )
    panels = (Panel("", message, bars(stack, line)),)
    figure = Figure("cost", message, panels, size="wide", legend=legend_of(payers))
    return Section("cost", words("cost.title"), (Paragraph(sentence), figure, table))


def supervision(reading: Reading, words: Words) -> Section:
    """Return need against capacity, by supervision limit and region."""
    figures, rows = [], []
    capacities = list(zip(reading.ids("capacity"), reading.names("capacity"), strict=True))
    since = reading.year(reading.study.time.first_decision)
    for c, (key, capacity) in enumerate(capacities):
        unit = words.name(list(reading.study.capacity.values())[c].unit)
        chart = frame(reading, words, unit, window=False)
        panels = []
        for r, region in enumerate(reading.names("region")):
            where = {"capacity": c, "region": r}
            room = reading.values("supervision_capacity", **where)
            need, before = (
                reading.values("supervision_need", plan=p, **where) for p in (0, reading.none)
            )
            tight = since + int(np.argmin((room - need)[since:] / room[since:]))
            said = {
                "need": words.number(need[tight]),
                "room": words.number(room[tight]),
                "share": words.percent(need[tight] / room[tight], 1),
            }
            names = {"name": words.name(capacity), "region": words.name(region)}
            year = reading.years[tight]
            message = words("supervision.message", **names, year=year, unit=unit, **said)
            series = (
                Line(words("supervision.capacity"), room, VERMILION, (2, 2)),
                Line(words("word.plan"), need, BLUE),
                Line(words("word.none"), before, GREY, (5, 4)),
            )
            panels.append(Panel(names["region"], message, lines(chart, series)))
            rows.append((*names.values(), str(year), said["need"], said["room"], said["share"]))
        caption = words("supervision.figure", name=words.name(capacity), unit=unit)
        figures.append(Figure(f"supervision-{key}", caption, tuple(panels), size="tiny"))
    columns = ("limit", "region", "year", "need", "room", "share")
    header = tuple(words(f"supervision.column_{key}") for key in columns)
    table = Table(words("supervision.caption"), header, tuple(rows), texts=2)
    lead = Paragraph(words("supervision.lead"))
    return Section("supervision", words("supervision.title"), (lead, table, *figures))


def filling(reading: Reading, words: Words) -> Section:
    """Return whether the posts can be filled: appointments, lack of applicants, the queue."""
    names = ("level", "appointed_mean", "unfilled_mean", "lacking_mean",
             "unplaced_mean")  # fmt: skip
    header = (words("word.year"), *(words(f"filling.column_{name}") for name in names))
    national = {name: reading.values(name, plan=0).sum(axis=1) for name in names}
    rows = tuple(
        (str(year), *(words.number(national[name][reading.year(year)]) for name in names))
        for year in reading.selected_years
    )
    last = reading.years[-1]
    regional = tuple(
        (words.name(region), *(words.number(reading.values(n, plan=0)[-1, r]) for n in names))
        for r, region in enumerate(reading.names("region"))
    )
    chart = frame(reading, words, words("filling.unit"), window=False)
    panels = []
    queue, lack = "unplaced_mean", "lacking_mean"
    places: list[tuple[str, list[int]]] = [(words("word.country"), list(range(len(regional))))]
    places += [(row[0], [r]) for r, row in enumerate(regional)]
    for name, which in places:
        waiting, waiting_none = (
            reading.values(queue, plan=p)[:, which].sum(axis=1) for p in (0, reading.none)
        )
        lacking = reading.values(lack, plan=0)[:, which].sum(axis=1)
        said = {"queue": words.number(waiting[-1]), "lack": words.number(lacking[-1])}
        message = words("filling.message", name=name, year=last, **said)
        series = (
            Line(words("filling.queue"), waiting, BLUE),
            Line(words("filling.queue_none"), waiting_none, GREY, (5, 4)),
            Line(words("filling.lack"), lacking, VERMILION, (2, 2)),
        )
        panels.append(Panel(name, message, lines(chart, series)))
    by_region = (words("word.region"), *header[1:])
    blocks = (
        Paragraph(words("filling.lead")),
        Table(words("filling.caption"), header, rows),
        Table(words("filling.caption_region", year=last), by_region, regional),
        Figure("filling", panels[0].alternative, tuple(panels)),
    )
    return Section("filling", words("filling.title"), blocks)
