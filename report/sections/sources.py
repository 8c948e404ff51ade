"""The sections on what the answer rests on: assumptions and sources, provenance."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ...core.scenarios.factors import NOISE, NORMALISATION
from ...core.study.distributions import Figure as StudyFigure
from ...core.study.processes import ALTERNATIVE, Correlation
from ...core.study.world import Row
from ..blocks import Block, Details, Facts, Paragraph, Section, Table
from ..reading import Reading
from ..texts.figures import figure_name, named, source_in_words, table_key, table_name
from ..texts.words import Words
from .parts.moving import moved_most
from .parts.values import value_in_words
from .sensitivity import range_in_words

_ORIGINS = 12
Quoted = StudyFigure | Row


def sources(reading: Reading, words: Words) -> Section:
    """Return the figures that move the answer most, and, folded, every figure with its source."""
    figures, tables = [], dict[str, list[Row]]()
    marks = [words("sources.assumed"), words("sources.assumed_partly")]
    for key, figure in reading.study.figures():
        if isinstance(figure, Row):
            tables.setdefault(table_key(key), []).append(figure)
            continue
        source = source_in_words(figure.source, words)
        origin = (_basis([figure], words), source, figure.assumption)
        value = figure_value(reading, figure, words)
        figures.append((figure_name(reading, key, figure, words), value, *origin))
    rows = [
        (
            table_name(key, words),
            words("sources.rows", count=words.number(len(found))),
            *_origins(found, words),
        )
        for key, found in tables.items()
    ]
    header = tuple(
        words(f"sources.column_{key}") for key in ("key", "value", "mark", "source", "assumption")
    )
    alone, partly = (words.number(sum(row[2] == mark for row in figures)) for mark in marks)
    count = words.number(len(figures))
    lead = words("sources.lead", count=count, assumed=alone, partly=partly)
    blocks = (
        Table(words("sources.caption"), header, tuple(figures), 5, english=2, filtered=True),
        Table(words("sources.caption_tables"), header, tuple(rows), 5, english=2, filtered=True),
    )
    details = Details(words("sources.summary"), blocks, printed=False)
    moved = moved_most(reading)
    strongest = [row for n, row in enumerate(moved[:SHOWN]) if row[1] >= LEAST or n < FEWEST]
    most = _strongest(reading, words, strongest)
    return Section(
        "sources",
        _title(reading, words, strongest),
        (Paragraph(lead, "lede"), *most, details),
        words("sources.title"),
    )


def _title(reading: Reading, words: Words, strongest: list[tuple[str, float]]) -> str:
    """Return which figure moves the answer most, where one stands behind a third or more."""
    if not strongest or strongest[0][1] < 1 / 3:
        return words("sources.title")
    name = named(reading, strongest[0][0], words)
    return words("sources.title_most", name=name[:1].lower() + name[1:])


def _strongest(reading: Reading, words: Words, strongest: list[tuple[str, float]]) -> list[Table]:
    """Return the figures behind most of the spread of shortage, with what each rests on."""
    figures, rows = list(reading.study.figures()), []
    for key, share in strongest:
        basis, source, _ = _origins(behind(figures, key), words)
        said = f"< {words.percent(LEAST, 1)}" if share < LEAST else words.percent(share, 0)
        rows.append(
            (named(reading, key, words), range_in_words(reading, key, words), said, basis, source)
        )
    if not rows:
        return []
    keys = ("key", "range", "share", "mark", "source")
    header = tuple(words(f"sources.column_{key}") for key in keys)
    note = words("sources.share_note", name=words.name(reading.names("limit")[reading.national]))
    caption = words("sources.strongest", count=words.number(len(rows)))
    return [Table(caption, header, tuple(rows), texts=5, english=1, note=note)]


def behind(figures: Iterable[tuple[str, Quoted]], key: str) -> list[Quoted]:
    """Return which of a study's `figures` one that scenarios draw is, or is drawn from."""
    under = RESTS_ON.get(key, f"{key}.")
    return [each for at, each in figures if at == key or at.startswith(under)]


