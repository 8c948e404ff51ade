"""A program that runs commands in forks of itself: real processes without waiting for imports.

Each line on stdin asks for a command, each on stdout answers with how it ended. A command that
takes longer than it was given is killed: code `HUNG`. One that takes all memory ends alone.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Self

HUNG, RAISED = -999, 70
MEMORY = 64_000_000_000
"""Bytes of address space a command may ask for: enough for all that is tried here."""
MODULES = (
    "cli.commands", "jobs.resume", "jobs.rerun", "jobs.replay", "jobs.attainable",
    "report.pages.html", "report.pages.static", "report.pages.compare", "report.pages.difference",
    "report.export.write", "report.pages.terminal", "core.verify.laws", "configs.plan_file",
)  # fmt: skip


class Ended(NamedTuple):
    """How a command ended, and what it said."""

    code: int  # minus the number of the signal that ended it
    seconds: float
    out: str
    err: str


class Forks:
    """The program at work, and how to ask it."""

    def __init__(self, folder: Path) -> None:
        environment = {k: v for k, v in os.environ.items() if k != "NUMBA_DISABLE_JIT"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            cwd=folder, env=environment | {"LIS1PLAN_KEEP_SECONDS": "0"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()  # and close its pipes

    def run(
        self, *command: str, folder: Path, seconds: float = 120.0, until: str | None = None
    ) -> Ended:
        """Run a command in a folder; kill it as soon as a file matches the pattern `until`."""
        asked = {"command": command, "folder": str(folder), "seconds": seconds, "until": until}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


def main() -> None:
    """Load the program and its kernels, then do what each line asks."""
    for module in MODULES:
        import_module(f"lis1plan.{module}")
    from lis1plan.configs.loader import load_study
    from lis1plan.core.warmup import warm_up

    warm_up(load_study("tutorial"), lambda *_: None)
    assert threading.active_count() == 1, "a fork takes no threads along"
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)


def run(command: list[str], folder: str, seconds: float, until: str | None) -> dict[str, Any]:
    """Run a command in a fork and return how it ended."""
    began = time.monotonic()
    with _logs() as (out, err):
        pid = os.fork()
        if pid == 0:
            _be(command, folder, out, err)
        code = _end_of(pid, Path(folder), began + seconds, until)
        return {
            "code": code,
            "seconds": time.monotonic() - began,
            "out": _text(out),
            "err": _text(err),
        }


@contextlib.contextmanager
def _logs() -> Iterator[tuple[int, int]]:
    """Yield two files without a name, for what a command says."""
    both = os.memfd_create("out"), os.memfd_create("err")
    try:
        yield both
    finally:
        for each in both:
            os.close(each)


def _text(log: int) -> str:
    os.lseek(log, 0, os.SEEK_SET)
    with os.fdopen(os.dup(log), encoding="utf-8", errors="replace", newline="\n") as file:
        return file.read(5_000_000)


def _end_of(pid: int, folder: Path, limit: float, until: str | None) -> int:
    """Wait for a fork; kill it when its time is up, or when the file waited for is there."""
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        late = time.monotonic() > limit
        if late or (until is not None and next(folder.glob(until), None) is not None):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return HUNG if late else -signal.SIGKILL
        time.sleep(0.002)


def _be(command: list[str], folder: str, out: int, err: int) -> None:
    """Be the command: never returns."""
    code = RAISED
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(folder)
        if "--static" not in command:  # V8, which draws figures, reserves more than it uses
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        from lis1plan.cli import main as program

        program(command)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
