"""Every block of scenarios is a task of Dask, whoever works it out, and nothing else is."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from dask.callbacks import Callback

from lis1plan.cli import main
from lis1plan.core.compute.graph import WINDOW, Call, graph_of
from lis1plan.core.compute.schedulers import ThisProcess
from lis1plan.core.compute.workers import Workers

BLOCK_FUNCTIONS = (
    ("risk.oracle", "judged_block"),
    ("risk.other_demand", "demanded_block"),
    ("risk.evaluation", "judgements_block"),
    ("flow.projection", "projected_block"),
    ("files.summary", "described_year"),
    ("kernels.shortage", "shortage"),
    ("kernels.slope", "slopes"),
    ("kernels.concavity", "concavity"),
)
"""Where blocks are drawn, projected, judged, sloped and checked, and years are described."""

STANDARD = ("threading", "concurrent.")
STARTERS = {
    "dask.threaded",  # the workers
    "lis1plan.core.compute.checkpoint",  # the writer
    "pyomo.common.tee",  # reads what a solver prints
    "lis1plan.optimise.solvers.highs",  # HiGHS, which may have to be left behind
}


class Counted(Callback):  # type: ignore[misc]
    """Dask's own account of the tasks it has finished, by the name in their key."""

    def __init__(self) -> None:
        super().__init__(posttask=self._count)
        self.tasks: Counter[str] = Counter()

    def _count(self, key: tuple[str, int], *_: Any) -> None:
        self.tasks[key[0].rsplit("-", 1)[0]] += 1


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of every function of a block that was called, as often as it was."""
    called: list[str] = []
    import_module("lis1plan.core.warmup")  # it asks the kernels themselves, not what counts them

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*arguments: Any) -> Any:
            called.append(name)  # an append is safe in threads
            return function(*arguments)

        return call

    for room, name in BLOCK_FUNCTIONS:
        module = import_module(f"lis1plan.core.{room}")
        monkeypatch.setattr(module, name, counting(name, getattr(module, name)))
    return called


@pytest.fixture
def starters(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The module that had each thread started."""
    found: list[str] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals["__name__"].startswith(STANDARD):
            frame = frame.f_back
        found.append(frame.f_globals["__name__"] if frame else thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)
    return found


@pytest.mark.parametrize("command", ["run", "project"])
def test_as_many_tasks_as_blocks_and_no_other_threads(
    command: str, blocks: list[str], starters: list[str], tmp_path: Path
) -> None:
    options = f"{command} tutorial --scenarios 2000 --workers 2 --quiet --out".split()
    with Counted() as counted:
        done = CliRunner().invoke(main, [*options, str(tmp_path)])
    assert done.exit_code == 0, done.output
    expected = Counter(blocks)
    expected["judged_block"] -= expected["judgements_block"]  # each draws within itself
    assert +counted.tasks == +expected
    assert {"judgements_block", "projected_block"} <= counted.tasks.keys()
    if command == "run":
        assert {"judged_block", "shortage", "slopes", "concavity"} <= counted.tasks.keys()
    assert set(starters) <= STARTERS


def test_a_call_on_few_lanes_is_one_task_in_place() -> None:
    """No thread is woken for a single task, however many there are."""
    place: list[threading.Thread] = []
    scheduler = ThisProcess(8)
    graph = graph_of("one", [Call(lambda: place.append(threading.current_thread()), ())])
    assert [found for _, found in scheduler.results(graph)] == [None]
    assert place == [threading.current_thread()]


@pytest.mark.parametrize("threads", [1, 3])
def test_a_single_task_is_dasks_where_somebody_watches(threads: int) -> None:
    """Else it is called: with the same result, by the same key."""
    callers: list[str] = []

    def work(number: int) -> int:
        frame: FrameType | None = sys._getframe(1)
        callers.append(frame.f_globals["__name__"] if frame else "")
        return 2 * number

    scheduler, graph = ThisProcess(threads), graph_of("one", [Call(work, (21,))])
    alone = list(scheduler.results(graph))
    with Counted() as counted:
        watched = list(scheduler.results(graph))
    assert alone == watched == [(next(iter(graph)), 42)]
    assert counted.tasks == {"one": 1}
    assert callers[0] == ThisProcess.__module__
    assert callers[1].startswith("dask.")


@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_are_handed_out_in_windows(threads: int) -> None:
    """What is not taken yet is not worked out: memory stays bounded, Ctrl-C is heard."""
    done: list[int] = []
    workers = Workers(threads)
    blocks = workers.blocks(lambda first, _: done.append(first), [(n, 1) for n in range(50)])
    for taken in range(1, 51):
        next(blocks)
        assert taken <= len(done) < taken + WINDOW * threads
    assert sorted(done) == list(range(50))


def test_an_error_of_a_task_is_that_of_the_call() -> None:
    def fails(first: int, _count: int) -> int:
        return 1 // (first - 3)

    for threads in (1, 2):
        with pytest.raises(ZeroDivisionError):
            list(Workers(threads).blocks(fails, [(n, 1) for n in range(8)]))


def test_dask_looks_into_no_argument() -> None:
    """Arrays, names of other tasks and nested tuples arrive as they were given."""
    given = (np.arange(3.0), ("one", 0), (len, [1, 2]), {"a": (max, 1, 2)})
    graph = graph_of("one", [Call(lambda *arguments: arguments, given)] * 2)
    for _, found in ThisProcess(2).results(graph):
        assert all(a is b for a, b in zip(found, given, strict=True))
