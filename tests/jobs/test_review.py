"""Review years from end to end: in the file, in the report, off without a trace, one branch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.plan_file import read_plan
from lis1plan.core.compute.place import silent
from lis1plan.core.errors import InputError
from lis1plan.core.files.checksums import variable_sha256
from lis1plan.core.verify.laws import Check, verify_dataset
from lis1plan.jobs.options import RunOptions
from lis1plan.jobs.outcome import summary_of
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.run import can_be_done, planned
from lis1plan.optimise.review.adaptive import BranchLimitsError
from lis1plan.report.export.write import export
from lis1plan.report.pages.html import render_report
from lis1plan.report.pages.terminal import asked_in_words
from lis1plan.report.reading import Reading
from lis1plan.report.sections.asked import review
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.result_files import forged, read_back
from ..helpers.reviewed import result, study_of, twice
from ..helpers.small_study import changed

OF_REVIEWS = ("review", "branch")
LAWS = (
    "branches follow from what was observed",
    "branches keep the limits",
    "risk and value of learning",
    "reviews again",
)


def failed(checks: list[Check]) -> set[str]:
    return {check.name for check in checks if check.passed is False}


def of_reviews(data: xr.Dataset) -> list[str]:
    return [n for n in map(str, (*data.variables, *data.attrs)) if n.startswith(OF_REVIEWS)]


def test_off_it_leaves_no_trace() -> None:
    plain = result(0)
    assert of_reviews(plain) == []
    page = render_report(plain)
    for language in LANGUAGES:
        assert Words(language)("review.title") not in page
    assert "review" not in summary_of(plain)


@pytest.mark.parametrize("years", [(2028,), (2028, 2030)])
def test_one_branch_is_the_fixed_plan_to_the_last_bit(years: tuple[int, ...]) -> None:
    plain, single = result(0), result(1, *years)
    assert of_reviews(single) == []
    assert set(plain.variables) == set(single.variables)
    for name in map(str, plain.variables):
        assert variable_sha256(plain[name]) == variable_sha256(single[name]), name


@pytest.mark.thorough
def test_on_all_else_stays_as_it_is() -> None:
    for name in map(str, result(0).variables):
        assert variable_sha256(result(0)[name]) == variable_sha256(twice()[name]), name


@pytest.mark.thorough
def test_workers_change_no_bit() -> None:
    other = result(2, 2028, 2030, workers=3)
    for name in map(str, twice().variables):
        assert variable_sha256(twice()[name]) == variable_sha256(other[name]), name


def test_learning_costs_no_more_and_is_told_with_its_proof() -> None:
    attrs = twice().attrs
    assert attrs["review_lower_bound"] <= attrs["review_cost"] <= attrs["upper_bound"]
    assert attrs["review_gap"] <= 0.002
    assert attrs["review_cost"] < 0.95 * attrs["upper_bound"]  # there is something to learn
    assert (twice()["review_risk"] <= twice()["risk_limit"] + 1e-9).all()


@pytest.mark.thorough
def test_the_file_holds_what_verify_wants(tmp_path: Path) -> None:
    data = read_back(twice(), tmp_path)
    checks = {check.name: check.passed for check in verify_dataset(data)}
    assert failed(verify_dataset(data)) == set()
    assert all(checks[name] for name in LAWS)


FORGED = {
    "review_observed": "reviews again",
    "review_branch": "branches follow from what was observed",
    "review_shortfall": "reviews again",
    "branch_above": "branches follow from what was observed",
    "branch_up_to": "branches follow from what was observed",
    "branch_probability": "branches follow from what was observed",
    "branch_probability_fresh": "reviews again",
    "branch_slots": "branches keep the limits",
    "branch_cost": "branches keep the limits",
    "branch_risk": "risk and value of learning",
    "branch_risk_fresh": "reviews again",
    "review_risk": "risk and value of learning",
    "review_risk_fresh": "reviews again",
    "review_risk_fresh_low": "reviews again",
    "review_risk_fresh_high": "reviews again",
    "branch_rule_slots": "branches keep the limits",
    "branch_rule_cost": "branches keep the limits",
    "review_rule_risk": "reviews again",
    "review_rule_risk_fresh": "reviews again",
    "review_rule_risk_fresh_low": "reviews again",
    "review_rule_risk_fresh_high": "reviews again",
}
"""Variable -> the check that finds it out, all checksums renewed."""
FORGED_ATTRIBUTES = ("cost", "value", "gap", "fresh_cost", "fresh_fixed_cost", "fresh_value")
FORGED_ATTRIBUTES += ("rule_cost", "rule_fresh_cost")


@pytest.mark.thorough
@pytest.mark.parametrize("name", FORGED)
def test_what_was_forged_is_found_out(name: str, tmp_path: Path) -> None:
    data = read_back(twice(), tmp_path)
    values = data[name].values.copy()
    known = np.flatnonzero(np.isfinite(values.astype(float)))
    values.flat[known[-1]] = 1.5 * values.flat[known[-1]] + 3.0
    assert FORGED[name] in failed(verify_dataset(forged(data, name, values)))


@pytest.mark.parametrize("name", FORGED_ATTRIBUTES)
def test_a_forged_value_of_learning_is_found_out(name: str) -> None:
    data = twice().assign_attrs({f"review_{name}": 2.0 * twice().attrs[f"review_{name}"] + 5.0})
    data = data.assign_attrs(study_json=study_of(2, 2028, 2030).canonical_text)
    data = data.assign_attrs(result_kind="run")
    assert "risk and value of learning" in failed(verify_dataset(data, quick=True))


def test_a_value_that_was_not_worked_out_is_told_as_unknown() -> None:
    unknown = {"review_at_same_risk": np.nan, "review_fresh_value": np.nan}
    told = {"study_json": study_of(2, 2028, 2030).canonical_text, "result_kind": "run"}
    data = twice().assign_attrs(told | unknown)
    assert "risk and value of learning" not in failed(verify_dataset(data, quick=True))
    half = data.assign_attrs(review_at_same_risk=0.0)
    assert "risk and value of learning" in failed(verify_dataset(half, quick=True))
    assert summary_of(data)["review"]["fresh_value_nok"] is None
    for language, said in (("en", "is not known"), ("nb", "er ikke kjent")):
        assert said in review.worth_in_words(Reading(data), Words(language))


@pytest.mark.parametrize(("value", "key"), [(0.0, "unfound"), (5e6, "stopped")])
def test_a_search_that_was_stopped_is_told(value: float, key: str) -> None:
    told = {"study_json": study_of(2, 2028, 2030).canonical_text, "review_value": value}
    data = twice().assign_attrs(told | {"review_status": "stopped", "review_stopped_by": "time"})
    for language in LANGUAGES:
        words = Words(language)
        assert words(f"review.{key}") in review.worth_in_words(Reading(data), words)
        assert words(f"review.{key}") not in review.worth_in_words(Reading(twice_told()), words)


def twice_told() -> xr.Dataset:
    return twice().assign_attrs(study_json=study_of(2, 2028, 2030).canonical_text)


def test_a_branch_that_moves_before_it_parts_is_found_out() -> None:
    """A post less in one end branch in a year that it shares with the others."""
    data = twice().assign_attrs(study_json=study_of(2, 2028, 2030).canonical_text)
    slots = data["branch_slots"].values.copy()
    first = study_of(2, 2028).first
    slots[first, 0, 0] += 1.0
    moved = data.assign(branch_slots=data["branch_slots"].copy(data=slots))
    assert "branches keep the limits" in failed(verify_dataset(moved, quick=True))


def test_the_report_tells_the_rule_in_both_languages() -> None:
    data = twice().assign_attrs(study_json=study_of(2, 2028, 2030).canonical_text)
    reading = Reading(data)
    for language in LANGUAGES:
        words = Words(language)
        said = review.in_words(reading, words)
        assert "2026–2027: " in said
        assert words("review.seen.demand.growth") in said
        assert len(said.splitlines()) == 3 + 1 + 1 + 2  # lead, value, rule; nodes by what parts
        keys = [block.kind for block in review.review(reading, words).blocks]
        assert keys.count("figure") == 1
        assert keys[-1] == "details"
    assert asked_in_words(data)[0].startswith("Reviewed in 2028 and 2030")


def test_programs_are_told_every_branch() -> None:
    data = twice().assign_attrs(study_json=study_of(2, 2028, 2030).canonical_text)
    told = summary_of(data)["review"]
    assert told["years"] == [2028, 2030]
    assert len(told["branches"]) == 4
    assert sum(branch["probability"] for branch in told["branches"]) == pytest.approx(1.0)


def test_too_few_scenarios_are_refused_before_any_work() -> None:
    few = changed(study_of(2, 2028), {"sampling.scenarios": 39})
    with pytest.raises(InputError, match="39 scenarios for 2 end branches"):
        can_be_done(JobRequest(few, RunOptions()))


@pytest.mark.parametrize("branch", [1, 4])
def test_the_exported_plan_of_a_branch_is_read_again(branch: int, tmp_path: Path) -> None:
    study = study_of(2, 2028, 2030)
    data = twice().assign_attrs(study_json=study.canonical_text)
    exported = export(data, tmp_path, "result", "csv").files
    (path,) = [file for file in exported if file.stem.endswith(f"plan_branch_{branch}")]
    read = read_plan(path, study).slots
    own = data["branch_slots"].values[study.first :, branch - 1].T
    assert (read == own[:, : read.shape[1]]).all()
    assert "-0" not in path.read_text("utf-8")


@pytest.mark.thorough
def test_limits_inside_branches_are_kept_or_refused() -> None:
    free = result(2, 2028)
    worst = float(free["branch_risk"][:, 0].max())
    most = 0.5 * (worst + float(free["risk_limit"][0]))
    kept = study_of(2, 2028, branch_limits={"country": most})
    found = planned(JobRequest(kept, RunOptions()), 1, silent)
    assert float(found["branch_risk"][:, 0].max()) <= most + 1e-9 < worst
    assert found.attrs["review_cost"] > free.attrs["review_cost"]
    strict = study_of(2, 2028, branch_limits={"country": 1e-6})
    told = r"review.branch_limits: no plan keeps country = 1e-06; allow more risk"
    with pytest.raises(BranchLimitsError, match=told):
        planned(JobRequest(strict, RunOptions()), 1, silent)
