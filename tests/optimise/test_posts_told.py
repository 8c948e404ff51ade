"""LIS2/3 posts a plan opens, wherever a plan is told: file, checks, tables, cost, page, words."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from lis1plan.configs.plan_file import read_plan
from lis1plan.core.compute.place import silent
from lis1plan.core.files.store import write_result
from lis1plan.core.study.settings import NO_POSTS
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost
from lis1plan.core.system.posts import no_slots
from lis1plan.core.verify.evidence import Evidence
from lis1plan.core.verify.laws import verify
from lis1plan.core.verify.limits import broken_limits
from lis1plan.jobs.options import ProjectOptions, RunOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest, slots_of
from lis1plan.jobs.run import planned
from lis1plan.optimise.infeasible.relaxations import Relief
from lis1plan.optimise.infeasible.words import relief_in_words
from lis1plan.report.export.files import write_csv
from lis1plan.report.export.tables import tables_of
from lis1plan.report.pages.difference import differ
from lis1plan.report.pages.html import render_report
from lis1plan.report.texts.words import Words

from ..helpers.decided_posts import decided, prices
from ..helpers.small_study import WHY, changed, fixed, small_study
from .test_training_cost_told import KEY, section

Floats = NDArray[np.float64]
WORDS = Words("en")


@cache
def study_of(yearly: float = 1e6, told: bool = False) -> Study:
    study = decided(small_study(3, groups=2, scenarios=12), prices=prices(yearly))
    return changed(study, {KEY: section()}) if told else study


def plan() -> Floats:
    """Some LIS1 and posts of both groups, [row, decision year]."""
    slots = no_slots(study_of())
    slots[0, 1], slots[2, 0], slots[5, 3] = 2.0, 3.0, 4.0
    return slots


@cache
def result_of(yearly: float = 1e6, told: bool = False) -> xr.Dataset:
    request = JobRequest(study_of(yearly, told), ProjectOptions(), {PLAN: plan()})
    return projected(request, 1, silent)


def test_what_is_told_follows_from_slots_and_posts(tmp_path: Path) -> None:
    for told in (False, True):
        result = result_of(told=told)
        assert (slots_of(study_of(told=told), result) == plan()).all()
        file = write_result(result, tmp_path / f"{told}.nc", result.attrs)
        assert [check for check in verify(file) if check.passed is False] == []


def test_an_exported_plan_is_read_as_the_plan_it_was(tmp_path: Path) -> None:
    table = tables_of(result_of(), WORDS)[0]
    write_csv(table, tmp_path / "plan.csv", "en")
    assert (read_plan(tmp_path / "plan.csv", study_of()).slots == plan()).all()


def test_doctors_in_training_are_paid_once() -> None:
    """The price of their posts is part of the plan's cost, and not of the cost with LIS2/3."""
    cheap, dear = result_of(1e6, told=True), result_of(3e6, told=True)
    study = study_of(told=True)
    lis1 = plan()
    lis1[len(study.regions) :] = 0.0
    assert float(dear["plan_cost"][0]) > float(cheap["plan_cost"][0]) > plan_cost(study, lis1)
    for name in ("plan_cost_with_training", "plan_cost_net"):
        assert float(cheap[name][0]) == float(dear[name][0])
    both = float(cheap["plan_cost_with_training"][0])
    assert both > plan_cost(study, lis1)


def test_two_plans_differ_in_their_posts() -> None:
    fewer = plan()
    fewer[5, 3] = 1.0
    other = projected(JobRequest(study_of(), ProjectOptions(), {PLAN: fewer}), 1, silent)
    told = {
        change.what: (change.before, change.after) for change in differ(result_of(), other).plan
    }
    assert told["new LIS2/3 posts in all"] == ("7", "4")
    assert len(told) == 2


def test_the_page_tells_posts_by_group_and_region() -> None:
    assert "LIS2/3 posts opened beside them: 7" in render_report(result_of())


def test_a_run_and_all_that_follows_it_keeps_its_laws(tmp_path: Path) -> None:
    """Frontier, regret, shadow prices and information of a run with both families."""
    study = changed(
        study_of(),
        {
            "sampling.fresh_scenarios": 8,
            "solve.frontier_points": 2,
            "solve.relative_gap": 0.01,
        },
    )
    free = projected(JobRequest(study, ProjectOptions(), {PLAN: no_slots(study)}), 1, silent)
    most = no_slots(study) + system_of(study).most_slots / 2
    full = projected(JobRequest(study, ProjectOptions(), {PLAN: np.floor(most)}), 1, silent)
    low, high = (float(each["risk_in_sample"][0, 0]) for each in (full, free))
    name = next(iter(study.risk))
    study = changed(study, {f"risk.{name}.limit": low + 0.6 * (high - low)})
    result = planned(JobRequest(study, RunOptions()), 1, silent)
    file = write_result(result, tmp_path / "run.nc", result.attrs)
    assert [check for check in verify(file) if check.passed is False] == []
    assert float(result["posts"].isel(plan=0).sum()) > 0.0
    assert result["frontier_posts"].dims == ("time", "frontier", "specialty", "region")


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ({1: 6.0}, "6 more LIS2/3 posts from 2021"),
        ({0: 1.0, 2: 2.0}, "2020-2022: up to 2 more LIS2/3 posts a year"),
    ],
)
def test_posts_that_are_lacking_are_told_by_place(amounts: dict[int, float], said: str) -> None:
    system = system_of(study_of())
    limit = next(each for each in system.limits if each.kind == "specialist_ramp")
    by_year = np.zeros(len(system.watched_years))
    by_year[list(amounts)] = list(amounts.values())
    words = relief_in_words(system, Relief(limit, 0.0, by_year))
    assert words.startswith(limit.subject)
    assert words.endswith(said)


