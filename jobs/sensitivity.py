"""The job behind `sensitivity`: what drives the shortage under one plan, as dataset and file."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.files.labels import labelled
from ..core.risk.sensitivity import SAMPLES, analyse, described, design_of
from ..core.system.posts import levels
from .job import Job
from .options import SensitivityOptions
from .request import PLAN, JobRequest, Seeks, at_work


def sensitivities(
    request: JobRequest[SensitivityOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return the indices of every factor under the plan of a request."""
    began, study = time.perf_counter(), request.study
    found = _indices(request, where, progress)
    opened = np.diff(levels(study, request.plan) - study.given_levels, axis=1, prepend=0.0)
    plan = labelled(study, {"slots": opened.T[:, None]}, [PLAN])
    made = request.attributes(time.perf_counter() - began) | found.attrs
    return xr.merge([found, plan], join="exact", combine_attrs="drop_conflicts").assign_attrs(made)


def with_sensitivity(
    result: xr.Dataset, request: JobRequest[SensitivityOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return a result together with the indices under the plan of a request."""
    began = time.perf_counter()
    found = _indices(request, where, progress)
    both = xr.merge([result, found], join="exact", combine_attrs="no_conflicts")
    return both.assign_attrs(seconds_sensitivity=time.perf_counter() - began)


def _indices(
    request: JobRequest[SensitivityOptions], where: Where, progress: Progress
) -> xr.Dataset:
    study, method = request.study, request.options.method
    with at_work(study, where, progress, Seeks.NOTHING) as work:
        design = design_of(study, method, request.options.samples or SAMPLES[method])
        level = levels(study, request.plan)
        found = analyse(study, level, design, work.workers, progress)
    data, attributes = described(found, design)
    return labelled(study, data).assign_attrs(attributes)


def outcomes_of(result: xr.Dataset, ranges: dict[str, str]) -> list[dict[str, Any]]:
    """Return every outcome with its factors, the strongest first, for programs.

    `ranges` says in words how each factor varies.
    """
    kinds = [str(name) for name in result if result[name].dims == ("outcome", "factor")]
    strongest = "sensitivity_total" if "sensitivity_total" in kinds else "sensitivity_mu_star"
    told = []
    for o, key in enumerate(result["outcome_id"].values):
        order = np.argsort(-result[strongest].values[o], kind="stable")
        told.append(
            {
                "id": str(key),
                "name": str(result["outcome_name"].values[o]),
                "mean": float(result["sensitivity_mean"][o]),
                "standard_deviation": float(result["sensitivity_sd"][o]),
                "factors": [_factor(result, kinds, o, int(f), ranges) for f in order],
            }
        )
    return told


def _factor(
    result: xr.Dataset, kinds: list[str], o: int, f: int, ranges: dict[str, str]
) -> dict[str, Any]:
    key = str(result["factor_id"].values[f])
    values = {kind.removeprefix("sensitivity_"): float(result[kind][o, f]) for kind in kinds}
    known = {name: None if np.isnan(value) else value for name, value in values.items()}
    name = str(result["factor_name"].values[f])
    return {"id": key, "name": name, "range": ranges[key]} | known


JOB = Job(SensitivityOptions, sensitivities)
