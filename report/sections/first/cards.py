"""The four figures under the headline: posts, yearly cost, unmet need, probability of shortage."""

from __future__ import annotations

import numpy as np

from ...blocks import Bar, Card, Cards
from ...reading import Reading
from ...texts.words import Words, short_names
from .headline import yearly_cost


def cards(reading: Reading, words: Words) -> Cards:
    """Return the four figures, the last two with and without the plan."""
    return Cards(
        (
            _posts(reading, words),
            _cost(reading, words),
            _unmet(reading, words),
            _chance(reading, words),
        )
    )


def _posts(reading: Reading, words: Words) -> Card:
    """Return new posts, on top of how many, and by region, the most first."""
    regions = [words.name(name) for name in reading.names("region")]
    opened = reading.slots.sum(axis=0)
    order = np.argsort(-opened, kind="stable")
    named = [regions[order[0]], *(short_names(regions)[r] for r in order[1:])]
    each = ", ".join(
        f"{name} {words.number(float(opened[r]))}"
        for name, r in zip(named, order, strict=True)
        if opened[r]
    )
    before = words.number(float(reading.study.level0.sum()))
    text = words("card.posts_text", before=before)
    if each:
        text += f" {each}"
    return Card(words("card.posts"), words.number(float(reading.slots.sum())), text=text)


def _cost(reading: Reading, words: Words) -> Card:
    """Return what the plan costs a year once it runs; its present value second."""
    number, unit, years = yearly_cost(reading, words)
    said = words(
        "card.cost_text" if years else "card.cost_none",
        years=years,
        basis=words(f"answer.basis_{reading.basis}"),
        price_year=reading.study.cost.price_year,
        value=words.money(reading.at("plan_cost", plan=0)),
    )
    return Card(words("card.cost"), number, unit, said)


def _unmet(reading: Reading, words: Words) -> Card:
    """Return the mean of what specialists lack at the end of the window, FTE."""
    t = reading.year(reading.judged_year)
    after, before = (float(reading.missing(plan)[t]) for plan in (0, reading.none))
    label = words("card.unmet", year=reading.judged_year)
    said = [words.about(value) for value in (after, before)]
    return Card(label, said[0], words("word.fte"), bars=_bars(words, (after, before), said))


def _chance(reading: Reading, words: Words) -> Card:
    """Return in how many scenarios need is greater than supply at the end of the window."""
    t = reading.year(reading.judged_year)
    after, before = (float(reading.chance(plan)[t]) for plan in (0, reading.none))
    label = words("card.chance", year=reading.judged_year)
    said = [words.percent(value, 0) for value in (after, before)]
    return Card(label, said[0], bars=_bars(words, (after, before), said, 1.0))


def _bars(
    words: Words, values: tuple[float, float], said: list[str], whole: float = 0.0
) -> tuple[Bar, ...]:
    """Return a bar with and one without the plan, as shares of `whole` or of the longer."""
    longest = whole or max(values) or 1.0
    names = (words("word.with"), words("word.without"))
    return tuple(
        Bar(name, number, value / longest, role)
        for name, number, value, role in zip(names, said, values, ("plan", "without"), strict=True)
    )
