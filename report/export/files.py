"""Files of tables: one CSV or Parquet file per table, each written aside."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ...core.atomic import written_aside
from ...core.errors import Exit, LisError
from .tables import Column, Table

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text cell that begins with one of these would be run as a formula by some spreadsheet.

The last four are as wide as a Chinese sign: where such are written, they mean the same.
"""


class MissingLibraryError(LisError):
    """A format that needs a library which is not installed; the message says which."""

    exit_code = Exit.BAD_INPUT


def write_csv(table: Table, path: Path, locale: str) -> None:
    """Write a table as CSV: for `nb` with semicolons, decimal commas and a byte-order mark."""
    norwegian = locale == "nb"
    columns = [_column(values, norwegian) for values in table.columns.values()]
    encoding = "utf-8-sig" if norwegian else "utf-8"
    with (
        written_aside(path) as aside,
        aside.open("w", encoding=encoding, newline="") as file,
    ):
        writer = csv.writer(file, delimiter=";" if norwegian else ",", lineterminator="\r\n")
        writer.writerow(table.columns)
        writer.writerows(zip(*columns, strict=True))


def _column(values: Column, norwegian: bool) -> list[str]:
    """Return the cells of a column; `values` may mix numbers and texts."""
    if values.dtype.kind in "biu":
        return [str(int(value)) for value in values.tolist()]
    return [
        harmless(value) if isinstance(value, str) else _number(value, norwegian)
        for value in values  # not as a list: single precision keeps its fewer digits
    ]


def _number(value: float, norwegian: bool) -> str:
    """Return the shortest digits that are exact, or nothing where a value is missing."""
    if not np.isfinite(value):
        return ""
    digits = np.format_float_positional(value, unique=True, trim="-")
    return digits.replace(".", ",") if norwegian else digits


def harmless(text: str) -> str:
    """Return a text no spreadsheet takes for a formula: an apostrophe first where needed."""
    return f"'{text}" if text.startswith(FORMULA) else text


def write_parquet(table: Table, path: Path) -> None:
    """Write a table as Parquet, what each column counts in its metadata.

    Raises
    ------
    MissingLibraryError
        If pyarrow is not installed.
    """
    pyarrow, parquet = _arrow()
    fields, arrays = [], []
    for name, values in table.columns.items():
        texts = values.dtype.kind == "O"
        array = pyarrow.array([str(value) for value in values] if texts else values)
        counts = {"counts": table.units[name]} if table.units.get(name) else None
        fields.append(pyarrow.field(name, array.type, metadata=counts))
        arrays.append(array)
    made = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields))
    with written_aside(path) as aside:
        parquet.write_table(made, str(aside), compression="zstd")


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingLibraryError(
            "Parquet needs the library pyarrow; in the folder of lis1plan: pip install '.[parquet]'"
        ) from None
    return pyarrow, pyarrow.parquet


WRITERS: dict[str, Callable[[Table, Path, str], None]] = {
    "csv": write_csv,
    "parquet": lambda table, path, _: write_parquet(table, path),
}
"""Formats with a file per table."""
