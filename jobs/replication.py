"""The job behind `replicate`: the study solved on other scenarios, and whether there are enough."""

from __future__ import annotations

import time

import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.scenarios.sample_size import stated
from ..optimise.analysis.replication import replicate, verdict
from ..optimise.result.analyses import describe_replications
from .job import Job
from .options import ReplicateOptions
from .request import JobRequest, at_work


def replications(
    request: JobRequest[ReplicateOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return the study solved on samples of so many seeds, and the verdict as attributes."""
    began = time.perf_counter()
    found = _solved_anew(request, where, progress)
    return found.assign_attrs(request.attributes(time.perf_counter() - began))


def with_replications(
    result: xr.Dataset, request: JobRequest[ReplicateOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return a result together with the study solved on samples of so many seeds."""
    began = time.perf_counter()
    found = _solved_anew(request, where, progress)
    both = xr.merge([result, found], join="exact", compat="identical", combine_attrs="no_conflicts")
    return both.assign_attrs(seconds_replication=time.perf_counter() - began)


def _solved_anew(
    request: JobRequest[ReplicateOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return the plans found on samples of so many seeds, and the verdict as attributes."""
    study, seeds = request.study, request.options.seeds
    with at_work(study, where, progress) as work:
        found = replicate(study, seeds, work.workers, work.clock(2 * seeds), progress)
    said = stated(verdict(study, found)) | {"replications": seeds}
    return describe_replications(study, found).assign_attrs(said)


JOB = Job(ReplicateOptions, replications)
