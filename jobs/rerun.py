"""Running again: from a result file alone, and whether the same comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from ..configs.loader import study_from_text
from ..core.compute.place import Progress, Where
from ..core.errors import InputError
from ..core.files.comparison import changes, differences, versions
from ..core.files.kinds import held_by, kind_of
from ..core.files.rounding import rounded
from ..core.files.store import ResultFileError, open_result, write_result
from .job import job_of
from .options import OptionsError
from .request import Manifest, plans_in
from .working_folder import ready_folder

STOPPED = 2
"""In every variable named `…_status`."""
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
    kind = kind_of(original)
    if kind is None or kind.job is None:
        raise ResultFileError(
            f"{path}: holds {held_by(original)}, which rerun does not make again; "
            "give it the result files themselves"
        )
    asked = _asked_in(path, original)
    if out is not None:
        ready_folder(out)
    try:
        again = job_of(asked.kind).make_again(asked, where, progress)
    except OptionsError as error:
        raise ResultFileError(f"{path}: {error}") from None
    digits = again.attrs.get("significant_digits")
    again = again if digits is None else rounded(again, int(digits))
    lines = []
    if out is not None:
        lines.append(f"NetCDF: {write_result(again, out / path.name, again.attrs)}")
    return _judged(original, again, lines)


def _asked_in(path: Path, original: xr.Dataset) -> Manifest:
    """Return the study, the plans and the options in a result."""
    said = original.attrs
    try:
        study = study_from_text(str(said["study_json"]))
    except InputError as error:
        raise ResultFileError(
            f"{path}: this lis1plan does not read the study in it ({error.problems[0]}); "
            f"it was made by lis1plan {said.get('lis1plan_version', 'unknown')}"
        ) from None
    options = json.loads(str(said.get("options", "null")))
    kind, plans = str(said["result_kind"]), plans_in(study.in_force, original)
    study = study.undecided(*json.loads(str(said.get("chosen_measures", "[]"))))
    return Manifest(kind, study, plans, options, versions(said))


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
