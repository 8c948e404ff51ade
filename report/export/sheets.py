"""Sheets of a workbook: columns with headings, number formats and widths, frozen and filtered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CHARACTERS = 32_767
"""What a cell of a workbook can hold."""
FORMS = {
    "text": "@",
    "year": "0",
    "whole": "#,##0",
    "share": "0.0 %",
    "limit": "0.0000",
    "any": "General",
}
"""Number formats as workbooks hold them; a Norwegian Excel shows `# ##0` and `0,0 %`."""
WIDTHS = {
    "text": 24,
    "year": 8,
    "whole": 14,
    "share": 14,
    "limit": 14,
    "any": 16,
    "billion": 16,
}
LONGEST = 60


class Column(NamedTuple):
    """One column: its heading, its cells and how they are written."""

    head: str
    cells: Sequence[Any] | NDArray[Any]
    form: str = "text"


class Sheet(NamedTuple):
    """A sheet with columns of equal length."""

    name: str
    columns: Sequence[Column]


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any, billion: str) -> None:
        self.made: dict[tuple[str, str], Any] = {}
        self.book = book
        self.codes = FORMS | {"billion": f'#,##0.0 "{billion}"'}

    def __call__(self, form: str, kind: str = "") -> Any:
        """Return a format: a form of number, and `head`, `sum` or nothing."""
        if (form, kind) not in self.made:
            look: dict[str, Any] = {"num_format": self.codes[form], "valign": "top"}
            if kind == "head":
                look |= {"bold": True, "text_wrap": True, "bottom": 1}
            if kind == "sum":
                look |= {"bold": True, "top": 1}
            if form != "text":
                look["align"] = "right"
            self.made[form, kind] = self.book.add_format(look)
        return self.made[form, kind]


def fill(page: Any, sheet: Sheet, looks: Looks) -> None:
    """Fill a sheet; its number formats are those of whole columns."""
    rows = len(sheet.columns[0].cells)
    for c, column in enumerate(sheet.columns):
        page.set_column(c, c, _width(column), looks(column.form))
        page.write_string(0, c, column.head, looks(column.form, "head"))
        for r, cell in enumerate(column.cells, start=1):
            put(page, (r, c), cell)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(rows, 1), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def put(page: Any, place: tuple[int, int], cell: Any, look: Any = None) -> None:
    """Write a cell: a text as a text whatever it begins with, a number, or nothing if missing."""
    if isinstance(cell, str):
        page.write_string(*place, fitted(cell), look)
    elif np.isfinite(cell):
        page.write_number(*place, float(cell), look)
    else:
        page.write_blank(*place, None, look)


def _width(column: Column) -> float:
    if column.form != "text":
        return WIDTHS[column.form]
    longest = max((len(str(cell)) for cell in column.cells[:500]), default=0)
    return min(LONGEST, max(12, longest + 1))


def fitted(text: str) -> str:
    """Return a text a cell can hold."""
    if len(text) <= CHARACTERS:
        return text
    return f"({len(text)} characters, more than a cell can hold; they stand in the result file)"
