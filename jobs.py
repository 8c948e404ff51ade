"""The jobs behind the doors: a loaded study in, files and summaries out. Rooms meet only here."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .configs.errors import InputError
from .core.axes import labelled
from .core.compute import Progress, Where, workers_at
from .core.evaluation import judge_plans, risks
from .core.oracle import prepare
from .core.projection import project_plans
from .core.provenance import provenance
from .core.scenarios import sample_of
from .core.store import write_result
from .core.study import Study
from .core.system import levels, plan_cost
from .core.warmup import warm_up
from .infeasible_job import summary_of_refusal, write_ways_out
from .optimise.attainable import no_slots
from .optimise.clock import Clock
from .optimise.feasible import overfull
from .optimise.job import InfeasibleError, attain, run_study
from .optimise.other_solver import require
from .optimise.result import attributes_of, describe_answer, describe_plans
from .optimise.risk_table import asked_of
from .report.html import write_report
from .working import Asked, room_on_disk, working_folder

Floats = NDArray[np.float64]


def attainable_intervals(study: Study, where: Where, progress: Progress) -> list[dict[str, Any]]:
    """Return each risk limit with its floor and ceiling."""
    warm_up(study, progress)
    if problems := overfull(study):
        raise InfeasibleError(problems)
    with workers_at(where) as workers:
        clock = Clock(study.solve.time_limit_seconds)
        attainable, _ = attain(study, prepare(study, sample_of(study), workers, progress), clock)
    return [
        {
            "id": key,
            "name": limit.name,
            "limit": limit.limit,
            "floor": float(low),
            "ceiling": float(high),
        }
        for (key, limit), low, high in zip(
            study.risk.items(), attainable.floors, attainable.ceilings, strict=True
        )
    ]


def projected(
    study: Study, slots: Floats, where: Where, ensemble: bool, progress: Progress
) -> xr.Dataset:
    """Return what follows from one plan, slots [region, decision year], beside no new slots."""
    began = time.perf_counter()
    plans = {"plan": slots, "none": no_slots(study)}
    by_level = {name: levels(study, each) for name, each in plans.items()}
    sample = sample_of(study)
    warm_up(study, progress)
    with workers_at(where) as workers:
        found = judge_plans(study, sample, list(by_level.values()), workers, progress)
        projection = project_plans(study, sample, by_level, workers, progress, ensemble=ensemble)
    judged = {
        "shortfall_z": (("realization", "plan", "limit"), found.z.transpose(2, 0, 1)),
        "risk_in_sample": (("plan", "limit"), risks(study, found)),
        **asked_of(study),
    }
    dataset = xr.merge(
        [describe_plans(study, plans, projection), labelled(study, judged, list(plans))],
        join="exact",
        compat="identical",
        combine_attrs="drop_conflicts",
    )
    return dataset.assign_attrs(provenance(study, time.perf_counter() - began))


def project_job(
    study: Study,
    slots: Floats,
    out: Path,
    where: Where,
    ensemble: bool,
    progress: Progress,
    digits: int | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Project one plan beside no new slots; return the file written and a summary."""
    options = {"ensemble": ensemble, "digits": digits, "slots": slots.tolist()}
    with working_folder(Asked("project", study, out, options), progress) as working:
        dataset = projected(study, slots, working.at(where), ensemble, working.progress)
        with room_on_disk(working.folder):
            path = write_result(dataset, working.result, _rounding(dataset, digits))
    summary: dict[str, Any] = {
        "study": study.name,
        "netcdf": str(path),
        "slots_total": float(slots.sum()),
        "cost_nok": plan_cost(study, slots),
        "risk": [
            {"id": key, "name": limit.name, "risk": float(value), "limit": limit.limit}
            for (key, limit), value in zip(
                study.risk.items(), dataset["risk_in_sample"].values[0], strict=True
            )
        ],
    }
    return path, summary


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
        from .sensitivity_job import SOBOL_SAMPLES, with_sensitivity

        dataset = with_sensitivity(dataset, study, SOBOL_SAMPLES, where, progress)
    if options["replicate"]:
        from .experiment_jobs import with_replications

        dataset = with_replications(dataset, study, options["replicate"], where, progress)
    return dataset


def _rounding(dataset: xr.Dataset, digits: int | None) -> dict[str, Any]:
    """Return the attributes of the file, with the digits an ensemble is to keep."""
    kept = digits is not None and "ensemble_supply" in dataset
    return dataset.attrs | ({"significant_digits": digits} if kept else {})


def summary_of(result: xr.Dataset) -> dict[str, Any]:
    """Return the outcome of a run in a few numbers, for programs."""
    regions = [str(name) for name in result["region_id"].values]
    slots = result["slots"].isel(plan=0)
    summary: dict[str, Any] = {
        "study": result.attrs["study_name"],
        "status": result.attrs["solution_status"],
        "cost_nok": float(result["plan_cost"][0]),
        "cost_with_price_of_shortage_nok": float(result.attrs["upper_bound"]),
        "lower_bound_nok": float(result.attrs["lower_bound"]),
        "bound_certified": result.attrs["bound_certified"] in (True, "true"),
        "relative_gap": float(result.attrs["relative_gap"]),
        "slots": {
            region: {
                str(int(year)): int(value)
                for year, value in zip(result["year"].values, slots.values[:, r], strict=True)
                if value
            }
            for r, region in enumerate(regions)
        },
        "risk": {
            str(name): {
                "limit": none_of(result["risk_limit"][c].item()),
                "before": float(result["risk_ceiling"][c]),
                "in_sample": float(result["risk_in_sample"][0, c]),
                "fresh": float(result["risk_fresh"][0, c]),
            }
            for c, name in enumerate(result["limit_id"].values)
        },
    }
    if "replications" in result.attrs:
        from .experiment_jobs import verdict_of

        summary["replications"] = verdict_of(result)
    return summary


def none_of(value: float) -> float | None:
    """Return a number for programs: JSON knows no NaN."""
    return value if np.isfinite(value) else None


def ready_folder(out: Path) -> None:
    """Make sure the output folder can be written to before an hour is spent on what goes there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".writable-{time.time_ns()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"{out}: cannot be written to: {error.strerror}; choose another --out"
        ) from None
