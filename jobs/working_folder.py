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

import errno
import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NamedTuple, TextIO

import numpy as np

from ..configs.errors import InputError
from ..configs.loader import study_from_text
from ..core.atomic import written_aside
from ..core.compute.place import Place, Progress, Where
from ..core.compute.versions import solving_versions
from ..core.errors import LisError
from ..core.files.kinds import KINDS
from ..core.files.store import ResultFileError
from .lock import locked
from .options import Options
from .request import JobRequest, Manifest, Setting

PREFIX = ".lis1plan-"
FORMAT = 2
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class InterruptedRunError(LisError):
    """The run was stopped from outside; what it had worked out is kept."""


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
    folder = folder_of(request, setting.out)
    parts = folder / "parts"
    try:
        parts.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
        _begin(request, folder, setting.progress)
    except OSError as error:
        raise InputError(
            f"{setting.out}: cannot be written to: {error.strerror}; choose another --out"
        ) from None
    finished = False
    try:
        with _termination_as_interrupt():
            yield Working(
                folder,
                parts,
                request.file_in(setting.out),
                _kept_in(parts, setting.where),
                _noting(setting.progress, folder / "phase"),
            )
        finished = True
    except KeyboardInterrupt:
        if not _has_parts(parts):
            finished = True
            raise
        raise InterruptedRunError(f"interrupted; go on with: lis1plan resume {folder}") from None
    except Exception as error:
        finished = not _has_parts(parts) or (isinstance(error, LisError) and error.final)
        raise
    finally:
        if finished:
            _remove(folder)
        lock.close()


@contextmanager
def room_on_disk(folder: Path) -> Iterator[None]:
    """Say in a line that a full disk, quota or limit left no room, and how to go on.

    Raises
    ------
    ResultFileError
        If what is written inside finds no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        free = shutil.disk_usage(folder).free / 1e6
        raise ResultFileError(
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
    try:
        found = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder}: no interrupted run: it holds no manifest.json") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
    if (
        not isinstance(found, dict)
        or found.get("format") != FORMAT
        or found.get("kind") not in KINDS
    ):
        raise InputError(f"{file}: not of this lis1plan; run the study again")
    plans = {name: np.array(slots, dtype=np.float64) for name, slots in found["plans"].items()}
    study = study_from_text(found["study_json"])
    return Manifest(found["kind"], study, plans, found["options"], found["versions"])


def _begin(request: JobRequest[Options], folder: Path, progress: Progress) -> None:
    """Write the manifest; what other versions worked out is dropped, leftovers are cleared away."""
    wanted = {
        "format": FORMAT,
        "kind": request.options.kind,
        "study_name": request.study.name,
        "study_json": request.study.canonical_text,
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
    """Hold the lock of the folder."""
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


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the run as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".writable-{time.time_ns()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"{out}: cannot be written to: {error.strerror}; choose another --out"
        ) from None
