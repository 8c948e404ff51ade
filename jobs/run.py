"""The job behind `run`: the cheapest plan, its proof, result file and report."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..core.compute.place import Progress, Where
from ..core.compute.workers import workers_at
from ..core.files.provenance import provenance
from ..core.files.store import write_result
from ..core.study.study import Study
from ..core.warmup import warm_up
from ..optimise.job import InfeasibleError, run_study
from ..optimise.result.run import attributes_of, describe_answer
from ..optimise.solvers.pyomo_solvers import require
from ..report.pages.html import write_report
from .infeasible import summary_of_refusal, write_ways_out
from .outcome import _rounding
from .working_folder import Asked, room_on_disk, working_folder

Floats = NDArray[np.float64]


def planned(
    study: Study,
    where: Where,
    ensemble: bool,
    progress: Progress,
    compared: Mapping[str, Floats] | None = None,
) -> xr.Dataset:
    """Return the cheapest plan, its proof, and what follows from it, beside the alternatives.

    `compared`: further plans, name -> slots [region, decision year].
    """
    began = time.perf_counter()
    require(study.solve.solver)
    warm_up(study, progress)
    with workers_at(where) as workers:
        answer = run_study(study, workers, progress, ensemble, compared)
    dataset = describe_answer(study, answer)
    attributes = provenance(study, time.perf_counter() - began) | attributes_of(study, answer)
    return dataset.assign_attrs(attributes | {"compared_plans": json.dumps(list(compared or {}))})


def run_job(
    study: Study,
    out: Path,
    where: Where,
    ensemble: bool,
    progress: Progress,
    digits: int | None = None,
    sensitivity: bool = False,
    compared: Mapping[str, Floats] | None = None,
    replicate: int = 0,
) -> tuple[xr.Dataset, Path, Path]:
    """Run the main job; return the result and the paths of NetCDF and report.

    `sensitivity` adds what drives the shortage, `replicate` (seeds) whether the sample suffices.

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits; what would have to give is written first.
    """
    options = {
        "ensemble": ensemble,
        "digits": digits,
        "sensitivity": sensitivity,
        "compared": {name: slots.tolist() for name, slots in (compared or {}).items()},
        "replicate": replicate,
    }
    with working_folder(Asked("run", study, out, options), progress) as working:
        where, progress = working.at(where), working.progress
        began = time.perf_counter()
        try:
            dataset = planned(study, where, ensemble, progress, compared)
        except InfeasibleError as refusal:
            refusal.path = write_ways_out(study, refusal, out, began)
            refusal.summary = summary_of_refusal(study, refusal)
            raise
        dataset = _with_experiments(dataset, study, options, where, progress)
        progress("write", 0, 2)
        with room_on_disk(working.folder):
            path = write_result(dataset, working.result, _rounding(dataset, digits))
            progress("write", 1, 2)
            page = write_report(dataset, path.with_suffix(".html"))
        progress("write", 2, 2)
        return dataset, path, page


def _with_experiments(
    dataset: xr.Dataset, study: Study, options: dict[str, Any], where: Where, progress: Progress
) -> xr.Dataset:
    """Return a result with what else was asked about it."""
    if options["sensitivity"]:
        from .sensitivity import SOBOL_SAMPLES, with_sensitivity

        dataset = with_sensitivity(dataset, study, SOBOL_SAMPLES, where, progress)
    if options["replicate"]:
        from .replication import with_replications

        dataset = with_replications(dataset, study, options["replicate"], where, progress)
    return dataset
