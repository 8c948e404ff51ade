"""Plans as they come from the page, and as the CSV file that `--plan` reads."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..configs.plan_file import COLUMNS, GROUP, MOST_SLOTS, TRACK
from ..core.errors import InputError
from ..core.system.arrays import System, system_of
from ..report.reading import Reading

Floats = NDArray[np.float64]
COLUMN = {"posts": GROUP, "tracks": TRACK}
"""Column of plan files that names the group or track, by family."""


def plan_from(given: Any, system: System) -> Floats:
    """Return the plan of a request, [row, decision year].

    Raises
    ------
    InputError
        If it is not as many rows of as many numbers as plans of the study have.
    """
    shape = system.most_slots.shape
    try:
        plan = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):  # the last: a whole number beyond all others
        plan = np.empty(0)
    if plan.shape != shape:
        raise InputError(f"plan: expected {shape[0]} rows of {shape[1]} numbers")
    if not (np.isfinite(plan) & (np.abs(plan) <= MOST_SLOTS)).all():
        raise InputError(f"plan: expected numbers from {-MOST_SLOTS:,} to {MOST_SLOTS:,}")
    return plan


def units_from(given: Any, reading: Reading) -> dict[str, float]:
    """Return the units of measures in a request, all of them named.

    Raises
    ------
    InputError
        Of a measure that the study has not, and of units that cannot be had.
    """
    found, asked = {}, given if isinstance(given, dict) else {}
    measures = reading.written.measure
    if unknown := sorted(set(map(str, asked)) - set(measures)):
        raise InputError(f"units: unknown measure '{unknown[0]}'")
    for name, measure in measures.items():
        units = asked.get(name, measure.units)
        if not isinstance(units, int | float) or not 0.0 <= units <= measure.most:
            raise InputError(f"units of {measure.name}: allowed: 0 to {measure.most:g}")
        found[name] = float(units)
    return found


def as_csv(plan: Floats, reading: Reading) -> str:
    """Return a plan [row, decision year] as CSV; what is zero is left out.

    Raises
    ------
    InputError
        If posts in it are no whole numbers: plan files hold none.
    """
    if (plan % 1.0).any():
        raise InputError("a plan file holds whole numbers alone; this plan has parts of posts")
    study = reading.study
    system, out = system_of(study), io.StringIO()
    beside = [COLUMN[each.variable] for each in system.families[1:]]
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*COLUMNS[:-1], *beside, COLUMNS[-1]])
    labels = {GROUP: list(study.groups), TRACK: list(study.track)}
    for family in system.families:
        own = COLUMN.get(family.variable)
        for row, place in enumerate(family.places, start=family.first):
            named = [labels[column][place[0]] if column == own else "" for column in beside]
            for year, slots in zip(system.decision_years, plan[row], strict=True):
                if slots:
                    region = system.regions[place[-1]]
                    writer.writerow([year, region, *named, int(slots)])
    return out.getvalue()
