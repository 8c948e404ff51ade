"""The section on cost: by year and payer, and the two ways to add it up."""

from __future__ import annotations

import numpy as np

from ..blocks import Figure, Panel, Paragraph, Section, Table
from ..charts.bars import Stack, bars, legend_of
from ..charts.lines import BLACK, Line
from ..reading import Floats, Reading
from ..texts.words import Words
from .parts.training_cost import training_cost


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
    values = by_payer / 1e6
    stack = Stack(reading.years, payers, values, unit, words("word.year"), summed=False)
    summed = _summed(reading)
    short = words(f"cost.short_{summed}")
    line = Line(short, report / 1e6, BLACK, (4, 4), short=short)
    years = {"first": reading.years[0], "last": reading.years[-1]}
    sums = {"gross": gross, "report": report}
    said = {key: words.money(float(values.sum())) for key, values in sums.items()}
    message = words(f"cost.message_{summed}", **said, **years)
    lead = words("cost.lead", last=years["last"])
    if left_out:
        lead += " " + words(f"cost.left_out_{summed}", left_out=words.listed(left_out))
    lead += _later(reading, words)
    panel = Panel("", message, bars(stack, line), bars(stack, line, narrow=True))
    figure = Figure(
        "cost",
        message,
        (panel,),
        size="wide",
        legend=legend_of(stack),
        subtitle=words("cost.sub", price_year=reading.study.cost.price_year),
        numbers=(_cost_table(reading, words, reading.years),),
    )
    table = _cost_table(reading, words, reading.selected_years)
    blocks = (Paragraph(lead, "lede"), figure, table, *training_cost(reading, words))
    return Section("cost", _title(reading, words, by_payer), blocks, words("cost.title"))


def _title(reading: Reading, words: Words, by_payer: Floats) -> str:
    """Return who pays most, and how much of it, where one pays half or more."""
    paid = by_payer.sum(axis=0)
    whole = float(np.clip(paid, 0.0, None).sum())
    if whole <= 0.0:
        return words("cost.title_none")
    most = int(np.argmax(paid))
    share = float(paid[most]) / whole
    if share < 0.5:
        return words("cost.title")
    payer = words.name(reading.names("payer")[most])
    return words("cost.title_most", payer=payer, share=words.percent(share, 0))


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
