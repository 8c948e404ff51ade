"""A backtest told: scores beside naive forecasts, and in sentences what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table as TerminalTable

from ...core.files.variables import SERIES
from ..blocks import Details, Paragraph, Section, Table
from ..charts.figures import figure_of
from ..charts.lines import BLACK, BLUE, Frame, Line
from ..reading import Reading
from ..texts.words import Words

MISSING = "–"
PROJECTION = 0
COLUMNS = ("bias", "mape", "crps", "in_50", "in_80", "in_95")


def backtest(reading: Reading, words: Words) -> Section:
    """Return each series beside what was forecast of it: what the scores say, a chart, scores."""
    lead = words("backtest.lead", study=words.name(reading.study.title))
    said = [Paragraph(sentence) for sentence in verdicts(reading, words)]
    drawn = [_drawn(reading, words, s) for s in range(len(reading.ids("series")))]
    chart = figure_of("backtest", words("backtest.chart"), drawn, words, "small")
    header = tuple(words(f"backtest.{key}") for key in ("series", "form", "forecast", *COLUMNS))
    rows = tuple(
        (series, form, forecast, *cells)
        for series, form, forecast, cells in score_rows(reading, words)
    )
    scores = Table(words("backtest.scores"), header, rows, texts=3, note=words("backtest.caption"))
    folded = Details(words("backtest.scores"), (scores,), printed=False)
    return Section("backtest", words("backtest.title"), (Paragraph(lead), chart, *said, folded))


def _series(reading: Reading, words: Words, s: int) -> str:
    """Return what is counted, where, and by whom."""
    flow, region, group, vintage = (
        str(reading.data[f"backtest_{part}"].values[s])
        for part in ("flow", "region", "group", "vintage")
    )
    parts = [words.name(SERIES[flow].long_name)]
    parts += [words.name(each.name) for key, each in reading.study.regions.items() if key == region]
    parts += [words.name(each.name) for key, each in reading.study.groups.items() if key == group]
    told = ", ".join(filter(None, [*parts, words.name(vintage) if vintage else ""]))
    return told[0].upper() + told[1:]


def _drawn(reading: Reading, words: Words, s: int) -> tuple[str, str, Frame, tuple[Line, ...]]:
    """Return name, alternative text, frame and lines of one series, over the years counted."""
    counted = np.flatnonzero(reading.values("backtest_counted", series=s) == 1.0)
    years = [reading.years[t] for t in counted]
    low, high = (reading.values(f"backtest_{end}", series=s)[counted] for end in ("low", "high"))
    bands = np.stack([low[:, 2], low[:, 0], high[:, 0], high[:, 2]], axis=1)
    mean = reading.values("backtest_mean", series=s)[counted]
    observed = reading.values("backtest_observed", series=s)[counted]
    lines = (
        Line(words("backtest.projection"), mean, BLUE, (), bands),
        Line(words("backtest.counted"), observed, BLACK, (5, 4)),
    )
    unit = words.name(str(reading.data["backtest_counts"].values[s]))
    chart = Frame(years, unit, words("word.year"))
    alternative = words(
        "backtest.message",
        year=years[-1],
        counted=words.number(float(observed[-1])),
        projected=words.number(float(mean[-1])),
        low=words.number(float(bands[-1, 0])),
        high=words.number(float(bands[-1, 3])),
    )
    return _series(reading, words, s), alternative, chart, lines


def score_table(reading: Reading, language: str = "en") -> TerminalTable:
    """Return the scores of the projection and of the best forecast without a model, by series.

    For a terminal; the page has all of them.
    """
    words = Words(language)
    table = TerminalTable(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(words("backtest.forecast"), overflow="fold", min_width=24)
    for column in COLUMNS:
        table.add_column(words(f"backtest.{column}"), justify="right")
    above = ""
    for series, form, forecast, cells in score_rows(reading, words, best=True):
        if series != above:
            table.add_section()
            table.add_row(series)
        above = series
        table.add_row(f"  {form}: {forecast}", *cells)
    return table


def score_rows(
    reading: Reading, words: Words, best: bool = False
) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield series, form, forecast, and as cells bias, MAPE, CRPS and coverage.

    With `best`, of the forecasts without a model only the one of the least CRPS.
    """
    for s in range(len(reading.ids("series"))):
        series = _series(reading, words, s)
        for f in _forms(reading, s):
            form = words(
                f"backtest.form_{reading.ids('form')[f]}",
                origin=int(reading.at("backtest_origin", series=s)),
            )
            for n in _best(reading, s, f) if best else range(len(reading.ids("forecast"))):
                index = {"form": f, "series": s, "forecast": n}
                if reading.at("backtest_scored", **index):
                    name = words.name(reading.names("forecast")[n])
                    yield series, form, name, _cells(reading, words, index)


