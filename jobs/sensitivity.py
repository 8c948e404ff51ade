"""The job behind `lis1plan sensitivity`: what drives the shortage under one plan, as a dataset."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..core.compute.place import Progress, Where
from ..core.compute.workers import workers_at
from ..core.files.labels import labelled
from ..core.files.provenance import provenance
from ..core.files.store import write_result
from ..core.risk.sensitivity import SAMPLES, Method, analyse, described, design_of
from ..core.study.study import Study
from ..core.system.posts import levels
from ..core.warmup import warm_up
from .working_folder import Asked, room_on_disk, working_folder

Floats = NDArray[np.float64]
KIND = "sensitivity"
SOBOL_SAMPLES = SAMPLES["sobol"]


def sensitivities(
    study: Study,
    slots: Floats,
    how: tuple[Method, int],
    where: Where,
    progress: Progress,
) -> xr.Dataset:
    """Return the indices of every factor under a plan, slots [region, decision year].

    `how` is the method and its number of samples, see `core.risk.sensitivity.SAMPLES`.
    """
    began = time.perf_counter()
    found = _indices(study, slots, how, where, progress)
    level = levels(study, slots)
    opened = np.diff(level - study.given_levels, axis=1, prepend=0.0)
    plan = labelled(study, {"slots": opened.T[:, None]}, ["plan"])
    made = provenance(study, time.perf_counter() - began) | found.attrs | {"result_kind": KIND}
    return xr.merge([found, plan], join="exact", combine_attrs="drop_conflicts").assign_attrs(made)


def with_sensitivity(
    result: xr.Dataset, study: Study, samples: int, where: Where, progress: Progress
) -> xr.Dataset:
    """Return a result together with the Sobol indices of its first plan."""
    began = time.perf_counter()
    found = _indices(study, first_plan(study, result), ("sobol", samples), where, progress)
    both = xr.merge([result, found], join="exact", combine_attrs="no_conflicts")
    return both.assign_attrs(seconds_sensitivity=time.perf_counter() - began)


def first_plan(study: Study, result: xr.Dataset) -> Floats:
    """Return the first plan of a result, slots [region, decision year]."""
    first = study.first
    slots = result["slots"].values[first : first + len(study.decision_years), 0].T
    return np.ascontiguousarray(slots, dtype=np.float64)


def sensitivity_job(
    study: Study,
    slots: Floats,
    how: tuple[Method, int],
    out: Path,
    where: Where,
    progress: Progress,
) -> tuple[xr.Dataset, Path]:
    """Analyse one plan; return the dataset and the file written."""
    asked = Asked(KIND, study, out, {"slots": slots.tolist(), "how": list(how)})
    with working_folder(asked, progress) as working:
        dataset = sensitivities(study, slots, how, working.at(where), working.progress)
        with room_on_disk(working.folder):
            return dataset, write_result(dataset, working.result, dataset.attrs)


def _indices(
    study: Study,
    slots: Floats,
    how: tuple[Method, int],
    where: Where,
    progress: Progress,
) -> xr.Dataset:
    warm_up(study, progress)
    design, level = design_of(study, *how), levels(study, slots)
    with workers_at(where) as workers:
        found = analyse(study, level, design, workers, progress)
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
