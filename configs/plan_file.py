"""Plan files: CSV with year, region, slots, read into arrays with every problem named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

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
    taken = (*OWN_PLANS, *study.comparison)
    seen: set[tuple[str, str, str]] = set()
    problems = []
    for where, row in rows:
        year, region, number = ((row.get(name) or "").strip() for name in COLUMNS)
        plan = (row.get("plan") or "").strip()
        if None in row:
            problems.append(
                f"{where}: more than {len(columns)} columns; expected {', '.join(columns)}"
            )
        elif "plan" in columns and not plan:
            problems.append(f"{where}: no plan named")
        elif plan in taken:
            problems.append(
                f"{where}: plan '{cut(plan)}': the run has one of that name; give another than "
                f"{', '.join(taken)}"
            )
        elif not _whole(year) or int(year) not in years:
            problems.append(f"{where}: year '{cut(year)}'; allowed: {years[0]} to {years[-1]}")
        elif region not in regions:
            problems.append(f"{where}: region '{cut(region)}'; allowed: {', '.join(regions)}")
        elif not _whole(number) or int(number) > MOST_SLOTS:
            allowed = f"allowed: a whole number, 0 to {MOST_SLOTS:,}"
            problems.append(f"{where}: slots '{cut(number)}'; {allowed}")
        elif (plan, year, region) in seen:
            problems.append(f"{where}: {region} {year} is listed twice")
        else:
            seen.add((plan, year, region))
            slots = plans.setdefault(plan, _nothing(study))
            slots[regions.index(region), years.index(int(year))] = int(number)
    if problems:
        raise InputError(problems)
    return plans


def _nothing(study: Study) -> Floats:
    return np.zeros((len(study.regions), len(study.decision_years)))


def _whole(cell: str) -> bool:
    return cell.isascii() and cell.isdecimal() and len(cell) <= 12
