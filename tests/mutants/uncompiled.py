"""A plugin of pytest for tests without compiled kernels: shorter ones, and how long each took.

Lanes that compiled code works on side by side come one after the other here, also those that no
scenario fills: there are few. Where LIS1PLAN_DURATIONS names a file, seconds of each test go there
as JSON, and a test that takes too long all the same is skipped; what it has run by then counts.
"""

from __future__ import annotations

import json
import os
import signal
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from lis1plan.core.kernels import shortage

MOST_SECONDS = 10.0
"""Of the processor for a test or what prepares it: some would take half an hour without numba."""

MEASURED = os.environ.get("LIS1PLAN_DURATIONS")

assert os.environ.get("NUMBA_DISABLE_JIT") == "1", "compiled kernels keep the lanes they have"
shortage.LANES = 4  # whoever takes the number from there is imported later


class Durations:
    """Seconds by test, of its setup and itself; those that are skipped have none."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = defaultdict(float)
        self.skipped = set[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the phases of a test."""
        if report.when != "teardown":
            self.seconds[report.nodeid] += report.duration
        if report.skipped:
            self.skipped.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write all."""
        kept = {test: each for test, each in self.seconds.items() if test not in self.skipped}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(kept, indent=0), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Listen where all reports come together: not in a worker of xdist."""
    if MEASURED is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations(Path(MEASURED)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    """Skip what takes too long to prepare."""
    with limited():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """Skip what takes too long."""
    with limited():
        yield


@contextmanager
def limited() -> Iterator[None]:
    """Skip the test at hand once the processor has worked for it so long; mutants end otherwise."""
    if MEASURED is None:
        yield
        return
    before = signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS, 1.0)  # again: the first may be swallowed
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    pytest.skip(f"takes more than {MOST_SECONDS:.0f} s without compiled kernels")
