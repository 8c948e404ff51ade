"""Plan files: CSV with year, region, slots, read into arrays with every problem named."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.study.settings import OWN_PLANS
from ..core.study.study import Study
from .cells import well_formed
from .errors import InputError
from .guesses import cut
from .text_files import read_text

COLUMNS = ("year", "region", "slots")
MOST_SLOTS = 1_000_000
"""In a region and year: more than any country has doctors."""
Floats = NDArray[np.float64]


def read_plan(path: Path, study: Study) -> Floats:
    """Return slots [region, decision year] from a CSV file; what it does not list is zero.

    Raises
    ------
    InputError
        Naming file, line, value found and what is allowed, for every bad line at once.
    """
    found = _read(path, study, COLUMNS)
    return next(iter(found.values()), _nothing(study))


def read_plans(path: Path, study: Study) -> dict[str, Floats]:
    """Return several plans, name -> slots, from a CSV file with a first column `plan`.

    Raises
    ------
    InputError
        As `read_plan`; also for a name that a run gives to a plan of its own.
    """
    found = _read(path, study, ("plan", *COLUMNS))
    if not found:
        raise InputError(f"{path}: holds no plan")
    return found


class _Cells(NamedTuple):
    """The cells of one line of a plan file, as texts."""

    plan: str
    year: str
    region: str
    slots: str


def _read(path: Path, study: Study, columns: tuple[str, ...]) -> dict[str, Floats]:
    reader = csv.DictReader(io.StringIO(read_text(path)))
    with well_formed(str(path), reader):
        named = list(reader.fieldnames or ["none"])
        rows = [(f"{path}:{reader.line_num}", row) for row in reader]
    if tuple(named) != columns:
        raise InputError(
            f"{path}:1: found columns {cut(', '.join(named))}; expected {', '.join(columns)}"
        )
    regions, years = list(study.regions), list(study.decision_years)
    plans: dict[str, Floats] = {}
    seen: set[_Cells] = set()
    problems = []
    for where, row in rows:
        cells = _Cells(*((row.get(name) or "").strip() for name in _Cells._fields))
        wrong = f"more than {len(columns)} columns; expected {', '.join(columns)}"
        if None not in row:
            wrong = _wrong(cells, study, "plan" in columns)
        place = cells._replace(slots="")
        if not wrong and place in seen:
            wrong = f"{cells.region} {cells.year} is listed twice"
        if wrong:
            problems.append(f"{where}: {wrong}")
            continue
        seen.add(place)
        slots = plans.setdefault(cells.plan, _nothing(study))
        slots[regions.index(cells.region), years.index(int(cells.year))] = int(cells.slots)
    if problems:
        raise InputError(problems)
    return plans


def _wrong(cells: _Cells, study: Study, named: bool) -> str:
    """Return what is wrong with the cells of a line, and what is allowed; nothing if all is well.

    `named`: the line must name its plan.
    """
    regions, years = list(study.regions), list(study.decision_years)
    taken = (*OWN_PLANS, *study.comparison)
    if named and not cells.plan:
        return "no plan named"
    if cells.plan in taken:
        other = f"give another than {', '.join(taken)}"
        return f"plan '{cut(cells.plan)}': the run has one of that name; {other}"
    if not _whole(cells.year) or int(cells.year) not in years:
        return f"year '{cut(cells.year)}'; allowed: {years[0]} to {years[-1]}"
    if cells.region not in regions:
        return f"region '{cut(cells.region)}'; allowed: {', '.join(regions)}"
    if not _whole(cells.slots) or int(cells.slots) > MOST_SLOTS:
        return f"slots '{cut(cells.slots)}'; allowed: a whole number, 0 to {MOST_SLOTS:,}"
    return ""


def _nothing(study: Study) -> Floats:
    return np.zeros((len(study.regions), len(study.decision_years)))


def _whole(cell: str) -> bool:
    return cell.isascii() and cell.isdecimal() and len(cell) <= 12