SHOWN, FEWEST, LEAST = 15, 5, 0.005
"""Figures told at most and at least; of those between, with at least such a share of the spread."""
RESTS_ON = {
    ALTERNATIVE: "demand.weights",
    NORMALISATION: "demand.normalisation_probability",
    NOISE: "demand.noise_",
}
"""What is drawn and is no key of the study: how the keys of its figures or rows begin."""


def figure_value(reading: Reading, figure: StudyFigure, words: Words) -> str:
    """Return a figure's value in words; of a correlation, between which figures it is."""
    if not isinstance(figure, Correlation):
        return value_in_words(figure, words)
    first, second = (named(reading, key, words) for key in figure.keys)
    rank = words.compact(figure.rank)
    return words("value.correlation", first=first, second=second, rank=rank)


def _origins(rows: Sequence[Quoted], words: Words) -> tuple[str, str, str]:
    """Mark, sources and assumptions of figures or a table's rows, each once."""
    found = [
        list(dict.fromkeys(text for row in rows if (text := getattr(row, key))))
        for key in ("source", "assumption")
    ]
    cut = [
        " · ".join(texts[:_ORIGINS])
        + (words("sources.more", count=len(texts) - _ORIGINS) if len(texts) > _ORIGINS else "")
        for texts in found
    ]
    return _basis(rows, words), source_in_words(cut[0], words), cut[1]


def _basis(given: Sequence[Quoted], words: Words) -> str:
    """Mark what rests on assumptions: all of it, or part; nothing where sources say it all.

    Of what nothing is quoted for, nothing is said.
    """
    if given and not any(each.source for each in given):
        return words("sources.assumed")
    if any(each.assumption or not each.source for each in given):
        return words("sources.assumed_partly")
    return ""


def provenance(reading: Reading, words: Words) -> Section:
    """Return what made the result: command, seed, versions, hashes; the environment folded."""
    rows = [(words("provenance.study"), reading.study.name), *_facts(reading, words, _MADE_BY)]
    around = _facts(reading, words, _ENVIRONMENT)
    steps = [str(name) for name in reading.data.attrs if str(name).startswith("seconds_")]
    if steps:
        said = [f"{_step(name, words)} {words.number(reading.scalar(name), 1)}" for name in steps]
        around.append((words("provenance.seconds"), "; ".join(said)))
    blocks: list[Block] = [Paragraph(words("provenance.lead")), Facts(tuple(rows))]
    if around:
        folded = (Facts(tuple(around)),)
        blocks.append(Details(words("provenance.around"), folded, printed=False))
    return Section("provenance", words("provenance.title"), tuple(blocks), numbered=False)


_MADE_BY = (
    "run_id", "command_line", "seed", "sampling_method", "scenarios", "fresh_scenarios",
    "lis1plan_version", "git_commit", "date_created", "study_sha256", "data_sha256",
    "solution_status",
)  # fmt: skip
_ENVIRONMENT = ("package_versions", "solver", "platform", "lis1plan_schema", "Conventions")


def _facts(reading: Reading, words: Words, names: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (words(f"provenance.{name}"), _plain(name, reading.attribute(name), words))
        for name in names
        if reading.attribute(name) != ""
    ]


def _step(name: str, words: Words) -> str:
    step = name.removeprefix("seconds_")
    return words(f"step.{step}") if words.has(f"step.{step}") else step.replace("_", " ")


def _plain(name: str, value: Any, words: Words) -> str:  # noqa: ANN401
    if name == "sampling_method":
        return words.name(str(value))
    if name == "package_versions" and str(value).startswith("{"):
        return ", ".join(f"{key} {version}" for key, version in json.loads(value).items())
    if name in {"scenarios", "fresh_scenarios"}:
        return words.number(float(value))
    return str(value)
