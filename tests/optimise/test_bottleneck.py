"""Where the bottleneck sits: the cheapest plans of one kind of post alone, and what is said."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr

from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.settings import NO_POSTS
from lis1plan.jobs.options import RunOptions
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.run import planned
from lis1plan.optimise.analysis.bottleneck import one_kind_alone
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.report.pages.html import render_report
from lis1plan.report.reading import Reading
from lis1plan.report.sections.answer import answer
from lis1plan.report.sections.bottleneck import ALONE, bottleneck
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.small_study import WHY, changed
from .test_posts_told import study_of

NONE = {"name": "No new posts", "slots_per_year": {}, "within_capacity": False, "assumption": WHY}


@cache
def result() -> xr.Dataset:
    quick = {"solve.relative_gap": 0.01, "solve.frontier_points": 2}
    study = changed(study_of(), {"comparison": {NO_POSTS: NONE}} | quick)
    return planned(JobRequest(study, RunOptions()), 1, silent)


def test_each_kind_alone_opens_that_kind_alone_and_costs_no_less_than_both() -> None:
    reading = Reading(result())
    both = reading.at("plan_cost", plan=0)
    assert set(reading.ids("plan")) & set(ALONE)  # or this tests nothing
    for kind, other in zip(ALONE, ("posts", "slots"), strict=True):
        if kind not in reading.ids("plan"):
            continue
        plan = reading.ids("plan").index(kind)
        assert (reading.values(other, plan=plan) == 0.0).all()
        gap = reading.study.solve.relative_gap
        assert reading.at("plan_cost", plan=plan) >= both * (1.0 - gap) - 1e-6
        risks = np.array([reading.at("risk_in_sample", plan=plan, limit=0)])
        assert (risks <= reading.limits[0].limit + 1e-6).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_where_it_sits(language: str) -> None:
    words, reading = Words(language), Reading(result())
    said, table = bottleneck(reading, words)
    assert len(table.rows) == 4
    assert table.rows[-1][0] == words("bottleneck.chosen")
    assert words("bottleneck.column_gained") in render_report(result())
    assert said.text


def test_verdicts_follow_what_each_kind_alone_costs() -> None:
    words = Words("en")
    for costs, wanted in (
        ((1.0, 1.0, 1.0), "neither kind"),
        ((1.0, 1.0, 3.0), "before LIS1:"),
        ((1.0, 3.0, 1.0), "after LIS1:"),
        ((1.0, 3.0, 2.0), "two bottlenecks: either"),
        ((1.0, 3.0, None), "first of all before"),
        ((1.0, None, 2.0), "first of all after"),
        ((1.0, None, None), "one behind the other"),
    ):
        assert wanted in bottleneck(_with_costs(costs), words)[0].text


def _with_costs(costs: tuple[float | None, ...]) -> Reading:
    """A result whose plans, both and each alone, cost so many billions; None: none was found."""
    named = zip(("chosen", *ALONE), costs, strict=True)
    told = {kind: cost * 1e9 for kind, cost in named if cost is not None}
    data = result().isel(plan=[0] * len(told))
    data = data.assign_coords(plan_id=("plan", list(told)))
    return Reading(data.assign(plan_cost=("plan", list(told.values()))))


def test_what_stayed_open_is_not_said_to_have_no_plan() -> None:
    words, reading = Words("en"), _with_costs((1.0, None, None))
    reading = Reading(reading.data.assign_attrs(one_kind_undecided="lis1_alone"))
    assert "stayed open" in bottleneck(reading, words)[0].text


def test_kinds_without_time_stay_open() -> None:
    study = study_of()
    search = Search.of(CutPool(prepare(study, sample_of(study), Workers(1))), Clock(0.0))
    assert one_kind_alone(search) == ({}, ALONE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_names_the_posts_it_pays_for(language: str) -> None:
    words, reading = Words(language), Reading(result())
    told = answer(reading, words).blocks[-2]
    total = words.number(float(reading.values("posts", plan=0).sum()))
    assert words("answer.posts", total=total, each="").split(":")[0] in told.text
