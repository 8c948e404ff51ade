"""Plans of few decisions from end to end: in the file, in the report, checked, off without a trace."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.study.study import Study
from lis1plan.core.verify.laws import verify_dataset
from lis1plan.jobs.frontier import frontier
from lis1plan.jobs.options import FrontierOptions, RunOptions
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.run import planned
from lis1plan.jobs.warnings import warnings_of
from lis1plan.report.pages.html import render_report

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
    data = planned(JobRequest(study_of(form), RunOptions()), 1, silent)
    told = {"study_json": study_of(form).canonical_text, "result_kind": "run"}
    return data.assign_attrs(told)


def failed(data: xr.Dataset) -> set[str]:
    return {check.name for check in verify_dataset(data, quick=True) if check.passed is False}


def of_form(slots: Any, *begins: int) -> bool:
    """Whether numbers [year, region] are even, and change in these years alone."""
    years = [str(year)[:4] for year in np.arange(2026, 2034)]
    moved = np.flatnonzero((np.diff(slots, axis=0) != 0).any(axis=1)) + 1
    return bool((slots % 2 == 0).all()) and {years[y] for y in moved} <= {str(b) for b in begins}


def decided(data: xr.Dataset, name: str) -> Any:
    first = study_of().first
    return np.moveaxis(data[name].values, 1, 0)[:, first : first + 8]


def test_all_plans_sought_have_the_form_and_branches_their_own_numbers() -> None:
    chosen, data = decided(result(), "slots")[0], result()
    assert chosen.any()
    assert of_form(chosen, 2027)
    assert all(of_form(plan, 2027) for plan in decided(data, "frontier_slots"))
    assert all(of_form(plan, 2027) for plan in decided(data, "near_slots"))
    branches = decided(data, "branch_slots")
    assert all(of_form(plan, 2027, ONCE) for plan in branches)
    assert not all(of_form(plan, 2027) for plan in branches)
    assert data.attrs["review_cost"] <= data.attrs["upper_bound"]
    assert data.attrs["upper_bound"] >= result(form=False).attrs["lower_bound"]
    assert not of_form(decided(result(form=False), "slots")[0], 2027)
    assert data["plan_keeps_limits"].values[0] == 1


def test_verify_finds_nothing_wrong_and_what_is_forged() -> None:
    assert failed(result()) == set()
    first = study_of().first
    for name, law in {
        "slots": "few decisions",
        "branch_slots": "branches keep the limits",
        "near_slots": "near-optimal plans",
    }.items():
        forged = result()[name].copy(deep=True)
        last = forged.values[first + 7, -1 if name == "branch_slots" else 0]
        last[0] += 2.0  # still a multiple
        assert law in failed(result().assign({name: forged})), name
    odd = result()["slots"].copy(deep=True)
    odd.values[first, 0, 0] += 1.0
    assert "few decisions" in failed(result().assign(slots=odd))
    checks = {check.name: check.passed for check in verify_dataset(result(form=False), quick=True)}
    assert checks["few decisions"] is None


def test_the_report_says_it_in_a_sentence_and_nothing_where_it_is_off() -> None:
    assert SAID in render_report(result())
    assert "kan deles med 2, og er fra 2027 det samme hvert år" in render_report(result(), "nb")
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
def test_a_frontier_over_it_tells_what_it_costs() -> None:
    study = changed(study_of(), {"review": None, "solve.near_optimal": None})
    asked = FrontierOptions(over="limits.multiples_of", low=1.0, high=9.0, points=3)
    data = frontier(JobRequest(study, asked), 1, silent)
    assert data["over_value"].values.tolist() == [1.0, 5.0, 9.0]
    cost = data["over_cost"].values
    assert (data["over_lower_bound"].values[:1] <= cost[1:]).all()
    slots = decided(data, "over_slots")
    assert (slots[1] % 5 == 0).all()
    assert (slots[2] % 9 == 0).all()
    told = {"study_json": study.canonical_text, "result_kind": "frontier"}
    assert failed(data.assign_attrs(told)) == set()
