"""The explorer where a study decides on more than LIS1: every part is moved, and judged as told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import local_workers
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.families import Family
from lis1plan.core.system.posts import no_slots
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.report.reading import Reading
from lis1plan.report.texts.words import Words

from ..helpers.browser import DEEP, browser
from ..helpers.decided_posts import decided
from ..helpers.small_study import small_study

pytest.importorskip("panel")
import param

from lis1plan.explore import page, parts
from lis1plan.explore.trial import Question, Trial, as_markdown

Floats = NDArray[np.float64]
WORDS = Words("en")


@cache
def study_of(whole: bool = True) -> Study:
    return decided(small_study(3, groups=2, scenarios=12), whole=whole)


def told_of(study: Study, plan: Floats) -> xr.Dataset:
    """What `project` says of a plan, with every scenario."""
    options = ProjectOptions(ensemble=True)
    return projected(JobRequest(study, options, {PLAN: plan}), 1, silent)


def plan_given() -> Floats:
    """Some LIS1 and posts of both groups, [row, decision year]."""
    slots = no_slots(study_of())
    slots[0, 1], slots[2, 0], slots[5, 3] = 2.0, 3.0, 4.0
    return slots


def trial_of(study: Study, plan: Floats) -> Trial:
    reading = Reading(told_of(study, plan))
    with local_workers(1) as workers:
        oracle = page._oracle(reading, workers, silent)
        return Trial(Question(reading, oracle, WORDS, workers))


@pytest.fixture
def trial() -> Iterator[Trial]:
    reading = Reading(told_of(study_of(), plan_given()))
    with local_workers(1) as workers:
        oracle = page._oracle(reading, workers, silent)
        yield Trial(Question(reading, oracle, WORDS, workers))


def shown(trial: Trial, part: int) -> list[list[Any]]:
    """The sliders of a part, [region][decision year], as the page shows them."""
    trial.shown.value = trial.shown.options[part]
    trial.shown.param.trigger("value")
    return [column[1:] for column in trial.sliders.objects]


def move(slider: Any, value: float) -> None:
    """Let go of a slider at a value."""
    slider.value = value
    with param.edit_constant(slider):
        slider.value_throttled = value


def test_every_part_has_sliders_at_the_plan(trial: Trial) -> None:
    """LIS1 and each group; together they hold every cell of the plan once."""
    groups = [WORDS.name(name) for name in trial.reading.names("specialty")]
    assert trial.shown.options == ["LIS1", *(f"LIS2/3, {name}" for name in groups)]
    values = [
        [[slider.value for slider in column] for column in shown(trial, part)] for part in range(3)
    ]
    assert (np.array(values).reshape(plan_given().shape) == plan_given()).all()


def test_what_follows_from_posts_moved_is_what_project_says(trial: Trial) -> None:
    """Risk, probability, cost, supply by group, posts and who waits: the same numbers."""
    for part, region, y, value in ((1, 1, 2, 4), (0, 0, 0, 5), (2, 0, 1, 1)):
        move(shown(trial, part)[region][y], value)
    plan = plan_given()
    plan[3, 2], plan[0, 0], plan[4, 1] = 4.0, 5.0, 1.0
    assert (trial.plan == plan).all()
    same_as_projected(trial, plan)
    again = [[slider.value for slider in column] for column in shown(trial, 1)]
    assert (np.array(again) == plan[trial.parts[1].rows]).all()


def same_as_projected(trial: Trial, plan: Floats) -> None:
    data = told_of(study_of(), plan)
    said, reading = trial.told.object, Reading(data)
    assert WORDS.billion(reading.at("plan_cost", plan=0)) in said
    for n, name in enumerate(reading.names("limit")):
        risk = WORDS.risk(reading.at("risk_in_sample", plan=0, limit=n), reading.relative(n))
        line = next(each for each in said.splitlines() if as_markdown(name) in each)
        cells = [cell.strip() for cell in line.split("|")]
        assert cells[2] == risk
        assert cells[5] == WORDS.percent(reading.probability(n, 0), 0)
    first, last = map(reading.year, study_of().time.window)
    window = slice(first, last + 1)
    waiting = data["waiting_training_group_mean"].isel(plan=0, time=window).mean("time")
    before = data["unplaced_mean"].isel(plan=0, time=window).mean("time")
    wanted = [float(before.sum()), *waiting.sum("region").values.tolist()]
    rows = [line.split("|")[1:-1] for line in trial.opened.object.splitlines()[2:]]
    assert [row[-1].strip() for row in rows] == [WORDS.number(each) for each in wanted]
    means = trial.outlook.means
    assert [each.waiting(means, window) for each in trial.parts] == pytest.approx(wanted, rel=1e-9)
    opened = [plan[2 * n : 2 * n + 2].sum(axis=1) for n in range(3)]
    cells = [WORDS.number(float(x)) for each in opened for x in (*each, each.sum())]
    assert [cell.strip() for row in rows for cell in row[1:-1]] == cells
    for group in range(3):
        whose = slice(None) if group == 0 else slice(group - 1, group)
        there = data["ensemble_supply"].isel(specialty=whose).sum(("specialty", "region"))
        wanted_supply = there.astype(float).quantile((0.1, 0.5, 0.9), "realization")
        band = trial.outlook.band(trial.outlook.supply, (group, 0))
        assert np.allclose(band, wanted_supply.transpose("time", "quantile").values, rtol=1e-6)


def test_limits_on_posts_not_kept_are_named(trial: Trial) -> None:
    assert "Every limit on pace, number and budget of new posts is kept." in trial.told.object
    move(shown(trial, 1)[0][0], 7)
    assert trial.plan[2, 0] == 7.0
    region, group = (
        next(iter(each.values())).name for each in (study_of().regions, study_of().groups)
    )
    named = as_markdown(f"Pace of new LIS2/3 posts, {group}, {region}")
    assert f"Limits on new posts not kept: {named}." in trial.told.object


def test_posts_in_fractions_are_moved_in_fractions() -> None:
    plan = plan_given()
    plan[2, 0] = 2.37
    trial = trial_of(study_of(whole=False), plan)
    assert trial.plan == pytest.approx(plan, abs=1e-9)
    assert "| 2.4 |" in trial.opened.object


def test_a_study_of_lis1_alone_shows_no_choice() -> None:
    study = small_study(3, groups=2, scenarios=12)
    trial = trial_of(study, no_slots(study))
    assert trial.posts(trial.plan) == ""
    assert "Limits on" not in trial.told.object
    kinds = [type(each).__name__ for each in trial.view().select()]
    assert kinds.count("Select") == 1


async def _group_moved(result: xr.Dataset, program: str) -> None:
    with page.serving([("made up", result)]) as server:
        server.start()
        async with browser(program) as tab:
            await tab.visit(f"http://127.0.0.1:{server.port}/")
            await tab.until(f"{DEEP}.some(e => e.textContent.includes('7 other new posts'))")
            await tab.until(f"{DEEP}.some(e => e.classList.contains('noUi-handle'))")
            choice = f"{DEEP}.filter(e => e.localName === 'select').at(-1)"
            await tab.evaluate(f"{choice}.selectedIndex = 2")
            await tab.evaluate(f"{choice}.dispatchEvent(new Event('change'))")
            await tab.until(
                f"{DEEP}.some(e => e.textContent.includes('2023: 4'))"
            )  # as in the plan
            await tab.evaluate(f"{DEEP}.find(e => e.classList.contains('noUi-handle')).focus()")
            await tab.press("ArrowRight")
            await tab.until(f"{DEEP}.some(e => e.textContent.includes('8 other new posts'))")


@pytest.mark.tools
def test_posts_of_a_group_are_moved_in_a_browser(tool: Callable[[str], str]) -> None:
    asyncio.run(_group_moved(told_of(study_of(), plan_given()), tool("chromium")))


def test_a_further_family_has_parts_of_its_own() -> None:
    """By its axes in the file, after those there are; whom nobody counts is not told."""
    third, most = Family("tracks", 6, (3, 2)), np.zeros((12, 5))
    most[9, 2] = 30.0
    dims = ("time", "plan", "track", "region")
    data = {"tracks": xr.DataArray(np.zeros((1, 1, 3, 2)), dims=dims)}
    reading: Any = SimpleNamespace(data=data, names=lambda dim: [f"{dim} {n}" for n in range(3)])
    made = list(parts.parts_in(third, reading, most, WORDS))
    assert [(each.at, each.rows) for each in made] == [
        ((n,), slice(6 + 2 * n, 8 + 2 * n)) for n in range(3)
    ]
    assert [each.name for each in made] == ["track 0", "track 1", "track 2"]
    assert [each.top for each in made] == [10.0, 30.0, 10.0]
    assert np.isnan(made[0].waiting({}, slice(0, 1)))


def test_sliders_reach_below_zero_where_posts_may_close() -> None:
    study = decided(small_study(3, groups=2, scenarios=12), closing=True)
    least = np.ceil(system_of(study).least_slots)
    trial = trial_of(study, no_slots(study))
    regions = len(study.regions)
    for part, rows in enumerate((slice(0, regions), slice(regions, 2 * regions))):
        found = [[slider.start for slider in column] for column in shown(trial, part)]
        assert (np.array(found) == least[rows]).all()
    assert least[regions:].min() < 0.0
    move(shown(trial, 1)[0][0], -1)
    assert trial.plan[regions, 0] == -1.0
    assert "0 other new posts, 1 closed" in trial.told.object
