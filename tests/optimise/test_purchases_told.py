"""Supervision at a price from question to report: in file, checks and page, or nowhere at all."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.files.store import write_result
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.verify.laws import verify
from lis1plan.jobs.infeasible import refused
from lis1plan.jobs.options import ProjectOptions, RunOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.jobs.run import planned
from lis1plan.jobs.warnings import warnings_of
from lis1plan.optimise.job import InfeasibleError, run_study
from lis1plan.report.pages.html import write_report
from lis1plan.report.reading import Reading

from ..helpers.limited_study import purchase
from ..helpers.searching import attained
from ..helpers.small_study import WHY, changed, fixed, small_study

SOLD = ("supervision_bought", "supervision_most_bought", "cost_bought", "plan_cost_bought")
NONE = {"name": "Nothing", "slots_per_year": {}, "within_capacity": False, "assumption": WHY}
MANY = {"name": "Many", "slots_per_year": {"2020": 20}, "within_capacity": False, "assumption": WHY}
FAST = {"name": "Fast", "slots_per_year": {"2020": 20}, "within_capacity": True, "assumption": WHY}


def study_of(*, sold: bool, places: float | None = 0.1) -> Study:
    """Hours at a price up to an eighth of today's use; places at one, without end if None."""
    changes = {
        "solve.frontier_points": 3,
        "sampling.fresh_scenarios": 20,
        "comparison": {"none": NONE, "many": MANY, "fast": FAST},
    }
    study = small_study(1, scenarios=20, slack=0.0, changes=changes)
    if not sold:
        return study
    hours, most = fixed(600.0), None if places is None else fixed(places)
    return changed(
        study,
        {
            "capacity.hospital_supervision.purchase": purchase(hours, fixed(0.125)),
            "capacity.municipal_supervision.purchase": purchase(
                hours, fixed(0.125), "municipality"
            ),
            "capacity.municipal_places.purchase": purchase(fixed(1e5), most, "municipality"),
        },
    )


@cache
def result_of(sold: bool, places: float | None = 0.1) -> xr.Dataset:
    """A run halfway down what purchases make attainable; without them, what the wall leaves."""
    study = study_of(sold=sold, places=places)
    found, _ = attained(prepare(study, sample_of(study), Workers(1)), 60.0)
    middle = 0.5 * (found.floors + found.ceilings)
    limits = zip(study.risk, middle, strict=True)
    asked = changed(study, {f"risk.{name}.limit": float(limit) for name, limit in limits})
    return planned(JobRequest(asked, RunOptions()), 1, silent)


@pytest.mark.thorough
@pytest.mark.parametrize("places", [0.1, None])
def test_every_check_of_the_result_holds(places: float | None, tmp_path: Path) -> None:
    result = result_of(True, places)
    checks = verify(write_result(result, tmp_path / "run.nc", result.attrs))
    assert {check.name: check.detail for check in checks if check.passed is False} == {}
    assert {check.name for check in checks if check.passed} >= {"purchases", "supervision", "cost"}
    assert np.isnan(result["supervision_most_bought"].values).any() == (places is None)


def test_file_tells_what_is_bought_and_who_pays() -> None:
    result = result_of(True)
    bought, paid = result["supervision_bought"].isel(plan=0), result["cost_bought"].isel(plan=0)
    assert float(bought.sum()) > 0.0
    assert float(paid.sum()) > 0.0
    payers = [str(each) for each in result["payer_id"].values]
    by_payer = dict(zip(payers, paid.sum("time").values, strict=True))
    assert {name for name, nok in by_payer.items() if nok} == {"hospital", "municipality"}
    before = 2020 - int(result["year"].values[0])
    assert not bought[:before].any()
    assert 0.0 < float(result["plan_cost_bought"][0]) < float(result["plan_cost"][0])
    assert result["cost_bought"].attrs["currency"] == "NOK"


