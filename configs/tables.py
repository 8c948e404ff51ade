"""Tables: the CSV files a study names, as its own columns say or as a statistics office exports.

A study writes `{ table = "my.csv" }`, and beside it, where file and study speak differently,
`columns`, `labels`, `thousands`, `oldest_age`, `source` and `assumption`: see docs/tables.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.study.world import Row
from .cells import SEPARATORS, age, decoded, records
from .errors import InputError
from .guesses import cut, meant
from .numbers import THOUSANDS, marks, number_problems, thousands_shown
from .schema import is_number, is_share, row_at

KEYS = ("table", "columns", "labels", "thousands", "oldest_age", "source", "assumption")
TITLE_LINES = 5
"""Lines that may stand before the header: a title, notes."""


class StudyError(InputError):
    """What a study says of a table cannot be: problems that begin with a key of the study."""


class Table(NamedTuple):
    """The rows of a table as the study asks for them, and where each stands."""

    name: str
    rows: list[dict[str, str]]
    lines: list[int]  # of each row
    columns: dict[str, str]  # field -> column of the file, where they differ


class _Layout(NamedTuple):
    """How a file is read: its header (on which line) and what parts its cells."""

    separator: str
    line: int
    header: list[str]
    after: list[tuple[int, list[str]]]


def is_table(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a value of a study names a table."""
    return isinstance(value, Mapping) and "table" in value


def read_table(key: str, given: Mapping[str, Any], content: bytes) -> Table:
    """Return the rows of the file that a study names at a dotted key, from its content.

    Raises
    ------
    InputError
        Naming every problem by file and line.
    StudyError
        If the fault lies in what the study says of the table.
    """
    name, row = str(given["table"]), row_at(key.split("."))
    if row is None:
        raise StudyError(f"{key}: holds no rows, so no table can stand there")
    columns, labels = _mappings(key, given, row)
    text = decoded(content)
    if text is None:
        raise InputError(f"{name}: not a text file in UTF-8 or Latin-1; save it as UTF-8 text")
    layout = _layout(name, key, text, row, columns)
    table, problems = Table(name, [], [], columns), list[str]()
    names = {
        field: layout.header.index(columns.get(field, field))
        for field in _used(layout, row, columns)
    }
    for line, cells in layout.after:
        if len(cells) != len(layout.header):
            problems.append(
                f"{name}:{line}: {len(layout.header)} columns expected "
                f"({cut(', '.join(layout.header))})"
            )
            continue
        found = {field: cells[at] for field, at in names.items()}
        table.rows.append(_cleaned(found, row, given))
        table.lines.append(line)
    problems += _read_numbers(table, row, layout.separator, given.get("thousands"))
    problems += _label(table, key, labels)
    if problems:
        raise InputError(problems)
    return _added_up(table, row) if labels else table


def close_open_ages(tables: Mapping[str, Table]) -> list[str]:
    """Give open bands of ages in stock and exits the other table's oldest age; return problems."""
    problems = []
    pair = ("specialists.stock", "specialists.retirement")
    for key, other in (pair, pair[::-1]):
        if key not in tables:
            continue
        oldest = _oldest(tables[other]) if other in tables else None
        table = tables[key]
        for found, line in zip(table.rows, table.lines, strict=True):
            first = found.get("age", "").removesuffix("+")
            if first == found.get("age", "") or not _is_age(first):
                continue
            if oldest is None or oldest < int(first):
                known = "names none" if oldest is None else f"ends at {oldest}"
                problems.append(
                    f"{table.name}:{line}: age '{cut(found['age'])}' has no upper end, and {other} "
                    f"{known}; give oldest_age beside the table"
                )
            else:
                found["age"] = f"{first}-{oldest}"
    return problems


def _oldest(table: Table) -> int | None:
    ends = [found.get("age", "").rpartition("-")[2] for found in table.rows]
    return max((int(end) for end in ends if _is_age(end)), default=None)


def _is_age(cell: str) -> bool:
    return cell.isdecimal() and len(cell) <= 3


