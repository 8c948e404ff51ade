"""Choosing measures before a plan: which of those left open are used, and the proof of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.errors import InputError
from ..core.files.labels import Data, labelled
from ..core.study.measures.choice import by_columns, chosen, portfolios
from ..core.study.study import Study
from ..optimise.analysis.choice import KNOWN, Choice, choose
from ..optimise.job import InfeasibleError, StoppedError
from .options import Options
from .request import JobRequest, Work, at_work

O = TypeVar("O", bound=Options)  # noqa: E741 - the options of a job
MOST_PORTFOLIOS = 1024
SHARE_OF_TIME = 0.5
"""Of the study's time limit for the choice; what follows has the whole of it once more."""


def choosable(study: Study) -> None:
    """Refuse a study with more portfolios of measures than can be looked at."""
    for number, _ in enumerate(portfolios(study), start=1):
        if number > MOST_PORTFOLIOS:
            whole = [name for name in chosen(study) if not by_columns(study, name)]
            raise InputError(
                f"measure: more than {MOST_PORTFOLIOS} portfolios of measures that are decided all "
                f"or nothing ({', '.join(whole)}): leave fewer to choose, or say which exclude "
                "each other (excludes, limits.measures_at_once)"
            )


def chosen_first(
    request: JobRequest[O], where: Where, progress: Progress
) -> tuple[JobRequest[O], Choice | None]:
    """Return the request with the measures it left open chosen, and what is known of the choice.

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits, whatever is chosen; or what stands in the way without any.
    StoppedError
        If the time ran out before a plan was found.
    """
    study = request.written
    if not chosen(study):
        return request, None
    with at_work(study.in_force, where, progress) as work:
        choice = _choice(study, work, progress)
    if choice.best is None and choice.stopped:
        raise StoppedError(
            f"no plan found with any of {len(choice.portfolios)} portfolios of measures within "
            f"half of solve.time_limit_seconds = {study.solve.time_limit_seconds:g}: give it more"
        )
    if choice.best is None:
        count = len(choice.portfolios)
        raise InfeasibleError(
            [f"no portfolio of the measures left to choose ({count} looked at) leaves a plan"]
        )
    return replace(request, written=study.deciding(choice.best.use)), choice


def _choice(study: Study, work: Work, progress: Progress) -> Choice:
    return choose(study, work.workers, work.clock().part(SHARE_OF_TIME), progress)


def with_choice(
    result: xr.Dataset, request: JobRequest[Options], choice: Choice | None
) -> xr.Dataset:
    """Return a result with what is known of every portfolio; as it is where nothing was chosen.

    `request` is the one that left measures open.
    """
    if choice is None or choice.best is None:
        return result
    study, known = request.written, choice.portfolios
    names = [str(each) for each in result["measure_id"].values]
    data: Data = {
        "portfolio_measure": np.array([[name in one.names for name in names] for one in known]),
        "portfolio_paid": [one.paid for one in known],
        "portfolio_bound": [_finite(one.bound) for one in known],
        "portfolio_cost": [one.cost for one in known],
        "portfolio_status": [KNOWN.index(one.known) for one in known],
        "measure_chosen": [name in choice.best.use for name in names],
        "measure_by_year": [by_columns(study, name) for name in names],
    }
    labels: Mapping[str, Mapping[str, str]] = {
        "measure": {name: study.measure[name].name for name in names}
    }
    both = xr.merge(
        [result, labelled(request.study, data, more=labels)],
        join="exact",
        compat="identical",
        combine_attrs="no_conflicts",
    )
    return both.assign_attrs(
        chosen_measures=json.dumps(list(chosen(study))),
        choice_cost=choice.best.cost,
        choice_lower_bound=_finite(choice.bound),
        choice_gap=choice.gap,
        choice_status="stopped" if choice.stopped else "optimal",
    )


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
