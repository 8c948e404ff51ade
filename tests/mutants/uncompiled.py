"""A plugin of pytest for tests without compiled kernels: shorter ones, and how long each took.

Lanes that compiled code works on side by side come one after the other here, also those that no
scenario fills: there are few. Where LIS1PLAN_DURATIONS names a file, seconds of each test go there
as JSON, and a test that takes too long all the same is skipped; what it has run by then counts.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from lis1plan.core.kernels import state

MOST_SECONDS, MOST_TO_PREPARE = 20.0, 60.0
"""Of the processor for a test, and for what prepares it, maybe for many: some would take half an
hour without numba."""

SECONDS = "seconds of the processor"
MEASURED = os.environ.get("LIS1PLAN_DURATIONS")

assert os.environ.get("NUMBA_DISABLE_JIT") == "1", "compiled kernels keep the lanes they have"
state.LANES = 4  # whoever takes the number from there is imported later


class Durations:
    """Seconds of the processor by test, of its setup and itself; what is skipped has none."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the phases of a test."""
        if report.when == "call" and not report.skipped:
            told = (each for name, each in report.user_properties if name == SECONDS)
            self.seconds[report.nodeid] = sum(told)

    def pytest_sessionfinish(self) -> None:
        """Write all."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.seconds, indent=0), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Listen where all reports come together: not in a worker of xdist."""
    if MEASURED is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations(Path(MEASURED)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Skip what takes too long to prepare."""
    with measured(item, MOST_TO_PREPARE):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Skip what takes too long."""
    with measured(item, MOST_SECONDS):
        yield


@contextmanager
def measured(item: pytest.Item, most: float) -> Iterator[None]:
    """Note how long the processor works for a test, and skip it after `most` seconds.

    Not of a mutant, which is ended otherwise.
    """
    if MEASURED is None:
        yield
        return
    began = time.process_time()
    before = signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, most, 1.0)  # again: the first may be swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
        item.user_properties.append((SECONDS, time.process_time() - began))


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    pytest.skip(
        f"takes more than {MOST_SECONDS:.0f} s, or {MOST_TO_PREPARE:.0f} to prepare, uncompiled"
    )
