"""The job behind `run`: the cheapest plan, its proof, result file and report."""

from __future__ import annotations

import json

import xarray as xr

from ..core.compute.place import Progress, Where
from ..optimise.job import run_study
from ..optimise.result.run import attributes_of, describe_answer
from .job import Job, write_with_report
from .measures import with_measures_paid
from .options import ReplicateOptions, RunOptions, SensitivityOptions
from .replication import with_replications
from .request import PLAN, JobRequest, at_work, slots_of
from .sensitivity import with_sensitivity


def planned(request: JobRequest[RunOptions], where: Where, progress: Progress) -> xr.Dataset:
    """Return the cheapest plan, its proof, and what follows from it, beside the alternatives.

    Plans of the request are set beside the chosen one. Then what else is asked about it.

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits.
    """
    study, options = request.study, request.options
    with at_work(study, where, progress) as work:
        answer = run_study(study, work.workers, progress, options.ensemble, request.plans)
    described = describe_answer(study, answer)
    result = described.assign_attrs(
        request.attributes(work.seconds)
        | attributes_of(study, answer)
        | {"compared_plans": json.dumps(list(request.plans))}
        | options.rounding
    )
    result = with_measures_paid(result, request)
    if options.sensitivity:
        chosen = JobRequest(request.written, SensitivityOptions(), {PLAN: slots_of(study, result)})
        result = with_sensitivity(result, chosen, where, progress)
    if options.replicate is not None:
        other = JobRequest(request.written, ReplicateOptions(seeds=options.replicate))
        result = with_replications(result, other, where, progress)
    return result


JOB = Job(RunOptions, planned, write=write_with_report)