def closing_study(**given: Any) -> Study:
    """The study in which posts may close, and need supervision."""
    told = {"closing": True, "total": fixed(2.0), "prices": prices(1e6, 3e5)}
    study = decided(small_study(3, groups=2, scenarios=12), **told | given)
    return changed(study, {"capacity.hospital_supervision.need_per_specialist_post": fixed(30.0)})


def swapped() -> Floats:
    """Three posts closed in one place, four opened in another."""
    slots = no_slots(closing_study())
    slots[0, 1], slots[2, 0], slots[5, 0], slots[4, 4] = 2.0, -3.0, 4.0, -1.0
    return slots


@cache
def closed_result() -> xr.Dataset:
    return projected(JobRequest(closing_study(), ProjectOptions(), {PLAN: swapped()}), 1, silent)


def test_posts_that_close_are_told_and_read_back(tmp_path: Path) -> None:
    study, result = closing_study(), closed_result()
    assert (slots_of(study, result) == swapped()).all()
    file = write_result(result, tmp_path / "closed.nc", result.attrs)
    assert [check for check in verify(file) if check.passed is False] == []
    table = tables_of(result, WORDS)[0]
    write_csv(table, tmp_path / "plan.csv", "en")
    assert (read_plan(tmp_path / "plan.csv", study).slots == swapped()).all()
    page = render_report(result)
    assert "LIS2/3 posts opened beside them: 4, closed: 4" in page
    assert "Closed</th>" in page
    assert "closed:" not in render_report(result_of())


def test_two_plans_differ_in_posts_closed() -> None:
    other = swapped()
    other[4, 4] = 0.0
    fewer = projected(JobRequest(closing_study(), ProjectOptions(), {PLAN: other}), 1, silent)
    told = {c.what: (c.before, c.after) for c in differ(closed_result(), fewer).plan}
    assert told["new LIS2/3 posts in all"] == ("0", "1")
    assert ("-1", "0") in told.values()


@pytest.mark.parametrize(
    ("row", "year", "posts", "said"),
    [
        (2, 0, -90.0, "sure to leave"),  # more than leave
        (5, 0, 6.0, "the most LIS2/3 posts"),  # more than may open
        (3, 0, 3.0, "less those closed"),  # three net
    ],
)
def test_checks_find_a_plan_that_was_tampered_with(
    row: int, year: int, posts: float, said: str
) -> None:
    plan = swapped()
    plan[row, year] = posts
    evidence = Evidence(xr.Dataset(attrs={"study_json": closing_study().canonical_text}))
    found = list(broken_limits(evidence, plan))
    assert any(said in each for each in found), found
    assert not system_of(closing_study()).keeps_limits(plan)
    assert list(broken_limits(evidence, swapped())) == []
    assert system_of(closing_study()).keeps_limits(swapped())


@pytest.mark.thorough
def test_a_run_that_closes_posts_keeps_its_laws(tmp_path: Path) -> None:
    solve = {"sampling.fresh_scenarios": 8, "solve.frontier_points": 2, "solve.relative_gap": 0.01}
    none = {
        "name": "No new posts",
        "slots_per_year": {},
        "within_capacity": False,
        "assumption": WHY,
    }
    study = changed(closing_study(total=fixed(0.0)), solve | {"comparison": {NO_POSTS: none}})
    risk = next(iter(study.risk))
    free = projected(JobRequest(study, ProjectOptions(), {PLAN: no_slots(study)}), 1, silent)
    high = float(free["risk_in_sample"][0, 0])
    study = changed(study, {f"risk.{risk}.limit": 1.02 * high})
    result = planned(JobRequest(study, RunOptions()), 1, silent)
    posts = result["posts"].isel(plan=0)
    assert float(posts.min()) < 0.0
    assert float(result.attrs["upper_bound"]) < 0.0  # what is closed saves money
    file = write_result(result, tmp_path / "run.nc", result.attrs)
    assert [check for check in verify(file) if check.passed is False] == []
    page = render_report(result)
    assert "and closes" in page
    assert "legger ned" in page  # the same in Norwegian
