"""The jobs behind the doors: a loaded study in, files and summaries out. Rooms meet only here."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .configs.errors import InputError
from .core.axes import labelled
from .core.compute import Progress, local_workers
from .core.oracle import prepare
from .core.projection import project_plans
from .core.provenance import provenance, run_id
from .core.scenarios import sample_of
from .core.store import write_result
from .core.study import Study
from .core.system import levels, plan_cost
from .core.warmup import warm_up
from .optimise.attainable import no_slots
from .optimise.feasible import overfull
from .optimise.job import InfeasibleError, attain, run_study
from .optimise.result import attributes_of, describe_answer, describe_plans
from .report.html import write_report

Floats = NDArray[np.float64]


def attainable_intervals(
    study: Study, threads: int | None, progress: Progress
) -> list[dict[str, Any]]:
    """Return each risk limit with its floor and ceiling."""
    warm_up(study, progress)
    if problems := overfull(study):
        raise InfeasibleError(problems)
    with local_workers(threads) as workers:
        attainable, _ = attain(study, prepare(study, sample_of(study), workers, progress))
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
    study: Study, slots: Floats, threads: int | None, ensemble: bool, progress: Progress
) -> xr.Dataset:
    """Return what follows from one plan, slots [region, decision year], beside no new slots."""
    began = time.perf_counter()
    plans = {"plan": slots, "none": no_slots(study)}
    by_level = {name: levels(study, each) for name, each in plans.items()}
    sample, limits = sample_of(study), study.risk.values()
    warm_up(study, progress)
    with local_workers(threads) as workers:
        oracle = prepare(study, sample, workers, progress)
        z = np.stack([oracle.shortfall(level) for level in by_level.values()])
        risk = np.stack([oracle.risk_of(each) for each in z])
        projection = project_plans(study, sample, by_level, workers, progress, ensemble=ensemble)
    judged = {
        "shortfall_z": (("realization", "plan", "limit"), z.transpose(2, 0, 1)),
        "risk_in_sample": (("plan", "limit"), risk),
        "risk_limit": (("limit",), [limit.limit for limit in limits]),
        "risk_confidence": (("limit",), [limit.confidence for limit in limits]),
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
    threads: int | None,
    ensemble: bool,
    progress: Progress,
    digits: int | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Project one plan beside no new slots; return the file written and a summary."""
    ready_folder(out)
    dataset = projected(study, slots, threads, ensemble, progress)
    name = f"{study.name}-{run_id(study)}-projection.nc"
    path = write_result(dataset, out / name, _rounding(dataset.attrs, digits))
    summary = {
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


def planned(study: Study, threads: int | None, ensemble: bool, progress: Progress) -> xr.Dataset:
    """Return the cheapest plan, its proof, and what follows from it, beside the alternatives."""
    began = time.perf_counter()
    warm_up(study, progress)
    with local_workers(threads) as workers:
        answer = run_study(study, workers, progress, ensemble)
    dataset = describe_answer(study, answer)
    attributes = provenance(study, time.perf_counter() - began) | attributes_of(study, answer)
    return dataset.assign_attrs(attributes)


def run_job(
    study: Study,
    out: Path,
    threads: int | None,
    ensemble: bool,
    progress: Progress,
    digits: int | None = None,
) -> tuple[xr.Dataset, Path, Path]:
    """Run the main job; return the result and the paths of NetCDF and report."""
    ready_folder(out)
    dataset = planned(study, threads, ensemble, progress)
    path = out / f"{study.name}-{run_id(study)}.nc"
    write_result(dataset, path, _rounding(dataset.attrs, digits))
    return dataset, path, write_report(dataset, path.with_suffix(".html"))


def _rounding(attributes: dict[str, Any], digits: int | None) -> dict[str, Any]:
    """Return the attributes of a file whose ensemble keeps `digits` significant digits."""
    return attributes if digits is None else attributes | {"significant_digits": digits}


def summary_of(result: xr.Dataset) -> dict[str, Any]:
    """Return the outcome of a run in a few numbers, for programs."""
    regions = [str(name) for name in result["region_id"].values]
    slots = result["slots"].isel(plan=0)
    return {
        "study": result.attrs["study_name"],
        "status": result.attrs["solution_status"],
        "cost_nok": float(result["plan_cost"][0]),
        "lower_bound_nok": float(result.attrs["lower_bound"]),
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
                "limit": float(result["risk_limit"][c]),
                "before": float(result["risk_ceiling"][c]),
                "in_sample": float(result["risk_in_sample"][0, c]),
                "fresh": float(result["risk_fresh"][0, c]),
            }
            for c, name in enumerate(result["limit_id"].values)
        },
    }


def cost_in_words(result: xr.Dataset) -> str:
    """Return cost, proof and what binds in two lines."""
    cost, bound = float(result["plan_cost"][0]), float(result.attrs["lower_bound"])
    binding = ", ".join(json.loads(result.attrs["binding_limits"])) or "none"
    return (
        f"Discounted cost {cost / 1e6:,.0f} million NOK "
        f"({result['plan_cost'].attrs['price_year']} prices); "
        f"no plan costs less than {bound / 1e6:,.0f} million "
        f"(gap {result.attrs['relative_gap']:.3%}).\n"
        f"Binding limits: {binding}."
    )


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