@pytest.mark.thorough
@pytest.mark.parametrize("name", SOLD)
def test_a_changed_purchase_is_found(name: str, tmp_path: Path) -> None:
    result = result_of(True)
    changed_one = result.copy(deep=True)
    changed_one[name] = changed_one[name] * 1.01
    checks = verify(write_result(changed_one, tmp_path / "run.nc", result.attrs))
    assert "purchases" in {check.name for check in checks if check.passed is False}


def test_plans_beyond_the_wall_are_marked_and_warned_of() -> None:
    result, plans = result_of(True), [str(x) for x in result_of(True)["plan_id"].values]
    breaks = dict(zip(plans, result["plan_breaks_supervision"].values.tolist(), strict=True))
    assert breaks["many"] == 1
    assert breaks["fast"] == breaks["chosen"] == 0
    fast, chosen = plans.index("fast"), plans.index("chosen")
    assert float(result["plan_cost_bought"][fast]) > float(result["plan_cost_bought"][chosen])
    study = study_of(sold=True)
    many = np.zeros((2, 5))
    many[:, 0] = 10.0
    said = warnings_of(JobRequest(study, ProjectOptions(), {PLAN: many}))
    assert any("Hospital supervision" in line for line in said)
    few = np.zeros((2, 5))
    few[0, 0] = 2.0
    wall = changed(study, {f"capacity.{name}.purchase": None for name in study.capacity})
    told, before = (
        warnings_of(JobRequest(each, ProjectOptions(), {PLAN: few})) for each in (study, wall)
    )
    assert not any("capacity." in line for line in told)
    assert any("capacity." in line for line in before)


def test_a_given_plan_is_costed_with_what_it_buys(tmp_path: Path) -> None:
    few = np.zeros((2, 5))
    few[0, 0] = 2.0
    result = projected(JobRequest(study_of(sold=True), ProjectOptions(), {PLAN: few}), 1, silent)
    assert float(result["plan_cost_bought"][0]) > 0.0
    checks = verify(write_result(result, tmp_path / "plan.nc", result.attrs))
    assert {check.name: check.detail for check in checks if check.passed is False} == {}


@pytest.mark.thorough
def test_ways_out_beyond_the_maximum_are_verified(tmp_path: Path) -> None:
    sold = study_of(sold=True, places=0.01)
    found, _ = attained(prepare(sold, sample_of(sold), Workers(1)), 60.0)
    limits = zip(sold.risk, 0.9 * found.floors, strict=True)
    asked = changed(sold, {f"risk.{name}.limit": float(limit) for name, limit in limits})
    with pytest.raises(InfeasibleError) as caught:
        run_study(asked, Workers(1))
    assert any("beyond what can be bought" in line for line in caught.value.lines)
    held = refused(JobRequest(asked, RunOptions()), caught.value, 0.0)
    assert held is not None
    checks = verify(write_result(held, tmp_path / "infeasible.nc", held.attrs))
    assert {check.name: check.detail for check in checks if check.passed is False} == {}


@pytest.mark.parametrize("sold", [True, False])
def test_report_folds_away_what_is_bought(sold: bool, tmp_path: Path) -> None:
    page = write_report(result_of(sold), tmp_path / "page.html").read_text("utf-8")
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r">[^<>]*\b(?:nan|inf|None)\b[^<>]*<", text) == []
    for said in ("Bought beyond the capacity there is", "Kjøpt utover kapasiteten som finnes"):
        assert text.count(said) == sold
        assert not sold or "<summary" in text[text.index(said) - 200 : text.index(said)]


def test_room_that_is_left_counts_what_can_be_bought() -> None:
    result = result_of(True)
    reading = Reading(result)
    since = reading.year(2020)
    free, wall = result["supervision_capacity"].values, reading.walls
    assert (wall[since:] > free[since:]).all()
    assert np.array_equal(wall[:since], free[:since])
    assert np.isinf(Reading(result_of(True, None)).walls[since:, -1]).all()


def test_nothing_is_told_where_nothing_can_be_bought() -> None:
    result = result_of(False)
    assert not any("bought" in str(name) for name in result.variables)
    held = json.loads(result.attrs["study_json"])["capacity"]
    assert all(each["purchase"] is None for each in held.values())
