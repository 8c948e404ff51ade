"""The section on when the plan fails: boxes of what is uncertain, in words and in numbers."""

from __future__ import annotations

import numpy as np

from ....core.discovery.discover import METHODS, Method
from ....core.scenarios.draws import NORMALISED
from ...blocks import Block, Details, Paragraph, Section, Table
from ...reading import Reading
from ...texts.figures import named
from ...texts.words import Words


def told(reading: Reading) -> bool:
    """Tell whether a result holds what the section needs."""
    return "discovery_limit" in reading.data.attrs


def failing(reading: Reading, words: Words) -> Section:
    """Return in which futures the plan fails, in words, with the boxes and a second opinion."""
    limit = reading.ids("limit").index(str(reading.attribute("discovery_limit")))
    lead = words(
        "fails.lead",
        name=words.name(reading.names("limit")[limit]),
        limit=words.risk(reading.at("risk_limit", limit=limit), reading.relative(limit)),
        share=words.percent(reading.scalar("discovery_failing"), 0),
        scenarios=words.number(float(reading.sampling("fresh_scenarios"))),
    )
    blocks: list[Block] = [Paragraph(lead)]
    boxes = _numbers(reading, "prim")
    blocks += [Paragraph(_mostly(reading, words, box)) for box in boxes[:1]]
    if not boxes:
        blocks.append(Paragraph(words("fails.nothing")))
    tables = tuple(_table(reading, words, way) for way in METHODS if _numbers(reading, way))
    if tables:
        note = Paragraph(words("fails.note"), tone="note")
        blocks.append(Details(words("fails.details"), (*tables, note)))
    return Section("fails", words("fails.title"), tuple(blocks))


def in_words(reading: Reading, words: Words) -> str:
    """Return when the plan mostly fails in a sentence, or that no box tells it."""
    boxes = _numbers(reading, "prim")
    return _mostly(reading, words, boxes[0]) if boxes else words("fails.nothing")


def _numbers(reading: Reading, way: Method) -> list[int]:
    """Return the numbers of the boxes found in one way."""
    if not reading.has("box_method"):
        return []
    return [int(n) for n in np.flatnonzero(reading.values("box_method") == METHODS[way])]


def _mostly(reading: Reading, words: Words, box: int) -> str:
    return words(
        "fails.mostly",
        when=_when(reading, words, box),
        density=words.percent(reading.at("box_density", box=box), 0),
        coverage=words.percent(reading.at("box_coverage", box=box), 0),
        mass=words.percent(reading.at("box_mass", box=box), 0),
    )


def _when(reading: Reading, words: Words, box: int) -> str:
    """Return the conditions of a box in words."""
    said = []
    for c, key in enumerate(reading.ids("condition")):
        low, high = (reading.at(f"box_{end}", box=box, condition=c) for end in ("low", "high"))
        if np.isfinite(low) or np.isfinite(high):
            said.append(_condition(reading, words, key, (low, high)))
    return words.listed(said)


def _condition(reading: Reading, words: Words, key: str, ends: tuple[float, float]) -> str:
    """Return one condition of a box in words."""
    low, high = ends
    if key == NORMALISED:
        return words("fails.normalised" if np.isfinite(low) else "fails.not_normalised")
    name = named(reading, key, words)
    name = name[0].lower() + name[1:] if not name[:2].isupper() else name
    if np.isfinite(low) and np.isfinite(high):
        return words("fails.between", name=name, low=words.compact(low), high=words.compact(high))
    if np.isfinite(low):
        return words("fails.above", name=name, low=words.compact(low))
    return words("fails.below", name=name, high=words.compact(high))


def _table(reading: Reading, words: Words, way: Method) -> Table:
    """Return the boxes found in one way with their quality."""
    rows = tuple(
        (
            _when(reading, words, box),
            *(
                words.percent(reading.at(f"box_{what}", box=box), 0)
                for what in ("coverage", "density", "mass")
            ),
        )
        for box in _numbers(reading, way)
    )
    header = tuple(words(f"fails.column_{key}") for key in ("box", "coverage", "density", "mass"))
    return Table(words(f"fails.caption_{way}"), header, rows)
