"""Tables: the CSV files a study names, as its own columns say or as a statistics office exports.

A study writes `{ table = "my.csv" }`, and beside it, where file and study speak differently,
`columns`, `labels`, `thousands`, `youngest_age`, `oldest_age`, `source` and `assumption`: see
docs/tables.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.errors import InputError, cut
from ..core.study.world import Row
from .cells import age, flag, plain
from .csv_files import Sheet, quoted, read_sheet
from .guesses import meant
from .numbers import THOUSANDS, marks, number_problems, signed, thousands_shown
from .schema import is_flag, is_number, is_share, row_at

OLDEST, YOUNGEST = "oldest_age", "youngest_age"
KEYS = ("table", "columns", "labels", "thousands", YOUNGEST, OLDEST, "source", "assumption")


class StudyError(InputError):
    """What a study says of a table cannot be: problems that begin with a key of the study."""


class Table(NamedTuple):
    """The rows of a table as the study asks for them, and where each stands."""

    name: str
    rows: list[dict[str, str]]
    lines: list[int]  # of each row
    columns: dict[str, str]  # field -> column of the file, where they differ


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
    fields = row.model_fields
    wanted = list(columns.values()) or [f for f, about in fields.items() if about.is_required()]
    sheet = read_sheet(name, content, wanted, key)
    table, problems = _as_asked(sheet, key, row, columns), list(sheet.problems)
    file = _File(table, row, given)
    before = [tuple(found.get(field, "") for field in labels) for found in table.rows]
    problems += _label(table, key, labels)
    problems += _read_ages(file)
    problems += _read_numbers(file, sheet.separator)
    _give_origins(file)
    if problems:
        raise InputError(problems)
    return _added_up(file, before) if labels else table


class _File(NamedTuple):
    """A table under way: what the study says of it, and what its rows are."""

    table: Table
    row: type[Row]
    given: Mapping[str, Any]

    def place(self, n: int, field: str) -> str:
        """Return file, line and column of a cell."""
        at = self.table.columns.get(field, field)
        return f"{self.table.name}:{self.table.lines[n]}: {at}"

    def fields(self) -> list[str]:
        """Return the fields that the file has."""
        return list(next(iter(self.table.rows), ()))


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
    problems += [
        f"{key}.{end}: found {given[end]!r}; give an age in whole years"
        for end in (OLDEST, YOUNGEST)
        if end in given and (isinstance(given[end], bool) or not isinstance(given[end], int))
    ]
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
    return {field: plain(column) for field, column in columns.items()}, {
        field: {plain(label): own for label, own in known.items()}
        for field, known in labels.items()
    }


def _mapping_problems(part: str, value: object, fields: list[str]) -> Iterator[str]:
    """Yield what is wrong with a mapping from fields of the study, `part` its key."""
    if not isinstance(value, Mapping):
        yield f"{part}: found {value!r}; give {{ field = … }}"
        return
    for field in value:
        if field not in fields:
            known = ", ".join(fields)
            yield f"{part}: unknown field '{cut(field)}'; fields: {known}.{meant(field, fields)}"


def _as_asked(sheet: Sheet, key: str, row: type[Row], columns: Mapping[str, str]) -> Table:
    """Return the cells the study asks for, by field, and where they stand.

    Raises
    ------
    InputError
        If a column wanted stands there twice, or one is unknown where the study names none.
    """
    name, header, line = sheet.name, sheet.header, sheet.line
    used = [c for c in header if not columns or c in columns.values()]
    twice = sorted(column for column, times in Counter(used).items() if times > 1)
    if twice:
        raise InputError(f"{name}:{line}: {key}: column {quoted(twice)} stands there twice")
    unknown = [c for c in header if not columns and c not in row.model_fields]
    if unknown:
        raise InputError(
            f"{name}:{line}: {key}: unknown column {quoted(unknown)}; known: "
            f"{', '.join(row.model_fields)} (or give `columns`)"
            f"{_meant_of(unknown, row.model_fields)}"
        )
    fields = dict(columns) or {field: field for field in header}
    rows = sheet.columns(fields.values())
    asked = [{field: found[column] for field, column in fields.items()} for found in rows]
    return Table(name, asked, sheet.lines, dict(columns))


def _read_ages(file: _File) -> list[str]:
    """Put ages as Python reads them in place of the file's; return problems."""
    problems = []
    for n, found in enumerate(file.table.rows):
        if "ages" in found:
            found["ages"] = age(found["ages"])
        if "age" not in found or "age" not in file.row.model_fields:
            continue
        cell = age(found["age"])
        if cell.endswith("+") and OLDEST in file.given:
            cell = f"{cell[:-1]}-{file.given[OLDEST]}"
        elif cell.startswith("<") and YOUNGEST in file.given:
            cell = f"{file.given[YOUNGEST]}-{int(cell[1:]) - 1}"
        elif cell.startswith("<"):
            problems.append(
                f"{file.place(n, 'age')}: '{cut(found['age'])}' has no lower end; give "
                f"{YOUNGEST} beside the table"
            )
            cell = cell[1:]
        found["age"] = cell
    return problems


