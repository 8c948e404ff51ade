"""The Python interface: what the commands do, as plain functions for notebooks (docs/python.md).

Rooms are imported inside the functions: a result opens without waiting for the compiler.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .core.compute.place import Progress, silent
from .core.errors import InputError, InputWarning, own_errors

if TYPE_CHECKING:
    from .core.study.study import Study

Floats = NDArray[np.float64]
Slots = Mapping[int, Mapping[str, int]]
"""A plan: decision year -> region -> new slots; what is not said is zero."""


@own_errors()
def load_study(
    name_or_path: str | Path, overrides: Mapping[str, Any] | Sequence[str] = ()
) -> Study:
    """Load a study: a preset's name or the path of a TOML file.

    Parameters
    ----------
    overrides : dotted key -> value, e.g. ``{"risk.national.limit": 0.12}``, or ``KEY=VALUE`` texts

    Raises
    ------
    InputError
        Naming every problem at once.
    """
    from .configs import loader

    if isinstance(overrides, Mapping):
        overrides = [f"{key}={_toml(value)}" for key, value in overrides.items()]
    return loader.load_study(str(name_or_path), list(overrides))


@own_errors()
def project(
    study: Study,
    slots: Slots | Floats | None = None,
    *,
    ensemble: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
) -> xr.Dataset:
    """Project a given plan beside no new slots; the dataset is that of docs/file-format.md.

    Parameters
    ----------
    slots : {year: {region: new slots}} or an array [region, decision year]; by default none
    ensemble : keep supply, demand and flows of every scenario
    workers : threads; by default all cores

    Warns
    -----
    InputWarning
        Of each figure that can hardly be meant, and of each limit of the system the plan breaks.
    """
    from .jobs.options import ProjectOptions
    from .jobs.project import projected
    from .jobs.request import PLAN, JobRequest
    from .jobs.warnings import warnings_of

    options = ProjectOptions(ensemble=ensemble)
    plans = {PLAN: _slots(study, slots)}
    request = JobRequest(study, options, plans, plan_place=lambda *_: "slots")
    _warn(warnings_of(request))
    return _made_by(projected(request, workers, progress), "lis1plan.project(study, slots)")


@own_errors()
def plan(
    study: Study,
    *,
    ensemble: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
) -> xr.Dataset:
    """Find the cheapest plan, prove it and set it beside the alternatives (see `project`).

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits; it says what would have to give.

    Warns
    -----
    InputWarning
        Of each figure that can hardly be meant, and of each risk limit that asks for nothing.
    """
    from .jobs.options import RunOptions
    from .jobs.request import JobRequest
    from .jobs.run import planned
    from .jobs.warnings import intervals_in, outside, warnings_of

    request = JobRequest(study, RunOptions(ensemble=ensemble))
    _warn(warnings_of(request))
    result = planned(request, workers, progress)
    _warn(outside(request, intervals_in(request, result)))
    return _made_by(result, "lis1plan.plan(study)")


@own_errors()
def open_result(path: str | Path) -> xr.Dataset:
    """Read a result file, checked: complete and unchanged.

    Raises
    ------
    ResultFileError
        If it is missing, damaged, changed or not ours.
    """
    from .core.files import store

    return store.open_result(Path(path))


@own_errors()
def write_result(result: xr.Dataset, path: str | Path) -> Path:
    """Write a result of `project` or `plan` as NetCDF, its checksum beside it."""
    from .core.files import store

    return store.write_result(result, Path(path), result.attrs)


@own_errors()
def write_report(result: xr.Dataset, path: str | Path) -> Path:
    """Write the HTML report of a result of `plan` or `project`."""
    from .core.files import kinds
    from .report.pages import html

    if not html.has_page(result):
        held = kinds.held_by(result)
        raise InputError(f"the report needs a result of plan or project; this one holds {held}")
    return html.write_report(result, Path(path))


def _slots(study: Study, slots: Slots | Floats | None) -> Floats:
    """Return a plan as slots [region, decision year], every problem named."""
    result = np.zeros((len(study.regions), len(study.decision_years)))
    if slots is None:
        return result
    if not isinstance(slots, Mapping):
        given = np.asarray(slots, dtype=np.float64)
        if given.shape != result.shape:
            raise InputError(
                f"slots: shape {given.shape}; expected {result.shape}: region, decision year"
            )
        result, problems = np.ascontiguousarray(given), []
    else:
        problems = _placed(study, slots, result)
    if not ((result >= 0) & (result == np.round(result))).all():
        problems.append("slots: whole numbers from 0 expected")
    if problems:
        raise InputError(problems)
    return result


def _placed(study: Study, slots: Slots, result: Floats) -> list[str]:
    """Put slots by year and region into place; return what has no place."""
    regions, years, problems = list(study.regions), list(study.decision_years), []
    for year, by_region in slots.items():
        for region, number in by_region.items():
            if year not in years:
                problems.append(f"slots: year {year}; allowed: {years[0]} to {years[-1]}")
            elif region not in regions:
                problems.append(f"slots: region '{region}'; allowed: {', '.join(regions)}")
            else:
                result[regions.index(region), years.index(year)] = number
    return problems


def _warn(lines: Iterable[str]) -> None:
    """Warn of lines, where the function of the interface was called."""
    for line in lines:
        warnings.warn(line, InputWarning, stacklevel=4)  # this, the function, own_errors, the call


def _made_by(result: xr.Dataset, call: str) -> xr.Dataset:
    """Say which function made a result: in a notebook the command line says nothing."""
    history = f"{result.attrs['date_created']} {call}"
    return result.assign_attrs(command_line=call, history=history)


def _toml(value: object) -> str:
    """Return a value as TOML: its numbers, texts, lists and booleans are written as in JSON."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, np.generic):
        value = value.item()
    return json.dumps(value, ensure_ascii=False)
