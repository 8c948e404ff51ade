"""No plan: each way out named makes one, 0.1 % less does not; in words, as figures, as a file."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.store import open_result
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.jobs.infeasible import summary_of_refusal, write_ways_out
from lis1plan.jobs.options import RunOptions
from lis1plan.jobs.request import JobRequest
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.explain import explain
from lis1plan.optimise.infeasible.relaxations import (
    Relaxation,
    Relief,
    all_limits,
    least_relaxation,
    limits_on_risk,
    one_at_a_time,
    relaxed,
)
from lis1plan.optimise.infeasible.words import beyond_reach, relief_in_words
from lis1plan.optimise.job import InfeasibleError, run_study
from lis1plan.optimise.master.elastic import RiskBound
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.limited_study import budget, trainees
from ...helpers.searching import searching
from ...helpers.small_study import changed, small_study, with_limits

pytestmark = pytest.mark.thorough

ONE = Workers(1)


def asked(seed: int, national: float, region: float) -> tuple[Study, CutPool, np.ndarray]:
    """A study with both risk limits at fractions of their attainable intervals."""
    study = small_study(seed, regions=2 + seed % 2, scenarios=40, slack=0.1)
    pool = CutPool(prepare(study, sample_of(study), ONE))
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    limits = low + np.array([national, region]) * (high - low)
    return with_limits(study, limits), pool, limits


def status_after(study: Study, pool: CutPool, limits: np.ndarray, way: Relaxation) -> str:
    eased = relaxed(searching(pool, study, limits, Clock(60.0)), way)
    again = CutPool(pool.oracle)
    again.cuts = list(pool.cuts)
    return find_plan(searching(again, eased.pool.oracle.study, eased.limits, Clock(60.0))).status


def less(way: Relaxation) -> Relaxation:
    """The same way out, 0.1 % short of it."""
    return way._replace(reliefs=[r._replace(amounts=0.999 * r.amounts) for r in way.reliefs])


@pytest.mark.parametrize(
    ("seed", "national", "region"), [(0, -0.1, -0.1), (1, -0.06, 0.3), (2, -0.06, 0.3)]
)
def test_each_way_out_is_enough_and_a_little_less_is_not(
    seed: int, national: float, region: float
) -> None:
    study, pool, limits = asked(seed, national, region)
    assert find_plan(searching(pool, study, limits, Clock(60.0))).status == "infeasible"
    enough = 0
    search = searching(pool, study, limits, Clock(60.0))
    for free in [tuple(all_limits(search)), *one_at_a_time(search)]:
        way = least_relaxation(search, free)
        assert way.status != "not examined"
        if way.status == "enough":
            enough += 1
            assert {relief.limit for relief in way.reliefs} <= set(free)
            assert way.bound <= way.total
            assert status_after(study, pool, limits, way) == "optimal"
            assert status_after(study, pool, limits, less(way)) == "infeasible"
    assert enough > seed > 0 or enough == 1


def random_refusal(seed: int) -> tuple[Study, CutPool, np.ndarray]:
    """A study without a plan: its first limit on risk below what any plan reaches."""
    choose = random.Random(seed)
    while True:  # until even the most slots leave the country short
        study = small_study(
            choose.randint(0, 10**6),
            regions=choose.choice([1, 2, 2, 3]),
            groups=choose.randint(1, 2),
            scenarios=choose.choice([1, 8, 40]),
            applicants=choose.choice([1.0, 1.3]),
            slack=choose.choice([0.0, 0.05, 0.2]),
        )
        pool = CutPool(prepare(study, sample_of(study), ONE))
        high, low = ceiling(pool), floor(pool, Clock(60.0))
        if low[0] > 0.005:
            break
    fraction = np.array([choose.uniform(-0.3, -0.02), choose.uniform(-0.2, 0.8)])
    limits = np.maximum(low + fraction * (high - low), 0.2 * low)
    return with_limits(study, limits), pool, limits


@pytest.mark.parametrize("seed", range(50))
def test_what_is_named_is_enough_and_the_least_in_random_studies(seed: int) -> None:
    """What all limits together must give, the risk limits only, and each limit by itself."""
    study, pool, limits = random_refusal(seed)
    assert find_plan(searching(pool, study, limits, Clock(60.0))).status == "infeasible"
    search = searching(pool, study, limits, Clock(60.0))
    ways = [tuple(all_limits(search)), tuple(limits_on_risk(search)), *one_at_a_time(search)]
    enough = []
    for free in ways:
        way = least_relaxation(search, free)
        assert way.status != "not examined"
        if way.status == "enough":
            enough.append(free)
            assert status_after(study, pool, limits, way) == "optimal"
            assert status_after(study, pool, limits, less(way)) == "infeasible"
    assert ways[0] in enough
    assert ways[1] in enough


def test_budget_and_trainees_that_contradict_the_risk_give_way() -> None:
    study, pool, limits = asked(1, 0.4, 0.6)
    plan = find_plan(searching(pool, study, limits, Clock(60.0)))
    tight = changed(study, {"limits.budget": budget(dict.fromkeys(range(2020, 2031), 1e6))})
    most = changed(study, {"limits.trainees": trainees(("nord", "midt", "vest"), 1.0)})
    for other, kind in ((tight, "budget"), (most, "trainees")):
        assert find_plan(searching(pool, other, limits, Clock(60.0))).status == "infeasible"
        search = searching(pool, other, limits, Clock(60.0))
        (limit,) = (each for each in all_limits(search) if each.kind == kind)
        way = least_relaxation(search, [limit])
        assert way.status == "enough"
        assert status_after(other, pool, limits, way) == "optimal"
        assert status_after(other, pool, limits, less(way)) == "infeasible"
    assert plan.status == "optimal"


def test_words_name_region_year_and_places() -> None:
    study, pool, limits = asked(1, -0.06, 0.3)
    found = explain(searching(pool, study, limits, Clock(60.0)))
    said = "\n".join(found.lines)
    assert "any one of these alone would do:" in said
    assert "Vest 20" in said
    assert "more place" in said
    assert "with municipal supervision" in said
    assert "hours per year" in said
    assert found.irreducible
    assert any(row.startswith("capacity.") for row in found.irreducible)


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("pooled", "Norway: risk limit 0.1000"),
        ("summed", "Norway (summed over regions): risk limit 0.1000"),
        ("summed_over_groups", "Norway (summed over groups): risk limit 0.1000"),
        ("summed_over_both", "Norway (summed over groups and regions): risk limit 0.1000"),
    ],
)
def test_words_say_what_a_limit_adds_up(scope: str, said: str) -> None:
    study = small_study(1)
    limit = next(iter(study.risk.values())).model_copy(update={"scope": scope, "name": "Norway"})
    bound = RiskBound("some", limit, 0, 0.1)
    (line,) = beyond_reach([bound], np.array([0.2]))
    assert line.startswith(said)
    relief = Relief(bound, 1.0, np.array([0.1]))
    assert relief_in_words(system_of(study), relief) == said.split(":")[0] + " 0.1000 -> 0.2000"


def test_out_of_time_nothing_is_called_impossible() -> None:
    study, pool, limits = asked(1, -0.06, 0.3)
    found = explain(searching(pool, study, limits, Clock(0.0)))
    status = {way.status for way in (found.together, found.risk, *found.alone)}
    assert "enough" not in status
    assert "not examined" in status
    assert any("for lack of time" in line for line in found.lines)


def test_refusal_becomes_a_file_and_data(tmp_path: Path) -> None:
    study, _, _ = asked(1, -0.06, 0.3)
    with pytest.raises(InfeasibleError) as refusal:
        run_study(study, ONE)
    path = write_ways_out(JobRequest(study, RunOptions()), refusal.value, tmp_path, 0.0)
    assert path is not None
    assert path.name.endswith("-infeasible.nc")
    data = open_result(path)
    assert data.attrs["result_kind"] == "infeasible"
    assert data["way_id"].values[:2].tolist() == ["together", "risk"]
    assert data["way_status"].values[0] == 1
    assert float(data["way_amount"].isel(way=0).max()) > 0.0
    refusal.value.path = path
    said = json.loads(
        json.dumps(summary_of_refusal(JobRequest(study, RunOptions()), refusal.value))
    )
    assert said["status"] == "infeasible"
    assert said["together"]["reliefs"]
    assert said["netcdf"] == str(path)


def test_command_says_what_would_have_to_give(small_study_file: Path, tmp_path: Path) -> None:
    arguments = ["run", str(small_study_file), "--out", str(tmp_path), "--quiet", "--json"]
    asked_for = ["--scenarios", "64", "--set", "risk.national.limit=0.05"]
    done = CliRunner().invoke(main, [*arguments, *asked_for])
    assert done.exit_code == 3, done.output
    said = json.loads(done.stdout)
    assert said["status"] == "infeasible"
    assert Path(said["netcdf"]).exists()
    assert "Norway 0.0500 -> " in done.stderr
