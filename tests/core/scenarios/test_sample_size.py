"""Whether there are scenarios enough: the verdict, and a run that carries it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.files.checksums import as_attribute
from lis1plan.core.files.store import open_result, write_result
from lis1plan.core.scenarios.sample_size import judge, stated, verdict_in
from lis1plan.core.verify.laws import verify

from ...helpers.small_study import small_study

JUST, OVER = 0.0, 0.004
"""Fresh risk above the limit, and twice as much on the smaller sample."""
SMALL = ["tutorial", "--scenarios", "16", "--set", "sampling.fresh_scenarios=16", "--json"]
SMALL += ["--set", "solve.frontier_points=1", "--quiet"]
NONE = np.nan


@pytest.mark.parametrize(
    ("costs", "over", "enough", "recommended"),
    [
        ([[90, 110, 100], [100, 100.5, 101]], JUST, True, 1024),  # spread 0.5 %: half is enough
        ([[80, 120, 100], [95, 105, 100]], JUST, False, 16384),  # 5 %, falls as 1 / size
        ([[95, 105, 100], [95, 105, 100]], JUST, False, 65536),  # taken to fall as its root
        ([[100, 100, 100], [100, 100, 100]], JUST, True, 2048),
        ([[100, 100, 100], [100, 100, 100]], OVER, False, 8192),  # by the risk, not by the cost
        ([[90, 110, 100], [100, NONE, 100]], JUST, False, 0),
        ([[100, NONE, NONE], [NONE, NONE, NONE]], JUST, False, 0),
    ],
)
def test_verdict(costs: list[list[float]], over: float, enough: bool, recommended: int) -> None:
    study, cost = small_study(2), np.array(costs)
    limits = study.risk_at_most
    above = np.where(np.isfinite(cost), over * np.array([[2.0], [1.0]]), NONE)
    said = judge(limits, [512, 2048], cost, above[..., None] + limits)
    assert (said.enough, said.recommended) == (enough, recommended)
    assert said.solved.tolist() == np.isfinite(cost).sum(axis=1).tolist()
    held = {key: as_attribute(value) for key, value in stated(said).items()}
    np.testing.assert_equal(verdict_in(held), said)


def test_one_replication_is_refused() -> None:
    done = CliRunner().invoke(main, ["run", "tutorial", "--replicate", "1"])
    assert done.exit_code == 2
    assert "--replicate" in done.output


@pytest.mark.thorough
def test_a_run_says_what_replicate_says(tmp_path: Path) -> None:
    """The same plans and verdict; the report tells them; a verdict made up is found out."""
    ways = {"run": ["run", "--replicate", "2"], "alone": ["replicate", "--seeds", "2"]}
    said = {}
    for name, (command, *option) in ways.items():
        out = ["--out", str(tmp_path / name)]
        done = CliRunner().invoke(main, [command, *SMALL, *option, *out])
        assert done.exit_code == 0, done.output
        said[name] = json.loads(done.stdout)
    told = said["run"]["replications"]
    assert told == {key: said["alone"][key] for key in told}
    run, alone = (open_result(Path(said[name]["netcdf"])) for name in ways)
    for name in alone.data_vars:
        assert run[name].identical(alone[name]), name
    page = Path(said["run"]["report"]).read_text("utf-8")
    assert f"the recommended number is {told['recommended_scenarios']:,}." in page
    sealed = run.attrs | {"replication_enough": True}
    failed = [c.name for c in verify(write_result(run, tmp_path / "x.nc", sealed)) if not c.passed]
    assert "verdict on the sample" in failed
