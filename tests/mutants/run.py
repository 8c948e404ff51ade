"""Mutation testing: `make mutants`. Each mutant of the sample is to fall by a test of its own room.

Without numba, on small studies; what lives and is not explained is tried again, compiled, by all
quick tests of some files that run its line, of whichever room: many would take minutes without. It
needs what `make branches` leaves in build/: which test runs which line, and for how long.

    python -P -m lis1plan.tests.mutants.run [SHARE [ROOM ...]]

Each runs in a fork that has all foreign libraries loaded already, and finds the package in a copy
of the tree with the mutant in it. Fails where fewer than nine in ten fall, where one lives that
survivors.toml does not explain, and where that explains one that falls or is not drawn.
"""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage import CoverageData
from numba import config

from .operators import Mutant
from .rooms import MOST_SECONDS, ROOMS, ROOT, Room, drawn_from, explained, guarding, running

BUILD = ROOT / "build"
LEAST_KILLED = 0.9
TO_COMPILE = 1_200
"""Seconds of the processor for compiling kernels and for all tests of some files."""
ASLEEP = 10
"""Times its limit a mutant may take that does nothing, or waits for the processor."""
_NAMES = {-signal.SIGXCPU: "no end", -signal.SIGKILL: "no end", 2: "import", 4: "import"}
FOREIGN = (
    "numpy", "numba", "scipy.stats", "scipy.sparse", "xarray", "pandas", "pydantic", "netCDF4",
    "pyomo.environ", "highspy", "dask.threaded", "distributed", "hypothesis", "click", "altair",
    "jinja2", "SALib", "xlsxwriter",
)  # fmt: skip
PLAIN = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0")
UNCOMPILED = ("-p", "lis1plan.tests.mutants.uncompiled")
COMPILED = ("-m", "not thorough and not tools")


class Task(NamedTuple):
    """A mutant, or none, and the tests to try."""

    room: str
    mutant: Mutant | None
    tests: Sequence[str]
    limit: int = round(3.0 * MOST_SECONDS) + 20
    """Seconds of the processor after which it is ended: a mutant may have no end."""
    files: Sequence[str] = ()
    """What to try where it lives all the same, compiled."""
    compiled: bool = False

    def again(self) -> Task:
        """Return the same with compiled kernels, which it may have to compile, and whole files."""
        return self._replace(tests=self.files, limit=TO_COMPILE, compiled=True)


class Verdict(NamedTuple):
    """How the tests ended: by which of them a mutant fell, if by any."""

    task: Task
    fell_by: str | None
    seconds: float

    def told(self) -> str:
        """Say it in a line."""
        name = self.task.mutant.name if self.task.mutant else "without a mutant"
        how = f"falls: {self.fell_by}" if self.fell_by else f"LIVES {len(self.task.tests)} tests"
        return f"{self.seconds:5.1f} s  {self.task.room}: {name}: {how}"


class _First:
    """A plugin of pytest that notes the first test to fail."""

    def __init__(self, note: Path) -> None:
        self.note = note

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.note.read_text("utf-8"):
            self.note.write_text(report.nodeid, "utf-8")


def tasks_of(name: str, room: Room, share: float) -> Iterator[Task]:
    """Yield the mutants drawn from a room, each with its tests."""
    data = CoverageData(str(BUILD / "branches.data"))
    data.read()
    measured = {Path(file): file for file in data.measured_files()}
    seconds = json.loads((BUILD / "durations.json").read_text("utf-8"))
    for mutant in drawn_from(room, share):
        found = data.contexts_by_lineno(measured[ROOT / mutant.file])
        tests = {line: [t for each in contexts if (t := each.partition("|")[0])]
                 for line, contexts in found.items()}  # fmt: skip
        by_line = {line: [each for each in some if each in seconds
                          and each.startswith(tuple(room.tests))]
                   for line, some in tests.items()}  # fmt: skip
        quick = guarding(mutant, by_line, seconds)
        yield Task(name, mutant, quick, files=running(mutant, tests))


def copies() -> list[Path]:
    """Return a copy of the tree for each processor: what is compiled in one stays there."""
    return [_copy(BUILD / "mutants" / str(n)) for n in range(os.cpu_count() or 1)]


def judged(tasks: Sequence[Task], places: Sequence[Path]) -> Iterator[Verdict]:
    """Yield what becomes of tasks, as many at a time as there are copies of the tree."""
    left, free = list(reversed(tasks)), list(places)
    under_way = dict[int, tuple[Task, Path, float]]()
    while left or under_way:
        while left and free:
            task, place = left.pop(), free.pop()
            under_way[_started(task, place)] = (task, place, time.monotonic())
        asleep = {pid: began + ASLEEP * task.limit for pid, (task, _, began) in under_way.items()}
        pid, code = _ended(asleep)
        task, place, began = under_way.pop(pid)
        free.append(place)
        if task.mutant:
            shutil.copy2(ROOT / task.mutant.file, place / task.mutant.file)
        note = (place.parent / "note").read_text("utf-8")
        fell_by = note or f"without a failing test: {_NAMES.get(code, code)}"
        yield Verdict(task, fell_by if code else None, time.monotonic() - began)


