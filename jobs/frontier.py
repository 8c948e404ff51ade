"""The job behind `frontier`: the study solved for a row of values of one key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import xarray as xr
from pydantic import ValidationError

from ..core.compute.place import Progress, Where
from ..core.errors import InputError
from ..core.flow.projection import Request
from ..core.risk.oracle import prepare
from ..core.scenarios.draws import sample_of
from ..core.study.measures.choice import chosen as left_open_in
from ..core.study.wording import in_words
from ..core.system.arrays import system_of
from ..optimise.analysis.choice import Choice, choose
from ..optimise.analysis.sweep import value_of, varied, vary
from ..optimise.cuts.pool import CutPool
from ..optimise.job import attain
from ..optimise.result.analyses import describe_choices, describe_variations
from ..optimise.search.attainable import Attainable
from ..optimise.search.value import FAIR, Search
from ..optimise.system.feasible import overfull
from .job import Job
from .options import FrontierOptions
from .request import Floats, JobRequest, Seeks, Work, at_work
from .run import choosable

LOWEST, HIGHEST = 0.08, 1.0
"""Of a risk's attainable interval, where the frontier begins and ends if nothing is said."""
WHOLE = ("ramp.", "limits.closing.", "limits.constant_after", "limits.multiples_of")
"""Keys of what is counted in whole slots or years."""


def frontier(request: JobRequest[FrontierOptions], where: Where, progress: Progress) -> xr.Dataset:
    """Return the cheapest plan for each of a row of values of a key of the question.

    Where measures are left open, the cheapest of slots and measures together.
    """
    study, key = request.study, request.options.over
    if left_open_in(request.written):
        return _with_measures(request, where, progress)
    with at_work(study, where, progress) as work:
        clock, kept = work.clock(), work.workers.checkpoint
        oracle = prepare(study, sample_of(study), work.workers, progress)
        search = Search.of(CutPool(oracle), clock, progress=progress, checkpoint=kept)
        values = values_along(request, attain(search))
        with _refusing(key, values):
            studies = varied(study, key, values.tolist())
        found = vary(studies, search)
    return describe_variations(study, found).assign_attrs(
        request.attributes(work.seconds) | {"over": key, "over_present": value_of(study, key)}
    )


@contextmanager
def _refusing(key: str, values: Floats) -> Iterator[None]:
    """Refuse values at a key that a study does not allow.

    Raises
    ------
    InputError
        Saying what the study has against them.
    """
    try:
        yield
    except ValueError as error:
        low, high = f"{values.min():g}", f"{values.max():g}"
        raise InputError(
            f"{key}: not every value from {low} to {high} is allowed: "
            f"{reason_against(error)}; choose --from and --to"
        ) from None


def _with_measures(
    request: JobRequest[FrontierOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return the cheapest of slots and measures for each value: each a choice of its own."""
    written, key = request.written, request.options.over
    with at_work(request.study, where, progress, Seeks.CHOICE) as work:
        values = values_along(request, _attainable(request, work, progress))
        with _refusing(key, values):
            studies = varied(written, key, values.tolist())
        clock, found = work.clock(), list[tuple[float, Choice]]()
        for number, (value, study) in enumerate(studies.items(), start=1):
            fair = clock.part(min(1.0, FAIR / (len(studies) + 1 - number)))
            found.append((value, choose(Request(study, sample_of(study), {}), work.workers, fair)))
            progress("frontier", number, len(studies))
    both = describe_choices(request.study, written, found)
    return both.assign_attrs(
        request.attributes(work.seconds)
        | {"over": key, "over_present": value_of(request.study, key)}
        | {"chosen_measures": json.dumps(list(left_open_in(written)))}
    )


def _attainable(
    request: JobRequest[FrontierOptions], work: Work, progress: Progress
) -> Attainable | None:
    """Return the attainable intervals without any measure, where the values follow from them.

    Raises
    ------
    InputError
        If without measures there are none, since even today's posts break a limit.
    """
    options = request.options
    given = options.low is not None and options.high is not None
    if given or not options.over.startswith("risk."):
        return None
    study = request.study
    if problems := overfull(system_of(study)):
        raise InputError(
            f"{options.over}: without measures no plan keeps all limits, so that nothing says "
            f"between which values to go ({problems[0]}); give --from and --to"
        )
    oracle = prepare(study, sample_of(study), work.workers, progress)
    return attain(Search.of(CutPool(oracle), work.clock(), progress=progress))


def known_key(request: JobRequest[FrontierOptions]) -> None:
    """Refuse a key that the study has not, or that cannot be varied; and too many portfolios."""
    choosable(request)
    try:
        value_of(request.study, request.options.over)
    except KeyError as error:
        raise InputError(str(error.args[0])) from None


def values_along(request: JobRequest[FrontierOptions], attainable: Attainable | None) -> Floats:
    """Return the values of a frontier, evenly spaced; a risk's from its attainable interval."""
    study, options, key = request.study, request.options, request.options.over
    present = value_of(study, key)
    low, high = 0.5 * present, 2.0 * present
    if key.startswith("limits.least_share."):
        high = min(high, 1.0)
    if key.startswith("risk.") and attainable is not None:
        c = list(study.risk).index(key.split(".")[1])
        width = attainable.ceilings[c] - attainable.floors[c]
        low, high = (float(attainable.floors[c] + part * width) for part in (LOWEST, HIGHEST))
    low = low if options.low is None else options.low
    high = high if options.high is None else options.high
    values = np.linspace(low, high, options.points)
    return np.unique(np.round(values)) if key.startswith(WHOLE) else values


def reason_against(error: ValueError) -> str:
    """Return what a study says against a value, in one line."""
    found = error.errors() if isinstance(error, ValidationError) else []
    said = (in_words(each["type"], each.get("ctx", {})) for each in found)
    return "; ".join(said) or str(error)


JOB = Job(FrontierOptions, frontier, check=known_key)
