"""The job behind `project`: what follows from a given plan, as dataset and file."""

from __future__ import annotations

from typing import Any

import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.files.labels import labelled
from ..core.files.summary import project_and_tell
from ..core.flow.projection import Request
from ..core.risk.evaluation import judge_plans, risks
from ..core.scenarios.draws import sample_of
from ..core.scenarios.followed import branch_in
from ..core.system.costs import plan_cost
from ..core.system.posts import levels, no_slots
from ..optimise.result.run import asked_of, describe_plans
from ..report.reading import Reading
from ..report.texts.words import Words
from .job import Job, write_with_report
from .measures import with_measures_paid
from .options import ProjectOptions
from .outcome import judgement, none_of
from .request import PLAN, JobRequest, Seeks, at_work


def projected(request: JobRequest[ProjectOptions], where: Where, progress: Progress) -> xr.Dataset:
    """Return what follows from the plan of a request, beside no new slots.

    The plan of a branch is followed in the branch's own futures alone: in others nobody would.
    """
    study, options = request.study, request.options
    plans = {PLAN: request.plan, "none": no_slots(study)}
    by_level = {name: levels(study, each) for name, each in plans.items()}
    sample, branch = sample_of(study), branch_in(options.follow)
    if branch is not None:
        sample = branch.of(sample)
    with at_work(study, where, progress, Seeks.NOTHING) as work:
        found = judge_plans(study, sample, list(by_level.values()), work.workers, progress)
        projecting = Request(study, sample, by_level, options.ensemble)
        told = project_and_tell(projecting, work.workers, progress)
    judged = {
        "shortfall_z": found.z.transpose(2, 0, 1),
        "risk_in_sample": risks(study, found),
        **asked_of(study),
    }
    dataset = xr.merge(
        [describe_plans(study, plans, told), labelled(study, judged, list(plans))],
        join="exact",
        compat="identical",
        combine_attrs="drop_conflicts",
    )
    made = dataset.assign_attrs(request.attributes(work.seconds) | options.rounding)
    return with_measures_paid(made, request)


def summary_of(request: JobRequest[ProjectOptions], dataset: xr.Dataset) -> dict[str, Any]:
    """Return what a plan costs and risks, for programs."""
    study, reading, words = request.study, Reading(dataset), Words("en")
    return {
        "study": study.name,
        "options": request.options.as_data(),
        "slots_total": float(request.plan.sum()),
        "cost_nok": plan_cost(study, request.plan),
        **_branch(request, dataset),
        "risk": [
            {
                "id": key,
                "name": limit.name,
                "risk": float(value),
                "limit": limit.limit,
                "probability": reading.probability(n, 0),
                **judgement(limit, words),
            }
            for n, ((key, limit), value) in enumerate(
                zip(study.risk.items(), dataset["risk_in_sample"].values[0], strict=True)
            )
        ],
    }


def _branch(request: JobRequest[ProjectOptions], dataset: xr.Dataset) -> dict[str, Any]:
    """Return which branch is followed, and in which scenarios; nothing of a plan for all."""
    branch = branch_in(request.options.follow)
    if branch is None:
        return {}
    low, high = zip(*branch.only, strict=True)
    told = {
        "number": branch.number,
        "above": [none_of(x) for x in low],
        "up_to": [none_of(x) for x in high],
        "scenarios": int((dataset["weight"].values > 0.0).sum()),
    }
    return {"branch": told}


JOB = Job(ProjectOptions, projected, write=write_with_report)
