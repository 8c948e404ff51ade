"""Going on: a run or a campaign that was interrupted, from the folder it left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..configs.errors import InputError
from ..configs.loader import study_from_text
from ..core.compute.place import Progress, Where
from ..core.study.study import Study
from .frontier import frontier_job
from .project import project_job
from .replication import replication_job
from .run import run_job
from .sensitivity import sensitivity_job
from .working_folder import PREFIX, read_manifest

Options = dict[str, Any]


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
    study, options = study_from_text(manifest["study_json"]), manifest["options"]
    return AGAIN[manifest["kind"]](study, options, folder.parent, where, progress)


def _run(study: Study, options: Options, out: Path, where: Where, progress: Progress) -> Resumed:
    result, path, page = run_job(
        study,
        out,
        where,
        options["ensemble"],
        progress,
        options["digits"],
        options["sensitivity"],
        {name: _slots(slots) for name, slots in options["compared"].items()},
        options.get("replicate", 0),
    )
    return Resumed(study.name, [path, page], str(result.attrs["solution_status"]))


def _project(
    study: Study, options: Options, out: Path, where: Where, progress: Progress
) -> Resumed:
    slots, ensemble, digits = _slots(options["slots"]), options["ensemble"], options["digits"]
    path, _ = project_job(study, slots, out, where, ensemble, progress, digits)
    return Resumed(study.name, [path], "projected")


def _sensitivity(
    study: Study, options: Options, out: Path, where: Where, progress: Progress
) -> Resumed:
    method, samples = options["how"]
    slots = _slots(options["slots"])
    _, path = sensitivity_job(study, slots, (method, samples), out, where, progress)
    return Resumed(study.name, [path], "analysed")


def _frontier(
    study: Study, options: Options, out: Path, where: Where, progress: Progress
) -> Resumed:
    low, high = options["ends"]
    over, points = options["over"], options["points"]
    _, path = frontier_job(study, over, points, (low, high), out, where, progress)
    return Resumed(study.name, [path], "varied")


def _replicate(
    study: Study, options: Options, out: Path, where: Where, progress: Progress
) -> Resumed:
    _, _, path = replication_job(study, options["seeds"], out, where, progress)
    return Resumed(study.name, [path], "replicated")


def _slots(values: list[list[float]]) -> np.ndarray:
    return np.array(values, dtype=np.float64)


AGAIN: dict[str, Callable[[Study, Options, Path, Where, Progress], Resumed]] = {
    "run": _run,
    "project": _project,
    "sensitivity": _sensitivity,
    "frontier": _frontier,
    "replicate": _replicate,
}
"""How each kind of command is asked once more."""
