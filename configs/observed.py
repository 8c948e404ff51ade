"""Observed series: CSV of what was counted, read with every problem named."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from ..core.backtest.compare import years_scored
from ..core.backtest.observed import Observed, Scope
from ..core.backtest.paths import HEADS
from ..core.errors import InputError, cut
from ..core.files.variables import SERIES
from ..core.text_files import read_bytes
from .csv_files import read_sheet
from .guesses import meant
from .numbers import either, in_doubt, marks, signed

NEEDED = ("series", "year", "value")
COLUMNS = (*NEEDED, "region", "group", "vintage", "fitted", "source")
SHIPPED = "observed_2010_2017.csv"
_NEED_OTHERS = (*HEADS, *(name for name in SERIES if name.startswith("others")))
"""Series of studies that count the doctors without a speciality."""
_NEED_POSTS = ("wanting", "waiting_training", "left_waiting", "vacant", "locums")
"""Series of studies that limit LIS2/3 posts."""
Place = tuple[str, str, str, str]


def read_observed(path: Path | None, scope: Scope) -> tuple[Observed, ...]:
    """Return the series in a file, in the order of their first rows.

    Without a path those that come with the program: series that Helsedirektoratet 2019 prints.

    Raises
    ------
    InputError
        Naming every line that cannot be: a series, region or group the study does not have, what
        is no year or number, what is told twice; and a series of which no year is scored.
    """
    if path is not None:
        return _series(str(path), read_bytes(path), scope)
    return _series(SHIPPED, files(__package__).joinpath("data", SHIPPED).read_bytes(), scope)


def as_text(observed: Sequence[Observed]) -> str:
    """Return series as the text of a file: the same text for the same counts."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in observed:
        for n, (year, value) in enumerate(sorted(each.values.items())):
            words = ("", "") if n else (each.fitted, each.source)
            place = (each.region, each.group, each.vintage)
            number = f"{value!r}0" if in_doubt(repr(value)) else repr(value)  # 1.234 is asked about
            writer.writerow((each.series, year, number, *place, *words))
    return written.getvalue()


def observed_in(text: str, scope: Scope) -> tuple[Observed, ...]:
    """Return the series in a text of `as_text`.

    Raises
    ------
    InputError
        As `read_observed`.
    """
    return _series("what was observed", text.encode(), scope)


def _series(name: str, content: bytes, scope: Scope) -> tuple[Observed, ...]:
    values: dict[Place, dict[int, float]] = {}
    words: dict[Place, dict[str, str]] = {}
    problems: list[str] = []
    first: dict[tuple[str, ...], str] = {}  # where each year of a series stands
    for where, row in _rows(name, content):
        place = (row["series"], row["region"], row["group"], row["vintage"])
        wrong = list(_wrong(row, scope))
        key = (*place, row["year"])
        if not wrong and key in first:
            told = " ".join(filter(None, key))
            wrong = [f"{told} is listed twice, first at {first[key]}"]
        if wrong:
            problems += [f"{where}: {each}" for each in wrong]
            continue
        first[key] = where
        values.setdefault(place, {})[int(row["year"])] = float(row["value"])
        said = words.setdefault(place, {"fitted": "", "source": ""})
        words[place] = {name: said[name] or row[name] for name in said}
    found = tuple(Observed(*place, **words[place], values=values[place]) for place in values)
    if problems or not found:
        raise InputError(problems or [f"{name}: holds no counts"])
    unscored = [
        f"{name}: {each.identifier}: no year to score; counted {_years(list(each.values))}, "
        f"projected {_years(scope.years)}; give counts of later years with --observed"
        for each in found
        if not years_scored(scope, each)
    ]
    if unscored:
        raise InputError(unscored)
    return found


def _rows(name: str, content: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield where each row stands and its cells by column, numbers as Python writes them."""
    sheet = read_sheet(name, content, NEEDED)
    wrong = [each for each in sheet.header if each not in COLUMNS or sheet.header.count(each) > 1]
    if wrong:
        raise InputError(
            f"{name}:{sheet.line}: column '{cut(wrong[0])}' unknown or twice; known: "
            f"{', '.join(COLUMNS)}{meant(wrong[0], COLUMNS)}"
        )
    if sheet.problems:
        raise InputError(sheet.problems)
    read, empty = marks("", sheet.separator, stated=False).read, dict.fromkeys(COLUMNS, "")
    for line, row in zip(sheet.lines, sheet.columns(sheet.header), strict=True):
        value = signed(row["value"])
        number = value if in_doubt(value) else read(value)
        yield f"{name}:{line}", empty | row | {"value": number}


def _wrong(row: dict[str, str], scope: Scope) -> Iterator[str]:
    """Yield what is wrong with a row, and what is allowed."""
    if row["series"] not in SERIES:
        known = ", ".join(SERIES)
        yield f"series '{cut(row['series'])}'; known: {known}.{meant(row['series'], list(SERIES))}"
    elif lacking := _not_told(row["series"], scope):
        yield f"series '{row['series']}': {lacking}"
    elif row["group"] and not SERIES[row["series"]].by_group:
        yield f"group '{cut(row['group'])}': {row['series']} is not told by group; leave it empty"
    if row["series"] in HEADS and row["region"]:
        yield f"region '{cut(row['region'])}': {row['series']} is told for the whole country alone"
    elif row["region"] and row["region"] not in scope.regions:
        yield f"region '{cut(row['region'])}'; allowed: {', '.join(scope.regions)}, or none for all"
    if row["group"] and row["group"] not in scope.groups:
        yield f"group '{cut(row['group'])}'; allowed: {', '.join(scope.groups)}, or none for all"
    if not (row["year"].isascii() and row["year"].isdecimal() and len(row["year"]) == 4):
        yield f"year '{cut(row['year'])}'; a calendar year of four digits expected"
    if in_doubt(row["value"]):
        yield f"value '{row['value']}': {either(row['value'])}? Write it without the mark"
    elif not _number(row["value"]):
        yield f"value '{cut(row['value'])}'; a number of 0 or more expected, with a decimal point"


def _not_told(series: str, scope: Scope) -> str:
    """Return why a projection of the study does not tell a series; nothing where it does."""
    if series in _NEED_OTHERS and not scope.everybody:
        return "the study has no section without_speciality"
    if series in _NEED_POSTS and not scope.limited:
        return "the study has no section specialist_posts"
    if series == "awaiting" and not scope.ahead:
        return "in the study doctors begin in the half-year in which they are appointed"
    return ""


def _number(cell: str) -> bool:
    try:
        value = float(cell)
    except ValueError:
        return False
    return "_" not in cell and math.isfinite(value) and value >= 0.0


def _years(years: Sequence[int]) -> str:
    return f"{min(years)} to {max(years)}"
