"""Plan files: CSV with year, region, slots, read into an array with every problem named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.study import Study
from .errors import InputError
from .loader import read_text

COLUMNS = ("year", "region", "slots")


def read_plan(path: Path, study: Study) -> NDArray[np.float64]:
    """Return slots [region, decision year] from a CSV file; what it does not list is zero.

    Raises
    ------
    InputError
        Naming file, line, value found and what is allowed, for every bad line at once.
    """
    reader = csv.DictReader(io.StringIO(read_text(path)))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError(
            f"{path}:1: found columns {', '.join(reader.fieldnames or ['none'])}; "
            f"expected {', '.join(COLUMNS)}"
        )
    regions, years = list(study.regions), list(study.decision_years)
    slots = np.zeros((len(regions), len(years)))
    seen: set[tuple[str, str]] = set()
    problems = []
    for row in reader:
        where = f"{path}:{reader.line_num}"
        year, region, number = ((row.get(name) or "").strip() for name in COLUMNS)
        if None in row:
            problems.append(f"{where}: more than 3 columns; expected {', '.join(COLUMNS)}")
        elif not _whole(year) or int(year) not in years:
            problems.append(f"{where}: year '{year}'; allowed: {years[0]} to {years[-1]}")
        elif region not in regions:
            problems.append(f"{where}: region '{region}'; allowed: {', '.join(regions)}")
        elif not _whole(number):
            problems.append(f"{where}: slots '{number}'; allowed: a whole number, 0 or more")
        elif (year, region) in seen:
            problems.append(f"{where}: {region} {year} is listed twice")
        else:
            seen.add((year, region))
            slots[regions.index(region), years.index(int(year))] = int(number)
    if problems:
        raise InputError(problems)
    return slots


def _whole(cell: str) -> bool:
    return cell.isascii() and cell.isdecimal()
