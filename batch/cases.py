"""Cases: named scenarios from one table, a row for each, a key of the study in every column."""

from __future__ import annotations

from pathlib import Path

from ..configs.csv_files import read_sheet
from ..configs.numbers import marks
from ..core.errors import InputError
from ..core.text_files import read_bytes

NAME = "scenario"
"""The column of their names."""


def cases_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table of cases, each as column -> value; an empty cell sets nothing.

    Raises
    ------
    InputError
        If it is no table, has no column `scenario`, no key, or two rows of one name.
    """
    sheet = read_sheet(str(path), read_bytes(path), [NAME])
    keys = [column for column in sheet.header if column != NAME]
    problems = list(sheet.problems)
    if not keys:
        problems.append(f"{path}:{sheet.line}: no key; give one in each column beside '{NAME}'")
    if len(set(sheet.header)) < len(sheet.header):
        problems.append(f"{path}:{sheet.line}: a column stands there twice; name each key once")
    if not sheet.rows:
        problems.append(f"{path}:{sheet.line}: no row; give one for each scenario")
    number = marks("", sheet.separator, False)  # 0,85 of a Norwegian Excel is 0.85
    seen: dict[str, int] = {}
    cases = []
    for line, cells in sheet.rows:
        row = dict(zip(sheet.header, cells, strict=True))
        name = row.pop(NAME)
        if not name:
            problems.append(f"{path}:{line}: no name in '{NAME}'; give each scenario one")
        elif name in seen:
            problems.append(
                f"{path}:{line}: '{name}' stands in line {seen[name]}, too; name it once"
            )
        seen.setdefault(name, line)
        cases.append({NAME: name} | {key: number.read(cell) for key, cell in row.items() if cell})
    if problems:
        raise InputError(problems)
    return cases


def overrides_of(case: dict[str, str]) -> list[str]:
    """Return what a case, or a combination of swept values, sets, as KEY=VALUE.

    >>> overrides_of({"scenario": "high", "risk.national.limit": "0.1"})
    ['risk.national.limit=0.1']
    """
    return [f"{key}={value}" for key, value in case.items() if key != NAME]
