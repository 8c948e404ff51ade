"""The Python interface: what the commands do, as plain functions for notebooks (docs/python.md).

Rooms are imported inside the functions: a result opens without waiting for the compiler.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
import xarray as xr

from .core.compute.place import Progress, silent
from .core.errors import InputError, InputWarning, own_errors

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from .core.study.study import Study
    from .jobs.options import Options
    from .jobs.request import JobRequest
    from .notebook.plans import AnyPlan, Floats, Plan


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
    slots: AnyPlan | None = None,
    *,
    ensemble: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
) -> xr.Dataset:
    """Project a given plan beside no new slots; the dataset is that of docs/file-format.md.

    Parameters
    ----------
    slots : {year: {region: new slots}}, an array [region, decision year], a data frame or labelled
        array of year and region, or the path of a plan file; by default none
    ensemble : keep supply, demand and flows of every scenario
    workers : threads; by default all cores

    Warns
    -----
    InputWarning
        Of each figure that can hardly be meant, and of each limit of the system the plan breaks.
    """
    from .jobs.options import ProjectOptions
    from .jobs.project import projected
    from .jobs.warnings import warnings_of

    request = _with_plan(study, ProjectOptions(ensemble=ensemble), slots)
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
def frontier(
    study: Study,
    over: str,
    *,
    points: int = 12,
    between: tuple[float | None, float | None] = (None, None),
    workers: int | None = None,
) -> xr.Dataset:
    """Solve a study for a row of values of one key: what a stricter or laxer limit costs.

    Parameters
    ----------
    over : dotted key to vary, such as ``risk.national.limit``
    between : first and last value; of a risk by default from near its floor to no new slots

    Raises
    ------
    InputError
        If the study has no such key, or not every value is allowed.
    """
    from .jobs.frontier import JOB
    from .jobs.options import FrontierOptions
    from .jobs.request import JobRequest

    options = FrontierOptions(over=over, points=points, low=between[0], high=between[1])
    request = JobRequest(study, options)
    JOB.check(request)
    return _made_by(JOB.make(request, workers, silent), "lis1plan.frontier(study, over)")


@own_errors()
def sensitivity(
    study: Study,
    slots: AnyPlan | None = None,
    *,
    method: Literal["sobol", "morris"] = "sobol",
    samples: int | None = None,
    workers: int | None = None,
) -> xr.Dataset:
    """Say which uncertain things drive the shortage under a plan, by Sobol or Morris indices.

    Parameters
    ----------
    samples : Sobol: base points, a power of two, by default 4096; Morris: trajectories, 256

    Warns
    -----
    InputWarning
        As `project`.
    """
    from .jobs.options import SensitivityOptions
    from .jobs.sensitivity import JOB
    from .jobs.warnings import warnings_of

    request = _with_plan(study, SensitivityOptions(method=method, samples=samples), slots)
    _warn(warnings_of(request))
    return _made_by(JOB.make(request, workers, silent), "lis1plan.sensitivity(study, slots)")


@own_errors()
def backtest(
    study: Study,
    observed: pd.DataFrame | str | Path | None = None,
    *,
    workers: int | None = None,
    progress: Progress = silent,
) -> xr.Dataset:
    """Score a projection made as of an earlier year against what was counted since.

    Parameters
    ----------
    observed : data frame or CSV file with columns series, year, value, and if wanted region, group,
        vintage, source, fitted; by default the series that the report of 2019 prints
    """
    from .configs.observed import as_text, observed_in, read_observed
    from .jobs.backtest import JOB, scope_of
    from .jobs.options import BacktestOptions
    from .jobs.request import JobRequest

    scope = scope_of(JobRequest(study, BacktestOptions(observed="")))
    if observed is None or isinstance(observed, str | Path):
        counted = read_observed(None if observed is None else Path(observed), scope)
    else:
        counted = observed_in(observed.to_csv(index=False), scope)
    request = JobRequest(study, BacktestOptions(observed=as_text(counted)))
    return _made_by(JOB.make(request, workers, progress), "lis1plan.backtest(study, observed)")


@own_errors()
def compare(results: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """Set results of `plan` and `project` side by side: a row each, by the name given to it."""
    from .notebook.compare import compared

    return compared(results)


@own_errors()
def plan_of(result: xr.Dataset, plan: str | int = 1) -> Plan:
    """Return one plan of a result as a table of year and region, which notebooks show.

    Parameters
    ----------
    plan : identifier, name or number from 1 on; by default the one the result is of
    """
    from .notebook.plans import plan_of as found

    return found(result, plan)


@own_errors()
def plot(result: xr.Dataset, what: str = "supply") -> alt.LayerChart:
    """Draw a result with Altair: title, axes and, for those who do not see it, a description.

    Parameters
    ----------
    what : of `plan` and `project`: supply, shortage, missing, plan, cost; of `frontier` (and
        `plan`), `sensitivity` and `backtest`: the function's own name

    Raises
    ------
    InputError
        If the result does not hold it; the message names what can be drawn.
    """
    from .notebook.charts import plotted

    return plotted(result, what)


@own_errors()
def open_result(path: str | Path) -> xr.Dataset:
    """Read a result file, checked: complete and unchanged.

    Raises
    ------
    ResultFileError
        If it is missing, damaged, changed or not ours.
    """
    from .core.files import store
    from .notebook.labels import selectable

    return selectable(store.open_result(Path(path)))


@own_errors()
def write_result(result: xr.Dataset, path: str | Path) -> Path:
    """Write a result of this interface as NetCDF, its checksum beside it."""
    from .core.files import store
    from .notebook.labels import plain

    return store.write_result(plain(result), Path(path), result.attrs)


@own_errors()
def write_report(result: xr.Dataset | Mapping[str, xr.Dataset], path: str | Path) -> Path:
    """Write the HTML report of a result; of several results, by name, a page that compares them.

    (`lis1plan.report` is the package of the report, hence the longer name.)
    """
    from .core.files import kinds
    from .report.pages import html

    if isinstance(result, Mapping) and not isinstance(result, xr.Dataset):
        from .notebook.compare import require_comparable
        from .report.pages.compare import write_comparison

        require_comparable(result)
        return write_comparison(list(result.items()), Path(path))
    if not html.has_page(result):
        held = kinds.held_by(result)
        raise InputError(f"the report needs a result of plan or project; this one holds {held}")
    return html.write_report(result, Path(path))


O = TypeVar("O", bound="Options")  # noqa: E741 - the options of a job


def _with_plan(study: Study, options: O, slots: AnyPlan | None) -> JobRequest[O]:
    """Return a request with a plan."""
    from .jobs.request import PLAN, JobRequest

    plans = {PLAN: _slots(study, slots)}
    return JobRequest(study, options, plans, plan_place=lambda *_: "slots")


def _slots(study: Study, slots: AnyPlan | None) -> Floats:
    """Return a plan as slots [row, decision year], every problem named."""
    from .configs.plan_file import plan_in
    from .core.system.arrays import system_of
    from .notebook.plans import slots_of

    return slots_of(system_of(study), slots, lambda path, text: plan_in(path, text, study).slots)


def _warn(lines: Iterable[str]) -> None:
    """Warn of lines, where the function of the interface was called."""
    for line in lines:
        warnings.warn(line, InputWarning, stacklevel=4)  # this, the function, own_errors, the call


def _made_by(result: xr.Dataset, call: str) -> xr.Dataset:
    """Say which function made a result: in a notebook the command line says nothing."""
    from .notebook.labels import selectable

    history = f"{result.attrs['date_created']} {call}"
    return selectable(result.assign_attrs(command_line=call, history=history))


def _toml(value: object) -> str:
    """Return a value as TOML: its numbers, texts, lists and booleans are written as in JSON."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, np.generic):
        value = value.item()
    return json.dumps(value, ensure_ascii=False)
