"""The desk where a study decides on more than LIS1: every part has a grid, and is judged."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import local_workers
from lis1plan.core.errors import InputError
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.families import Family
from lis1plan.core.system.posts import no_slots
from lis1plan.explore import parts
from lis1plan.explore.desk import Desk
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.report.reading import Reading
from lis1plan.report.texts.words import Words

from ..helpers.decided_posts import decided
from ..helpers.small_study import small_study

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


def desk_of(result: xr.Dataset) -> Desk:
    with local_workers(1) as workers:
        made = Desk("some.nc", Reading(result), "en", workers)
        made.prepare(silent)
        return made


@pytest.fixture(scope="module")
def desk() -> Desk:
    return desk_of(told_of(study_of(), plan_given()))


def answer(desk: Desk, plan: Floats, **more: Any) -> dict[str, Any]:
    none = np.zeros(plan.shape).tolist()
    return desk.answer({"a": {"plan": plan.tolist()}, "b": {"plan": none}} | more)


def test_every_part_has_a_grid_at_the_plan(desk: Desk) -> None:
    """LIS1 and each group; together they hold every cell of the plan once."""
    start, regions = desk.start(), len(desk.system.regions)
    groups = [WORDS.name(name) for name in desk.reading.names("specialty")]
    assert [grid["name"] for grid in start["grids"]] == [
        "LIS1",
        *(f"LIS2/3, {name}" for name in groups),
    ]
    assert [grid["first"] for grid in start["grids"]] == [0, regions, 2 * regions]
    assert (np.array(start["presets"][0]["plan"]) == plan_given()).all()


def test_what_follows_from_posts_moved_is_what_project_says(desk: Desk) -> None:
    """Risk, cost, supply by group, posts and who waits: the same numbers."""
    plan = plan_given()
    plan[3, 2], plan[0, 0], plan[4, 1] = 4.0, 5.0, 1.0
    data, said = told_of(study_of(), plan), answer(desk, plan)
    reading = Reading(data)
    verdict = next(reversed([v for (_, key), v in desk.verdicts.items() if key == plan.tobytes()]))
    assert verdict.cost == pytest.approx(reading.at("plan_cost", plan=0))
    for n in range(len(reading.limits)):
        assert verdict.risk[n] == reading.at("risk_in_sample", plan=0, limit=n)
    first, last = map(reading.year, study_of().time.window)
    window = slice(first, last + 1)
    waiting = data["waiting_training_group_mean"].isel(plan=0, time=window).mean("time")
    before = data["unplaced_mean"].isel(plan=0, time=window).mean("time")
    wanted = [float(before.sum()), *waiting.sum("region").values.tolist()]
    assert [row[2] for row in said["waiting"]] == [WORDS.number(each) for each in wanted]
    assert [row[1] for row in said["waiting"]] == [
        WORDS.number(float(plan[2 * n : 2 * n + 2].sum())) for n in range(3)
    ]
    for group in range(3):
        whose = slice(None) if group == 0 else slice(group - 1, group)
        there = data["ensemble_supply"].isel(specialty=whose).sum(("specialty", "region"))
        median = there.astype(float).quantile(0.5, "realization").values
        drawn = answer(desk, plan, group=group)["chart"]["supply"][2]
        assert np.allclose(drawn, median, atol=0.6)


def test_limits_on_posts_not_kept_are_named(desk: Desk) -> None:
    plan = plan_given()
    assert answer(desk, plan)["cells"]["sums"] == {}
    plan[2, 0] = 7.0
    said, study = answer(desk, plan), study_of()
    region, group = (next(iter(each.values())).name for each in (study.regions, study.groups))
    named = f"Pace of new LIS2/3 posts, {group}, {region}"
    year = study.decision_years[0]
    assert f"Not kept: {named} ({year})." in said["warning"]["lines"]
    assert said["cells"]["sums"] == {f"posts {year}": f"Beyond the limit: {named}"}


def test_a_plan_of_all_parts_is_saved_and_read(desk: Desk) -> None:
    text = desk.csv({"plan": plan_given().tolist()})
    assert text.splitlines()[0] == "year,region,group,slots"
    assert desk.opened("plan.csv", text.encode()) == plan_given().tolist()


def test_posts_in_fractions_begin_in_fractions_and_are_no_plan_file() -> None:
    plan = plan_given()
    plan[2, 0] = 2.37
    desk = desk_of(told_of(study_of(whole=False), plan))
    assert np.array(desk.start()["presets"][0]["plan"]) == pytest.approx(plan, abs=1e-9)
    assert answer(desk, plan)["waiting"][1][1] == "2.4"
    with pytest.raises(InputError, match="whole numbers alone"):
        desk.csv({"plan": plan.tolist()})


def test_a_study_of_lis1_alone_has_one_grid() -> None:
    study = small_study(3, groups=2, scenarios=12)
    desk = desk_of(told_of(study, no_slots(study)))
    assert [grid["name"] for grid in desk.start()["grids"]] == ["LIS1"]
    assert answer(desk, no_slots(study))["waiting"] == []


def test_a_further_family_has_parts_of_its_own() -> None:
    """By its axes in the file, after those there are; whom nobody counts is not told."""
    third = Family("tracks", 6, (3, 2))
    dims = ("time", "plan", "track", "region")
    data = {"tracks": xr.DataArray(np.zeros((1, 1, 3, 2)), dims=dims)}
    reading: Any = SimpleNamespace(data=data, names=lambda dim: [f"{dim} {n}" for n in range(3)])
    made = list(parts.parts_in(third, reading, WORDS))
    assert [(each.at, each.rows) for each in made] == [
        ((n,), slice(6 + 2 * n, 8 + 2 * n)) for n in range(3)
    ]
    assert [each.name for each in made] == ["track 0", "track 1", "track 2"]
    assert np.isnan(made[0].waiting({}, slice(0, 1)))


def test_cells_reach_below_zero_where_posts_may_close() -> None:
    study = decided(small_study(3, groups=2, scenarios=12), closing=True)
    desk = desk_of(told_of(study, no_slots(study)))
    least = np.ceil(np.minimum(system_of(study).least_slots, 0.0))
    found = np.concatenate([np.array(grid["least"]) for grid in desk.start()["grids"]])
    assert (found == least).all()
    regions = len(study.regions)
    assert least[regions:].min() < 0.0
    plan = no_slots(study)
    plan[regions, 0] = -1.0
    rows = {row[0]: row[1] for row in answer(desk, plan)["comparison"]}
    assert (rows["Other new posts"], rows["Posts closed"]) == ("0", "1")


def test_measures_by_hand_are_those_in_force() -> None:
    """Units typed are `use` of the study: same risk and room as a study written so; costs count."""
    written = load_study("norway-2019", ["sampling.scenarios=16"])
    desk = desk_of(told_of(written, no_slots(written)))
    units = dict.fromkeys(written.measure, 0.0)
    units["recruitment_abroad"] = written.measure["recruitment_abroad"].most
    own = written.with_units(units)
    plan = no_slots(written)
    given = {"plan": plan.tolist(), "units": units}
    said = desk.answer({"a": given, "b": {"plan": plan.tolist()}})
    data = projected(JobRequest(own, ProjectOptions(), {PLAN: plan}), 1, silent)
    wanted = Reading(data)
    for n, row in enumerate(said["limits"]):
        assert row[2] == WORDS.percent(wanted.at("risk_in_sample", plan=0, limit=n), 1)
    costs = [verdict.cost for verdict in desk.verdicts.values()]
    assert max(costs) == pytest.approx(data.attrs["measures_cost"])
    assert min(costs) == 0.0
    units["recruitment_abroad"] *= 2.0
    with pytest.raises(InputError, match="allowed: 0 to"):
        desk.answer({"a": given, "b": given})


def test_units_by_hand_replace_what_was_used_year_by_year() -> None:
    """As many as before: nothing changes; others: in every year, and checked as if written so."""
    written = load_study("norway-2019", ["sampling.scenarios=16"])
    before = {name: each.units for name, each in written.measure.items()}
    assert written.with_units(before) is written
    used = written.with_units(before | {"recruitment_abroad": 10.0})
    assert used.measure["recruitment_abroad"].use == 10.0
    assert used.in_force.change
    steps = {"2026": 4.0, "2028": 8.0}
    measure = used.measure["recruitment_abroad"].model_copy(
        update={"use": None, "use_by_year": steps}
    )
    by_year = used.model_copy(update={"measure": used.measure | {"recruitment_abroad": measure}})
    same = {name: each.units for name, each in by_year.measure.items()}
    assert by_year.with_units(same).measure["recruitment_abroad"].use_by_year == steps
    again = by_year.with_units(same | {"recruitment_abroad": 3.0}).measure["recruitment_abroad"]
    assert (again.use, again.use_by_year, again.units) == (3.0, {}, 3.0)
    with pytest.raises(ValueError, match="at most"):
        written.with_units(before | {"recruitment_abroad": 1e6})
