"""Loading the published calculations: rows and inputs (CSV), with every problem named at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import get_args

import numpy as np

from ..core.atomic import written_aside
from ..core.errors import InputError, cut, writing_to
from ..core.published.register import NotComputableError, recompute
from ..core.published.row import Expected, Inputs, Outcome, Row
from ..core.text_files import read_bytes
from .csv_files import read_sheet
from .guesses import meant
from .numbers import in_doubt, marks

ROWS, INPUTS = "published_rows.csv", "published_inputs.csv"
ROW_COLUMNS = (
    "row", "section", "what", "document", "place", "printed", "rounding", "expected", "recomputed",
    "remark",
)  # fmt: skip
EXPECTED: dict[str, Expected] = {word: word for word in get_args(Expected)}
INPUT_COLUMNS = ("row", "input", "position", "value", "unit", "source")

Key = tuple[str, str, int]  # row, input, position
Cells = dict[Key, float]


def load_published(inputs: Path | None = None) -> tuple[Row, ...]:
    """Return all published calculations, with the built-in inputs or those of a changed copy.

    Raises
    ------
    InputError
        Naming file and line of every value that is unknown, missing, listed twice or no number.
    """
    built_in = _read_cells(INPUTS, _built_in(INPUTS), None)
    cells = built_in if inputs is None else _read_cells(str(inputs), read_bytes(inputs), built_in)
    problems: list[str] = []
    rows = []
    for where, line in _lines(ROWS, _built_in(ROWS), ROW_COLUMNS, problems):
        own = {key: cells[key] for key in built_in if key[0] == line["row"]}
        try:
            rows.append(_row(line, own))
        except ValueError as error:
            problems.append(f"{where}: {error}")
    if problems:
        raise InputError(problems)
    return tuple(rows)


def outcomes_of(inputs: Path | None = None) -> list[Outcome]:
    """Return all published calculations, recomputed from the built-in inputs or a changed copy.

    Raises
    ------
    InputError
        As `load_published`, and naming every row that the inputs allow no result for.
    """
    try:
        return recompute(load_published(inputs))
    except NotComputableError as error:
        lines = str(error).split("\n")
        raise InputError([f"{inputs or INPUTS}: {line}" for line in lines]) from None


def copy_of_inputs(path: Path) -> None:
    """Write the built-in inputs to a file that does not exist yet.

    Raises
    ------
    InputError
        If the file exists or cannot be written.
    """
    if path.exists():
        raise InputError(f"{path}: exists already; nothing was written; name another")
    with writing_to(path), written_aside(path) as aside:
        aside.write_bytes(_built_in(INPUTS))


def _built_in(name: str) -> bytes:
    return (resources.files(__package__) / "data" / name).read_bytes()


def _lines(
    name: str, content: bytes, columns: Sequence[str], problems: list[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield place and cells of every line that has the right number of cells."""
    sheet = read_sheet(name, content, columns)
    if sorted(sheet.header) != sorted(columns):
        found = cut(", ".join(sheet.header))
        raise InputError(
            f"{name}:{sheet.line}: found columns {found}; expected {', '.join(columns)}"
        )
    problems += sheet.problems
    read = marks("", sheet.separator, stated=False).read
    for line, cells in zip(sheet.lines, sheet.columns(columns), strict=True):
        value = cells.get("value", "")
        yield f"{name}:{line}", cells if in_doubt(value) else cells | {"value": read(value)}


def _read_cells(name: str, content: bytes, known: Cells | None) -> Cells:
    """Return the inputs of a file; `known` are those it must list, no more and no fewer."""
    cells: Cells = {}
    first: dict[Key, str] = {}  # where each stands
    problems: list[str] = []
    for where, line in _lines(name, content, INPUT_COLUMNS, problems):
        try:
            key, value = _key(line, known), _number(line["value"])
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        if key in cells:
            problems.append(f"{where}: {_said(key)} is listed twice, first at {first[key]}")
        cells[key], first[key] = value, first.get(key, where)
    if known is not None and not problems:
        missing = [key for key in known if key not in cells]
        problems.extend(f"{name}: {_said(key)} is missing" for key in missing)
    if problems:
        raise InputError(problems)
    return cells


def _key(line: dict[str, str], known: Cells | None) -> Key:
    row, name, position = line["row"], line["input"], line["position"]
    if not (position.isascii() and position.isdecimal()):
        raise ValueError(f"position '{position}'; allowed: a whole number, 0 or more")
    key = row, name, int(position)
    if known is None or key in known:
        return key
    rows = list(dict.fromkeys(key[0] for key in known))
    names = list(dict.fromkeys(key[1] for key in known if key[0] == row))
    places = [str(key[2]) for key in known if key[:2] == (row, name)]
    if row not in rows:
        raise ValueError(f"unknown row '{row}'; the rows are {rows[0]} to {rows[-1]}")
    if name not in names:
        has = f"it has {', '.join(names)}.{meant(name, names)}"
        raise ValueError(f"row {row} has no input '{cut(name)}'; {has}")
    raise ValueError(f"{row} {name} has no position {position}; allowed: {', '.join(places)}")


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in cell:
        raise ValueError(f"value '{cell}'; allowed: a finite number with a decimal point")
    return value


def _said(key: Key) -> str:
    return f"row {key[0]}, input {key[1]}, position {key[2]}"


def _row(line: dict[str, str], cells: Cells) -> Row:
    printed = tuple(_number(cell) for cell in line["printed"].split(";"))
    rounding = tuple(_number(cell) for cell in line["rounding"].split(";"))
    if len(rounding) == 1:
        rounding *= len(printed)
    if len(rounding) != len(printed):
        raise ValueError(f"{len(rounding)} rounding units for {len(printed)} printed values")
    if line["expected"] not in EXPECTED:
        raise ValueError(f"expected '{line['expected']}'; allowed: {', '.join(EXPECTED)}")
    recomputed = tuple(_number(cell) for cell in line["recomputed"].split(";") if cell)
    if len(recomputed) != (0 if line["expected"] == "agrees" else len(printed)):
        raise ValueError(f"{len(recomputed)} recomputed values of a row that {line['expected']}")
    if not cells:
        raise ValueError(f"row {line['row']} has no inputs")
    return Row(
        id=line["row"],
        section=line["section"],
        what=line["what"],
        document=line["document"],
        place=line["place"],
        printed=printed,
        rounding=rounding,
        expected=EXPECTED[line["expected"]],
        recomputed=recomputed,
        remark=line["remark"],
        inputs=_by_name(cells),
    )


def _by_name(cells: Cells) -> Inputs:
    """Return the values of each input, in the order of their positions."""
    names = dict.fromkeys(key[1] for key in cells)
    return {
        name: np.array([cells[key] for key in sorted(key for key in cells if key[1] == name)])
        for name in names
    }
