"""A branch that is followed: its plan in its own futures, as the plan that learns has it there."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli.commands import main
from lis1plan.core.compute.place import silent
from lis1plan.core.errors import InputError
from lis1plan.core.files.store import write_result
from lis1plan.core.risk.weight import NoWeightError
from lis1plan.core.scenarios.followed import FollowedBranch
from lis1plan.core.verify.laws import verify_dataset
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected, summary_of
from lis1plan.jobs.request import PLAN, JobRequest, plan_in_result
from lis1plan.jobs.rerun import rerun
from lis1plan.report.pages.html import render_report
from lis1plan.report.reading import Reading
from lis1plan.report.sections.asked import followed
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.result_files import forged, read_back
from ..helpers.reviewed import study_of, twice
from ..helpers.small_study import changed

BRANCHES = 4


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviewed")
    study = study_of(2, 2028, 2030)
    data = twice().assign_attrs(study_json=study.canonical_text, result_kind="run")
    return write_result(data, folder / "result.nc", data.attrs)


@cache
def request_of(path: Path, branch: int) -> JobRequest[ProjectOptions]:
    study = study_of(2, 2028, 2030)
    found = plan_in_result(path, study, branch)
    assert found.branch is not None
    return JobRequest(study, ProjectOptions(follow=found.branch.as_text()), {PLAN: found.slots})


@cache
def follow(path: Path, branch: int) -> xr.Dataset:
    return projected(request_of(path, branch), 1, silent)


@pytest.mark.parametrize("branch", range(1, BRANCHES + 1))
def test_a_branch_has_the_futures_and_the_shortage_that_the_run_says(
    path: Path, branch: int
) -> None:
    """Weights, Z of each of its futures and the risk inside it are those of the run."""
    run, found = twice(), follow(path, branch)
    own = run["review_branch"].values == branch
    weight = found["weight"].values
    assert ((weight > 0.0) == own).all()
    assert np.allclose(weight[own], len(own) / own.sum(), rtol=1e-12)
    z = found["shortfall_z"].values[:, 0]
    assert (z[own] == run["review_shortfall"].values[own]).all()
    risk = found["risk_in_sample"].values[0]
    assert np.allclose(risk, run["branch_risk"].values[branch - 1], rtol=1e-9)
    assert found["plan_cost"].values[0] == pytest.approx(float(run["branch_cost"][branch - 1]))


def test_followed_together_branches_supply_what_each_of_its_futures_gets(path: Path) -> None:
    """Means of branches, by their probability, are the mean of need over all futures."""
    share = twice()["branch_probability"].values
    means = [follow(path, b)["national_demand_mean"].values for b in range(1, BRANCHES + 1)]
    summed = np.tensordot(share, np.stack(means), axes=1)
    assert np.allclose(summed, twice()["national_demand_mean"].values, rtol=1e-6)


def test_the_file_is_verified_and_made_again(path: Path, tmp_path: Path) -> None:
    request = request_of(path, 3)
    data = follow(path, 3)
    file = write_result(data, request.file_in(tmp_path), data.attrs)
    checks = verify_dataset(read_back(data, tmp_path))
    assert [check.name for check in checks if check.passed is False] == []
    assert rerun(file, None, 1, silent).identical
    plain = JobRequest(request.study, ProjectOptions(), request.plans)
    assert plain.file_in(tmp_path) != file  # the same plan, in all futures


def test_other_futures_than_said_are_found_out(path: Path, tmp_path: Path) -> None:
    data = read_back(follow(path, 3), tmp_path)
    moved = data["weight"].values[::-1].copy()
    assert (moved != data["weight"].values).any()
    failed = [
        each.name for each in verify_dataset(forged(data, "weight", moved)) if not each.passed
    ]
    assert "projection again" in failed


def test_it_is_told_which_futures_these_are(path: Path) -> None:
    data = follow(path, 3)
    count = int((data["weight"].values > 0.0).sum())
    assert summary_of(request_of(path, 3), data)["branch"]["scenarios"] == count
    page = render_report(data)
    for language in LANGUAGES:
        said = followed.in_words(Reading(data), Words(language))
        assert f"{count}" in said
        assert said.split("(")[0] in page
    once = {PLAN: plan_in_result(path, study_of(2, 2028, 2030)).slots}
    plain = projected(JobRequest(study_of(2, 2028, 2030), ProjectOptions(), once), 1, silent)
    assert followed.branch_followed(Reading(plain)) is None


def test_what_cannot_be_followed_is_refused(path: Path, tmp_path: Path) -> None:
    study = study_of(2, 2028, 2030)
    with pytest.raises(InputError, match="has 4 branches; allowed: 1 to 4"):
        plan_in_result(path, study, 5)
    other = study_of(2, 2028, 2030, lag_years=0)
    with pytest.raises(InputError, match=r"review.lag_years 1, the study has 0"):
        plan_in_result(path, other, 1)
    assert plan_in_result(path, other).branch is None  # the plan decided once needs no review
    later = changed(study, {"time.last_decision": study.time.last_decision - 1})
    with pytest.raises(InputError, match="decision years"):
        plan_in_result(path, later)
    alone = follow(path, 1)
    file = write_result(alone, tmp_path / "alone.nc", alone.attrs)
    with pytest.raises(InputError, match="holds no plan that learns"):
        plan_in_result(file, study, 1)
    few = request_of(path, 1)
    few = JobRequest(changed(study, {"sampling.scenarios": 24}), few.options, few.plans)
    with pytest.raises(NoWeightError, match=r"of 24 scenarios come to the branch .* at least 20"):
        projected(few, 1, silent)
    with pytest.raises(InputError, match="no branch of a plan that learns"):
        FollowedBranch.from_text(json.dumps({"branch": 1}))


REVIEWED = """
based_on = "tutorial"
name = "reviewed"
sampling = { scenarios = 192, fresh_scenarios = 2000 }
[review]
years = [2028, 2030]
branches = 2
observation_error = { value = 2, assumption = "made up" }
"""


def test_project_follows_a_branch_of_a_result(path: Path, tmp_path: Path) -> None:
    study = tmp_path / "reviewed.toml"
    study.write_text(REVIEWED, "utf-8")
    asked = ["project", str(study), "--plan", str(path), "--out", str(tmp_path), "--workers", "1"]
    done = CliRunner().invoke(main, [*asked, "--branch", "3", "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    own = Reading(twice()).branches[2]
    assert said["branch"]["number"] == 3
    ends = [[x if np.isfinite(x) else None for x in pair] for pair in own.only]
    assert [
        list(p) for p in zip(said["branch"]["above"], said["branch"]["up_to"], strict=True)
    ] == ends
    assert said["risk"][0]["risk"] == pytest.approx(float(twice()["branch_risk"][2, 0]), rel=1e-9)
    assert Path(said["netcdf"]).is_file()


@pytest.mark.parametrize("plan", [[], ["--plan", "mine.csv"]])
def test_a_branch_of_no_result_is_refused(plan: list[str]) -> None:
    done = CliRunner().invoke(main, ["project", "tutorial", "--branch", "2", *plan])
    assert done.exit_code == 2
    assert "--branch 2: is one of a result; name it: --plan RESULT.nc" in done.output
