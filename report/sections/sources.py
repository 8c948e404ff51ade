"""The sections on what the answer rests on: assumptions and sources, quality, provenance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...core.study.distributions import Figure as StudyFigure
from ...core.study.processes import Correlation, Regimes
from ...core.study.risk_limit import RiskLimit
from ...core.study.settings import Comparison
from ...core.study.world import Row
from ..blocks import Details, Facts, Paragraph, Section, Table
from ..reading import Reading
from ..texts.figures import figure_name, named, source_in_words, table_key, table_name
from ..texts.risk import futures_in_words
from ..texts.words import Words

_ORIGINS = 12
Quoted = StudyFigure | Row


def sources(reading: Reading, words: Words) -> Section:
    """Return every figure of the study with its source or the assumption behind it."""
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
        Table(words("sources.caption"), header, tuple(figures), texts=5, english=2),
        Table(words("sources.caption_tables"), header, tuple(rows), texts=5, english=2),
    )
    details = Details(words("sources.summary"), blocks)
    return Section("sources", words("sources.title"), (Paragraph(lead), details))


def figure_value(reading: Reading, figure: StudyFigure, words: Words) -> str:
    """Return a figure's value in words; of a correlation, between which figures it is."""
    if not isinstance(figure, Correlation):
        return value_in_words(figure, words)
    first, second = (named(reading, key, words) for key in figure.keys)
    rank = words.compact(figure.rank)
    return words("value.correlation", first=first, second=second, rank=rank)


def value_in_words(figure: StudyFigure, words: Words) -> str:
    """Return a figure's value or distribution in words."""
    if isinstance(figure, RiskLimit):
        return _limit_in_words(figure, words)
    if isinstance(figure, Comparison):
        slots = [f"{year}: {count}" for year, count in figure.slots_per_year.items()]
        return "; ".join(slots) or words("value.no_slots")
    given: dict[str, Any] = figure.model_dump(exclude={"source", "assumption"})
    kind = str(given.pop("distribution", given.pop("process", "other")))
    said = {key: _said(value, words) for key, value in given.items()}
    if isinstance(figure, Regimes):
        said["yearly_probability"] = words.percent(figure.yearly_probability)
    if kind in {"normal", "lognormal"}:
        ends = [key for key in ("low", "high") if given.get(key) is not None]
        cut = words(f"value.cut_{'_'.join(ends)}", **said) if ends else ""
        return words(f"value.{kind}", **said) + cut
    if words.has(f"value.{kind}"):
        return words(f"value.{kind}", **said)
    return "; ".join(f"{key}: {value}" for key, value in said.items())


def _limit_in_words(limit: RiskLimit, words: Words) -> str:
    """Return what a limit on risk allows, in which futures; or the price of shortage."""
    if limit.limit is None:
        return words("value.price", price=words.compact(limit.price or 0.0))
    allowed = words.share(limit.limit) if limit.is_share else words.compact(limit.limit)
    return words("value.risk", limit=allowed, futures=futures_in_words(limit, words))


def _said(value: object, words: Words) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return words.compact(value)
    if isinstance(value, list | tuple):
        return "; ".join(_said(item, words) for item in value)
    return str(value)


def _origins(rows: list[Row], words: Words) -> tuple[str, str, str]:
    """Mark, sources and assumptions of a table's rows, each once."""
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
    """Mark what rests on assumptions: all of it, or part; nothing where sources say it all."""
    if not any(each.source for each in given):
        return words("sources.assumed")
    if any(each.assumption or not each.source for each in given):
        return words("sources.assumed_partly")
    return ""


def provenance(reading: Reading, words: Words) -> Section:
    """Return what made the result: seed, versions, command."""
    names = (
        "run_id", "command_line", "seed", "sampling_method", "scenarios", "fresh_scenarios",
        "lis1plan_version", "git_commit", "package_versions", "solver", "platform",
        "date_created",
        "study_sha256", "data_sha256", "lis1plan_schema", "Conventions", "solution_status",
    )  # fmt: skip
    rows = [(words("provenance.study"), reading.study.name)]
    rows += [
        (words(f"provenance.{name}"), _plain(name, reading.attribute(name), words))
        for name in names
        if reading.attribute(name) != ""
    ]
    steps = [str(name) for name in reading.data.attrs if str(name).startswith("seconds_")]
    if steps:
        said = [f"{_step(name, words)} {words.number(reading.scalar(name), 1)}" for name in steps]
        rows.append((words("provenance.seconds"), "; ".join(said)))
    lead = Paragraph(words("provenance.lead"))
    return Section("provenance", words("provenance.title"), (lead, Facts(tuple(rows))))


def _step(name: str, words: Words) -> str:
    step = name.removeprefix("seconds_")
    return words(f"step.{step}") if words.has(f"step.{step}") else step.replace("_", " ")


def _plain(name: str, value: Any, words: Words) -> str:  # noqa: ANN401
    if name == "sampling_method":
        return words.name(str(value))
    if name == "package_versions" and str(value).startswith("{"):
        return ", ".join(f"{key} {version}" for key, version in json.loads(value).items())
    return str(value)
