"""The sections on what the plan takes: cost, supervision, and what it buys of that."""

from __future__ import annotations

import numpy as np

from ..blocks import Block, Details, Figure, Panel, Paragraph, Section, Table
from ..charts.bars import Stack, bars, legend_of
from ..charts.figures import figure_of
from ..charts.lines import BLACK, BLUE, GREY, VERMILION, Line
from ..reading import Floats, Reading
from ..texts.words import MISSING, Words
from .plan import frame
from .training_cost import training_cost


def cost(reading: Reading, words: Words) -> Section:
    """Return cost by year and payer, and the two ways to add it up."""
    payers = [words.name(name) for name in reading.names("payer")]
    by_payer = reading.values("cost_payer", plan=0)
    report, gross = (reading.values(f"cost_{key}", plan=0) for key in ("report", "gross"))
    left_out = [
        words.name(row.item)
        for row in reading.study.cost.components
        if row.in_gross and not row.in_report
    ]
    unit = words("cost.unit")
    stack = Stack(reading.years, payers, by_payer / 1e6, unit, words("word.year"), labelled=False)
    summed = _summed(reading)
    line = Line(words(f"cost.short_{summed}"), report / 1e6, BLACK, (5, 4))
    years = {"first": reading.years[0], "last": reading.years[-1]}
    sums = {"gross": gross, "report": report}
    said = {key: words.billion(float(values.sum())) for key, values in sums.items()}
    message = words(f"cost.message_{summed}", **said, **years)
    lead = words("cost.lead", last=years["last"])
    if left_out:
        lead += " " + words(f"cost.left_out_{summed}", left_out=words.listed(left_out))
    lead += _later(reading, words)
    figure = Figure(
        "cost",
        message,
        (Panel("", message, bars(stack, line)),),
        size="wide",
        legend=legend_of(payers),
        numbers=(_cost_table(reading, words, reading.years),),
    )
    table = _cost_table(reading, words, reading.selected_years)
    blocks = (Paragraph(lead), figure, table, *training_cost(reading, words))
    return Section("cost", words("cost.title"), blocks)


def _summed(reading: Reading) -> str:
    """Return who adds costs up: the Directorate's report, or the study itself."""
    return "directorate" if reading.as_directorate else "study"


def _later(reading: Reading, words: Words) -> str:
    """Return the plan's discounted cost in prices of a later year, where the study has them."""
    prices = reading.study.cost.later_prices
    if prices is None:
        return ""
    cost = reading.at("plan_cost", plan=0)
    said = {"cost": words.billion(cost), "later": words.billion(cost * prices.factor.value)}
    years = {"price_year": reading.study.cost.price_year, "year": prices.year}
    return " " + words("cost.later", **said, **years)


def _cost_table(reading: Reading, words: Words, years: list[int]) -> Table:
    """Return net cost by payer in these years and the sums over all."""
    payers = [words.name(name) for name in reading.names("payer")]
    sums = [reading.values(f"cost_{key}", plan=0) for key in ("gross", "report")]
    later: tuple[str, ...] = ()
    prices = reading.study.cost.later_prices
    if prices is not None:
        sums.append(prices.factor.value * sums[-1])
        later = (words("cost.sum_later", year=prices.year),)
    values = np.column_stack([reading.values("cost_payer", plan=0), *sums])
    rows = [(str(year), *map(words.million, values[reading.year(year)])) for year in years]
    whole = words("cost.all_years", first=reading.years[0], last=reading.years[-1])
    rows.append((whole, *map(words.million, values.sum(axis=0))))
    ways = (words("cost.gross"), words(f"cost.sum_{_summed(reading)}"))
    header = (words("word.year"), *payers, *ways, *later)
    caption = words("cost.caption", price_year=reading.study.cost.price_year)
    return Table(caption, header, tuple(rows), total=True)


def supervision(reading: Reading, words: Words) -> Section:
    """Return need against capacity and what is left, by supervision limit and region."""
    figures, rows = [], []
    for c, (key, name) in enumerate(
        zip(reading.ids("capacity"), reading.names("capacity"), strict=True)
    ):
        unit = words.name(list(reading.study.capacity.values())[c].unit)
        chart = frame(reading, words, unit, window=False)
        drawn = []
        for r, region in enumerate(map(words.name, reading.names("region"))):
            if reading.watched(c, r):
                continue
            room, need, before, tight = _tightest(reading, c, r)
            said = {
                "need": words.number(need[tight]),
                "room": words.number(room[tight]),
                "share": words.percent(need[tight] / room[tight] if room[tight] else np.nan, 1),
            }
            year = str(reading.years[tight])
            where = {"name": words.name(name), "region": region, "year": year, "unit": unit}
            series = (
                Line(words("supervision.capacity"), room, VERMILION, (2, 2)),
                *_wall(reading, words, c, r),
                Line(words("word.plan"), need, BLUE),
                Line(words("word.none"), before, GREY, (5, 4)),
            )
            drawn.append((region, words("supervision.message", **where, **said), chart, series))
            rows.append((words.name(name), region, year, *said.values()))
        if not drawn:
            continue
        caption = words("supervision.figure", name=words.name(name), unit=unit)
        figures.append(figure_of(f"supervision-{key}", caption, drawn, words, size="tiny"))
    columns = ("limit", "region", "year", "need", "room", "share")
    header = tuple(words(f"supervision.column_{key}") for key in columns)
    table = Table(words("supervision.caption"), header, tuple(rows), texts=2)
    told = "lead_posts" if reading.has("supervision_need_posts") else "lead"
    lead = Paragraph(words(f"supervision.{told}"))
    bought = purchases(reading, words)
    blocks: tuple[Block, ...] = (lead, table, _headroom(reading, words), *bought, *figures)
    return Section("supervision", words("supervision.title"), blocks)


