"""The sections on how the answer changes with the question: the frontier and other weights."""

from __future__ import annotations

import numpy as np

from .bar_charts import Curve, Stack, bars, legend_of
from .bar_charts import frontier as frontier_chart
from .blocks import Block, Details, Figure, Panel, Paragraph, Section, Table
from .charts import VERMILION
from .plan_sections import attained
from .reading import Reading
from .words import MISSING, Words


def frontier(reading: Reading, words: Words) -> Section:
    """Return cost against the national limit, with a slider over the plans."""
    blocks: list[Block] = [Paragraph(words("frontier.lead")), *_frontier_figure(reading, words)]
    return Section("frontier", words("frontier.title"), (*blocks, _frontier_table(reading, words)))


def _frontier_figure(reading: Reading, words: Words) -> list[Figure]:
    solved = np.flatnonzero(np.isfinite(reading.values("frontier_cost")))
    if not len(solved):
        return []
    relative = reading.relative(reading.national)
    limits, cost, totals, risk, risk_90 = (
        reading.values(f"frontier_{key}")[solved]
        for key in ("limit", "cost", "total", "risk", "risk_90")
    )
    stops = tuple(
        words(
            "frontier.stop",
            limit=words.risk(limit, relative),
            slots=words.number(slots),
            cost=words.billion(price),
        )
        for limit, slots, price in zip(limits, totals, cost, strict=True)
    )
    start = int(np.argmin(np.abs(limits - reading.at("risk_limit", limit=reading.national))))
    confidence = reading.at("risk_confidence", limit=reading.national)
    share = words.percent(1 - confidence, 0)
    curves = [
        Curve(words("frontier.worst", share=share), risk, cost),
        Curve(
            words("frontier.worst", share=words.percent(0.1, 0)), risk_90, cost, VERMILION, (5, 4)
        ),
    ]
    titles = (words("frontier.axis_risk"), words("frontier.axis_cost"))
    form = ".1%" if relative else ",.0f"
    regions = [words.name(name) for name in reading.names("region")]
    since = [reading.year(year) for year in reading.study.decision_years]
    slots = np.moveaxis(reading.values("frontier_slots")[since][:, solved], 0, 1)
    stack = Stack(
        reading.study.decision_years, regions, slots, words("plan.unit"), words("word.year")
    )
    message = words("frontier.message", first=stops[0], last=stops[-1])
    panels = (
        Panel(words("frontier.curve"), message, frontier_chart(curves, titles, form, start)),
        Panel(words("frontier.slots"), words("frontier.slots_alt"), bars(stack, stop=start)),
    )
    slider = words("frontier.slider")
    colours = legend_of(regions)
    return [Figure("frontier", message, panels, "half", colours, slider, stops, start)]


def _frontier_table(reading: Reading, words: Words) -> Table:
    relative = reading.relative(reading.national)
    columns = ("limit", "total", "cost", "lower_bound", "risk", "risk_90")
    values = {key: reading.values(f"frontier_{key}") for key in columns}
    rows = []
    for n, status in enumerate(reading.values("frontier_status")):
        limit = words.risk(values["limit"][n], relative)
        if np.isfinite(values["cost"][n]):
            cells = (
                words.number(values["total"][n]),
                *(words.number(values[key][n] / 1e9, 2) for key in ("cost", "lower_bound")),
                *(words.risk(values[key][n], relative) for key in ("risk", "risk_90")),
            )
            rows.append((limit, _outcome(status, words), *cells))
        else:
            rows.append((limit, _outcome(status, words), *(MISSING,) * 5))
    header = ("limit", "status", "total", "cost", "lower_bound", "risk", "risk_90")
    share = words.percent(1 - reading.at("risk_confidence", limit=reading.national), 0)
    named = tuple(words(f"frontier.column_{key}", share=share) for key in header)
    return Table(words("frontier.caption"), named, tuple(rows), texts=2)


def _outcome(status: float, words: Words) -> str:
    """Return how a solve ended in words: infeasible, solved to the gap, or stopped by the clock."""
    return words(("word.infeasible", "word.solved", "word.stopped")[int(status)])


def weights(reading: Reading, words: Words) -> Section:
    """Return the answer under other weights of the demand alternatives, and the weights."""
    limit = reading.national
    relative = reading.relative(limit)
    rows = []
    for n, name in enumerate(reading.names("weight_table")):
        floor, ceiling, bound = (
            reading.at(f"table_{key}", weight_table=n, limit=limit)
            for key in ("floor", "ceiling", "limit")
        )
        status = reading.at("table_status", weight_table=n)
        slots, price = (reading.at(f"table_{key}", weight_table=n) for key in ("total", "cost"))
        rows.append(
            (
                words.name(name),
                _outcome(status, words),
                *(words.risk(x, relative) for x in (floor, ceiling, bound)),
                words.percent(attained(bound, floor, ceiling), 0),
                words.number(slots) if np.isfinite(price) else MISSING,
                words.number(price / 1e9, 2) if np.isfinite(price) else MISSING,
            )
        )
    columns = ("table", "status", "floor", "ceiling", "limit", "attained", "slots", "cost")
    header = tuple(words(f"weights.column_{key}") for key in columns)
    result = Table(words("weights.caption"), header, tuple(rows), texts=2)
    used = words.name(reading.study.demand.weight_table)
    blocks = (
        Paragraph(words("weights.lead", table=used)),
        result,
        _weight_matrix(reading, words),
        Details(words("weights.reasons"), (_weight_reasons(reading, words),)),
    )
    return Section("weights", words("weights.title"), blocks)


def _weight_matrix(reading: Reading, words: Words) -> Table:
    demand = reading.study.demand
    tables = list(dict.fromkeys(row.table for row in demand.weights))
    sums = {name: sum(w.weight for w in demand.weights if w.table == name) for name in tables}
    given = {(row.table, row.alternative): row.weight for row in demand.weights}
    rows = []
    for item in demand.alternatives:
        shares = [given.get((name, item.id), 0.0) / (sums[name] or 1.0) for name in tables]
        growth = words.compact(item.doctors_per_year)
        said = (words.name(item.name), words.name(item.population), words.name(item.unit), growth)
        rows.append((*said, *(words.percent(share, 0) for share in shares)))
    header = tuple(
        words(f"weights.alternative_{key}") for key in ("name", "population", "unit", "growth")
    )
    named = (*header, *(words.name(name) for name in tables))
    return Table(words("weights.alternatives"), named, tuple(rows), texts=3)


def _weight_reasons(reading: Reading, words: Words) -> Table:
    """Rows of a table that give the same reason stand together."""
    demand = reading.study.demand
    names = {item.id: words.name(item.name) for item in demand.alternatives}
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for row in demand.weights:
        name = f"{names[row.alternative]} ({words.percent(row.weight, 0)})"
        grouped.setdefault((row.table, row.assumption, row.source), []).append(name)
    rows = tuple(
        (words.name(table), "; ".join(members), words.name(reason) if reason else "", source)
        for (table, reason, source), members in grouped.items()
    )
    header = tuple(
        words(f"weights.reason_{key}") for key in ("table", "alternatives", "reason", "source")
    )
    return Table(words("weights.reasons"), header, rows, texts=4, english=1)
