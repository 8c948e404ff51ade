"""Going on: a run that was interrupted, from the folder it left."""

from __future__ import annotations

from pathlib import Path

from ..core.compute.place import Progress, Where
from ..core.errors import InputError, cut
from ..core.files.checksums import sidecar_of
from .job import Done, job_of
from .options import OptionsError
from .request import Setting
from .working_folder import PREFIX, read_manifest


def interrupted_runs(folder: Path) -> list[Path]:
    """Return the working folders that `folder` is, or that lie in it; none where all is done.

    Raises
    ------
    InputError
        If nothing was ever begun there.
    """
    if (folder / "manifest.json").exists():
        return [folder if folder.name else folder.resolve()]  # "." has no name and no parent
    found = sorted(each.parent for each in folder.glob(f"{PREFIX}*/manifest.json"))
    if found or finished_runs(folder):
        return found
    if not folder.is_dir():
        raise InputError(f"{cut(str(folder))}: no such folder")
    raise InputError(f"{folder}: holds no interrupted run and is no campaign")


def finished_runs(folder: Path) -> list[Path]:
    """Return the result of the run whose working folder this was, or all results in a folder."""
    if folder.name.startswith(PREFIX):
        return sorted(folder.parent.glob(f"*-{folder.name.removeprefix(PREFIX)}.nc"))
    return [each for each in sorted(folder.glob("*.nc")) if sidecar_of(each).is_file()]


def resume_run(folder: Path, where: Where, progress: Progress) -> Done:
    """Go on with one interrupted run; its result is that of an undisturbed one, bit for bit.

    Raises
    ------
    InputError
        If the folder cannot be used.
    """
    manifest = read_manifest(folder)
    try:
        setting = Setting(folder.parent, where, progress)
        return job_of(manifest.kind).resume(manifest, folder, setting)
    except (OptionsError, InputError) as error:
        told = [
            each if str(folder.parent) in each else f"{folder}: {each}" for each in _told(error)
        ]
        raise InputError(told) from None


def _told(error: OptionsError | InputError) -> list[str]:
    return error.told if isinstance(error, InputError) else [f"{error}; run the study again"]
