"""Columns: which column of the Sobol sequence belongs to which uncertain thing, for ever.

The tables below are appended to, never reordered or shortened: another column is another draw.
What stands in none of them takes column 0 in an order of its own (see `sampling.py`).
"""

from __future__ import annotations

from typing import NamedTuple

SCALARS = (
    "demand.alternative",
    "demand.growth_error",
    "specialists.other_exits_per_year",
    "demand.normalisation",
    "training.completion_share",
    "specialists.foreign_per_year",
    "training.mean_years",
    "specialists.retirement_shift_years",
    "specialists.retirement_scale",
    "demand.specialist_share",
    "demand.normalisation_per_year",
    "queue.leakage",
    "queue.fill_rate",
    "lis1.leave",
    "lis1.drop_out",
    "training.completion_share_historic",
    "specialists.mobility_per_year",
    "direct_entry.per_year_after",
    "posts.unpublished_factor",
    "demand.unmet.hospital.missing",
    "demand.unmet.general_practice.missing",
    "groups.general_practice.choice",
    "demand.need.general_practice",
    "demand.need.general_practice.replaced_per_year",
    "regions.nord.retention",
    "regions.midt.retention",
    "regions.vest.retention",
    "regions.sor_ost.retention",
    "applicants.norway.net_per_year",
    "applicants.eu_eea.net_per_year",
    "applicants.outside.net_per_year",
    "applicants.eu_eea.propensity",
    "applicants.outside.propensity",
    "lis1.late_withdrawal.municipality",
    "without_speciality.arrivals_per_year",
    "demand.by_group.specialist_share.general_practice",
)
"""What is drawn once, in the order of its columns 0, 1, ... (the first columns are the best)."""
PROCESSES = (
    "demand.noise",
    "specialists.foreign_process",
    "applicants.norway.process",
    "applicants.eu_eea.process",
    "applicants.outside.process",
)
"""What is drawn year by year, in the order of its columns within a year."""
SCALAR_COLUMNS, YEARLY_COLUMNS = 64, 16
"""Columns kept for what is drawn once, and for each year."""
FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Years that have columns."""
COLUMNS = SCALAR_COLUMNS + YEARLY_COLUMNS * (LAST_YEAR - FIRST_YEAR + 1)

_SCALAR = {name: column for column, name in enumerate(SCALARS)}
_PROCESS = {name: place for place, name in enumerate(PROCESSES)}


class Stream(NamedTuple):
    """Where the uniform numbers of one thing (in one year) come from."""

    name: str  # all its random keys follow from it
    column: int | None  # of the Sobol sequence; None: column 0 in an order of its own


def stream(name: str) -> Stream:
    """Return the stream of a dotted key, of a process with its year at the end (KEY.2031)."""
    process, _, last = name.rpartition(".")
    if not last.isdecimal():
        return Stream(name, _SCALAR.get(name))
    place, year = _PROCESS.get(process), int(last)
    if place is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return Stream(name, None)
    return Stream(name, SCALAR_COLUMNS + YEARLY_COLUMNS * (year - FIRST_YEAR) + place)


def in_table_order(names: set[str]) -> list[str]:
    """Return the names in the order of the table, those not in it last, by the alphabet."""
    return sorted(names, key=lambda name: (_SCALAR.get(name, SCALAR_COLUMNS), name))
