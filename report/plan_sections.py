"""The sections on the plan and what it does: plan, supply and demand, risk, comparison plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .answer import risk_in_words
from .bar_charts import Stack, bars, legend_of
from .blocks import Details, Figure, Panel, Paragraph, Section, Spec, Table
from .charts import BLACK, BLUE, VERMILION, Frame, Line, lines
from .reading import Floats, Reading
from .words import MISSING, Words


def frame(reading: Reading, words: Words, unit: str, window: bool = True) -> Frame:
    """Return the frame of a chart over all years in a unit, the risk window shaded."""
    return Frame(
        years=reading.years,
        unit=unit,
        year_title=words("word.year"),
        window=reading.study.time.window if window else None,
        window_label=words("word.window"),
    )


def plan(reading: Reading, words: Words) -> Section:
    """Return the plan by year and region, as a table and as bars."""
    regions = [words.name(name) for name in reading.names("region")]
    rows, cumulative = [], 0.0
    for year in reading.slot_years:
        opened = reading.slots[reading.year(year)]
        cumulative += float(opened.sum())
        cells = [*opened, opened.sum(), cumulative]
        rows.append((str(year), *(words.number(float(value)) for value in cells)))
    totals = [*reading.slots.sum(axis=0), reading.slots.sum()]
    rows.append((words("word.total"), *(words.number(float(x)) for x in totals), ""))
    levels = [
        f"{words.name(n)} {words.number(float(level))}"
        for n, level in zip(
            reading.names("region"), reading.values("level", plan=0)[-1], strict=True
        )
    ]
    table = Table(
        words("plan.caption"),
        (words("word.year"), *regions, words("word.total"), words("plan.cumulative")),
        tuple(rows),
        total=True,
        note=words("plan.levels", year=reading.years[-1], levels=words.listed(levels)),
    )
    message = (
        words("plan.none")
        if not reading.slot_years
        else words(
            "plan.message",
            total=words.number(float(reading.slots.sum())),
            first=reading.slot_years[0],
            last=reading.slot_years[-1],
        )
    )
    since = [reading.year(year) for year in reading.study.decision_years]
    stack = Stack(
        reading.study.decision_years,
        regions,
        reading.slots[since],
        words("plan.unit"),
        words("word.year"),
    )
    panels = (Panel("", message, bars(stack)),)
    figure = Figure("plan", message, panels, size="wide", legend=legend_of(regions))
    blocks = (Paragraph(words("plan.lead")), table, figure)
    return Section("plan", words("plan.title"), blocks)


def _places(reading: Reading, words: Words) -> list[tuple[str, dict[str, int], str]]:
    """Return the country and each region: prefix of the variables, index, name."""
    regions = enumerate(reading.names("region"))
    country: tuple[str, dict[str, int], str] = ("national_", {}, words("word.country"))
    return [country, *(("", {"region": r}, words.name(name)) for r, name in regions)]


def supply(reading: Reading, words: Words) -> Section:
    """Return supply against demand as fan charts, the country and each region."""
    year = reading.study.time.window[1]
    panels, rows = [], []
    for prefix, where, name in _places(reading, words):
        demand = reading.values(f"{prefix}demand_quantile", **where)
        plans = [
            reading.values(f"{prefix}supply_quantile", plan=p, **where) for p in (0, reading.none)
        ]
        middle = reading.median
        t = reading.year(year)
        figures = {
            "demand": demand[t, middle],
            "plan": plans[0][t, middle],
            "none": plans[1][t, middle],
        }
        said = {key: words.number(float(value)) for key, value in figures.items()}
        message = words("supply.message", name=name, year=year, **said)
        panels.append(Panel(name, message, _fan(reading, words, demand, plans)))
        for each in reading.selected_years:
            values = [x[reading.year(each), middle] for x in (demand, *plans)]
            cells = [*values, values[0] - values[1], values[0] - values[2]]
            rows.append((name, str(each), *(words.number(float(value)) for value in cells)))
    header = tuple(words(f"supply.{key}") for key in _SUPPLY_COLUMNS)
    table = Table(words("supply.caption"), header, tuple(rows), texts=2)
    return Section(
        "supply",
        words("supply.title"),
        (
            Paragraph(words("supply.lead")),
            Figure("supply", panels[0].alternative, tuple(panels)),
            Details(words("supply.numbers"), (table,)),
        ),
    )


_SUPPLY_COLUMNS = (
    "place", "year", "median_demand", "median_plan", "median_none", "gap_plan", "gap_none"
)  # fmt: skip


def _fan(reading: Reading, words: Words, demand: Floats, plans: list[Floats]) -> Spec:
    outer = [n for n in range(demand.shape[1]) if n != reading.median]
    return lines(
        frame(reading, words, words("word.fte")),
        (
            Line(words("word.demand"), demand[:, reading.median], VERMILION, (), demand[:, outer]),
            Line(words("word.plan"), plans[0][:, reading.median], BLUE, (), plans[0][:, outer]),
            Line(words("word.none"), plans[1][:, reading.median], BLACK, (5, 4)),
        ),
    )


def risk(reading: Reading, words: Words) -> Section:
    """Return the risks before and after, and the probability of shortage by year."""
    year = reading.study.time.window[1]
    panels = []
    chart = frame(reading, words, words("risk.probability"))
    chart = replace(chart, form=".0%", domain=(0.0, 1.0))
    for prefix, where, name in _places(reading, words):
        chosen, none = (
            reading.values(f"{prefix}shortage_probability", plan=p, **where)
            for p in (0, reading.none)
        )
        t = reading.year(year)
        message = words(
            "risk.message",
            name=name,
            year=year,
            none=words.percent(none[t], 0),
            plan=words.percent(chosen[t], 0),
        )
        series = (
            Line(words("word.plan"), chosen, BLUE),
            Line(words("word.none"), none, BLACK, (5, 4)),
        )
        panels.append(Panel(name, message, lines(chart, series)))
    blocks = (
        Paragraph(words("risk.lead", measure=risk_in_words(reading, words, reading.national))),
        _risk_table(reading, words),
        Figure("risk", panels[0].alternative, tuple(panels)),
    )
    return Section("risk", words("risk.title"), blocks)


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
                words.percent(1 - reading.at("risk_confidence", limit=n), 0),
                *(words.risk(x, relative) for x in (limit, none, chosen, fresh)),
                words.span(low, high, relative),
                *(words.risk(x, relative) for x in (floor, ceiling)),
                words.percent(attained(limit, floor, ceiling), 0),
                words.yes(reading.at("risk_binding", limit=n)),
            )
        )
    header = tuple(words(f"risk.column_{key}") for key in _RISK_COLUMNS)
    return Table(words("risk.caption"), header, tuple(rows), note=words("risk.note"))


_RISK_COLUMNS = (
    "limit_name", "futures", "limit", "none", "plan", "fresh", "interval", "floor", "ceiling",
    "attained", "binding",
)  # fmt: skip


def comparisons(reading: Reading, words: Words) -> Section:
    """Return the fixed plans beside the chosen one."""
    rows = []
    limit, last = reading.national, reading.years[-1]
    for p, name in enumerate(reading.names("plan")):
        regional = [
            (reading.at("risk_fresh", plan=p, limit=n), reading.names("limit")[n])
            for n in reading.regional
            if reading.relative(n)
        ]
        worst = max(regional) if regional else None
        rows.append(
            (
                words.name("The chosen plan") if p == 0 else words.name(name),
                words.number(float(reading.values("slots", plan=p).sum())),
                words.number(reading.at("plan_cost", plan=p) / 1e9, 2),
                *(
                    words.risk(reading.at(key, plan=p, limit=limit), reading.relative(limit))
                    for key in ("risk_in_sample", "risk_fresh")
                ),
                f"{words.percent(worst[0], 2)} ({words.name(worst[1])})" if worst else MISSING,
                words.yes(reading.at("plan_breaks_supervision", plan=p)),
                words.number(
                    float(reading.values("lacking_mean", plan=p)[-1].sum())
                ),
            )
        )
    header = tuple(words(f"comparison.{key}", year=last) for key in _COMPARISON_COLUMNS)
    table = Table(words("comparison.caption"), header, tuple(rows))
    lead = Paragraph(words("comparison.lead"))
    return Section("comparison", words("comparison.title"), (lead, table))


_COMPARISON_COLUMNS = (
    "plan", "slots", "cost", "national", "national_fresh", "worst", "breaks", "lack"
)  # fmt: skip
