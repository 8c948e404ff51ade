"""The first section of a projection's report: what follows from a given plan, in plain words."""

from __future__ import annotations

import numpy as np

from ..blocks import Facts, Paragraph, Section
from ..reading import Reading
from ..texts.calendar import known_as_of
from ..texts.words import Words
from .answer import cost_in_words, outcome_rows, regions_in_words, shortage_in_words


def given(reading: Reading, words: Words) -> Section:
    """Return what was asked and what follows from the plan, in one paragraph and as figures."""
    posts = words.number(float(reading.study.level0.sum()))
    asked = words("given.asked", posts=posts, known=known_as_of(reading, words))
    sentences = [
        _plan(reading, words),
        cost_in_words(reading, words),
        shortage_in_words(reading, words),
        _kept(reading, words),
        words(f"given.{'no_room' if reading.at('plan_breaks_supervision', plan=0) else 'room'}"),
    ]
    blocks = (
        Paragraph(asked, tone="asked"),
        Paragraph(" ".join(sentences), tone="answer"),
        Facts(outcome_rows(reading, words), kind="key_figures"),
    )
    return Section("answer", words("given.title"), blocks)


def _plan(reading: Reading, words: Words) -> str:
    if not reading.slot_years:
        return words("given.plan_none")
    total = words.number(float(reading.slots.sum()))
    return words("given.plan", total=total, regions=regions_in_words(reading, words))


def _kept(reading: Reading, words: Words) -> str:
    """Return whether the plan keeps the limits on risk, and which it exceeds."""
    risk, limit = reading.values("risk_in_sample", plan=0), reading.values("risk_limit")
    names = [words.name(name) for name in reading.names("limit")]
    over = [names[n] for n in np.flatnonzero(risk > limit * (1.0 + 1e-9))]
    return words("given.broken", names=words.listed(over)) if over else words("given.kept")
