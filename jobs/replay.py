"""Replay: one scenario alone, with what it drew and what happens in it, year by year."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..configs.errors import InputError
from ..core.files.variables import variable_of
from ..core.flow.projection import UNITS, Projection, Request, projected_block
from ..core.scenarios.draws import sample_of
from ..core.study.processes import ALTERNATIVE
from ..core.study.study import Study
from ..core.system.posts import levels
from ..optimise.result.run import describe_plans

Floats = NDArray[np.float64]
ALL = ("specialty", "region")


def replayed(study: Study, slots: Floats, realization: int) -> xr.Dataset:
    """Return the flow of one scenario under new slots [region, decision year], nothing left out.

    The numbers are those the scenario has among all the others of the study's sample.

    Raises
    ------
    InputError
        If the sample has no such scenario.
    """
    sample = sample_of(study)
    if not 0 <= realization < sample.scenarios:
        raise InputError(
            f"--realization {realization}: the sample has scenarios 0 to {sample.scenarios - 1} "
            "(sampling.scenarios); which numbers a scenario draws may depend on that number"
        )
    asked = Request(study, sample, {"plan": levels(study, slots)}, ensemble=True)
    part = projected_block(realization, 1, asked)
    means = {name: values / UNITS for name, values in part.sums.items()}
    projection = Projection(part.supply, part.demand, means, part.ensemble, part.drawn)
    dataset = describe_plans(study, {"plan": slots}, projection)
    attributes = dataset["realization"].attrs
    return dataset.assign_coords(realization=("realization", [realization], attributes))


def drawn_rows(study: Study, dataset: xr.Dataset) -> list[dict[str, Any]]:
    """Return what the scenario drew once for all years: key, value and what it is usually."""
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