def _best(reading: Reading, s: int, f: int) -> list[int]:
    """Return the projection, and the forecast without a model of the least CRPS if there is one."""
    others = reading.values("backtest_crps", form=f, series=s)[1:]
    return [PROJECTION, *([1 + int(np.nanargmin(others))] if np.isfinite(others).any() else [])]


def _cells(reading: Reading, words: Words, index: dict[str, int]) -> tuple[str, ...]:
    relative = reading.ids("form")[index["form"]] == "relative"
    level = reading.ids("form")[index["form"]] == "level"
    bias, crps, mape = (
        reading.at(f"backtest_{score}", **index) for score in ("bias", "crps", "mape")
    )
    errors = [words.percent(x) if relative else words.number(x, 1) for x in (bias, crps)]
    inside = reading.values("backtest_coverage", **index)
    certain = index["forecast"] != PROJECTION
    return (
        errors[0],
        words.percent(mape) if level and np.isfinite(mape) else MISSING,
        errors[1],
        *(MISSING if certain else words.percent(x, 0) for x in inside),
    )


def _forms(reading: Reading, s: int) -> list[int]:
    """Return the forms by which a series is scored."""
    scored = reading.values("backtest_scored", series=s, forecast=PROJECTION)
    return np.flatnonzero(scored == 1.0).tolist()


def verdicts(reading: Reading, words: Words) -> list[str]:
    """Return what the scores say of every series, a sentence or two each."""
    return [_verdict(reading, words, s) for s in range(len(reading.ids("series")))]


def _verdict(reading: Reading, words: Words, s: int) -> str:
    """Return whether the projection beats the best forecast without a model, form by form."""
    said, ratios = _series(reading, words, s), []
    for f in _forms(reading, s):
        crps = reading.values("backtest_crps", form=f, series=s)
        if np.isfinite(crps[1:]).any() and np.nanmin(crps[1:]) > 0.0:
            ratios.append((f, float(crps[PROJECTION] / np.nanmin(crps[1:]))))
    form = [words(f"backtest.short_{reading.ids('form')[f]}") for f, _ in ratios]
    told = words.listed(
        f"{name} {words.number(ratio, 2)}" for name, (_, ratio) in zip(form, ratios, strict=True)
    )
    beaten = [ratio < 1.0 for _, ratio in ratios]
    key = "alone" if not ratios else "all" if all(beaten) else "some" if any(beaten) else "no"
    sentences = [words(f"backtest.beats_{key}", ratios=told)]
    fitted = str(reading.data["backtest_fitted"].values[s])
    if fitted:
        sentences.append(words("backtest.in_sample", fitted=fitted))
    return f"{said}: {' '.join(sentences)}"


def scores_of(reading: Reading) -> list[dict[str, Any]]:
    """Return every score as plain values, for programs."""
    return [
        {
            "id": key,
            "name": reading.names("series")[s],
            "origin": int(reading.at("backtest_origin", series=s)),
            "years": int(reading.at("backtest_years", series=s)),
            "fitted": str(reading.data["backtest_fitted"].values[s]),
            "scores": [
                _scores(reading, s, f, n)
                for f in range(len(reading.ids("form")))
                for n in range(len(reading.ids("forecast")))
                if reading.at("backtest_scored", series=s, form=f, forecast=n)
            ],
        }
        for s, key in enumerate(reading.ids("series"))
    ]


def _scores(reading: Reading, s: int, f: int, n: int) -> dict[str, Any]:
    index = {"form": f, "series": s, "forecast": n}
    values = {
        name: reading.at(f"backtest_{name}", **index)
        for name in ("bias", "mape", "crps", "pinball")
    }
    bands = {
        name: dict(
            zip(reading.ids("band"), reading.values(f"backtest_{name}", **index), strict=True)
        )
        for name in ("coverage", "width")
    }
    return {
        "form": reading.ids("form")[f],
        "forecast": reading.ids("forecast")[n],
        **{name: None if np.isnan(value) else value for name, value in values.items()},
        **bands,
    }
