"""Plan files: CSV with year, region, slots, read into arrays with every problem named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InputError, cut
from ..core.study.settings import OWN_PLANS
from ..core.study.study import Study
from ..core.system.posts import families, no_slots
from ..core.text_files import read_bytes
from .csv_files import Sheet, read_sheet
from .guesses import meant
from .numbers import either, in_doubt, marks, signed

COLUMNS = ("year", "region", "slots")
GROUP = "group"
"""Column of plans that open LIS2/3 posts, too: lines with a group are those, the others LIS1."""
TRACK = "track"
"""Column of plans that earmark LIS1 posts: lines with a track are those, of the others' posts."""
EXPORTED = ("plan", "plan_name", "group_name", "track_name", "region_name", "level")
"""Columns that an exported plan has beside; of them only `plan` is read."""
RESULTS = ("chosen", "plan")
"""Names of the plan that a result is of: of an exported table that one is read."""
MOST_SLOTS = 1_000_000
"""In a region and year: more than any country has doctors."""
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_WHOLE = re.compile(r"(-?\d{1,12})(?:\.0{1,2})?")


class GivenPlan(NamedTuple):
    """A plan as a file gives it, and where."""

    path: Path
    slots: Floats  # [row, decision year]; what the file does not list is zero
    lines: NDArray[np.int64]  # of the file, [row, decision year]; 0 where it lists nothing

    @classmethod
    def empty(cls, path: Path, study: Study) -> GivenPlan:
        """Return a plan of which nothing is listed yet."""
        none = no_slots(study)
        return cls(path, none, np.zeros(none.shape, dtype=np.int64))

    def place(self, cells: Flags) -> str:
        """Return the file with the lines of some cells, flags [row, decision year]."""
        lines = np.unique(self.lines[cells & (self.lines > 0)])
        if not len(lines):
            return str(self.path)
        runs = np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1)
        said = [f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
        return f"{self.path}:{','.join(said)}"


def read_plan(path: Path, study: Study) -> GivenPlan:
    """Return the plan of a CSV file.

    Of an exported table with several plans that of the result itself.

    Raises
    ------
    InputError
        Naming file, line, value found and what is allowed, for every bad line at once.
    """
    return plan_in(path, read_bytes(path), study)


def plan_in(path: Path, content: bytes, study: Study) -> GivenPlan:
    """Return the plan of a CSV file whose content is at hand; `path` names it (see `read_plan`)."""
    sheet = _sheet(path, content, COLUMNS)
    lines = list(_lines(sheet))
    named = list(dict.fromkeys(line.plan for line in lines))
    if len(named) > 1:
        own = [name for name in RESULTS if name in named]
        if not own:
            raise InputError(
                f"{path}:{sheet.line}: plan: found several, {cut(', '.join(named))}; leave one of "
                "them in the file"
            )
        lines = [line for line in lines if line.plan == own[0]]
    found = _plans(path, study, lines, sheet.problems)
    return next(iter(found.values()), GivenPlan.empty(path, study))


def read_plans(path: Path, study: Study) -> dict[str, GivenPlan]:
    """Return several plans by name, from a CSV file with a column `plan`.

    Raises
    ------
    InputError
        As `read_plan`; also for a name that a run gives to a plan of its own.
    """
    sheet = _sheet(path, read_bytes(path), ("plan", *COLUMNS))
    lines = list(_lines(sheet))
    found = _plans(path, study, lines, [*sheet.problems, *_unnamed(path, study, lines)])
    if not found:
        raise InputError(f"{path}: holds no plan")
    return found


class _Line(NamedTuple):
    """The cells of one line of a plan file, as texts."""

    number: int
    plan: str
    year: str
    region: str
    slots: str
    group: str  # of LIS2/3 posts; nothing for LIS1
    track: str  # of earmarked LIS1 posts; nothing for all others


def _sheet(path: Path, content: bytes, columns: tuple[str, ...]) -> Sheet:
    sheet = read_sheet(str(path), content, columns)
    known = (*COLUMNS, *EXPORTED, GROUP, TRACK)
    unknown = [name for name in sheet.header if name not in known]
    twice = [name for name in known if sheet.header.count(name) > 1]
    if unknown or twice:
        what = f"unknown column '{cut(unknown[0])}'" if unknown else f"column '{twice[0]}' twice"
        raise InputError(
            f"{path}:{sheet.line}: {what}; expected {', '.join(columns)}"
            f"{meant(unknown[0], known) if unknown else ''}"
        )
    return sheet


def _lines(sheet: Sheet) -> Iterator[_Line]:
    """Yield the lines of a file, numbers as Python writes them; what is in doubt stays as it is."""
    read = marks("", sheet.separator, stated=False).read
    rows = sheet.columns(name for name in sheet.header if name in _Line._fields)
    for number, row in zip(sheet.lines, rows, strict=True):
        year, slots = (
            cell if in_doubt(cell) else read(cell)
            for cell in (signed(row["year"]), signed(row["slots"]))
        )
        beside = row.get(GROUP, ""), row.get(TRACK, "")
        yield _Line(number, row.get("plan", ""), year, row["region"], slots, *beside)


def _plans(
    path: Path, study: Study, lines: list[_Line], problems: list[str]
) -> dict[str, GivenPlan]:
    """Return the plans of some lines, or raise all that is wrong with them."""
    years = list(study.decision_years)
    plans: dict[str, GivenPlan] = {}
    seen: dict[tuple[str, ...], int] = {}
    for line in lines:
        wrong = _wrong(line, study)
        place = line.plan, line.group, line.track, line.region, line.year
        if not wrong and place in seen:
            named = " ".join(each for each in place[1:] if each)
            wrong = f"{named} is listed twice, first in line {seen[place]}"
        if wrong:
            problems.append(f"{path}:{line.number}: {wrong}")
            continue
        seen[place] = line.number
        plan = plans.setdefault(line.plan, GivenPlan.empty(path, study))
        year = _whole(line.year)
        if year in years:  # outside nothing is opened
            cell = _row(line, study), years.index(year)
            plan.slots[cell], plan.lines[cell] = _whole(line.slots), line.number
    if problems:
        raise InputError(problems)
    return plans


def _row(line: _Line, study: Study) -> int:
    """Return the row of plans that a line speaks of."""
    axes = {"slots": (), "posts": (GROUP,), "tracks": (TRACK,)}
    labels = {GROUP: list(study.groups), TRACK: list(study.track)}
    variable = "tracks" if line.track else "posts" if line.group else "slots"
    family = next(each for each in families(study) if each.variable == variable)
    place = [labels[axis].index(getattr(line, axis)) for axis in axes[variable]]
    place.append(list(study.regions).index(line.region))
    return family.first + int(np.ravel_multi_index(place, family.shape))


def _unnamed(path: Path, study: Study, lines: list[_Line]) -> Iterator[str]:
    """Yield lines without a plan, and the first of each plan named as one of the run's own."""
    taken, told = (*OWN_PLANS, *study.comparison), set[str]()
    for line in lines:
        if not line.plan:
            yield f"{path}:{line.number}: no plan named"
        elif line.plan in taken and line.plan not in told:
            told.add(line.plan)
            yield (
                f"{path}:{line.number}: plan '{cut(line.plan)}': the run has one of that name; "
                f"give another than {', '.join(taken)}"
            )


def _wrong_family(line: _Line, study: Study) -> str:
    """Return what is wrong with the group or track of a line; nothing if all is well."""
    decided = tuple(key for key, track in study.track.items() if track.new is not None)
    if line.group and line.track:
        return f"group '{cut(line.group)}', track '{cut(line.track)}': posts are of either"
    if line.group and not study.decides_posts:
        return (
            f"group '{cut(line.group)}': LIS2/3 posts; the study decides on none "
            "(specialist_posts.new)"
        )
    if line.track and not decided:
        return f"track '{cut(line.track)}': earmarked; the study decides on none (track.*.new)"
    allowed = (GROUP, line.group, study.groups), (TRACK, line.track, decided)
    for column, label, known in allowed:
        if label and label not in known:
            close = meant(label, list(known))
            return f"{column} '{cut(label)}'; allowed: {', '.join(known)}{'.' * bool(close)}{close}"
    return ""


def _wrong(line: _Line, study: Study) -> str:
    """Return what is wrong with the cells of a line, and what is allowed; nothing if all is well.

    Exported tables list all years: before and after the decisions with no slots.
    """
    regions, years = list(study.regions), list(study.decision_years)
    closing = study.limits.closing
    closed = closing is not None and line.region in closing.most_per_year
    if line.group:
        closed = study.closes_posts
    if wrong := _wrong_family(line, study):
        return wrong
    slots, year = _whole(line.slots), _whole(line.year)
    if line.region not in regions:
        close = meant(line.region, regions)
        return (
            f"region '{cut(line.region)}'; allowed: {', '.join(regions)}{'.' * bool(close)}{close}"
        )
    if year is None or (year not in years and not (slots == 0 and year in study.years)):
        return f"year '{cut(line.year)}'; allowed: {years[0]} to {years[-1]}"
    if slots is None or abs(slots) > MOST_SLOTS or (slots < 0 and not closed):
        least = -MOST_SLOTS if closed else 0
        doubt = f"{either(line.slots)}? " if in_doubt(line.slots) else ""
        said = f"allowed: a whole number, {least:,} to {MOST_SLOTS:,}"
        return f"slots '{cut(line.slots)}'; {doubt}{said}"
    return ""


def _whole(cell: str) -> int | None:
    """Return a whole number, None where a cell holds none."""
    found = _WHOLE.fullmatch(cell) if cell.isascii() else None
    return int(found[1]) if found else None
