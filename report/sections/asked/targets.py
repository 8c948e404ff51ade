"""Targets on the origin of doctors: what is wanted, and what the plan leads to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...blocks import Paragraph, Section
from ...reading import Reading
from ...texts.words import Words
from ..flow import flow, national_flow


def told(reading: Reading) -> bool:
    """Tell whether a study has targets, and its result the flows they speak of."""
    wanted = reading.study.target
    some = wanted.educated_at_home is not None or wanted.from_abroad is not None
    return some and reading.has("arrived_mean")


def with_targets(reading: Reading, words: Words) -> Section:
    """Return the section on the flow, led by the targets where a study has any."""
    section = flow(reading, words)
    if not told(reading):
        return section
    return replace(section, blocks=(Paragraph(in_words(reading, words)), *section.blocks))


def in_words(reading: Reading, words: Words) -> str:
    """Return each target, and in how many of its years the plan and no new posts meet it."""
    wanted, said = reading.study.target, []
    years = np.array(reading.years)
    if wanted.educated_at_home is not None:
        share, since = wanted.educated_at_home.share, wanted.educated_at_home.from_year
        own, none = (_at_home(reading, plan)[years >= since] for plan in (0, reading.none))
        met = [int((each >= share - 1e-9).sum()) for each in (own, none)]
        ends = {"least": words.percent(float(own.min()), 1), "of": len(own)}
        about = {"share": words.percent(share, 1), "year": since, "met": met[0], "none": met[1]}
        said.append(words("target.educated_at_home", **ends, **about))
    if wanted.from_abroad is not None:
        most, since = wanted.from_abroad.persons, wanted.from_abroad.from_year
        arrived = national_flow(reading, "arrived")
        assert arrived is not None
        own = arrived(0)[years >= since]
        found = words.number(float(own.max()), 1)
        said.append(words("target.from_abroad", most=words.compact(most), year=since, found=found))
    return " ".join(said)


def _at_home(reading: Reading, plan: int) -> np.ndarray:
    """Return the share educated at home of those who complete LIS2/3, [year]; of nobody all."""
    every = reading.values("qualified_mean", plan=plan).sum(axis=1)
    abroad = reading.values("qualified_abroad_mean", plan=plan).sum(axis=1)
    return np.asarray(1.0 - np.divide(abroad, every, out=np.zeros_like(every), where=every > 0.0))
