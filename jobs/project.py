"""The job behind `project`: what follows from a given plan, as dataset and file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.compute.workers import workers_at
from ..core.files.labels import labelled
from ..core.files.provenance import provenance
from ..core.files.store import write_result
from ..core.flow.projection import Request, project_plans
from ..core.risk.evaluation import judge_plans, risks
from ..core.scenarios.draws import sample_of
from ..core.study.study import Study
from ..core.system.costs import plan_cost
from ..core.system.posts import levels
from ..core.warmup import warm_up
from ..optimise.result.run import asked_of, describe_plans
from ..optimise.search.attainable import no_slots
from .outcome import _rounding
from .run import Floats
from .working_folder import Asked, room_on_disk, working_folder


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
        projection = project_plans(Request(study, sample, by_level, ensemble), workers, progress)
    judged = {
        "shortfall_z": found.z.transpose(2, 0, 1),
        "risk_in_sample": risks(study, found),
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
