"""Cells: what statistics offices write for text, ages and what is missing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .errors import InputError

SEPARATORS = (";", ",", "\t")
MISSING = {":", ".", "..", "...", "-", "–", "—"}
_YEARS = r"(?:\s*(?:år|years?|jaar|jahre?|ans)\b)?"
_AGE = re.compile(rf"(\d{{1,3}})(?:\s*[-–]\s*(\d{{1,3}}))?{_YEARS}", re.IGNORECASE)
_OPEN = re.compile(
    rf"(\d{{1,3}}){_YEARS}\s*"
    r"(?:\+|(?:og|eller|and|or|en|of)\s+(?:over|eldre|older|above|more|ouder|meer))",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def decoded(content: bytes) -> str | None:
    """Return text in UTF-8, with or without byte order mark, or in Latin-1; None if in neither."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return None if _CONTROL.search(text) else text


@contextmanager
def well_formed(name: str, reader: Any) -> Iterator[None]:  # noqa: ANN401
    """Name file and line where a reader of `csv` finds no CSV."""
    try:
        yield
    except csv.Error as error:
        raise InputError(
            f"{name}:{max(1, reader.line_num)}: not CSV: {error}; is a quotation mark left open?"
        ) from None


def records(name: str, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of the rows that are not blank, cells without space around them."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    line = 1
    with well_formed(name, reader):
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1


def age(cell: str) -> str:
    """Return an age `35`, a band `35-39` or an open band `67+`; other text as it stands."""
    if found := _AGE.fullmatch(cell):
        return found[1] if found[2] is None else f"{found[1]}-{found[2]}"
    if found := _OPEN.fullmatch(cell):
        return f"{found[1]}+"
    return cell
