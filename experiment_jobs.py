"""The jobs of two experiments: a frontier over one limit, and replications over seeds."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pydantic import ValidationError

from .configs.errors import InputError
from .core.axes import labelled
from .core.compute import Progress, Where, workers_at
from .core.oracle import prepare
from .core.provenance import provenance
from .core.sample_size import stated, verdict_in
from .core.scenarios import sample_of
from .core.store import write_result
from .core.study import Study
from .core.warmup import warm_up
from .jobs import none_of
from .optimise.clock import Clock
from .optimise.convex import STATUS
from .optimise.feasible import overfull
from .optimise.job import Attainable, InfeasibleError, attain
from .optimise.other_solver import require
from .optimise.replication import Replications, replicate, verdict
from .optimise.solve import Solution
from .optimise.vary import Variation, value_of, varied, vary
from .working import Asked, room_on_disk, working_folder

Floats = NDArray[np.float64]
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
        attainable, pool = attain(study, oracle, clock)
        studies = _allowed(study, key, values(attainable))
        found = vary(studies, pool, clock, progress)
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


def _described(study: Study, found: list[Variation]) -> xr.Dataset:
    solutions = [one.solution for one in found]
    slots = np.stack([_by_time(study, one) for one in solutions], axis=1)
    single: dict[str, Any] = {
        "value": [one.value for one in found],
        "cost": [one.cost for one in solutions],
        "lower_bound": [_finite(one.lower_bound) for one in solutions],
        "total": [one.slots.sum() for one in solutions],
        "status": [STATUS[one.status] for one in solutions],
        "bound_certified": [int(one.certified) for one in solutions],
    }
    data: dict[str, Any] = {f"over_{n}": (("frontier",), np.array(v)) for n, v in single.items()}
    data["over_risk"] = (("frontier", "limit"), np.stack([one.risk for one in solutions]))
    data["over_slots"] = (("time", "frontier", "region"), slots)
    return labelled(study, data)


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


def verdict_of(result: xr.Dataset) -> dict[str, Any]:
    """Return what the replications in a result say about the size of its sample, for programs."""
    said = verdict_in(result.attrs)
    return {
        "sizes": result["size_scenarios"].values.tolist(),
        "spread_of_cost": said.spread.tolist(),
        "excess_of_risk": [none_of(x) for x in said.excess],
        "solved": said.solved.tolist(),
        "enough": said.enough,
        "recommended_scenarios": said.recommended,
    }


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


def _replicated(study: Study, found: Replications) -> xr.Dataset:
    both = ("size", "replication")

    def each(what: str) -> np.ndarray:
        return np.array([[getattr(one, what) for one in row] for row in found.solutions])

    slots = np.stack([[_by_time(study, one) for one in row] for row in found.solutions])
    data: dict[str, Any] = {
        "size_scenarios": (("size",), np.array(found.sizes)),
        "replication_seed": (("replication",), np.array(found.seeds)),
        "replication_cost": (both, each("cost")),
        "replication_lower_bound": (
            both,
            np.where(np.isfinite(each("lower_bound")), each("lower_bound"), np.nan),
        ),
        "replication_total": (both, slots.sum(axis=(2, 3))),
        "replication_status": (both, np.vectorize(STATUS.__getitem__)(each("status"))),
        "replication_bound_certified": (both, each("certified").astype(np.int64)),
        "replication_slots": (("time", *both, "region"), np.moveaxis(slots, 2, 0)),
        "replication_risk": ((*both, "limit"), each("risk")),
        "replication_fresh": ((*both, "limit"), found.fresh),
    }
    return labelled(study, data)


def _by_time(study: Study, solution: Solution) -> np.ndarray:
    """Return slots [year, region] over the projection, NaN without a plan."""
    first = study.time.first_decision - study.time.first_year
    slots = np.full((len(study.years), len(study.regions)), np.nan)
    if np.isfinite(solution.cost):
        slots[:] = 0.0
        slots[first : first + len(study.decision_years)] = solution.slots.T
    return slots


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
