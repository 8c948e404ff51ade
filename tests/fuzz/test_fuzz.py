"""Fuzzing by the clock: what others wrote, and what they ask of the desk, for as long as is set.

LIS1PLAN_FUZZ_SECONDS is all of it, shared by the targets: an hour in `make nightly`, a minute where
nothing is said. Half of a target's time hypothesis draws blindly; in the other half the fuzzer
atheris, where it is installed, looks for inputs that reach lines which none has reached yet.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings

from .guided import drawn
from .targets import TARGETS

SECONDS = float(os.environ.get("LIS1PLAN_FUZZ_SECONDS", "60")) / len(TARGETS) / 2.0
BATCH = 20
"""Inputs drawn by one seed: time is looked at between batches."""


@pytest.mark.thorough
@pytest.mark.parametrize("name", TARGETS)
def test_drawn_inputs_do_no_harm(name: str, tmp_path: Path) -> None:
    target, end, number = TARGETS[name], time.monotonic() + SECONDS, 0
    health = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    with target.opened(tmp_path) as tried:
        while number == 0 or time.monotonic() < end:

            @settings(
                max_examples=BATCH,
                deadline=None,
                suppress_health_check=health,
                report_multiple_bugs=False,
                print_blob=True,
            )
            @seed(number + int(os.environ.get("LIS1PLAN_FUZZ_SEED", "0")))
            @given(target.values)
            def batch(value: object) -> None:
                tried(value)

            batch()
            number += 1


@pytest.mark.thorough
@pytest.mark.skipif(find_spec("atheris") is None, reason="make fuzz installs atheris where it can")
@pytest.mark.parametrize("name", TARGETS)
def test_guided_inputs_do_no_harm(name: str, tmp_path: Path) -> None:
    """In a process of its own: the fuzzer ends the one it runs in."""
    module = "lis1plan.tests.fuzz.guided"
    asked = [sys.executable, "-P", "-m", module, name, f"{max(1, round(SECONDS))}", tmp_path]
    done = subprocess.run(
        asked, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS + 600
    )
    assert done.returncode == 0, done.stderr[-6_000:]
    assert int((tmp_path / "count").read_text("utf-8")) > 1


def test_what_is_drawn_from_bytes_is_what_hypothesis_draws(tmp_path: Path) -> None:
    """A guided input can be drawn, and what fails in it is raised."""
    seen = []
    one = drawn(TARGETS["plans"].values, seen.append)
    for n in range(200):
        one(bytes([n]) * 400)
    assert seen

    def broken(value: object) -> None:
        raise AssertionError("harm")

    with pytest.raises(AssertionError, match="harm"):
        drawn(TARGETS["plans"].values, broken)(bytes(400))
