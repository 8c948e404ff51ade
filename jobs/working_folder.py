"""The working folder of a run, beside its output: what is worked out so far, and how to go on.

    OUT/.lis1plan-<run id>[-<kind>]/
        manifest.json   what was asked: the study, given plans, the options, the versions
        lock            held by the process at work
        phase           the step it is at
        parts/          answers, see `core.compute.checkpoint`

It goes when the result stands. An interrupted run leaves it; `lis1plan resume OUT`, or the same
command once more, goes on from there.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from ..configs.loader import study_from_text
from ..core.atomic import written_aside
from ..core.compute.place import Place, Progress, Where
from ..core.compute.versions import solving_versions
from ..core.errors import (
    NO_ROOM,
    InputError,
    InterruptedRunError,
    LisError,
    SystemRefusedError,
    in_a_line,
    writing_to,
)
from ..core.files.kinds import KINDS
from ..core.interrupts import interruptible, undisturbed
from ..core.lock import locked
from ..core.system.posts import no_slots
from ..core.text_files import no_file, read_json
from .options import Options
from .request import Floats, JobRequest, Manifest, Setting

PREFIX = ".lis1plan-"
FORMAT = 2
ANOTHER = "; choose another --out"


class Working(NamedTuple):
    """A working folder in use."""

    folder: Path
    parts: Path
    result: Path
    place: Place  # as given; what its workers find out is kept in the folder
    progress: Progress  # as given, and notes the step in the folder


def folder_of(request: JobRequest[Options], out: Path) -> Path:
    """Return the working folder of a run: one for each study, seed and kind of result."""
    name = request.file_in(out).stem.removeprefix(f"{request.study.name}-")
    return out / f"{PREFIX}{name}"


@contextmanager
def working_folder(request: JobRequest[Options], setting: Setting) -> Iterator[Working]:
    """Hold the working folder of a run, begun now or left by an interrupted one.

    Raises
    ------
    InputError
        If the output folder cannot be written to, or another process is at this very run.
    InterruptedRunError
        If the run is stopped by Ctrl-C or a signal after some of it was kept.
    """
    folder, began = folder_of(request, setting.out), time.time()
    lock, finished = None, False
    with interruptible() as interruption, _nothing_empty(setting.out):
        try:
            with writing_to(setting.out, ANOTHER):
                (folder / "parts").mkdir(parents=True, exist_ok=True)
                lock = _locked(folder)
                _begin(request, folder, setting.progress)
            yield _working(request, setting, folder)
            finished = True
        except BaseException as error:
            stopped = interruption.came or isinstance(error, KeyboardInterrupt)
            final = not stopped and isinstance(error, LisError) and error.final
            ours = lock is not None or (stopped and not (folder / "manifest.json").exists())
            finished = ours and (final or not _has_parts(folder / "parts"))
            if not stopped:
                raise
            left = f"go on with: lis1plan resume {folder}"
            if finished:
                left = _left(request.file_in(setting.out), began)
            raise InterruptedRunError(f"interrupted; {left}") from None
        finally:
            with undisturbed():
                if finished:
                    _remove(folder)
                if lock is not None:
                    lock.close()


def _working(request: JobRequest[Options], setting: Setting, folder: Path) -> Working:
    """Return a working folder ready for use."""
    parts = folder / "parts"
    return Working(
        folder,
        parts,
        request.file_in(setting.out),
        _kept_in(parts, setting.where),
        _noting(setting.progress, folder / "phase"),
    )


def _left(result: Path, began: float) -> str:
    """Return what an interrupted command of which no part is kept has written."""
    if result.is_file() and result.stat().st_mtime >= began:
        return f"{result} is written; give the same command again for what belongs beside it"
    return "nothing was written"


@contextmanager
def _nothing_empty(out: Path) -> Iterator[None]:
    """Leave no output folder that was made here and holds nothing."""
    made = [each for each in (out, *out.parents) if not each.exists()]
    try:
        yield
    finally:
        with undisturbed(), suppress(OSError):
            for each in made:
                each.rmdir()


@contextmanager
def room_on_disk(folder: Path) -> Iterator[None]:
    """Say in a line that a full disk, quota or limit left no room, and how to go on.

    Raises
    ------
    SystemRefusedError
        If what is written inside finds no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        free = shutil.disk_usage(folder).free / 1e6
        raise SystemRefusedError(
            f"{folder.parent}: no room for the result ({free:.1f} MB free); make room, then: "
            f"lis1plan resume {folder}"
        ) from None


