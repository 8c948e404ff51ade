"""A kernel that returns what cannot be is a fault of the program, told before it is judged."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.compute.workers import Workers
from lis1plan.core.errors import Exit
from lis1plan.core.flow import observed
from lis1plan.core.flow import projection as projection_module
from lis1plan.core.flow.finite import NotFiniteError
from lis1plan.core.flow.projection import Request, projected_block
from lis1plan.core.flow.sound import UnsoundError
from lis1plan.core.kernels.loops import ensemble
from lis1plan.core.risk import streams as streams_module
from lis1plan.core.risk.oracle import judged_part, prepare
from lis1plan.core.risk.streams import stream_tiers
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.study import Study

from ...helpers.small_study import small_study

PLACE = (3, 1, 0, 1)
"""Scenario, year, group, region."""


def projected(study: Study) -> None:
    projected_block(10, 8, Request(study, sample_of(study), {"none": study.given_levels}))


def breaking(monkeypatch: pytest.MonkeyPatch, field: str, place: Any, value: float) -> None:
    """Let the cohort kernel return a value in one place, in every block."""

    def broken(*arguments: Any) -> Any:
        found = ensemble(*arguments)
        getattr(found, field)[place] += value
        return found

    monkeypatch.setattr(projection_module, "run_ensemble", broken)


def test_what_the_kernel_returns_is_sound() -> None:
    projected(small_study(5, groups=2))


@pytest.mark.parametrize(
    ("field", "place", "added", "said"),
    [
        ("supply", PLACE, np.nan, "supply is nan"),
        ("supply", PLACE, np.inf, "supply is inf"),
        ("supply", PLACE, -1e6, "supply is -"),
        ("training", PLACE, -1e6, "training is -"),
        ("appointed", (3, 1, 1), np.nan, "appointed is nan"),
        ("training", PLACE, 5.0, "doctors in LIS2/3 appear or vanish"),
        ("left", PLACE, 5.0, "doctors in LIS2/3 appear or vanish"),
        ("specialists", PLACE, 1e4, "specialists appear"),
        ("unplaced", (3, 1, 1), 500.0, "applicants who wait appear"),
        ("appointed", (3, 1, 1), 500.0, "unfilled is -"),
        ("abroad", PLACE, 1e5, "more specialists are from abroad than in all"),
    ],
)
def test_flows_that_cannot_be_are_a_fault(
    monkeypatch: pytest.MonkeyPatch, field: str, place: Any, added: float, said: str
) -> None:
    study = small_study(5, groups=2)
    breaking(monkeypatch, field, place, added)
    with pytest.raises(UnsoundError) as fault:
        projected(study)
    words = str(fault.value)
    assert words.startswith(f"scenario 13 of seed {study.sampling.seed}: {said}"), words
    assert "--realization 13" in words
    assert fault.value.exit_code == Exit.FAULT
    assert str(pickle.loads(pickle.dumps(fault.value))) == words  # as workers of a cluster send it


@pytest.mark.parametrize(
    ("tier", "value", "said"),
    [
        (0, np.nan, "supply without new posts is nan"),
        (0, -5.0, "supply without new posts is -5"),
        (1, np.nan, "response to a post is nan"),
        (1, -0.5, "response to a post is -0.5"),
        (1, 1.5, "response to a post is 1.5"),
    ],
)
def test_tiers_that_cannot_be_are_a_fault(
    monkeypatch: pytest.MonkeyPatch, tier: int, value: float, said: str
) -> None:
    """One more doctor cannot work more than one doctor's hours."""
    study = small_study(5)

    def broken(*arguments: Any) -> Any:
        found = stream_tiers(*arguments)
        found[tier][2, 0, -1] = value
        return found

    monkeypatch.setattr(streams_module, "stream_tiers", broken)
    with pytest.raises(UnsoundError, match=rf"scenario 22: {said}"):
        judged_part(study, draw(study, sample_of(study), 20, 5), 20)


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.1])
def test_shortfall_that_cannot_be_is_a_fault(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    study = small_study(5)
    oracle = prepare(study, sample_of(study), Workers(1))
    fill = oracle.held.fill

    def broken(kernel: Any, arguments: Any, out: Any, axis: int = 0) -> None:
        fill(kernel, arguments, out, axis)
        out[1, 0, 3] = value

    monkeypatch.setattr(oracle.held, "fill", broken)
    with pytest.raises(UnsoundError, match=rf"scenario 3: shortfall of risk\.\w+ is {value:g}"):
        oracle.risk(study.given_levels)


def test_slope_of_no_number_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    study = small_study(5)
    oracle = prepare(study, sample_of(study), Workers(1))
    z, fill = oracle.shortfall(study.given_levels), oracle.held.fill

    def broken(kernel: Any, arguments: Any, out: Any, axis: int = 0) -> None:
        fill(kernel, arguments, out, axis)
        out.flat[0] = np.nan

    monkeypatch.setattr(oracle.held, "fill", broken)
    with pytest.raises(UnsoundError, match="scenario 0: slope of risk"):
        oracle.slope(study.given_levels, 0, z[0])


def test_rates_below_zero_are_blamed_on_what_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on the kernel, which made of them what they say."""

    def broken(*asked: Any) -> Any:
        draws = draw(*asked)
        draws.figures["specialists.foreign_per_year"][4:] = -1e6
        return draws

    monkeypatch.setattr(observed, "draw", broken)
    with pytest.raises(NotFiniteError, match="scenario 14: foreign is below zero"):
        projected(small_study(5))


def test_command_tells_the_fault_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, "supply", (slice(7, None), 1, 0, 1), np.nan)  # not while it warms up
    asked = ["project", "tutorial", "--scenarios", "8", "--out", str(tmp_path), "--quiet"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == Exit.FAULT
    (line,) = done.stderr.splitlines()
    assert line.startswith("lis1plan: scenario 7 of seed 1: supply is nan")
    assert list(tmp_path.glob("*.nc")) == []
