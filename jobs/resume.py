"""Going on: a run that was interrupted, from the folder it left."""

from __future__ import annotations

from pathlib import Path

from ..configs.errors import InputError
from ..core.compute.place import Progress, Where
from .job import Done, job_of
from .options import OptionsError
from .request import Setting
from .working_folder import PREFIX, read_manifest


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


def resume_run(folder: Path, where: Where, progress: Progress) -> Done:
    """Go on with one interrupted run; its result is that of an undisturbed one, bit for bit.

    Raises
    ------
    InputError
        If the folder cannot be used.
    """
    manifest = read_manifest(folder)
    try:
        return job_of(manifest.kind).resume(manifest, Setting(folder.parent, where, progress))
    except OptionsError as error:
        raise InputError(f"{folder}: {error}; run the study again") from None
