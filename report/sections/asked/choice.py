"""Measures that were chosen: what is used of each from when on, and the proof of it."""

from __future__ import annotations

import numpy as np

from ....core.study.measures.choice import KNOWN
from ...blocks import Table
from ...reading import Reading
from ...texts.words import MISSING, Words

SHOWN = 12
"""Portfolios in the table, those with the lowest bound first."""


def told(reading: Reading) -> bool:
    """Tell whether a result holds a choice of measures."""
    return reading.has("portfolio_status")


def used(reading: Reading) -> int:
    """Return how many of the measures left open the plan uses."""
    return int((reading.values("measure_chosen") > 0.0).sum())


def in_words(reading: Reading, words: Words) -> str:
    """Return what was chosen, what slots and measures cost together, and the proof."""
    in_use = [
        words("choice.use", name=words.name(name), use=_use(reading, words, m))
        for m, name in enumerate(reading.names("measure"))
        if reading.at("measure_chosen", measure=m)
    ]
    status = reading.values("portfolio_status")
    count = {known: int((status == code).sum()) for code, known in enumerate(KNOWN)}
    proof = words(
        "choice.proof" if reading.data.attrs["choice_status"] == "optimal" else "choice.open",
        bound=words.million(reading.scalar("choice_lower_bound")),
        gap=words.percent(reading.scalar("choice_gap"), 2),
        count=len(status),
        solved=count["solved"],
        bounded=count["bounded"] + count["open"],
        untried=count["untried"],
        none=count["no plan"] + count["refused"],
    )
    chosen = words.listed(in_use) if in_use else words("choice.nothing")
    cost = words.million(reading.scalar("choice_cost"))
    return f"{words('choice.lead', chosen=chosen, cost=cost)} {proof}"


def blocks(reading: Reading, words: Words) -> tuple[list[str], list[Table]]:
    """Return the choice in words and the portfolios with the lowest bound; nothing without one."""
    if not told(reading):
        return [], []
    return [in_words(reading, words)], [_portfolios(reading, words)]


def _use(reading: Reading, words: Words, m: int) -> str:
    """Return units and years in which they change: `15 from 2020, 31 from 2021`."""
    units = reading.data["measure_use"].isel(measure=m).values
    steps = np.flatnonzero(np.diff(units, prepend=0.0))
    said = [
        words("choice.from", units=words.compact(float(units[y])), year=reading.years[y])
        for y in steps
    ]
    return ", ".join(said) or MISSING


def _portfolios(reading: Reading, words: Words) -> Table:
    """Return portfolios, the lowest bound first: their measures, what they cost, what is known."""
    bound, cost = reading.values("portfolio_bound"), reading.values("portfolio_cost")
    order = np.argsort(np.where(np.isnan(bound), np.inf, bound), kind="stable")[:SHOWN]
    holds, names = reading.values("portfolio_measure"), reading.names("measure")
    rows = []
    for n in order.tolist():
        own = [words.name(names[m]) for m in np.flatnonzero(holds[n])]
        known = words(f"choice.status_{int(reading.at('portfolio_status', portfolio=n))}")
        money = (reading.at("portfolio_paid", portfolio=n), bound[n], cost[n])
        said = (MISSING if np.isnan(x) else words.million(float(x)) for x in money)
        rows.append((words.listed(own) if own else words("choice.none"), known, *said))
    keys = ("portfolio", "known", "paid", "bound", "cost")
    header = tuple(words(f"choice.column_{key}") for key in keys)
    note = words("choice.note", shown=len(rows), count=len(bound))
    return Table(words("choice.caption"), header, tuple(rows), texts=2, note=note)
