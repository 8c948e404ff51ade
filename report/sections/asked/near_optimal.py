"""The section on near-optimal plans: what all plans that cost little more have in common."""

from __future__ import annotations

import numpy as np

from ....core.system.families import LEVELS
from ....core.system.features import FIRST_YEAR, REGION
from ...blocks import Details, Paragraph, Section, Table
from ...reading import Reading
from ...texts.words import MISSING, Words

TOLD = 10
"""Plans in the table, each far from those before it."""
_SIDES = ("least", "most")


def told(reading: Reading) -> bool:
    """Tell whether a result holds what the section needs."""
    return reading.has("near_feature")


def near_optimal(reading: Reading, words: Words) -> Section:
    """Return the ranges of the features in words and a table, and plans far from each other."""
    blocks = (
        Paragraph(in_words(reading, words)),
        Paragraph(_proof(reading, words), tone="note"),
        Details(words("near.details"), (_ranges(reading, words), _plans(reading, words))),
    )
    return Section("near", words("near.title", share=_share(reading, words)), blocks)


def in_words(reading: Reading, words: Words) -> str:
    """Return the ranges of all features in a sentence."""
    each = [
        words("near.each", name=_inside(reading, words, f), range=_range(reading, words, f))
        for f in range(len(reading.ids("feature")))
    ]
    return words("near.lead", share=_share(reading, words), each="; ".join(each))


def _proof(reading: Reading, words: Words) -> str:
    """Return whether no near-optimal plan lies beyond the ranges."""
    status = [reading.values(f"feature_{side}_status") for side in _SIDES]
    share = _share(reading, words)
    if not reading.study.convex.all():
        return words("near.chance", share=share)
    return words("near.proved" if (np.stack(status) == 1.0).all() else "near.open", share=share)


def _ranges(reading: Reading, words: Words) -> Table:
    """Return chosen plan, least and most of every feature, and what is proved of both."""
    rows = []
    for f in range(len(reading.ids("feature"))):
        values = [reading.at("near_feature", near=0, feature=f)]
        values += [reading.at(f"feature_{side}", feature=f) for side in _SIDES]
        values += [reading.at(f"feature_{side}_bound", feature=f) for side in _SIDES]
        rows.append((_name(reading, words, f), *(_number(words, value) for value in values)))
    keys = ("feature", "chosen", *_SIDES, "least_bound", "most_bound")
    header = tuple(words(f"near.column_{key}") for key in keys)
    caption = words("near.caption", share=_share(reading, words))
    return Table(caption, header, tuple(rows), note=words("near.note"))


def _plans(reading: Reading, words: Words) -> Table:
    """Return features and cost of plans far from each other, the chosen one first."""
    values, cost = reading.values("near_feature"), reading.values("near_cost")
    rows = tuple(
        (
            words("near.chosen") if p == 0 else words("near.plan", number=p + 1),
            words.million(cost[p]),
            *(_number(words, value) for value in values[p]),
        )
        for p in range(min(TOLD, len(cost)))
    )
    names = [_name(reading, words, f) for f in range(values.shape[1])]
    header = (words("near.column_plan"), words("near.column_cost"), *names)
    return Table(words("near.caption_plans", count=words.number(len(rows))), header, rows)


def _share(reading: Reading, words: Words) -> str:
    share = reading.study.solve.near_optimal
    return words.share(0.0 if share is None else share)


def _name(reading: Reading, words: Words, feature: int) -> str:
    """Return what a feature is, as a head of its own."""
    return _called(reading, words, feature, "near.name")


def _inside(reading: Reading, words: Words, feature: int) -> str:
    """Return what a feature is, inside a sentence behind its number."""
    return _called(reading, words, feature, "near.said")


def _called(reading: Reading, words: Words, feature: int, where: str) -> str:
    key = reading.ids("feature")[feature]
    if key.startswith(REGION):
        region = reading.ids("region").index(key.removeprefix(REGION))
        return words(f"{where}.region", name=words.name(reading.names("region")[region]))
    if key == FIRST_YEAR:
        year = reading.names("feature")[feature].split()[-1]
        return words(f"{where}.first_year", year=year)
    beside = [name for name in LEVELS if key == f"{name}.total"]
    return words(f"{where}.{beside[0] if beside else key}")


def _range(reading: Reading, words: Words, feature: int) -> str:
    low, high = (_number(words, reading.at(f"feature_{s}", feature=feature)) for s in _SIDES)
    return words("near.exactly", value=low) if low == high else words("near.to", low=low, high=high)


def _number(words: Words, value: float) -> str:
    if not np.isfinite(value):
        return MISSING
    return words.number(value, 0 if value == round(value) else 1)
