"""Replay: one scenario alone, with what it drew and what happens in it, year by year."""

from __future__ import annotations

import time
from typing import Any

import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.errors import InputError
from ..core.files.summary import told_of
from ..core.files.variables import variable_of
from ..core.flow.projection import Request, scenario_alone
from ..core.scenarios.draws import sample_of
from ..core.study.processes import ALTERNATIVE
from ..core.system.posts import levels
from ..optimise.result.run import describe_plans
from .job import Job
from .options import ReplayOptions
from .request import PLAN, JobRequest

ALL = ("specialty", "region")


def in_sample(request: JobRequest[ReplayOptions]) -> None:
    """Refuse the number of a scenario that the sample has not."""
    sample, realization = sample_of(request.study), request.options.realization
    if not 0 <= realization < sample.scenarios:
        raise InputError(
            f"--realization {realization}: the sample has scenarios 0 to {sample.scenarios - 1} "
            "(sampling.scenarios); which numbers a scenario draws may depend on that number"
        )


def replayed(request: JobRequest[ReplayOptions], where: Where, progress: Progress) -> xr.Dataset:  # noqa: ARG001
    """Return the flow of one scenario under the plan of a request, nothing left out.

    The numbers are those the scenario has among all the others of the study's sample.
    """
    began = time.perf_counter()
    study, realization = request.study, request.options.realization
    plans = {PLAN: levels(study, request.plan)}
    asked = Request(study, sample_of(study), plans, ensemble=True)
    told = told_of(scenario_alone(asked, realization))
    dataset = describe_plans(study, {PLAN: request.plan}, told)
    attributes = dataset["realization"].attrs
    numbered = dataset.assign_coords(realization=("realization", [realization], attributes))
    return numbered.assign_attrs(request.attributes(time.perf_counter() - began))


def drawn_rows(request: JobRequest[ReplayOptions], dataset: xr.Dataset) -> list[dict[str, Any]]:
    """Return what the scenario drew once for all years: key, value and what it is usually."""
    study = request.study
    names = [alternative.name for alternative in study.demand.alternatives]
    chosen = int(dataset[variable_of(ALTERNATIVE)][0])
    rows: list[dict[str, Any]] = [
        {"key": ALTERNATIVE, "drawn": chosen, "meaning": names[chosen - 1]},
        {
            "key": "demand.normalised",
            "drawn": int(dataset[variable_of("demand.normalised")][0]),
            "meaning": "1: working hours are brought to normal",
        },
    ]
    for group, need in study.demand.need.items():
        model = int(dataset[variable_of(f"demand.need.{group}")][0])
        meaning = need.models[model - 1].name + ("" if need.used else " (not in use)")
        rows.append({"key": f"demand.need.{group}", "drawn": model, "meaning": meaning})
    for key, figure in study.uncertain.items():
        low, high = figure.bounds
        meaning = f"centre {figure.central:,.4g}, from {low:,.4g} to {high:,.4g}"
        value = float(dataset[variable_of(key)][0])
        rows.append({"key": key, "drawn": value, "meaning": meaning})
    return rows


def yearly_rows(dataset: xr.Dataset) -> list[dict[str, float]]:
    """Return the country's supply, demand and intake by year, FTE and persons."""
    one = dataset.isel(realization=0)
    columns = {
        "demand": one["ensemble_demand"].sum(ALL),
        "supply": one["ensemble_supply"].sum(ALL),
        "applicants_unplaced": one["ensemble_unplaced"].sum("region"),
        "appointed": one["ensemble_appointed"].sum("region"),
        "qualified": one["ensemble_qualified"].sum(ALL),
        "exits": one["ensemble_exits"].sum(ALL),
    }
    return [
        {"year": int(year)} | {name: float(values[y]) for name, values in columns.items()}
        for y, year in enumerate(dataset["year"].values)
    ]


JOB = Job(ReplayOptions, replayed, check=in_sample)
