"""Export: a result as tables for other programs (xlsx, CSV, Parquet)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import xarray as xr

from ..texts.words import Words
from .files import WRITERS, write_workbook
from .formats import Format, Locale
from .tables import tables_of


class Exported(NamedTuple):
    """The files written, and the tables too long for the format."""

    files: list[Path]
    left_out: list[str]


def export(
    result: xr.Dataset, out: Path, stem: str, kind: Format, locale: Locale = "en"
) -> Exported:
    """Write all tables of a result to a folder: one workbook, or `stem-TABLE.kind` per table.

    Raises
    ------
    MissingLibraryError
        If the format needs a library that is not installed.
    """
    tables = tables_of(result, Words(locale))
    if kind == "xlsx":
        path = out / f"{stem}.xlsx"
        return Exported([path], write_workbook(tables, path))
    files = [out / f"{stem}-{table.name}.{kind}" for table in tables]
    for table, path in zip(tables, files, strict=True):
        WRITERS[kind](table, path, locale)
    return Exported(files, [])
