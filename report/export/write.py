"""Export: a result as tables for other programs (xlsx, CSV, Parquet)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import xarray as xr

from ..texts.words import Words
from .files import WRITERS
from .formats import Format, Locale
from .tables import tables_of
from .workbook import write_workbook


class Exported(NamedTuple):
    """The files written, and the tables that the format does not hold."""

    files: list[Path]
    left_out: list[str]


def export(
    result: xr.Dataset, out: Path, stem: str, kind: Format, locale: Locale = "en"
) -> Exported:
    """Write a result to a folder: a workbook for readers, or `stem-TABLE.kind` per table.

    Raises
    ------
    MissingLibraryError
        If the format needs a library that is not installed.
    """
    words = Words(locale)
    if kind == "xlsx":
        path = out / f"{stem}.xlsx"
        return Exported([path], write_workbook(result, words, path))
    tables = tables_of(result, words)
    files = [out / f"{stem}-{table.name}.{kind}" for table in tables]
    for table, path in zip(tables, files, strict=True):
        WRITERS[kind](table, path, locale)
    return Exported(files, [])
