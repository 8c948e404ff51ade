"""Going on: a run or a campaign that was interrupted, from the folder it left."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from .configs.errors import InputError
from .configs.loader import study_from_text
from .core.compute import Progress, Where
from .jobs import project_job, run_job
from .working import PREFIX, read_manifest


class Resumed(NamedTuple):
    """What an interrupted run led to."""

    study: str
    files: list[Path]
    status: str


def interrupted_runs(folder: Path) -> list[Path]:
    """Return the working folders that `folder` is, or that lie in it.

    Raises
    ------
    InputError
        If there is none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    if (folder / "manifest.json").is_file():
        return [folder]
    found = sorted(each.parent for each in folder.glob(f"{PREFIX}*/manifest.json"))
    if not found:
        raise InputError(f"{folder}: holds no interrupted run and is no campaign")
    return found


def resume_run(folder: Path, where: Where, progress: Progress) -> Resumed:
    """Go on with one interrupted run; its result is that of an undisturbed one, bit for bit.

    Raises
    ------
    InputError
        If the folder cannot be used.
    """
    manifest = read_manifest(folder)
    study = study_from_text(manifest["study_json"])
    options, out = manifest["options"], folder.parent
    if manifest["kind"] == "project":
        slots = np.array(options["slots"], dtype=np.float64)
        path, _ = project_job(
            study, slots, out, where, options["ensemble"], progress, options["digits"]
        )
        return Resumed(study.name, [path], "projected")
    compared = {k: np.array(v, dtype=np.float64) for k, v in options["compared"].items()}
    result, path, page = run_job(
        study,
        out,
        where,
        options["ensemble"],
        progress,
        options["digits"],
        options["sensitivity"],
        compared,
    )
    return Resumed(study.name, [path, page], str(result.attrs["solution_status"]))