def read_manifest(folder: Path) -> Manifest:
    """Return what a working folder was begun for.

    Raises
    ------
    InputError
        If it is none, or damaged.
    """
    file = folder / "manifest.json"
    if not file.exists():
        raise InputError(f"{folder}: no interrupted run: it holds no manifest.json")
    try:
        found = read_json(file)
        if (found["format"], found["kind"] in KINDS) != (FORMAT, True):
            raise InputError(f"{file}: not of this lis1plan; run the study again")
        study = study_from_text(str(found["study_json"]))
        plans = {
            str(name): _slots(no_slots(study.in_force).shape, slots)
            for name, slots in found["plans"].items()
        }
        return Manifest(found["kind"], study, plans, found["options"], dict(found["versions"]))
    except InputError as error:
        told = [each if str(file) in each else f"{file}: {each}" for each in error.told]
        raise InputError(told) from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        said = f"{in_a_line(error)}; run the study again"
        raise InputError(f"{file}: cannot be read: {said}") from None


def _slots(shape: tuple[int, ...], given: object) -> Floats:
    """Return a plan of a manifest, slots [region, decision year]."""
    slots = np.array(given, dtype=np.float64)
    if slots.shape != shape:
        raise ValueError("a plan does not fit the study's regions and decision years")
    if not (np.isfinite(slots) & (slots >= 0)).all():
        raise ValueError("a plan opens slots that are no numbers from 0")
    return slots


def _begin(request: JobRequest[Options], folder: Path, progress: Progress) -> None:
    """Write the manifest; what other versions worked out is dropped, leftovers are cleared away."""
    wanted = {
        "format": FORMAT,
        "kind": request.options.kind,
        "study_name": request.study.name,
        "study_json": request.written.canonical_text,
        "plans": {name: slots.tolist() for name, slots in request.plans.items()},
        "options": request.options.as_data(),
        "versions": solving_versions(),
    }
    with suppress(InputError):
        if read_manifest(folder).versions != wanted["versions"]:
            shutil.rmtree(folder / "parts", ignore_errors=True)
    (folder / "parts").mkdir(exist_ok=True)
    kept = sum(1 for _ in (folder / "parts").glob("*.npz"))
    if kept:
        progress("kept from before", kept, kept)
    strays = [*folder.rglob("*.part")]
    result = request.file_in(folder.parent)
    for end in ("", KINDS["infeasible"].ending):  # what commands of other kinds write is theirs
        strays += result.parent.glob(f".{result.stem}{end}.*.part")
    for stray in strays:
        stray.unlink(missing_ok=True)
    with written_aside(folder / "manifest.json") as aside:
        aside.write_text(json.dumps(wanted, ensure_ascii=False), "utf-8")


def _kept_in(parts: Path, where: Where) -> Place:
    """Return a place whose workers keep what they work out in a folder."""
    place = where if isinstance(where, Place) else Place(where)
    return place._replace(checkpoint=parts)


def _locked(folder: Path) -> TextIO:
    """Hold the lock of the folder; a pipe in place of a small file would be waited for."""
    for file in (folder / "lock", folder / "phase"):
        if file.exists() and (what := no_file(file)):
            raise InputError(f"{file}: is {what}; remove it, then: lis1plan resume {folder}")
    lock = (folder / "lock").open("a+", encoding="utf-8")
    if not locked(lock):
        lock.seek(0)
        other = lock.read().strip() or "another process"
        lock.close()
        raise InputError(f"{folder}: {other} is at this run; wait for it or stop it") from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()}")
    lock.flush()
    return lock


def _noting(progress: Progress, file: Path) -> Progress:
    """Return a progress that also notes each new step in the folder."""
    last = ""

    def tell(step: str, done: int, total: int) -> None:
        nonlocal last
        if step != last:
            last = step
            with suppress(OSError):
                file.write_text(step, "utf-8")
        progress(step, done, total)

    return tell


def _has_parts(parts: Path) -> bool:
    return next(parts.glob("*.npz"), None) is not None


def _remove(folder: Path) -> None:
    """Remove the folder, the manifest last: a half-removed one can still be gone on with."""
    shutil.rmtree(folder / "parts", ignore_errors=True)
    for name in ("phase", "lock", "manifest.json"):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def ready_folder(out: Path) -> None:
    """Make sure the output folder can be written to before an hour is spent on what goes there."""
    with writing_to(out, ANOTHER):
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".writable-{time.time_ns()}"
        probe.touch()
        probe.unlink()
