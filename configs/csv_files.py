"""CSV files: the one reader of tables, plans and inputs, whatever program wrote them.

It finds coding, separator and header, and leaves out what is no row: titles, empty rows and
columns, and a footer.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from ..core.errors import InputError, cut
from .cells import decoded, plain
from .guesses import meant

SEPARATORS = (";", ",", "\t", "|")
TITLE_LINES = 5
"""Lines that may stand before the header: a title, notes."""
_NOTE = re.compile(
    r"(?:kilder?|sources?|notes?|merknad(?:er)?|anmerkning(?:er)?|fotnoter?|footnotes?|"
    r"sist (?:endret|oppdatert)|(?:last )?updated|oppdatert|copyright|bron(?:nen)?|quellen?|"
    r"källa|källor)\b",
    re.IGNORECASE,
)
_MARKED = re.compile(r"[*(©¹]|\d\)")

Record = tuple[int, list[str]]
"""A row: its line and its cells."""


class Sheet(NamedTuple):
    """What stands in a CSV file, and where."""

    name: str
    separator: str
    line: int  # of the header
    header: list[str]
    rows: list[Record]  # as many cells as the header has
    problems: list[str]  # of rows that have more or fewer

    def columns(self, names: Iterable[str]) -> list[dict[str, str]]:
        """Return the rows as heading -> cell, of the named columns."""
        places = {name: self.header.index(name) for name in names}
        return [{name: cells[at] for name, at in places.items()} for _, cells in self.rows]

    @property
    def lines(self) -> list[int]:
        """The line of every row."""
        return [line for line, _ in self.rows]


def read_sheet(name: str, content: bytes, wanted: Sequence[str], key: str = "") -> Sheet:
    """Return header and rows of a file, which must have the columns wanted, in any order.

    Raises
    ------
    InputError
        If it is no text, no CSV, empty, or lacks a column; `key` of the study stands before that.
    """
    text = decoded(content)
    if text is None:
        raise InputError(
            f"{name}: not a text file in UTF-8, UTF-16 or Windows' cp1252; save it as CSV UTF-8"
        )
    said = f"{key}: " if key else ""
    separator, (line, _) = _header(name, text, [plain(each) for each in wanted], said)
    found = [record for record in records(name, text, separator) if record[0] >= line]
    header = [plain(cell) for cell in _trimmed(found[0][1], 0)]
    rows = [(at, _trimmed(cells, len(header))) for at, cells in found[1:]]
    return _without_empty_columns(name, separator, (line, header), _without_footer(rows))


def records(name: str, text: str, separator: str) -> Iterator[Record]:
    """Yield (line, cells) of the rows that are not blank, cells without space around them.

    Raises
    ------
    InputError
        Naming the line in which a row begins that is no CSV.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name}:{line}: not CSV: {error}; is a quotation mark left open?"
        ) from None


def _header(name: str, text: str, wanted: list[str], said: str) -> tuple[str, Record]:
    """Return separator and header: the first line, up to a few down, with all columns wanted."""
    guesses: list[Record] = []
    for separator in SEPARATORS:
        with suppress(InputError):  # said of the separator that fits, when all is read
            for line, cells in islice(records(name, text, separator), TITLE_LINES + 1):
                guesses.append((line, [plain(cell) for cell in cells]))
                if set(wanted) <= set(guesses[-1][1]):
                    return separator, guesses[-1]
    if not guesses:
        list(records(name, text, SEPARATORS[0]))  # says what is no CSV
        expected = f"columns expected: {', '.join(wanted)}"
        raise InputError(f"{name}: {said}the file is empty; {expected}")
    line, header = max(
        guesses, key=lambda each: len(set(wanted) & set(each[1])) * 1000 + len(each[1])
    )
    lacking = [column for column in wanted if column not in header]
    close = meant(lacking[0], header)
    raise InputError(
        f"{name}:{line}: {said}no column {quoted(lacking)}; found: {cut(', '.join(header))}"
        f"{'.' if close else ''}{close}"
    )


def _trimmed(cells: list[str], width: int) -> list[str]:
    """Return cells without empty ones at the end, but at least so many."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _without_footer(rows: list[Record]) -> list[Record]:
    """Return rows without those at the end that are notes: text in one cell alone.

    The first of them begins with a word such as `Kilde`, `Source` or `Note`, or with a mark: * ( ©
    1). With such a word and a colon it may hold separators, too. A label of another row never
    begins a footer, and what stands before a row of figures is none.
    """
    firsts = [next(filter(None, cells)) for _, cells in rows]
    start = len(rows)
    for n in range(len(rows) - 1, -1, -1):
        alone, first = sum(map(bool, rows[n][1])) == 1, firsts[n]
        word = _NOTE.match(first)
        if not alone and not (word and ":" in first):
            break
        if (word or (alone and _MARKED.match(first))) and firsts.count(first) == 1:
            start = n
    return rows[:start]


def _without_empty_columns(name: str, separator: str, header: Record, rows: list[Record]) -> Sheet:
    """Return the sheet without columns that have neither heading nor content."""
    line, headings = header
    full = [(at, cells) for at, cells in rows if len(cells) == len(headings)]
    kept = [n for n, heading in enumerate(headings) if heading or any(c[n] for _, c in full)]
    expected = f"{len(headings)} columns expected ({cut(', '.join(headings))})"
    return Sheet(
        name,
        separator,
        line,
        [headings[n] for n in kept],
        [(at, [cells[n] for n in kept]) for at, cells in full],
        [f"{name}:{at}: {expected}" for at, cells in rows if len(cells) != len(headings)],
    )


def quoted(names: Sequence[str]) -> str:
    """Return names in quotation marks, as messages tell them."""
    return cut(", ".join(f"'{name}'" for name in names))
