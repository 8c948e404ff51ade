"""Running again: from a result file alone, and whether the same comes out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..configs.loader import study_from_text
from ..core.compute.place import Progress, Where
from ..core.files.comparison import changes, differences, versions
from ..core.files.kinds import held_by
from ..core.files.provenance import provenance
from ..core.files.rounding import rounded
from ..core.files.store import ResultFileError, open_result, write_result
from ..core.risk.sensitivity import Method
from ..core.study.study import Study
from ..optimise.job import InfeasibleError
from .frontier import along
from .infeasible import refused
from .project import projected
from .replay import replayed
from .replication import replications, with_replications
from .run import planned
from .sensitivity import first_plan, sensitivities, with_sensitivity
from .working_folder import ready_folder

AGAIN = (None, "scenario", "sensitivity", "frontier", "replication", "infeasible")
"""Kinds of result that can be run again: runs and projections have none."""
STOPPED = 2
"""In every variable named `…_status`."""
Floats = NDArray[np.float64]
TOLERANCE = 1e-12
"""Between other versions, on numbers of size one; with the same versions not a bit may differ."""


class Rerun(NamedTuple):
    """Whether the same came out, and what to say about it."""

    identical: bool
    lines: list[str]


def rerun(path: Path, out: Path | None, where: Where, progress: Progress) -> Rerun:
    """Run the study inside a result file again; with `out` write what comes out under its name.

    Raises
    ------
    ResultFileError
        If the file cannot be used.
    """
    original = open_result(path)
    kind = original.attrs.get("result_kind")
    if kind not in AGAIN:
        raise ResultFileError(
            f"{path}: holds {held_by(original)}, which rerun does not make again; "
            "give it the result files themselves"
        )
    try:
        study = study_from_text(str(original.attrs["study_json"]))
    except ValueError as error:
        raise ResultFileError(
            f"{path}: this lis1plan does not read the study in it ({str(error).splitlines()[0]}); "
            f"it was made by lis1plan {original.attrs.get('lis1plan_version', 'unknown')}"
        ) from None
    if out is not None:
        ready_folder(out)
    again = _again(study, original, where, progress)
    lines = []
    if out is not None:
        lines.append(f"NetCDF: {write_result(again, out / path.name, again.attrs)}")
    return _judged(original, again, lines)


def _again(study: Study, original: xr.Dataset, where: Where, progress: Progress) -> xr.Dataset:
    """Return what the study, the plan and the options in a result lead to now."""
    match original.attrs.get("result_kind"):
        case "sensitivity":
            said = original.attrs
            method: Method = "morris" if said["sensitivity_method"] == "morris" else "sobol"
            how = (method, int(said["sensitivity_samples"]))
            return sensitivities(study, first_plan(study, original), how, where, progress)
        case "scenario":
            began = time.perf_counter()
            realization = int(original["realization"].values[0])
            result = replayed(study, first_plan(study, original), realization)
            made = provenance(study, time.perf_counter() - began)
            return result.assign_attrs(made | {"result_kind": "scenario"})
        case "frontier":
            values = original["over_value"].values
            return along(study, str(original.attrs["over"]), lambda _: values, where, progress)
        case "replication":
            return replications(study, original.sizes["replication"], where, progress)[0]
    if "solution_status" in original.attrs:
        result = _solved(study, original, where, progress)
    else:
        ensemble = "ensemble_supply" in original
        result = projected(study, first_plan(study, original), where, ensemble, progress)
    digits = original.attrs.get("significant_digits")
    if digits is None:
        return result
    return rounded(result, int(digits)).assign_attrs(significant_digits=int(digits))


def _solved(study: Study, original: xr.Dataset, where: Where, progress: Progress) -> xr.Dataset:
    """Return the plan of a study, or what would have to give where there is none."""
    began, ensemble = time.perf_counter(), "ensemble_supply" in original
    try:
        result = planned(study, where, ensemble, progress, _compared(study, original))
    except InfeasibleError as refusal:
        ways_out = refused(study, refusal, began)
        if ways_out is None:
            raise
        return ways_out
    if samples := int(original.attrs.get("sensitivity_samples", 0)):
        result = with_sensitivity(result, study, samples, where, progress)
    if seeds := int(original.attrs.get("replications", 0)):
        result = with_replications(result, study, seeds, where, progress)
    return result


def _compared(study: Study, original: xr.Dataset) -> dict[str, Floats]:
    """Return the further plans a result compares, slots [region, decision year]."""
    names = json.loads(str(original.attrs.get("compared_plans", "[]")))
    place = original["plan_id"].values.tolist() if names else []
    return {name: first_plan(study, original.isel(plan=[place.index(name)])) for name in names}


def _judged(original: xr.Dataset, again: xr.Dataset, lines: list[str]) -> Rerun:
    """Compare bit for bit where the versions are the same, else within the tolerance."""
    other = changes(versions(original.attrs), versions(again.attrs))
    lines += [f"other version: {key}: {was} → {now}" for key, (was, now) in other.items()]
    found = differences(original, again)
    if not found:
        return Rerun(True, [*lines, "identical: the same data came out, bit for bit"])
    if other:
        found = differences(original, again, TOLERANCE)
        if not found:
            said = f"the same: other versions, all numbers within {TOLERANCE:g}"
            return Rerun(True, [*lines, said])
    lines += [f"{name}: {how}" for name, how in found]
    if held_by(again) != held_by(original):
        lines.append(f"the file holds {held_by(original)}, and now there is {held_by(again)}")
    if _stopped(original):
        lines.append("the original was stopped at a limit; a clock stops elsewhere each time")
    return Rerun(False, [*lines, f"different: {len(found)} variables or findings differ"])


def _stopped(original: xr.Dataset) -> bool:
    """Tell whether the clock stopped the solver before a result, or a part of it, was proven."""
    by_part = [name for name in original if str(name).endswith("_status")]
    return original.attrs.get("solution_status") == "stopped" or any(
        bool((original[name] == STOPPED).any()) for name in by_part
    )