def _wall(reading: Reading, words: Words, c: int, r: int) -> tuple[Line, ...]:
    """Return the line of all there can be, where more can be bought up to a maximum."""
    wall = reading.walls[:, c, r]
    room = reading.values("supervision_capacity", capacity=c, region=r)
    if np.isinf(wall).any() or np.array_equal(wall, room):
        return ()
    return (Line(words("supervision.wall"), wall, BLACK, (2, 2)),)


def _tightest(reading: Reading, c: int, r: int) -> tuple[Floats, Floats, Floats, int]:
    """Return room, need, need without new slots, and the year since deciding with least room."""
    where = {"capacity": c, "region": r}
    since = reading.year(reading.study.time.first_decision)
    room = reading.values("supervision_capacity", **where)
    need, before = (reading.values("supervision_need", plan=p, **where) for p in (0, reading.none))
    spare = np.divide(room - need, room, out=np.ones(len(room)), where=room > 0.0)
    return room, need, before, since + int(np.argmin(spare[since:]))


def _posts(free: float, words: Words) -> str:
    return words.number(free) if np.isfinite(free) else MISSING


def _headroom(reading: Reading, words: Words) -> Table:
    """Return how many more posts would fit in each region and decision year."""
    regions = [words.name(name) for name in reading.names("region")]
    places = reading.free_places
    rows = tuple(
        (str(year), *(_posts(x, words) for x in places[reading.year(year)].tolist()))
        for year in reading.study.decision_years
    )
    caption, note = words("supervision.headroom"), words("supervision.headroom_note")
    return Table(caption, (words("word.year"), *regions), rows, note=note)


def purchases(reading: Reading, words: Words) -> tuple[Block, ...]:
    """Return what is bought by limit and region, who pays, folded; nothing where nothing is."""
    if not reading.has("supervision_bought", "cost_bought"):
        return ()
    if not reading.values("supervision_bought", plan=0).any():
        return ()
    cost = words.million(reading.at("plan_cost_bought", plan=0))
    summary = words("supervision.bought_summary", cost=cost)
    tables = _amounts(reading, words), _payments(reading, words)
    return (Details(summary, tables, printed=False),)


def _amounts(reading: Reading, words: Words) -> Table:
    """Return years, the most in a year and the sum by limit and region where anything is bought."""
    bought, rows = reading.values("supervision_bought", plan=0), []
    limits = zip(reading.study.capacity.values(), reading.names("capacity"), strict=True)
    for c, (limit, name) in enumerate(limits):
        for r, region in enumerate(map(words.name, reading.names("region"))):
            years = np.flatnonzero(bought[:, c, r] > 0.0)
            if limit.purchase is None or not len(years):
                continue
            first, last = (reading.years[n] for n in (years[0], years[-1]))
            rows.append(
                (
                    f"{words.name(name)}, {words.name(limit.unit)}",
                    region,
                    f"{first}–{last}" if first < last else str(first),
                    words.number(float(bought[:, c, r].max())),
                    words.number(float(bought[:, c, r].sum())),
                    words.number(limit.purchase.price.expected),
                )
            )
    columns = ("limit", "region", "year", "most", "sum", "price")
    header = tuple(words(f"supervision.column_{key}") for key in columns)
    return Table(words("supervision.bought_caption"), header, tuple(rows), texts=3)


def _payments(reading: Reading, words: Words) -> Table:
    """Return what each payer pays for it by year."""
    payers = [words.name(name) for name in reading.names("payer")]
    paid = reading.values("cost_bought", plan=0)
    own = [p for p in range(len(payers)) if paid[:, p].any()]
    rows = [
        (str(year), *map(words.million, paid[reading.year(year), own]))
        for year in reading.selected_years
    ]
    whole = words("cost.all_years", first=reading.years[0], last=reading.years[-1])
    rows.append((whole, *map(words.million, paid[:, own].sum(axis=0))))
    header = (words("word.year"), *(payers[p] for p in own))
    caption = words("supervision.bought_payers", price_year=reading.study.cost.price_year)
    return Table(caption, header, tuple(rows), total=True)
