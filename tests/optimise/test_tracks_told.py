"""Posts a plan earmarks, wherever a plan is told: file, checks, tables, cost, page, words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from lis1plan.configs.plan_file import read_plan
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.errors import InputError
from lis1plan.core.files.store import write_result
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.settings import NO_POSTS
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels, no_slots
from lis1plan.core.system.track_limits import Earmarked
from lis1plan.core.verify.evidence import Evidence
from lis1plan.core.verify.laws import verify, verify_dataset
from lis1plan.core.verify.limits import broken_limits
from lis1plan.jobs.infeasible import write_ways_out
from lis1plan.jobs.options import ProjectOptions, RunOptions
from lis1plan.jobs.outcome import summary_of
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest, slots_of
from lis1plan.jobs.run import planned
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.relaxations import Relief
from lis1plan.optimise.infeasible.words import relief_in_words
from lis1plan.optimise.job import InfeasibleError
from lis1plan.optimise.search.repair import _steps, repair
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.report.export.files import write_csv
from lis1plan.report.export.tables import tables_of
from lis1plan.report.pages.difference import differ
from lis1plan.report.pages.html import render_report
from lis1plan.report.pages.terminal import beside_tables
from lis1plan.report.reading import Reading
from lis1plan.report.texts.words import Words

from ..helpers.decided_posts import decided
from ..helpers.decided_tracks import decided_tracks, grant
from ..helpers.limited_training import with_posts
from ..helpers.searching import searching
from ..helpers.small_study import changed, small_study
from .test_kinds_of_posts import NONE

Floats = NDArray[np.float64]
WORDS = Words("en")
KINDS = ("tracks", "limited", "both")
"""Tracks alone decided; the same where LIS2/3 posts are limited as stated; both decided."""


@cache
def study_of(kind: str) -> Study:
    study = small_study(3, groups=2, scenarios=12)
    if kind == "limited":
        study = with_posts(study)
    if kind == "both":
        study = decided(study)
    return decided_tracks(study, prices=grant(1e3))


def plan(kind: str) -> Floats:
    """Some LIS1 posts, some of all earmarked, [row, decision year]."""
    study = study_of(kind)
    slots, system = no_slots(study), system_of(study)
    assert system.tracks is not None
    slots[0, 1], slots[system.tracks.first, 0], slots[system.tracks.rows.stop - 1, 3] = (
        2.0,
        3.0,
        4.0,
    )
    return slots


@cache
def result_of(kind: str) -> xr.Dataset:
    return projected(JobRequest(study_of(kind), ProjectOptions(), {PLAN: plan(kind)}), 1, silent)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_follows_from_slots_and_tracks(kind: str, tmp_path: Path) -> None:
    result = result_of(kind)
    assert (slots_of(study_of(kind), result) == plan(kind)).all()
    file = write_result(result, tmp_path / "told.nc", result.attrs)
    assert [check for check in verify(file) if check.passed is False] == []
    assert result["tracks"].dims == ("time", "plan", "track", "region")
    given = study_of(kind).earmarked
    more = result["track_level"].isel(plan=0).values.transpose(1, 2, 0) - given
    assert more[0, 0, -1] == 3.0
    assert more[1, -1, -1] == 4.0


@pytest.mark.parametrize("kind", KINDS)
def test_an_exported_plan_is_read_as_the_plan_it_was(kind: str, tmp_path: Path) -> None:
    table = tables_of(result_of(kind), WORDS)[0]
    write_csv(table, tmp_path / "plan.csv", "en")
    assert (read_plan(tmp_path / "plan.csv", study_of(kind)).slots == plan(kind)).all()


def test_a_plan_file_names_the_track(tmp_path: Path) -> None:
    study = study_of("both")
    year, file = study.decision_years[0], tmp_path / "plan.csv"
    head = "year,group,track,region,slots\n"
    file.write_text(f"{head}{year},,,midt,2\n{year},,mixed,nord,3\n{year},hospital,,nord,1\n")
    slots, system = read_plan(file, study).slots, system_of(study)
    assert system.tracks is not None
    row = system.tracks.first + len(study.regions) + list(study.regions).index("nord")
    assert slots[row, 0] == 3.0
    assert slots.sum() == 6.0
    for cells, said in (
        (",alsi", "did you mean|allowed: alis, mixed"),
        ("hospital,alis", "either"),
    ):
        file.write_text(f"{head}{year},{cells},nord,3\n")
        with pytest.raises(InputError, match=said):
            read_plan(file, study)
    file.write_text(f"year,track,region,slots\n{year},alis,nord,3\n")
    with pytest.raises(InputError, match="decides on none"):
        read_plan(file, small_study(1))


def test_a_changed_file_is_found_out() -> None:
    """More earmarked than newcomers fill, than a region has; a level that does not follow."""
    result = result_of("tracks").copy(deep=True)
    result["track_level"][-1, 0, 0, 0] += 1.0
    failed = [check.detail for check in verify_dataset(result, quick=True) if check.passed is False]
    assert any("track_level" in detail for detail in failed)
    evidence, slots = Evidence(result), plan("tracks")
    assert [*broken_limits(evidence, slots)] == []
    system = system_of(study_of("tracks"))
    for limit in system.of_kind(Earmarked):
        many = slots.copy()
        many[limit.rows[0], 0] += float(limit.room.min() - limit.used(slots).max()) + 1.0
        assert not system.bounded(many)
        assert any(limit.subject in said for said in broken_limits(evidence, many))


def test_two_plans_differ_in_their_earmarked_posts() -> None:
    fewer = plan("tracks")
    fewer[-1, 3] = 1.0
    request = JobRequest(study_of("tracks"), ProjectOptions(), {PLAN: fewer})
    other = projected(request, 1, silent)
    said = differ(result_of("tracks"), other).plan
    told = {change.what: (change.before, change.after) for change in said}
    assert told["new earmarked LIS1 posts in all"] == ("7", "4")
    assert len(told) == 2


def test_the_page_tells_tracks_by_region() -> None:
    said = render_report(result_of("tracks"))
    assert "LIS1 posts earmarked anew: 7" in said
    assert "LIS1-stillinger øremerket på nytt: 7" in said
    assert [len(beside_tables(result_of(kind))) for kind in KINDS] == [1, 1, 2]


def test_programs_are_told_by_track_region_and_year() -> None:
    result = run_of("tracks")
    told = summary_of(result)["tracks"]
    assert set(told) == {"alis", "mixed"}
    total = sum(sum(years.values()) for regions in told.values() for years in regions.values())
    assert total == float(result["tracks"].isel(plan=0).sum())


@cache
def run_of(kind: str) -> xr.Dataset:
    """A run whose limit on general practice lies between its ends."""
    study = changed(
        study_of(kind),
        {
            "sampling.fresh_scenarios": 8,
            "solve.frontier_points": 2,
            "solve.relative_gap": 0.01,
            "comparison": {NO_POSTS: NONE},
        },
    )
    name = next(iter(study.risk))
    study = changed(study, {f"risk.{name}.groups": ("general_practice",)})
    free = projected(JobRequest(study, ProjectOptions(), {PLAN: no_slots(study)}), 1, silent)
    full = projected(JobRequest(study, ProjectOptions(), {PLAN: some(study)}), 1, silent)
    low, high = (float(each["risk_in_sample"][0, 0]) for each in (full, free))
    study = changed(study, {f"risk.{name}.limit": low + 0.5 * (high - low)})
    return planned(JobRequest(study, RunOptions()), 1, silent)


def some(study: Study) -> Floats:
    """A plan that earmarks a post a year of the first track in every region."""
    slots, system = no_slots(study), system_of(study)
    assert system.tracks is not None
    slots[system.tracks.first : system.tracks.first + len(study.regions)] = 1.0
    assert system.keeps_limits(slots)
    return slots


@pytest.mark.parametrize("kind", ["tracks", pytest.param("both", marks=pytest.mark.thorough)])
def test_a_run_and_all_that_follows_it_keeps_its_laws(kind: str, tmp_path: Path) -> None:
    """Frontier, regret, shadow prices and information of a run with earmarked posts."""
    result = run_of(kind)
    file = write_result(result, tmp_path / "run.nc", result.attrs)
    assert [check for check in verify(file) if check.passed is False] == []
    assert float(result["tracks"].isel(plan=0).sum()) > 0.0
    assert result["frontier_tracks"].dims == ("time", "frontier", "track", "region")
    assert any(str(name).startswith("track_ramp.") for name in result["constraint_id"].values)
    assert not any(str(name).startswith("newcomers.") for name in result["constraint_id"].values)


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ({1: 6.0}, "6 more earmarked LIS1 posts from 2021"),
        ({0: 1.0, 2: 2.0}, "2020-2022: up to 2 more earmarked LIS1 posts a year"),
    ],
)
def test_earmarked_posts_that_are_lacking_are_told_by_place(
    amounts: dict[int, float], said: str
) -> None:
    system = system_of(study_of("tracks"))
    limit = next(each for each in system.limits if each.kind == "track_ramp")
    by_year = np.zeros(len(system.watched_years))
    by_year[list(amounts)] = list(amounts.values())
    words = relief_in_words(system, Relief(limit, 0.0, by_year))
    assert words.startswith(limit.subject)
    assert words.endswith(said)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_tried_by_hand_has_a_part_for_each_track(kind: str) -> None:
    from lis1plan.explore import parts

    reading = Reading(result_of(kind))
    assert (parts.plan_of(reading) == plan(kind)).all()
    names = [part.name for part in parts.parts_of(reading, WORDS)]
    assert names[-2:] == ["Earmarked", "Mixed"]
    assert len(names) == (5 if kind == "both" else 3)


def test_a_limit_on_general_practice_is_met_far_cheaper_by_tracks() -> None:
    """Of LIS1 alone it takes posts of every kind; no more is earmarked than it asks for."""
    study = small_study(1, groups=2, applicants=1.6)
    name, limit = next(iter(study.risk.items()))
    own = limit.model_copy(update={"groups": ("general_practice",)})
    study = changed(study, {"risk": {name: own}})
    oracle, many = prepare(study, sample_of(study), Workers(1)), no_slots(study)
    many[:, :2] = 2.0
    none, low = (oracle.risk(levels(study, each))[0] for each in (0.0 * many, many))
    limits, found = np.array([none + 0.6 * (low - none)]), []
    for asked in (study, decided_tracks(study, prices=grant(1e5))):
        pool = CutPool(prepare(asked, sample_of(asked), Workers(1)))
        found.append(find_plan(searching(pool, asked, limits, Clock(60.0))))
    assert [each.status for each in found] == ["optimal", "optimal"]
    assert 0.0 < found[1].cost < 0.1 * found[0].cost
    tracks = found[1].slots[2:]
    assert 0.0 < tracks.sum() < system_of(decided_tracks(study)).most_slots[2:].sum() / 2


def test_why_there_is_no_plan_is_told_with_what_newcomers_fill(tmp_path: Path) -> None:
    """A limit that nothing reaches: ways out are told, and that newcomers do not give way."""
    study = study_of("tracks")
    name = next(iter(study.risk))
    study = changed(study, {f"risk.{name}.limit": 1e-4})
    request = JobRequest(study, RunOptions())
    with pytest.raises(InfeasibleError) as caught:
        planned(request, 1, silent)
    found = caught.value.found
    assert found is not None
    first = next(iter(study.regions.values())).name
    assert any(f"newcomers fill in every scenario: {first} " in line for line in found.lines)
    assert not any(limit.kind == "newcomers" for limit in found.together.limits)
    file = write_ways_out(request, caught.value, tmp_path, 0.0)
    assert file is not None
    assert [check for check in verify(file) if check.passed is False] == []


def test_posts_that_are_limited_but_given_are_no_decision() -> None:
    """Repair once opened them, since they relieve every risk and cost nothing."""
    study = study_of("limited")
    system, plan_ = system_of(study), no_slots(study)
    given = np.flatnonzero(system.of_no_family)
    assert given.tolist() == list(range(2, 6))
    assert not system_of(study_of("both")).of_no_family.any()
    assert not system_of(study_of("tracks")).of_no_family.any()
    assert system.keeps_limits(plan_)
    for row in given:
        phantom = plan_.copy()
        phantom[row, 0] = 1.0
        assert not system.keeps_limits(phantom)


def test_repair_opens_what_is_decided_alone() -> None:
    study = study_of("limited")
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    risk, _ = pool.evaluate(pool.system.no_slots)
    most = pool.evaluate(pool.system.most_slots)[0]
    search = searching(pool, study, risk - 0.3 * (risk - most), Clock(60.0))
    steps = _steps(search, pool.system.no_slots)
    opened = {more[0] for more, _ in steps if more is not None}
    assert opened == set(np.flatnonzero(~pool.system.of_no_family).tolist())
    repaired = repair(search, pool.system.no_slots)
    assert repaired is None or not repaired[pool.system.of_no_family].any()
