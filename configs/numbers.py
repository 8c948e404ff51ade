"""Numbers as files write them: what parts thousands and decimals, as the study says or cells show.

`1.234` is 1 234 persons in one country and hardly more than one in another. Where neither the
study nor another cell of the file tells which, it is asked and never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .cells import DASHES, MISSING

_SPACES = " \u00a0\u2007\u2009\u200a\u202f"
_MINUS = re.compile(rf"[{DASHES}](?=[\d.,])")
_SPACED = re.compile(rf"[+-]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?")
_IN_DOUBT = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
_ONE_MARK = re.compile(r"[+-]?\d+([.,])\d+")
_OTHER = {".": ",", ",": "."}
_GROUPED = {
    mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+(?:\{other}\d+)?")
    for mark, other in _OTHER.items()
}
THOUSANDS = (*_OTHER, "")
"""What a study may say of a table: the dot parts thousands, the comma does, neither does."""


class Marks(NamedTuple):
    """What parts numbers: thousands by a space or this mark, if any; decimals by one of these."""

    thousands: str
    decimals: str

    def read(self, cell: str) -> str:
        """Return a number as Python writes it; what is none is left for the reader to refuse."""
        cell = _closed_up(cell)
        if self.thousands and _GROUPED[self.thousands].fullmatch(cell):
            cell = cell.replace(self.thousands, "")
        found = _ONE_MARK.fullmatch(cell)
        return cell.replace(found[1], ".") if found and found[1] in self.decimals else cell


class Shown(NamedTuple):
    """The marks that cells leave no doubt of: those of thousands, and those of decimals."""

    thousands: set[str]
    decimals: set[str]


def marks(thousands: str, separator: str, stated: bool) -> Marks:
    """Return the marks of a column: decimals have those that thousands leave.

    Where cells are parted by commas, a comma parts decimals only if the study says so.
    """
    if thousands:
        return Marks(thousands, _OTHER[thousands])
    return Marks("", ".," if stated or separator != "," else ".")


def shown(cells: Iterable[str]) -> Shown:
    """Return what cells show: `1.234,5` and `1.234.567` of thousands, `12,5` of decimals."""
    found = Shown(set(), set())
    for cell in cells:
        if in_doubt(cell):
            continue
        grouped = [mark for mark in _OTHER if _GROUPED[mark].fullmatch(cell)]
        found.thousands.update(grouped)
        found.decimals.update(_OTHER[mark] for mark in grouped if _OTHER[mark] in cell)
        if not grouped and (one := _ONE_MARK.fullmatch(_closed_up(cell))):
            found.decimals.add(one[1])
    return found


def in_doubt(cell: str) -> str:
    """Return the mark in a cell that parts either thousands or three decimals; "" without one."""
    found = _IN_DOUBT.fullmatch(cell)
    return found[1] if found else ""


def signed(cell: str) -> str:
    """Return a number with a hyphen for whatever dash stands before it.

    >>> signed("−5"), signed("–")
    ('-5', '–')
    """
    return f"-{cell[1:]}" if _MINUS.match(cell) else cell


def thousands_shown(columns: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """Return what parts thousands in each column of numbers of a file: None where in doubt.

    Each column speaks for itself: `1.234` is read beside a cell of the same column that leaves no
    doubt of the same mark, `12.5` or `1.234.567`, and only where no cell of the file has it, or the
    other mark, in the other part. Files are pasted together from several.
    """
    file = shown(cell for cells in columns.values() for cell in cells)
    return {name: _of_column(cells, file) for name, cells in columns.items()}


def _of_column(cells: Sequence[str], file: Shown) -> str | None:
    own = shown(cells)
    marks_in_doubt = {in_doubt(cell) for cell in cells} - {""}
    if not marks_in_doubt:
        return min(own.thousands, default="")  # of two, the cells of the other are problems
    mark, *more = marks_in_doubt
    if more:
        return None
    other = _OTHER[mark]
    if mark in own.thousands and mark not in file.decimals and other not in file.thousands:
        return mark
    if mark in own.decimals and mark not in file.thousands and other not in file.decimals:
        return min(own.thousands, default="")
    return None


def number_problems(cells: Sequence[str], thousands: str | None) -> dict[int, str]:
    """Return what is wrong with cells of a column of numbers, by their place; a doubt once."""
    own = shown(cells)
    problems = {}
    for place, cell in enumerate(cells):
        if cell in MISSING:
            problems[place] = (
                f"'{cell}' stands for a missing figure; give a number or leave the row out"
            )
        elif "_" in cell:
            problems[place] = f"'{cell}': a number has no underscore; write it without"
        elif thousands and _misfits(cell, thousands, own):
            problems[place] = (
                f"'{cell}': does not go with '{thousands}' between thousands, three digits each, "
                f"as elsewhere; write it as the others or without '{thousands}'"
            )
    if thousands is None:
        asked = [n for n, cell in enumerate(cells) if in_doubt(cell)]
        place = next((n for n in asked if in_doubt(cells[n]) not in own.decimals), asked[0])
        problems[place] = _question(cells[place])
    return problems


def _misfits(cell: str, mark: str, own: Shown) -> bool:
    """Tell whether a cell has the mark elsewhere, or may have the other between thousands."""
    if mark in cell:
        return not _GROUPED[mark].fullmatch(cell)
    return in_doubt(cell) != "" and _OTHER[mark] not in own.decimals


def either(cell: str) -> str:
    """Return the two numbers that a cell in doubt may be.

    >>> either("1,234")
    '1 234 or 1.234'
    """
    return f"{cell.replace(in_doubt(cell), ' ')} or {cell.replace(in_doubt(cell), '.')}"


def _question(cell: str) -> str:
    mark = in_doubt(cell)
    thousand, decimal = either(cell).split(" or ")
    return (
        f"'{cell}': {thousand} or {decimal}? Beside the table give thousands = \"{mark}\" where it "
        f'is {thousand}, thousands = "" where it is {decimal}'
    )


def _closed_up(cell: str) -> str:
    """Return a number without the spaces between its thousands."""
    return re.sub(rf"[{_SPACES}]", "", cell) if _SPACED.fullmatch(cell) else cell
