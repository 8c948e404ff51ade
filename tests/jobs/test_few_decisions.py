"""Plans of few decisions from end to end: in file and report, checked, off without a trace."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.study.study import Study
from lis1plan.core.verify.laws import Check, verify_dataset
from lis1plan.jobs.frontier import frontier
from lis1plan.jobs.options import FrontierOptions, RunOptions
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.run import planned
from lis1plan.jobs.warnings import warnings_of
from lis1plan.report.pages.html import render_report

from ..helpers.result_files import forged, read_back
from ..helpers.small_study import WHY, changed

ONCE = 2030
"""The review; numbers are the same every year from 2027 on."""
SAID = "what a region opens in a year is a multiple of 2, and from 2027 on the same every year"


def study_of(form: bool = True) -> Study:
    few = ("sampling.scenarios=96", "sampling.fresh_scenarios=500", "solve.frontier_points=2")
    study = load_study("tutorial", few)
    review = {
        "years": (ONCE,),
        "branches": 2,
        "observation_error": {"value": 2.0, "assumption": WHY},
    }
    asked: dict[str, Any] = {"review": review, "solve.near_optimal": 0.02}
    if form:
        asked |= {"limits.constant_after": 1, "limits.multiples_of": 2}
    return changed(study, asked)


@cache
def result(form: bool = True) -> xr.Dataset:
    return planned(JobRequest(study_of(form), RunOptions()), 1, silent)


def checked(data: xr.Dataset) -> list[Check]:
    return verify_dataset(data, quick=True)


def failed(data: xr.Dataset) -> set[str]:
    return {check.name for check in checked(data) if check.passed is False}


def of_form(slots: Any, *begins: int) -> bool:
    """Whether numbers [year, region] are even, and change in these years alone."""
    years = [str(year)[:4] for year in np.arange(2026, 2034)]
    moved = np.flatnonzero((np.diff(slots, axis=0) != 0).any(axis=1)) + 1
    return bool((slots % 2 == 0).all()) and {years[y] for y in moved} <= {str(b) for b in begins}


def decided(data: xr.Dataset, name: str) -> Any:
    first = study_of().first
    return np.moveaxis(data[name].values, 1, 0)[:, first : first + 8]


def test_all_plans_sought_have_the_form() -> None:
    chosen, data = decided(result(), "slots")[0], result()
    assert chosen.any()
    assert of_form(chosen, 2027)
    points = [plan for plan in decided(data, "frontier_slots") if np.isfinite(plan).all()]
    assert points
    assert all(of_form(plan, 2027) for plan in points)
    assert all(of_form(plan, 2027) for plan in decided(data, "near_slots"))
    branches = decided(data, "branch_slots")
    assert all(of_form(plan, 2027, ONCE) for plan in branches)
    assert data.attrs["review_cost"] <= data.attrs["upper_bound"]
    assert data.attrs["upper_bound"] >= result(form=False).attrs["lower_bound"]
    assert not of_form(decided(result(form=False), "slots")[0], 2027)
    assert data["plan_keeps_limits"].values[0] == 1


def test_verify_finds_nothing_wrong_and_what_is_forged(tmp_path: Path) -> None:
    data = read_back(result(), tmp_path)
    assert failed(data) == set()
    first = study_of().first
    for name, law in {
        "slots": "few decisions",
        "branch_slots": "branches keep the limits",
        "near_slots": "near optimal plans",
    }.items():
        values = data[name].values.copy()
        values[first + 7, 0, 0] += 2.0  # still a multiple
        told = {check.name: check.detail for check in checked(forged(data, name, values))}
        assert "one number of new posts a year" in told[law], name
    odd = data["slots"].values.copy()
    odd[first, 0, 0] += 1.0
    assert "few decisions" in failed(forged(data, "slots", odd))
    plain = read_back(result(form=False), tmp_path)
    assert {check.name: check.passed for check in checked(plain)}["few decisions"] is None


def test_the_report_says_it_in_a_sentence_and_nothing_where_it_is_off() -> None:
    assert SAID in render_report(result())
    assert "kan deles med 2, og er fra 2027 det samme hvert år" in render_report(result())
    plain = render_report(result(form=False))
    assert "few decisions" not in plain
    assert "constant_after" not in plain
    assert "multiples" not in plain
    assert {"constant_after", "multiples_of"} <= set(result()["constraint_id"].values.tolist())


def test_a_plan_by_hand_that_has_not_the_form_is_told() -> None:
    study = study_of()
    slots = np.zeros((2, 8))
    slots[0, 3] = 3.0
    told = warnings_of(JobRequest(study, RunOptions(), plans={"mine": slots}))
    assert any("limits.constant_after" in line and "2029: 3 slots" in line for line in told)
    assert any("limits.multiples_of" in line and "2029: 1 slots" in line for line in told)


@pytest.mark.thorough
def test_a_frontier_over_it_tells_what_it_costs(tmp_path: Path) -> None:
    study = changed(study_of(), {"review": None, "solve.near_optimal": None})
    asked = FrontierOptions(over="limits.multiples_of", low=1.0, high=2.0, points=2)
    data = frontier(JobRequest(study, asked), 1, silent)
    assert data["over_value"].values.tolist() == [1.0, 2.0]
    slots, cost = decided(data, "over_slots"), data["over_cost"].values
    assert (cost[1:] >= data["over_lower_bound"].values[0]).all()
    assert (slots[1] % 2 == 0).all()
    assert failed(read_back(data, tmp_path)) == set()
