"""Interrupted while it learns, a run with review years goes on and is made again, the same bits."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .test_interrupts import INTERRUPTED, go_on, what_is_said
from .test_resume import (  # noqa: F401
    Killer,
    Undisturbed,
    killer,
    same,
    to_the_end,
)

REVIEWED = """
based_on = "tutorial"
name = "reviewed"
time = { last_decision = 2029, last_year = 2040, window = [2034, 2038] }
sampling = { scenarios = 64, fresh_scenarios = 64 }
solve = { frontier_points = 1, time_limit_seconds = 900 }
[review]
years = [2028]
branches = 2
observation_error = { value = 2, assumption = "made up for the tests" }
"""
STEPS = {"tree": "the plan that learns", "rule": "the look-ahead rule", "fresh reviews": "followed"}
pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("study") / "reviewed.toml"
    path.write_text(REVIEWED, "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def whole(
    killer: Killer,  # noqa: F811
    study: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Undisturbed:
    return to_the_end(killer, tmp_path_factory.mktemp("whole") / "out", "run", study)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("share", [0.0, 0.6])
def test_ctrl_c_while_it_learns(
    step: str,
    share: float,
    killer: Killer,  # noqa: F811
    study: str,
    whole: Undisturbed,
    tmp_path: Path,
) -> None:
    command = ["run", study, "--quiet", "--out", str(tmp_path / "out")]
    delay = share * whole.seconds[step]
    fallen = killer.run(*command, step=step, delay=delay, how=signal.SIGINT)
    assert fallen.code == INTERRUPTED, fallen.said
    said = [line for line in fallen.said.splitlines() if "warning" not in line]
    resumed = what_is_said("\n".join(said))
    assert resumed.startswith("go on with: lis1plan resume ")
    go_on(killer, resumed, tmp_path / "out", whole.out)


def test_it_is_made_again_from_its_file(
    killer: Killer,  # noqa: F811
    whole: Undisturbed,
    tmp_path: Path,
) -> None:
    (file,) = whole.out.glob("*.nc")
    done = killer.run("rerun", str(file), "--out", str(tmp_path / "again"))
    assert done.code == 0, done.said
    assert "identical: the same data came out, bit for bit" in done.said