def _read_numbers(file: _File, separator: str) -> list[str]:
    """Put numbers, yes and no as Python writes them in place of the file's; return problems.

    No share is 1 234: it is not asked what parts its thousands.
    """
    table, row, told = file.table, file.row, file.given.get("thousands")
    fields = [field for field in file.fields() if is_number(row, field)]
    columns = {field: [signed(found[field]) for found in table.rows] for field in fields}
    by_field = thousands_shown(columns) | {f: "" for f in fields if is_share(row, f)}
    problems = []
    for field, cells in columns.items():
        thousands = by_field[field] if told is None else told
        wrong = number_problems(cells, thousands)
        problems += [f"{file.place(n, field)}: {said}" for n, said in wrong.items()]
        read = marks(thousands or "", separator, stated=told is not None).read
        for found, cell in zip(table.rows, cells, strict=True):
            found[field] = read(cell)
    for field in [each for each in file.fields() if is_flag(row, each)]:
        for found in table.rows:
            found[field] = flag(found[field])
    return problems


def _give_origins(file: _File) -> None:
    """Give rows that name none the origin beside the table."""
    for origin in ("source", "assumption"):
        for found in file.table.rows if origin in file.given else ():
            found[origin] = found.get(origin) or file.given[origin]


def _label(table: Table, key: str, labels: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Put the study's labels in place of the file's and drop rows labelled ''; return problems."""
    problems = []
    for field, known in labels.items():
        unknown: dict[str, int] = {}
        for found, line in zip(table.rows, table.lines, strict=True):
            cell = plain(found.get(field, ""))
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


def _added_up(file: _File, before: Sequence[tuple[str, ...]]) -> Table:
    """Return the table with persons added up over rows that the study's labels make the same.

    Rows whose labels were the same in the file, `before`, are one row twice: core refuses them.
    """
    table = file.table
    if "persons" not in file.row.model_fields:
        return table
    places: dict[tuple[str, ...], list[int]] = {}
    for n, found in enumerate(table.rows):
        same = tuple(cell for field, cell in found.items() if field != "persons")
        places.setdefault(same, []).append(n)
    result = Table(table.name, [], [], table.columns)
    for rows in sorted(places.values()):
        apart = len({before[n] for n in rows}) == len(rows)
        apart = apart and all(_is_number(table.rows[n]["persons"]) for n in rows)
        for n in rows[:1] if apart else rows:
            result.rows.append(table.rows[n])
            result.lines.append(table.lines[n])
        if apart and len(rows) > 1:
            result.rows[-1]["persons"] = repr(sum(float(table.rows[n]["persons"]) for n in rows))
    return result


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:  # said of the row when the study is read
        return False
    return True


def _meant_of(names: Sequence[str], known: Iterable[str]) -> str:
    """Return a guess at the first of several names."""
    guess = meant(names[0], known)
    return f".{guess}" if guess else ""
