"""Plans as notebooks hold them: mappings, arrays, data frames, labelled arrays and files.

All but arrays and mappings go through the reader of plan files, which names every problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ..configs.plan_file import COLUMNS
from ..core.errors import InputError
from ..core.system.arrays import System
from ..core.text_files import read_bytes
from ..report.reading import Reading

Floats = NDArray[np.float64]
Slots = Mapping[int, Mapping[str, int]]
"""A plan: decision year -> region -> new slots; what is not said is zero."""
AnyPlan: TypeAlias = Slots | Floats | pd.DataFrame | xr.DataArray | str | Path
LABELS = {"year": ("year",), "region": ("region", "region_id")}
"""Columns that say where a row of a plan belongs, and how else results call them."""


def slots_of(system: System, plan: AnyPlan | None, read: Callable[[Path, bytes], Floats]) -> Floats:
    """Return a plan as slots [row, decision year]; without one nothing is opened.

    `read` returns the plan of a file's path and content, as the study reads it.

    Raises
    ------
    InputError
        Naming every problem.
    """
    if plan is None:
        return system.no_slots
    if isinstance(plan, str | Path):
        return read(Path(plan), read_bytes(Path(plan)))
    if isinstance(plan, xr.DataArray):
        plan = _of_labelled(plan)
    if isinstance(plan, pd.DataFrame):
        return read(Path("slots (data frame)"), _as_rows(plan).to_csv(index=False).encode())
    if isinstance(plan, Mapping):
        slots, problems = _placed(system, plan)
    else:
        slots, problems = _of_array(system, np.asarray(plan, dtype=np.float64)), []
    if not ((slots >= 0) & (slots == np.round(slots))).all():
        problems.append("slots: whole numbers from 0 expected")
    if problems:
        raise InputError(problems)
    return slots


def _of_array(system: System, plan: Floats) -> Floats:
    """Return the plan of an array: of all rows, or of LIS1 [region, decision year] alone."""
    result = system.no_slots
    allowed = dict.fromkeys([(len(system.regions), result.shape[1]), result.shape])
    if plan.shape not in allowed:
        expected = " or ".join(map(str, allowed))
        raise InputError(f"slots: shape {plan.shape}; expected {expected}: region, decision year")
    result[: len(plan)] = plan
    return result


def _placed(system: System, slots: Slots) -> tuple[Floats, list[str]]:
    """Put slots by year and region into place; return them with what has no place."""
    regions, years, problems = list(system.regions), list(system.decision_years), []
    result = system.no_slots
    for year, by_region in slots.items():
        for region, number in by_region.items():
            if year not in years:
                problems.append(f"slots: year {year}; allowed: {years[0]} to {years[-1]}")
            elif region not in regions:
                problems.append(f"slots: region '{region}'; allowed: {', '.join(regions)}")
            else:
                result[regions.index(region), years.index(year)] = number
    return result, problems


def _of_labelled(plan: xr.DataArray) -> pd.DataFrame:
    """Return the slots of a labelled array, as results have them, as rows.

    Raises
    ------
    InputError
        If it has no year or no region, or another dimension beside.
    """
    found = {name: _coordinate(plan, names) for name, names in LABELS.items()}
    dims = {coordinate.dims[0] for coordinate in found.values()}
    if set(plan.dims) != dims:
        others = ", ".join(sorted(map(str, set(plan.dims) - dims)))
        raise InputError(f"slots: more dimensions than year and region: select one of {others}")
    rows = plan.transpose(found["year"].dims[0], found["region"].dims[0]).values
    years, regions = (found[name].values for name in ("year", "region"))
    return pd.DataFrame(rows, index=pd.Index(years, name="year"), columns=regions)


def _coordinate(plan: xr.DataArray, names: tuple[str, ...]) -> xr.DataArray:
    for name in reversed(names):
        if name in plan.coords and plan[name].ndim == 1:
            return plan[name]
    raise InputError(f"slots: no coordinate '{names[0]}'; a plan has year and region")


def _as_rows(plan: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of plan-file columns; a table year x region is unfolded into rows."""
    if set(COLUMNS) <= set(map(str, plan.columns)):
        return plan
    table = plan.set_index("year") if "year" in plan.columns else plan
    rows = table.rename_axis(index="year", columns="region").stack().rename("slots").reset_index()
    slots = rows["slots"]
    whole = slots.where(slots != np.round(slots), np.round(slots).astype("Int64"))
    return rows.assign(slots=whole)[list(COLUMNS)]


@dataclass(frozen=True)
class Plan:
    """A plan of a result: LIS1 slots by decision year and region."""

    name: str
    table: pd.DataFrame
    """Years by regions, whole numbers; a plan of `project` as it stands."""

    @property
    def total(self) -> int:
        """New slots in all."""
        return int(self.table.to_numpy().sum())

    def _repr_html_(self) -> str:
        """Return the plan as a short table: years with slots, and sums."""
        opened = self.table[(self.table != 0).any(axis=1)]
        heads = "".join(f'<th scope="col">{escape(str(x))}</th>' for x in [*opened.columns, "Sum"])
        rows = [(str(year), row.tolist()) for year, row in opened.iterrows()]
        rows.append(("Sum", opened.sum().tolist()))
        body = "".join(
            f'<tr><th scope="row">{name}</th>'
            + "".join(f"<td>{value}</td>" for value in [*values, sum(values)])
            + "</tr>"
            for name, values in rows
        )
        caption = f"{escape(self.name)}: {self.total:,} new LIS1 slots"
        head = f'<thead><tr><th scope="col">Year</th>{heads}</tr></thead>'
        return f"<table><caption>{caption}</caption>{head}<tbody>{body}</tbody></table>"


def plan_of(result: xr.Dataset, plan: str | int = 1) -> Plan:
    """Return one plan of a result: by its identifier, its name or its number from 1 on.

    Raises
    ------
    InputError
        If the result has no plans, or none of that name.
    """
    if "slots" not in result:
        raise InputError("plan_of: the result holds no plan")
    several = "plan_id" in result
    ids = result["plan_id"].values.tolist() if several else ["plan"]
    names = result["plan_name"].values.tolist() if several else ["The given plan"]
    known: dict[str | int, int] = {n + 1: n for n in range(len(ids))}
    known |= _numbered(names) | _numbered(ids)
    if plan not in known:
        raise InputError(f"plan_of: no plan '{plan}'; there are {', '.join(map(str, ids))}")
    at = known[plan]
    slots = result["slots"].isel(plan=at)
    table = pd.DataFrame(
        np.round(slots.values).astype(int),
        index=pd.Index(result["year"].values, name="year"),
        columns=pd.Index(result["region_id"].values.astype(str), name="region"),
    )
    return Plan(names[at], table.loc[list(Reading(result).study.decision_years)])


def _numbered(names: list[str]) -> dict[str | int, int]:
    return {name: n for n, name in enumerate(names)}
