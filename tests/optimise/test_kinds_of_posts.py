"""Which kinds of posts are needed: the cheapest plans of some of them, and what is said."""

from __future__ import annotations

from functools import cache

import pytest
import xarray as xr

from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.settings import KINDS, KINDS_OF_PLAN, NO_POSTS
from lis1plan.core.study.study import Study, kinds_decided, with_kinds_alone
from lis1plan.jobs.options import RunOptions
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.run import planned
from lis1plan.optimise.analysis.kinds_of_posts import fewer_kinds
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.report.blocks import Details, Paragraph
from lis1plan.report.pages.html import render_report
from lis1plan.report.reading import Reading
from lis1plan.report.sections.answer import answer
from lis1plan.report.sections.parts.kinds_of_posts import kinds_of_posts
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.decided_tracks import decided_tracks, grant
from ..helpers.small_study import WHY, changed
from .test_posts_told import study_of

ALONE = "lis1_alone", "specialist_alone"
NONE = {"name": "No new posts", "slots_per_year": {}, "within_capacity": False, "assumption": WHY}


QUICK = {"solve.relative_gap": 0.01, "solve.frontier_points": 2, "comparison": {NO_POSTS: NONE}}


@cache
def result() -> xr.Dataset:
    return planned(JobRequest(changed(study_of(), QUICK), RunOptions()), 1, silent)


def _searched(study: Study, share: float) -> Search:
    """Search within a limit that lies so far up between what most and no new posts give."""
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    least, none = floor(pool, Clock(60.0))[0], ceiling(pool)[0]
    limits = study.risk_at_most.copy()
    limits[0] = least + share * (none - least)
    return Search.of(pool, Clock(600.0), limits)


LONG = pytest.mark.thorough
CASES = {"two": (False, 0.5), "three": (True, 0.5), "tight": (True, 0.02)}
FAMILY = dict(zip(KINDS, ("slots", "tracks", "posts"), strict=True))


@pytest.mark.parametrize(
    "case", ["two", *(pytest.param(x, marks=LONG) for x in ("three", "tight"))]
)
def test_plans_of_fewer_kinds_open_these_alone_and_cost_no_less_than_all(case: str) -> None:
    """And keep every limit; where none does, the nearest plan keeps all but those on risk."""
    tracks, share = CASES[case]
    study = changed(study_of(), QUICK)
    search = _searched(decided_tracks(study, prices=grant(1e3)) if tracks else study, share)
    study, system, gap = search.pool.oracle.study, search.system, search.solve.relative_gap
    decided, best = set(kinds_decided(study)), find_plan(search).lower_bound
    found = fewer_kinds(search)
    assert not found.undecided
    assert set(found.plans) == {n for n, kinds in KINDS_OF_PLAN.items() if decided > set(kinds)}
    for name, slots in found.plans.items():
        for kind in decided - set(KINDS_OF_PLAN[name]):
            family = system.family(FAMILY[kind])
            assert family is not None
            assert (slots[family.rows] == 0.0).all()
        assert system.keeps_limits(slots)
        risk = search.pool.oracle.risk_of(search.pool.oracle.shortfall(system.levels(slots)))
        if name in found.beyond:
            assert risk[0] > search.limits[0]
        else:
            assert risk[0] <= search.limits[0] + 1e-6
            assert system.prices.plan(slots) >= best - 1e-6
    assert gap == QUICK["solve.relative_gap"]
    assert len(found.beyond) == {"two": 1, "three": 3, "tight": 5}[case]


def test_the_nearest_plan_is_no_farther_than_any() -> None:
    """Beyond the limit on risk by no more than the plan that opens the most of the kind."""
    search = _searched(changed(study_of(), QUICK), 0.02)
    found, pool = fewer_kinds(search), search.pool
    assert "lis1_alone" in found.beyond
    alone = pool.under(with_kinds_alone(pool.oracle.study, ("lis1",)))
    least = floor(alone, Clock(60.0))[0]
    reached = pool.evaluate(found.plans["lis1_alone"])[0][0]
    assert reached <= least + 0.02 * (reached - search.limits[0]) + 1e-4


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_where_it_sits(language: str) -> None:
    words, reading = Words(language), Reading(result())
    said, table = kinds_of_posts(reading, words)
    assert len(table.rows) == 4
    assert table.rows[-1][0] == words("kinds.chosen")
    assert words("kinds.column_gained") in render_report(result())
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
        assert wanted in kinds_of_posts(_with_costs(costs), words)[0].text


def _with_costs(costs: tuple[float | None, ...]) -> Reading:
    """A result whose plans, both and each alone, cost so many billions; None: none was found."""
    named = zip(("chosen", *ALONE), costs, strict=True)
    told = {kind: cost * 1e9 for kind, cost in named if cost is not None}
    data = result().isel(plan=[0] * len(told))
    data = data.assign_coords(plan_id=("plan", list(told)))
    beyond = " ".join(name for name in ALONE if name not in told)
    data = data.assign(plan_cost=("plan", list(told.values())))
    return Reading(data.assign_attrs(kinds_beyond=beyond))


def test_what_stayed_open_is_not_said_to_have_no_plan() -> None:
    words, reading = Words("en"), _with_costs((1.0, None, None))
    reading = Reading(reading.data.assign_attrs(kinds_undecided="lis1_alone"))
    assert "stayed open" in kinds_of_posts(reading, words)[0].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_tells_each_part_of_three_kinds(language: str) -> None:
    words, data = Words(language), result()
    told = ["chosen", NO_POSTS, *KINDS_OF_PLAN]
    data = data.isel(plan=[0] * len(told)).assign_coords(plan_id=("plan", told))
    data["tracks"] = data["slots"]
    for beyond in ((), ("lis1_alone", "earmarked_and_specialist"), tuple(KINDS_OF_PLAN)):
        reading = Reading(data.assign_attrs(kinds_beyond=" ".join(beyond)))
        said, table = kinds_of_posts(reading, words)
        assert len(table.rows) == len(told)
        assert words("kinds.column_tracks") in table.header
        marked = [row[0] for row in table.rows if row[0] not in map(words, _keys(told))]
        assert len(marked) == len(beyond)
        for name in beyond:
            assert words(f"kinds.{name}") in said.text


def _keys(plans: list[str]) -> list[str]:
    return [f"kinds.{name}" for name in plans]


def test_kinds_without_time_stay_open() -> None:
    study = study_of()
    search = Search.of(CutPool(prepare(study, sample_of(study), Workers(1))), Clock(0.0))
    assert fewer_kinds(search) == ({}, (), ALONE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_names_the_posts_it_pays_for(language: str) -> None:
    words, reading = Words(language), Reading(result())
    folded = answer(reading, words).blocks[-1]
    assert isinstance(folded, Details)
    (told,) = folded.blocks
    assert isinstance(told, Paragraph)
    total = words.number(float(reading.values("posts", plan=0).sum()))
    assert words("answer.posts", total=total, each="").split(":")[0] in told.text
