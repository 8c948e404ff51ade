"""The jobs of two experiments: a frontier over one limit, and replications over seeds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..core.compute.place import Progress, Where
from ..core.compute.workers import workers_at
from ..core.files.provenance import provenance
from ..core.files.store import write_result
from ..core.scenarios.sample_size import stated
from ..core.study.study import Study
from ..core.warmup import warm_up
from ..optimise.analysis.replication import replicate, verdict
from ..optimise.job import InfeasibleError
from ..optimise.result.experiments import _replicated
from ..optimise.solvers.clock import Clock
from ..optimise.solvers.pyomo_solvers import require
from ..optimise.system.feasible import overfull
from .outcome import verdict_of
from .working_folder import Asked, room_on_disk, working_folder

Floats = NDArray[np.float64]


def replication_job(
    study: Study, seeds: int, out: Path, where: Where, progress: Progress
) -> tuple[xr.Dataset, dict[str, Any], Path]:
    """Replicate the study; return what comes out, the verdict and the file."""
    with working_folder(Asked("replicate", study, out, {"seeds": seeds}), progress) as working:
        dataset, said = replications(study, seeds, working.at(where), working.progress)
        with room_on_disk(working.folder):
            return dataset, said, write_result(dataset, working.result, dataset.attrs)


def replications(
    study: Study, seeds: int, where: Where, progress: Progress
) -> tuple[xr.Dataset, dict[str, Any]]:
    """Return the study solved on samples of so many seeds, and the verdict on its size."""
    began = time.perf_counter()
    found = _solved_anew(study, seeds, where, progress)
    made = provenance(study, time.perf_counter() - began) | {"result_kind": "replication"}
    return found.assign_attrs(made), {"study": study.name} | verdict_of(found)


def with_replications(
    result: xr.Dataset, study: Study, seeds: int, where: Where, progress: Progress
) -> xr.Dataset:
    """Return a result together with the study solved on samples of so many seeds."""
    began = time.perf_counter()
    found = _solved_anew(study, seeds, where, progress)
    both = xr.merge([result, found], join="exact", compat="identical", combine_attrs="no_conflicts")
    return both.assign_attrs(seconds_replication=time.perf_counter() - began)


def _solved_anew(study: Study, seeds: int, where: Where, progress: Progress) -> xr.Dataset:
    """Return the plans found on samples of so many seeds, and the verdict as attributes."""
    require(study.solve.solver)
    warm_up(study, progress)
    if problems := overfull(study):
        raise InfeasibleError(problems)
    with workers_at(where) as workers:
        clock = Clock(study.solve.time_limit_seconds * 2 * seeds)
        found = replicate(study, seeds, workers, clock, progress)
    said = stated(verdict(study, found)) | {"replications": seeds}
    return _replicated(study, found).assign_attrs(said)
