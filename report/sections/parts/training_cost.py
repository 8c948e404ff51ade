"""What comes after LIS1 beside the cost of the posts alone: three ways to count, folded away."""

from __future__ import annotations

import numpy as np

from ....core.study.cost import SpecialistTraining
from ....core.system.specialist_training import year_in_training
from ...blocks import Block, Details, Paragraph, Table
from ...reading import Floats, Reading
from ...texts.words import Words

_BILLION, _MILLION = 1e9, 1e6
_BASES = ("cost", "cost_with_training", "cost_net", "cost_net_low", "cost_net_high")


def training_cost(reading: Reading, words: Words) -> tuple[Block, ...]:
    """Return cost with LIS2/3, and net of what is produced; nothing where it is not told."""
    told = reading.study.cost.after_lis1
    if told is None or not reading.has("plan_cost_net"):
        return ()
    said = {key: _billion(reading, words, key, 0) for key in _BASES}
    summary = words("training_cost.summary", **said)
    lead = Paragraph(_lead(reading, words, told))
    tables = _bases(reading, words, told), _by_year(reading, words)
    return (Details(summary, (lead, *tables), printed=False),)


def _billion(reading: Reading, words: Words, key: str, plan: int) -> str:
    return words.number(reading.at(f"plan_{key}", plan=plan) / _BILLION, 2)


def _lead(reading: Reading, words: Words, told: SpecialistTraining) -> str:
    """Return what the three ways count, at which prices, and what none of them counts."""
    low, high = told.income_credit.bounds
    said = {
        "each": words.number(sum(year_in_training(told)) / _MILLION, 2),
        "price_year": reading.study.cost.price_year,
        "credit": words.percent(told.income_credit.expected, 0),
        "low": words.percent(low, 0),
        "high": words.percent(high, 0),
        "last": reading.years[-1],
    }
    lead = words("training_cost.lead", **said)
    if told.new_post is not None:
        price = words.number(told.price_factor.value * told.new_post.value)
        lead += " " + words("training_cost.new_post", price=price)
    return lead


def _bases(reading: Reading, words: Words, told: SpecialistTraining) -> Table:
    """Return the three ways to count for every plan, the last with both ends of the credit."""
    years = reading.values("training_years").sum(axis=(0, 2))
    rows = tuple(
        (
            words.name("The chosen plan" if p == 0 else name),
            words.number(float(years[p])),
            *(_billion(reading, words, key, p) for key in _BASES),
        )
        for p, name in enumerate(reading.names("plan"))
    )
    low, high = told.income_credit.bounds
    shares = {"cost_net": told.income_credit.expected, "cost_net_low": high, "cost_net_high": low}
    header = (
        words("training_cost.plan"),
        words("training_cost.years"),
        *(
            words(f"training_cost.{key}", credit=words.percent(shares.get(key, 0.0), 0))
            for key in _BASES
        ),
    )
    caption = words("training_cost.caption", price_year=reading.study.cost.price_year)
    return Table(caption, header, rows)


def _by_year(reading: Reading, words: Words) -> Table:
    """Return years in LIS2/3, their cost by payer, and what is produced, of the first plan."""
    paid = reading.values("cost_training", plan=0)
    own = [p for p in range(paid.shape[1]) if paid[:, p].any()]
    alone = reading.values(f"cost_{reading.study.cost.basis}", plan=0)
    credit = reading.values("cost_credit", plan=0).sum(axis=1)
    net = alone + paid.sum(axis=1) - credit
    years = reading.values("training_years", plan=0).sum(axis=1)
    values = np.column_stack([alone, paid[:, own], credit, net])
    rows = [
        _row(words, str(year), years[reading.year(year)], values[reading.year(year)])
        for year in reading.selected_years
    ]
    whole = words("cost.all_years", first=reading.years[0], last=reading.years[-1])
    rows.append(_row(words, whole, years.sum(), values.sum(axis=0)))
    payers = [words.name(name) for name in reading.names("payer")]
    header = (
        words("word.year"),
        words("training_cost.years"),
        words("training_cost.posts"),
        *(words("training_cost.paid_by", payer=payers[p]) for p in own),
        words("training_cost.credit"),
        words("training_cost.net"),
    )
    caption = words("training_cost.by_year", price_year=reading.study.cost.price_year)
    return Table(caption, header, tuple(rows), total=True)


def _row(words: Words, name: str, years: float, nok: Floats) -> tuple[str, ...]:
    return (name, words.number(float(years)), *map(words.million, nok))
