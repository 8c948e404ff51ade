"""The job behind `frontier`: the study solved for a row of values of one key."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr
from pydantic import ValidationError

from ..configs.errors import InputError
from ..core.compute.place import Progress, Where
from ..core.compute.workers import workers_at
from ..core.files.provenance import provenance
from ..core.files.store import write_result
from ..core.risk.oracle import prepare
from ..core.scenarios.draws import sample_of
from ..core.study.study import Study
from ..core.warmup import warm_up
from ..optimise.analysis.sweep import value_of, varied, vary
from ..optimise.cuts.pool import CutPool
from ..optimise.job import Attainable, InfeasibleError, attain
from ..optimise.result.experiments import _described
from ..optimise.search.value import Search
from ..optimise.solvers.clock import Clock
from ..optimise.solvers.pyomo_solvers import require
from ..optimise.system.feasible import overfull
from .replication import Floats
from .working_folder import Asked, room_on_disk, working_folder

Values = Callable[[Attainable], Floats]
"""The values of a row of studies, which may depend on what risks are attainable."""


LOWEST, HIGHEST = 0.08, 1.0
"""Of a risk's attainable interval, where the frontier begins and ends if nothing is said."""


WHOLE = ("ramp.", "limits.closing.")
"""Keys of what is counted in whole slots."""


def frontier_job(
    study: Study,
    key: str,
    points: int,
    ends: tuple[float | None, float | None],
    out: Path,
    where: Where,
    progress: Progress,
) -> tuple[xr.Dataset, Path]:
    """Solve the study for a row of values of one key; return what comes out and its file."""
    try:
        value_of(study, key)
    except KeyError as error:
        raise InputError(str(error.args[0])) from None
    for option, end in zip(("--from", "--to"), ends, strict=True):
        if end is not None and not np.isfinite(end):
            raise InputError(f"{option} {end}: is not a number; give a value of {key}")
    asked = Asked("frontier", study, out, {"over": key, "points": points, "ends": list(ends)})
    with working_folder(asked, progress) as working:
        row = partial(_row, study, key, points, ends)
        dataset = along(study, key, row, working.at(where), working.progress)
        with room_on_disk(working.folder):
            return dataset, write_result(dataset, working.result, dataset.attrs)


def along(study: Study, key: str, values: Values, where: Where, progress: Progress) -> xr.Dataset:
    """Return the cheapest plan for each of the values of a key of the question."""
    began = time.perf_counter()
    require(study.solve.solver)
    warm_up(study, progress)
    if problems := overfull(study):
        raise InfeasibleError(problems)
    with workers_at(where) as workers:
        clock = Clock(study.solve.time_limit_seconds)
        oracle = prepare(study, sample_of(study), workers, progress)
        kept = workers.checkpoint
        search = Search.of(CutPool(oracle), clock, progress=progress, checkpoint=kept)
        studies = _allowed(study, key, values(attain(search)))
        found = vary(studies, search)
    return _described(study, found).assign_attrs(
        provenance(study, time.perf_counter() - began)
        | {"result_kind": "frontier", "over": key, "over_present": value_of(study, key)}
    )


def _row(
    study: Study,
    key: str,
    points: int,
    ends: tuple[float | None, float | None],
    attainable: Attainable,
) -> Floats:
    """Return the values of a frontier, evenly spaced; a risk's from its attainable interval."""
    present = value_of(study, key)
    low, high = 0.5 * present, 2.0 * present
    if key.startswith("limits.least_share."):
        high = min(high, 1.0)
    if key.startswith("risk."):
        c = list(study.risk).index(key.split(".")[1])
        width = attainable.ceilings[c] - attainable.floors[c]
        low, high = (float(attainable.floors[c] + part * width) for part in (LOWEST, HIGHEST))
    low, high = (
        default if end is None else end for default, end in zip((low, high), ends, strict=True)
    )
    values = np.linspace(low, high, points)
    return np.unique(np.round(values)) if key.startswith(WHOLE) else values


def _allowed(study: Study, key: str, values: Floats) -> dict[float, Study]:
    """Return the study with each value, or say which of them it does not allow."""
    try:
        return varied(study, key, values.tolist())
    except ValueError as error:
        low, high = f"{values.min():g}", f"{values.max():g}"
        raise InputError(
            f"{key}: not every value from {low} to {high} is allowed: {_reason(error)}; "
            "choose --from and --to"
        ) from None


def _reason(error: ValueError) -> str:
    """Return what a study says against a value, in one line."""
    found = error.errors() if isinstance(error, ValidationError) else []
    return "; ".join(str(each["msg"]) for each in found) or str(error)
