"""The answer in one sentence, by rules on the data."""

from __future__ import annotations

import numpy as np

from ....core.system.families import AXES
from ...reading import Reading
from ...texts.risk import limits_named
from ...texts.words import Words
from ..asked import choice

SEEN = 0.01
"""Least change of unmet need that a sentence calls one."""


def headline(reading: Reading, words: Words) -> str:
    """Return what the plan opens, whether it is the cheapest, and what it does to unmet need."""
    opened = bool(reading.slot_years) or _others(reading)
    searched = bool(reading.attribute("solution_status"))
    if not searched:
        key = "given" if opened else "given_none"
    elif reading.attribute("solution_status") != "optimal":
        key = "stopped" if opened else "stopped_none"
    else:
        key = "plan" if opened else "none"
    posts, one = _posts(reading, words)
    return words(
        "headline.plan_one" if one and key == "plan" else f"headline.{key}",
        posts=posts,
        limits=limits_named(reading, words),
        effect=_effect(reading, words, opened),
    )


def _others(reading: Reading) -> bool:
    return any(reading.has(name) and reading.values(name, plan=0).any() for name in AXES)


def _posts(reading: Reading, words: Words) -> tuple[str, bool]:
    """Return what is opened and when, and whether it is one: `100 new LIS1 posts in 2020-2022`."""
    years = reading.slot_years
    when = ""
    if years:
        span = str(years[0]) if len(years) == 1 else f"{years[0]}\u2060–\u2060{years[-1]}"
        when = " " + words("headline.when", years=span)
    total = float(reading.slots.sum())
    kind = "closed" if total < 0 else "posts_one" if total == 1.0 else "posts"
    lis1 = words(f"headline.{kind}", posts=words.number(abs(total)))
    others = [
        words(f"headline.{name}", posts=words.number(float(reading.values(name, plan=0).sum())))
        for name in AXES
        if reading.has(name) and reading.values(name, plan=0).any()
    ]
    measures = choice.used(reading) if choice.told(reading) else 0
    if measures:
        others.append(words(f"headline.measures{'_one' * (measures == 1)}", count=measures))
        return words.listed([lis1 + when, *others]), False
    return words.listed([lis1, *others]) + when, kind == "posts_one" and not others


def _effect(reading: Reading, words: Words, opened: bool) -> str:
    """Return what becomes of unmet need, and how likely a shortage stays."""
    t = reading.year(reading.judged_year)
    before, after = (float(reading.missing(plan)[t]) for plan in (reading.none, 0))
    chance = float(reading.chance(0)[t])
    key = "alone" if not opened else "lower" if after < (1 - SEEN) * before else "same"
    likely = {"likely": words.likely(chance), "share": words.percent(chance, 0)}
    still = "still" if chance >= 0.55 and key == "lower" else "now"
    return words(
        f"headline.effect_{key}",
        year=reading.judged_year,
        before=words.about(before),
        after=words.about(after),
        chance=words(f"headline.chance_{still}", **likely),
    )


def yearly_cost(reading: Reading, words: Words) -> tuple[str, str, str]:
    """Return yearly cost once running: its range, its unit, the years."""
    found = reading.running_cost
    if found is None:
        return words.number(0), words("number.million_unit"), ""
    first, paid = found
    scale, unit = (1e6, "million_unit") if paid.max() < 0.9995e9 else (1e9, "billion_unit")
    ends = [_two_digits(float(end) / scale, words) for end in (paid.min(), paid.max())]
    span = ends[0] if ends[0] == ends[1] else "\u2060–\u2060".join(ends)
    return span, words(f"number.{unit}"), f"{first}–{reading.years[-1]}"


def _two_digits(value: float, words: Words) -> str:
    rounded = float(f"{value:.2g}")
    digits = 0 if rounded >= 10 else 1
    return words.number(rounded, digits) if np.isfinite(rounded) else ""