def _mappings(
    key: str, given: Mapping[str, Any], row: type[Row]
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return columns and labels of the file by field of the study, or raise what is wrong."""
    columns, labels, fields = given.get("columns", {}), given.get("labels", {}), row.model_fields
    problems = [
        f"{key}.{each}: unknown key of a table; known: {', '.join(KEYS)}"
        for each in given
        if each not in KEYS
    ]
    oldest = given.get("oldest_age", 0)
    if isinstance(oldest, bool) or not isinstance(oldest, int):
        problems.append(f"{key}.oldest_age: found {oldest!r}; give an age in whole years")
    if given.get("thousands", "") not in THOUSANDS:
        problems.append(
            f'{key}.thousands: found {given["thousands"]!r}; give "." or ",", whichever parts '
            'thousands, or "" where neither does'
        )
    for part, value in (("columns", columns), ("labels", labels)):
        problems += _mapping_problems(f"{key}.{part}", value, list(fields))
    if "columns" in given and isinstance(columns, Mapping):
        problems += [
            f"{key}.columns: names no column for '{field}'"
            for field, about in fields.items()
            if about.is_required() and field not in columns
        ]
    if problems:
        raise StudyError(problems)
    return dict(columns), {field: dict(known) for field, known in labels.items()}


def _mapping_problems(part: str, value: object, fields: list[str]) -> Iterator[str]:
    """Yield what is wrong with a mapping from fields of the study, `part` its key."""
    if not isinstance(value, Mapping):
        yield f"{part}: found {value!r}; give {{ field = … }}"
        return
    for field in value:
        if field not in fields:
            known = ", ".join(fields)
            yield f"{part}: unknown field '{cut(field)}'; fields: {known}.{meant(field, fields)}"


def _layout(name: str, key: str, text: str, row: type[Row], columns: Mapping[str, str]) -> _Layout:
    """Return separator and header: the first line, up to a few down, with all columns wanted."""
    fields = row.model_fields
    wanted = list(columns.values()) or [f for f, about in fields.items() if about.is_required()]
    guesses = []
    for separator in SEPARATORS:
        found = list(records(name, text, separator))
        for n, (line, cells) in enumerate(found[: TITLE_LINES + 1]):
            layout = _Layout(separator, line, cells, found[n + 1 :])
            guesses.append(layout)
            if set(wanted) <= set(cells):
                return _without_doubt(name, key, layout, row, columns)
    if not guesses:
        raise InputError(f"{name}: {key}: the file is empty; columns expected: {', '.join(wanted)}")
    guess = max(
        guesses, key=lambda each: len(set(wanted) & set(each.header)) * 1000 + len(each.header)
    )
    lacking = [column for column in wanted if column not in guess.header]
    raise InputError(
        f"{name}:{guess.line}: {key}: no column {_quoted(lacking)}; "
        f"found: {cut(', '.join(guess.header))}{_meant_of(lacking, guess.header)}"
    )


def _without_doubt(
    name: str, key: str, layout: _Layout, row: type[Row], columns: Mapping[str, str]
) -> _Layout:
    """Return the layout unless a column wanted stands there twice or the study knows one not."""
    used = [c for c in layout.header if not columns or c in columns.values()]
    twice = sorted({column for column in used if used.count(column) > 1})
    if twice:
        raise InputError(f"{name}:{layout.line}: {key}: column {_quoted(twice)} stands there twice")
    unknown = [c for c in layout.header if not columns and c not in row.model_fields]
    if unknown:
        raise InputError(
            f"{name}:{layout.line}: {key}: unknown column {_quoted(unknown)}; known: "
            f"{', '.join(row.model_fields)} (or give `columns`)"
            f"{_meant_of(unknown, row.model_fields)}"
        )
    return layout


def _used(layout: _Layout, row: type[Row], columns: Mapping[str, str]) -> list[str]:
    return list(columns) or [field for field in layout.header if field in row.model_fields]


def _read_numbers(table: Table, row: type[Row], separator: str, told: str | None) -> list[str]:
    """Put numbers as Python writes them in place of the file's; return problems.

    No share is 1 234: it is not asked what parts its thousands.
    """
    fields = [field for field in next(iter(table.rows), ()) if is_number(row, field)]
    columns = {field: [found[field] for found in table.rows] for field in fields}
    by_field = thousands_shown(columns) | {f: "" for f in fields if is_share(row, f)}
    problems = []
    for field, cells in columns.items():
        thousands = by_field[field] if told is None else told
        wrong = number_problems(cells, thousands)
        at = table.columns.get(field, field)
        problems += [f"{table.name}:{table.lines[n]}: {at}: {said}" for n, said in wrong.items()]
        read = marks(thousands or "", separator, stated=told is not None).read
        for found, cell in zip(table.rows, cells, strict=True):
            found[field] = read(cell)
    return problems


def _cleaned(found: Mapping[str, str], row: type[Row], given: Mapping[str, Any]) -> dict[str, str]:
    """Return a row's cells with ages as Python reads them, and with its origin."""
    cells = dict(found)
    if "age" in cells and "age" in row.model_fields:
        cells["age"] = age(cells["age"])
        if cells["age"].endswith("+") and "oldest_age" in given:
            cells["age"] = f"{cells['age'][:-1]}-{given['oldest_age']}"
    for origin in ("source", "assumption"):
        if origin in given and not cells.get(origin):
            cells[origin] = given[origin]
    return cells


def _label(table: Table, key: str, labels: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Put the study's labels in place of the file's and drop rows labelled ''; return problems."""
    problems = []
    for field, known in labels.items():
        unknown: dict[str, int] = {}
        for found, line in zip(table.rows, table.lines, strict=True):
            cell = found.get(field, "")
            if cell not in known:
                unknown.setdefault(cell, line)
            found[field] = known.get(cell, cell)
        if unknown:
            said = cut(", ".join(f"'{label}' (line {line})" for label, line in unknown.items()))
            problems.append(
                f"{table.name}:{min(unknown.values())}: {key}.labels.{field} lacks {said}; "
                f"it has: {', '.join(known)}"
            )
    kept = [n for n, found in enumerate(table.rows) if all(found[field] for field in labels)]
    table.rows[:] = [table.rows[n] for n in kept]
    table.lines[:] = [table.lines[n] for n in kept]
    return problems


def _added_up(table: Table, row: type[Row]) -> Table:
    """Return the table with persons added up over rows that the study's labels make the same."""
    if "persons" not in row.model_fields:
        return table
    places: dict[tuple[str, ...], int] = {}
    result = Table(table.name, [], [], table.columns)
    for found, line in zip(table.rows, table.lines, strict=True):
        same = tuple(cell for field, cell in found.items() if field != "persons")
        at = places.setdefault(same, len(result.rows))
        if at == len(result.rows):
            result.rows.append(found)
            result.lines.append(line)
            continue
        try:
            total = float(result.rows[at]["persons"]) + float(found["persons"])
        except ValueError:  # said of the row when the study is read
            result.rows.append(found)
            result.lines.append(line)
        else:
            result.rows[at]["persons"] = repr(total)
    return result


def _quoted(names: Sequence[str]) -> str:
    return cut(", ".join(f"'{name}'" for name in names))


def _meant_of(names: Sequence[str], known: Iterable[str]) -> str:
    """Return a guess at the first of several names."""
    guess = meant(names[0], known)
    return f".{guess}" if guess else ""
