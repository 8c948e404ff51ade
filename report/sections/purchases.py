"""What the plan buys of supervision and places beyond what there is, folded away."""

from __future__ import annotations

import numpy as np

from ..blocks import Block, Details, Table
from ..reading import Reading
from ..texts.words import Words


def purchases(reading: Reading, words: Words) -> tuple[Block, ...]:
    """Return what is bought by limit and region, and who pays; nothing where nothing is."""
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
