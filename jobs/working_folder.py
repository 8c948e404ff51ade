"""The working folder of a run, beside its output: what is worked out so far, and how to go on.

    OUT/.lis1plan-<run id>[-<kind>]/
        manifest.json   what was asked: the study, the options, the versions
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
from typing import Any, NamedTuple, TextIO

from ..configs.errors import InputError
from ..core.atomic import written_aside
from ..core.compute.place import Place, Progress, Where
from ..core.compute.versions import solving_versions
from ..core.errors import LisError
from ..core.files.provenance import run_id
from ..core.files.store import ResultFileError
from ..core.study.study import Study
from .lock import locked

PREFIX = ".lis1plan-"
FORMAT = 1
RESULTS = {
    "run": "",
    "project": "-projection",
    "sensitivity": "-sensitivity",
    "frontier": "-frontier",
    "replicate": "-replication",
}
"""How the name of its result ends, for each kind of command that can go on."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class InterruptedRunError(LisError):
    """The run was stopped from outside; what it had worked out is kept."""


class Asked(NamedTuple):
    """What a run was asked for: enough to ask it again."""

    kind: str  # one of RESULTS
    study: Study
    out: Path
    options: dict[str, Any]

    @property
    def result(self) -> Path:
        """Return the file that will hold the result."""
        return self.out / f"{self.study.name}-{run_id(self.study)}{RESULTS[self.kind]}.nc"


class Working(NamedTuple):
    """A working folder in use."""

    folder: Path
    parts: Path
    result: Path
    progress: Progress  # as given, and notes the step in the folder

    def at(self, where: Where) -> Place:
        """Return a place whose workers keep what they work out in this folder."""
        place = where if isinstance(where, Place) else Place(where)
        return place._replace(checkpoint=self.parts)


def folder_of(asked: Asked) -> Path:
    """Return the working folder of a run: one for each study, seed and kind of command."""
    kind = "" if asked.kind == "run" else f"-{asked.kind}"
    return asked.out / f"{PREFIX}{run_id(asked.study)}{kind}"


@contextmanager
def working_folder(asked: Asked, progress: Progress) -> Iterator[Working]:
    """Hold the working folder of a run, begun now or left by an interrupted one.

    Raises
    ------
    InputError
        If the output folder cannot be written to, or another process is at this very run.
    InterruptedRunError
        If the run is stopped by Ctrl-C or a signal after some of it was kept.
    """
    folder = folder_of(asked)
    parts = folder / "parts"
    try:
        parts.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
        _begin(asked, folder, progress)
    except OSError as error:
        raise InputError(
            f"{asked.out}: cannot be written to: {error.strerror}; choose another --out"
        ) from None
    finished = False
    try:
        with _termination_as_interrupt():
            yield Working(folder, parts, asked.result, _noting(progress, folder / "phase"))
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


def read_manifest(folder: Path) -> dict[str, Any]:
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
        or found.get("kind") not in RESULTS
    ):
        raise InputError(f"{file}: not of this lis1plan; run the study again")
    return found


def _begin(asked: Asked, folder: Path, progress: Progress) -> None:
    """Write the manifest; what other versions worked out is dropped, leftovers are cleared away."""
    wanted = {
        "format": FORMAT,
        "kind": asked.kind,
        "study_name": asked.study.name,
        "study_json": asked.study.canonical_text,
        "options": asked.options,
        "versions": solving_versions(),
    }
    with suppress(InputError):
        found = read_manifest(folder)
        if found["versions"] != wanted["versions"]:
            shutil.rmtree(folder / "parts", ignore_errors=True)
    (folder / "parts").mkdir(exist_ok=True)
    kept = sum(1 for _ in (folder / "parts").glob("*.npz"))
    if kept:
        progress("kept from before", kept, kept)
    strays = [*folder.rglob("*.part")]
    for end in ("", "-infeasible"):  # what commands of other kinds write is theirs
        strays += asked.out.glob(f".{asked.result.stem}{end}.*.part")
    for stray in strays:
        stray.unlink(missing_ok=True)
    with written_aside(folder / "manifest.json") as aside:
        aside.write_text(json.dumps(wanted, ensure_ascii=False), "utf-8")


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
