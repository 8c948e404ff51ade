"""Workbooks: the answer first, sheets with names and headings in words, and a last one about it."""

from __future__ import annotations

import io
from pathlib import Path

import xarray as xr

from ...core.atomic import written_aside
from ...core.files.kinds import is_projected
from ..reading import Reading
from ..texts.words import Words
from .answer_sheet import AnswerSheet
from .of_plans import sheets_of
from .sheets import Column, Looks, Sheet, fill
from .tables import Table, tables_of

MOST_SHEETS, ROWS = 12, 1_048_576
OWN = ("variables", "provenance", "bounds")
"""Tables that stand on the last sheet, about the others."""


def write_workbook(result: xr.Dataset, words: Words, path: Path) -> list[str]:
    """Write a result as a workbook; return the tables that are not in it.

    A result with plans has sheets for readers; of others every table is a sheet.
    """
    import xlsxwriter

    reading, plans, left_out = Reading(result), is_projected(result), list[str]()
    # of a result with plans they only say what is called how: a scenario is enough
    some = result.isel(realization=slice(1), missing_dims="ignore") if plans else result
    tables = tables_of(some, words)
    if plans:
        sheets = sheets_of(reading, words)
    else:
        sheets, left_out = _as_tables(tables)
    about = _about(tables, words)
    options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, options | {"in_memory": True}) as book:
        looks = Looks(book, words("workbook.billion"))
        first = book.add_worksheet(words("workbook.answer_name")) if plans else None
        pages = [book.add_worksheet(sheet.name) for sheet in (*sheets, about)]
        if first is not None:
            AnswerSheet(first, reading, words, looks).fill([*sheets, about], sheets[1])
        for page, sheet in zip(pages, (*sheets, about), strict=True):
            fill(page, sheet, looks)
    with written_aside(path) as aside:
        aside.write_bytes(content.getbuffer())
    return left_out


def _as_tables(tables: list[Table]) -> tuple[list[Sheet], list[str]]:
    """Return a sheet per table, and the tables beyond what a workbook has: too long, too many."""
    own = [table for table in tables if table.name not in OWN]
    fits = [t for t in own if t.rows < ROWS and not t.name.startswith("ensemble")]
    fits = fits[: MOST_SHEETS - 1]
    sheets = [
        Sheet(
            table.name,
            [
                Column(
                    f"{name} [{unit}]" if (unit := table.units.get(name, "")) else name,
                    values.tolist(),
                    "text" if values.dtype.kind == "O" else "any",
                )
                for name, values in table.columns.items()
            ],
        )
        for table in fits
    ]
    return sheets, [table.name for table in own if table not in fits]


def _about(tables: list[Table], words: Words) -> Sheet:
    """Return what every variable means and counts, and how the result was made."""
    rows = list[tuple[str, ...]]()
    for table in tables:
        if table.name == "variables":
            found = [table.columns[key] for key in ("variable", "meaning", "counts", "table")]
            rows += [tuple(map(str, row)) for row in zip(*found, strict=True)]
    for table in tables:
        if table.name in ("bounds", "provenance"):
            pairs = zip(*table.columns.values(), strict=True)
            rows += [(str(what), "", "", str(value)) for what, value in pairs]
    heads = ("variable", "meaning", "counts", "table")
    cells = [list(column) for column in zip(*rows, strict=True)]
    columns = [
        Column(words(f"workbook.about_{head}"), column)
        for head, column in zip(heads, cells, strict=True)
    ]
    return Sheet(words("workbook.about"), columns)