def _copy(folder: Path) -> Path:
    """Return a copy of the tree whose compiled modules are known by what they hold, not by date."""
    shutil.rmtree(folder, ignore_errors=True)
    left_out = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info", "outputs")
    shutil.copytree(ROOT, folder / "lis1plan", ignore=left_out)
    (folder / "lis1plan" / "outputs").mkdir()
    by_content = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(folder / "lis1plan", quiet=2, invalidation_mode=by_content)
    return folder / "lis1plan"


def _started(task: Task, place: Path) -> int:
    """Plant a mutant, and return the process that tries its tests."""
    if task.mutant:
        source = (ROOT / task.mutant.file).read_bytes()
        (place / task.mutant.file).write_bytes(task.mutant.planted_in(source))
    (place.parent / "note").write_text("", "utf-8")
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        if not task.tests:
            os._exit(0)  # pytest would take none for all
        if not task.compiled:
            os.environ["NUMBA_DISABLE_JIT"], config.DISABLE_JIT = "1", 1
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (task.limit, task.limit + 5))
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        os.chdir(place)
        for name in [each for each in sys.modules if each.partition(".")[0] == "lis1plan"]:
            del sys.modules[name]
        sys.path.insert(0, str(place.parent))
        os.environ["PYTHONPATH"] = str(place.parent)
        how = COMPILED if task.compiled else UNCOMPILED
        first = _First(place.parent / "note")
        code = int(pytest.main([*PLAIN, *how, *task.tests], plugins=[first]))
    finally:
        os._exit(code)


def _ended(limits: dict[int, float]) -> tuple[int, int]:
    """Wait for one of some processes; end one that takes too long, with all that it started."""
    while True:
        for pid, limit in limits.items():
            ended, status = os.waitpid(pid, os.WNOHANG)
            late = not ended and time.monotonic() > limit
            if late:
                os.killpg(pid, signal.SIGKILL)
                _, status = os.waitpid(pid, 0)
            if ended or late:
                return pid, os.waitstatus_to_exitcode(status)
        time.sleep(0.02)


def wrong_with(verdicts: Sequence[Verdict], whole: bool) -> list[str]:
    """Return what the gate refuses."""
    lives = {v.task.mutant.name for v in verdicts if v.task.mutant and not v.fell_by}
    known = explained()
    wrong = [f"lives, and survivors.toml does not say why: {name}" for name in lives - set(known)]
    if whole:
        stale = sorted(set(known) - lives)
        wrong += [f"survivors.toml explains what falls or is not drawn: {name}" for name in stale]
    killed = 1.0 - len(lives) / len(verdicts)
    if killed < LEAST_KILLED:
        wrong.append(f"{killed:.1%} fall, at least {LEAST_KILLED:.0%} are to")
    return wrong


def told(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Print each as it comes."""
    for verdict in verdicts:
        print(verdict.told(), flush=True)
        yield verdict


def judged_twice(tasks: Sequence[Task], places: Sequence[Path]) -> list[Verdict]:
    """Return what becomes of tasks, once more compiled where a mutant lives unexplained."""
    first, known = list(told(judged(tasks, places))), explained()
    done = [v for v in first if v.fell_by or (v.task.mutant and v.task.mutant.name in known)]
    lives = [verdict.task.again() for verdict in first if verdict not in done]
    return done + list(told(judged(lives, places)))


def proofs(verdicts: Sequence[Verdict], compiled: bool) -> list[str]:
    """Return the tests by which mutants fell, compiled or not: without one they are to pass."""
    fell_by = {v.fell_by for v in verdicts if v.fell_by and v.task.compiled == compiled}
    return sorted(test for test in fell_by if "::" in test)


def main() -> None:
    """Judge the sample, or a share of it."""
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    names = sys.argv[2:] or list(ROOMS)
    tasks = [task for name in names for task in tasks_of(name, ROOMS[name], share)]
    for name in FOREIGN:
        import_module(name)
    places = copies()
    verdicts = judged_twice(tasks, places)
    sound = [Task("all", None, proofs(verdicts, again), TO_COMPILE, compiled=again)
             for again in (False, True)]  # fmt: skip
    for room in names:
        mine = [v for v in verdicts if v.task.room == room]
        print(f"{room}: {sum(bool(v.fell_by) for v in mine)} of {len(mine)} fall")
    wrong = wrong_with(verdicts, share == 1.0 and not sys.argv[2:])
    wrong += [f"fails without any mutant: {each.fell_by}"
              for each in judged(sound, places) if each.fell_by]  # fmt: skip
    killed = sum(bool(v.fell_by) for v in verdicts)
    print(f"{killed} of {len(verdicts)} mutants fall ({killed / len(verdicts):.1%})")
    sys.exit("\n".join(wrong) if wrong else 0)


if __name__ == "__main__":
    main()
