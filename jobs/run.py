"""The job behind `run`: the cheapest plan, its proof, result file and report."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from itertools import islice

import numpy as np
import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.discovery.discover import METHODS, Discovery, discover
from ..core.discovery.tree import require_library
from ..core.errors import InputError
from ..core.files.labels import Data, labelled
from ..core.flow.projection import Request
from ..core.risk.evaluation import seen_under
from ..core.scenarios.draws import sample_of
from ..core.scenarios.factors import condition_unit, conditions, label
from ..core.study.checks.review import too_few
from ..core.study.measures.choice import chosen as left_open_in
from ..core.study.measures.choice import in_portfolios, portfolios
from ..core.system.posts import levels
from ..optimise.analysis.choice import Choice, choose
from ..optimise.job import InfeasibleError, StoppedError, run_study
from ..optimise.result.analyses import describe_choice
from ..optimise.result.run import attributes_of, describe_answer
from .job import Job, write_with_report
from .measures import with_measures_paid
from .options import Options, ReplicateOptions, RunOptions, SensitivityOptions
from .replication import with_replications
from .request import PLAN, JobRequest, Seeks, Work, at_work, slots_of
from .sensitivity import with_sensitivity

MOST_PORTFOLIOS = 1024
SHARE_OF_TIME = 0.5
"""Of the study's time limit for the choice; what follows has the whole of it once more."""


def planned(request: JobRequest[RunOptions], where: Where, progress: Progress) -> xr.Dataset:
    """Return the cheapest plan, its proof, and what follows from it, beside the alternatives.

    Plans of the request are set beside the chosen one. Then what else is asked about it.

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits.
    """
    left_open = request
    request, choice = chosen_first(request, where, progress)
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
    result = with_measures_paid(result, request, left_open_in(left_open.written))
    result = with_choice(result, left_open, choice)
    if options.sensitivity:
        chosen = JobRequest(request.written, SensitivityOptions(), {PLAN: slots_of(study, result)})
        result = with_sensitivity(result, chosen, where, progress)
    if options.replicate is not None:
        other = JobRequest(request.written, ReplicateOptions(seeds=options.replicate))
        result = with_replications(result, other, where, progress)
    if options.discover:
        result = with_discovery(result, request, where, progress)
    return result


def chosen_first(
    request: JobRequest[RunOptions], where: Where, progress: Progress
) -> tuple[JobRequest[RunOptions], Choice | None]:
    """Return the request with the measures it left open chosen, and what is known of the choice.

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits, whatever is chosen: what stands in the way without any.
    StoppedError
        If the time ran out before a plan was found.
    """
    study = request.written
    if not left_open_in(study):
        return request, None
    with at_work(study.in_force, where, progress, Seeks.CHOICE) as work:
        clock = work.clock().part(SHARE_OF_TIME)
        choice = choose(Request(study, sample_of(study), {}), work.workers, clock, progress)
        if choice.best is None and not choice.stopped:
            _say_why_none(request, work, progress, len(choice.portfolios))
    if choice.best is None:
        raise StoppedError(
            f"no plan found with any of {len(choice.portfolios)} portfolios of measures within "
            f"half of solve.time_limit_seconds = {study.solve.time_limit_seconds:g}: give it more"
        )
    return replace(request, written=study.deciding(choice.best.use)), choice


def _say_why_none(
    request: JobRequest[RunOptions], work: Work, progress: Progress, portfolios: int
) -> None:
    """Say that measures mend nothing, and what stands in the way without any.

    Raises
    ------
    InfeasibleError
        Always, of a study in which no plan keeps all limits whatever measures are in force.
    """
    try:
        run_study(request.study, work.workers, progress)
    except InfeasibleError as error:
        said = f"none of {portfolios} portfolios of measures leaves a plan; without any:"
        raise InfeasibleError([said, *error.lines], error.found) from None


def with_choice(
    result: xr.Dataset, request: JobRequest[RunOptions], choice: Choice | None
) -> xr.Dataset:
    """Return a result with what is known of every portfolio; as it is where nothing was chosen.

    `request` is the one that left measures open.
    """
    if choice is None or choice.best is None:
        return result
    names = [str(each) for each in result["measure_id"].values]
    both = [result, describe_choice(request.written, names, choice)]
    return xr.merge(both, join="exact", compat="identical", combine_attrs="no_conflicts")


def with_discovery(
    result: xr.Dataset, request: JobRequest[RunOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return a result together with the boxes in which its plan fails."""
    began, study = time.perf_counter(), request.study
    with at_work(study, where, progress, Seeks.NOTHING) as work:
        seen = seen_under(study, levels(study, slots_of(study, result)), work.workers, progress)
    found = discover(seen, conditions(study))
    axis = study.frontier_axis
    said = {
        "discovery_limit": "" if axis is None else list(study.risk)[axis],
        "discovery_boxes": len(found.boxes),
        "discovery_failing": found.rate,
        "discovery_coverage": found.together.coverage,
        "discovery_density": found.together.density,
        "seconds_discovery": time.perf_counter() - began,
    }
    both = xr.merge([result, _boxes(request, found)], join="exact", combine_attrs="no_conflicts")
    return both.assign_attrs(said)


def _boxes(request: JobRequest[RunOptions], found: Discovery) -> xr.Dataset:
    """Return the boxes with labels; a file has no axis of no boxes."""
    if not found.boxes:
        return xr.Dataset()
    study, boxes = request.study, found.boxes
    keys = conditions(study)
    low, high = (np.stack([getattr(each.box, end) for each in boxes]) for end in ("low", "high"))
    data: Data = {
        "box_method": [METHODS[each.method] for each in boxes],
        "box_coverage": [each.quality.coverage for each in boxes],
        "box_density": [each.quality.density for each in boxes],
        "box_mass": [each.quality.mass for each in boxes],
        "box_low": np.where(np.isfinite(low), low, np.nan),
        "box_high": np.where(np.isfinite(high), high, np.nan),
        "box_p_value": np.stack([each.p for each in boxes]),
        "condition_unit": np.array([condition_unit(key) for key in keys], dtype=str),
    }
    return labelled(study, data, more={"condition": {key: label(study, key) for key in keys}})


def choosable(request: JobRequest[Options]) -> None:
    """Refuse more portfolios of measures than can be looked at.

    Raises
    ------
    InputError
        Saying which measures portfolios are made of.
    """
    study = request.written
    if sum(1 for _ in islice(portfolios(study), MOST_PORTFOLIOS + 1)) > MOST_PORTFOLIOS:
        names = ", ".join(in_portfolios(study))
        raise InputError(
            f"measure: more than {MOST_PORTFOLIOS} portfolios of the measures that are decided all "
            f"or nothing, exclude others or are counted ({names}): leave fewer of them to choose"
        )


def can_be_done(request: JobRequest[RunOptions]) -> None:
    """Refuse what is asked for beside the plan, or chosen before it, where it cannot be done.

    Raises
    ------
    InputError
        If a library is missing, there is no limit that a scenario could exceed, or too few
        scenarios are drawn for the branches of the study's reviews.
    """
    choosable(request)
    review, drawn = request.study.review, request.study.sampling.scenarios
    if review is not None and (problem := too_few(review, drawn)):
        raise InputError(request.placed(problem))
    if not request.options.discover:
        return
    require_library()
    if request.study.frontier_axis is None:
        raise InputError(
            f"--discover: {request.study.name} has prices of shortage alone, and no limit on it in "
            "which the plan could fail; give a limit on risk, or leave --discover out"
        )


JOB = Job(RunOptions, planned, check=can_be_done, write=write_with_report)
