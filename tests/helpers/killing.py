"""A program that runs commands in forks of itself and stops them at a moment that is asked for.

A fork has the program loaded already, else loading would take most of the time of a small run. It
says through a pipe when it enters and leaves the steps below; the signal, SIGKILL or another, comes
from outside, some time after a step began. Each line on stdin asks for a command, each on stdout
answers.
"""

from __future__ import annotations

import contextlib
import functools
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from pyomo.common import dependencies

SECONDS = 300
STEPS = {
    "draw": ("lis1plan.optimise.job", "prepare"),
    "LP rounds": ("lis1plan.optimise.search.convex", "relaxed_plan"),
    "integer rounds": ("lis1plan.optimise.search.convex", "_whole_plan"),
    "worth": ("lis1plan.optimise.job", "value_of_information"),
    "evaluate": ("lis1plan.optimise.job", "evaluate"),
    "project": ("lis1plan.core.files.summary", "project_plans"),
    "write": ("lis1plan.jobs.job", "write_result"),
    "report": ("lis1plan.report.pages.html", "write_report"),
    "indices": ("lis1plan.jobs.sensitivity", "analyse"),
    "points": ("lis1plan.jobs.frontier", "vary"),
    "tree": ("lis1plan.optimise.review.value", "adaptive_plan"),
    "rule": ("lis1plan.optimise.review.value", "look_ahead_reviewed"),
    "fresh reviews": ("lis1plan.optimise.review.value", "judge_branches"),
    "replications": ("lis1plan.jobs.replication", "replicate"),
}
"""Steps, by the function that does each, under the name its caller knows."""


def main() -> None:
    """Load the program and its kernels, then do what each line asks."""
    for module, _ in STEPS.values():
        import_module(module)
    for module in (
        "lis1plan.cli.commands",
        "lis1plan.jobs.resume",
        "lis1plan.report.pages.html",
        "netCDF4",
    ):
        import_module(module)
    from lis1plan.configs.loader import load_study
    from lis1plan.core.warmup import warm_up

    warm_up(load_study("tutorial"), lambda *_: None)
    for line in sys.stdin:
        print(json.dumps(run(**json.loads(line))), flush=True)


def run(
    command: list[str],
    out: str,
    step: str | None = None,
    delay: float = 0.0,
    how: int = signal.SIGKILL,
) -> Any:
    """Run a command in a fork; send it a signal `delay` seconds after `step` began.

    Returns its exit code (minus the signal), the steps it was in at the end, from the outermost on,
    the seconds each step took first, and what it said.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _be(command, out, write)
    os.close(write)
    within, began, seconds = list[str](), dict[str, float](), dict[str, float]()
    with os.fdopen(read) as told:
        for line in told:
            what, name = line.rstrip("\n").split(" ", 1)
            if what == "loaded":
                _load(name.split())
            elif what == "enter":
                within.append(name)
                began.setdefault(name, time.monotonic())
                if name == step:
                    step = None
                    time.sleep(delay)
                    os.kill(pid, how)
            else:
                within.remove(name)
                seconds.setdefault(name, time.monotonic() - began[name])
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with Path(out).open(encoding="utf-8") as said:
        return {
            "code": code,
            "within": within,
            "seconds": seconds,
            "said": said.read(),
        }


def _be(command: list[str], out: str, write: int) -> None:
    """Be the command: never returns."""
    code = 70
    signal.alarm(SECONDS)
    # Pyomo's lock is shared by all forks: one killed while holding it would stop those after it.
    dependencies.capture_output_lock = multiprocessing.Lock()
    try:
        log = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for name, (module, function) in STEPS.items():
            place = import_module(module)
            setattr(place, function, _telling(getattr(place, function), name, write))
        from lis1plan.__main__ import program

        program(command)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
            os.write(write, f"loaded {' '.join(sys.modules)}\n".encode())
        os._exit(code)


def _load(modules: list[str]) -> None:
    """Load what a fork came to need, for those after it."""
    for name in modules:
        if name not in sys.modules and name != "__mp_main__":
            with contextlib.suppress(Exception):
                import_module(name)
    assert threading.active_count() == 1, "a fork takes no threads along"


def _telling(function: Callable[..., Any], name: str, write: int) -> Callable[..., Any]:
    @functools.wraps(function)
    def told(*args: Any, **options: Any) -> Any:
        os.write(write, f"enter {name}\n".encode())
        try:
            return function(*args, **options)
        finally:
            os.write(write, f"leave {name}\n".encode())

    return told


if __name__ == "__main__":
    main()
