"""A plugin of pytest: how long each test took, as JSON in the file LIS1PLAN_DURATIONS names."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest


class Durations:
    """Seconds by test, of its setup and itself."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up the phases of a test."""
        if report.when != "teardown":
            self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write all."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.seconds, indent=0), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Listen where all reports come together: not in a worker of xdist."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations(Path(os.environ["LIS1PLAN_DURATIONS"])))
