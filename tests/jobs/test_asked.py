"""What a run is asked beside its plan: near-optimal plans and when it fails, in file and report."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.discovery import tree
from lis1plan.core.errors import InputError
from lis1plan.core.files.checksums import variable_sha256
from lis1plan.core.flow.demand import build_demand
from lis1plan.core.risk.evaluation import judge_plans, seen_under
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.scenarios.factors import GROWTH, conditions
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.core.verify.laws import Check, verify_dataset
from lis1plan.jobs.options import RunOptions
from lis1plan.jobs.outcome import summary_of
from lis1plan.jobs.request import JobRequest, slots_of
from lis1plan.jobs.run import can_be_done, planned
from lis1plan.report.pages.html import render_report
from lis1plan.report.pages.terminal import asked_in_words
from lis1plan.report.reading import Reading
from lis1plan.report.sections.asked import discovery, near_optimal
from lis1plan.report.texts.words import LANGUAGES, Words

from ..helpers.result_files import command, forged, read_back
from ..helpers.small_study import changed

ASKED = ("near_", "feature", "box", "condition", "discovery")


def study_of(*more: str) -> Study:
    few = ("sampling.scenarios=64", "sampling.fresh_scenarios=4000", "solve.frontier_points=1")
    return load_study("tutorial", [*few, *more])


@cache
def result(workers: int = 1) -> xr.Dataset:
    study = study_of("solve.near_optimal=0.02")
    return planned(JobRequest(study, RunOptions(discover=True)), workers, silent)


@cache
def plain() -> xr.Dataset:
    return planned(JobRequest(study_of(), RunOptions()), 1, silent)


def failed(checks: list[Check]) -> set[str]:
    return {check.name for check in checks if check.passed is False}


def test_off_it_leaves_no_trace() -> None:
    """Neither in the study's text, nor in options, variables, attributes and report."""
    study = study_of()
    assert "near_optimal" not in study.canonical_text
    assert "discover" not in RunOptions().as_text()
    named = map(str, (*plain().variables, *plain().attrs))
    assert not [name for name in named if name.startswith(ASKED)]
    page = render_report(plain())
    for language in LANGUAGES:
        assert Words(language)("fails.title") not in page
        assert Words(language)("near.details") not in page


@pytest.mark.thorough
def test_on_all_else_stays_as_it_is() -> None:
    """Every variable of a plain run comes out the same bit for bit."""
    for name, variable in plain().variables.items():
        assert variable_sha256(plain()[name]) == variable_sha256(result()[name]), name
        assert variable.dims == result()[name].dims


def test_an_older_file_s_options_are_read() -> None:
    told = RunOptions().as_data()
    assert "discover" not in told
    assert RunOptions.from_data(told) == RunOptions()
    assert RunOptions.from_data(told | {"discover": True}) == RunOptions(discover=True)


@pytest.mark.thorough
def test_workers_change_no_bit() -> None:
    for name in map(str, result().variables):
        assert variable_sha256(result()[name]) == variable_sha256(result(3)[name]), name


def test_the_file_holds_what_verify_wants(tmp_path: Path) -> None:
    data = read_back(result(), tmp_path)
    checks = {check.name: check.passed for check in verify_dataset(data)}
    assert failed(verify_dataset(data)) == set()
    names = ("near optimal plans", "ranges of features", "near again", "boxes", "boxes again")
    assert all(checks[name] for name in names)


FORGED = {
    "near_slots": "near optimal plans",
    "near_cost": "near optimal plans",
    "near_risk": "near again",
    "near_feature": "ranges of features",
    "feature_unit": "ranges of features",
    "feature_name": "ranges of features",
    "feature_least": "ranges of features",
    "feature_most": "ranges of features",
    "feature_least_plan": "ranges of features",
    "feature_most_plan": "ranges of features",
    "feature_most_status": "ranges of features",
    "box_low": "boxes again",
    "box_high": "boxes again",
    "box_coverage": "boxes again",
    "box_density": "boxes again",
    "box_mass": "boxes again",
    "box_p_value": "boxes again",
    "box_method": "boxes",
    "condition_unit": "boxes",
    "condition_name": "boxes",
}
"""Variable -> the check that finds it out, all checksums renewed."""


@pytest.mark.thorough
@pytest.mark.parametrize("name", FORGED)
def test_what_was_forged_is_found_out(name: str, tmp_path: Path) -> None:
    data = read_back(result(), tmp_path)
    values = data[name].values.copy()
    if values.dtype.kind in "UO":
        values = values.astype(object)
        values.flat[0] = f"X{values.flat[0]}"
        values = values.astype(str)
    else:
        known = np.flatnonzero(np.isfinite(values.astype(float)))
        if not len(known):
            pytest.skip("the box has no such end")
        values.flat[known[-1]] = 1.5 * values.flat[known[-1]] + 3.0
    assert FORGED[name] in failed(verify_dataset(forged(data, name, values)))


def test_a_plan_beyond_a_limit_or_the_cost_is_found_out() -> None:
    """A plan too dear or too risky for a share or limit that was made smaller."""
    data = result().assign_attrs(result().attrs)
    for key, value in (("solve.near_optimal", 0.0), ("risk.country.limit", 0.03)):
        section, *rest = key.split(".")
        study = changed(study_of("solve.near_optimal=0.02"), {key: value})
        told = data.assign_attrs(study_json=study.canonical_text)
        assert "near optimal plans" in failed(verify_dataset(told, quick=True)), (section, rest)


def test_failures_are_those_of_the_limit_on_fresh_scenarios() -> None:
    """Z above the national limit; the growth told is that of the scenario's own demand."""
    study = study_of()
    level, sample = levels(study, slots_of(study, plain())), sample_of(study, "fresh")
    seen = seen_under(study, level, Workers(1))
    z = judge_plans(study, sample, [level], Workers(1)).z[0, 0]
    assert np.array_equal(seen.fails, z > study.risk["country"].at_most)
    assert 0.0 < seen.rate < 1.0
    keys = conditions(study)
    draws = draw(study, sample, 0, 50)
    demand = build_demand(study, draws).sum(axis=(2, 3))
    first, last = study.time.first_year, study.time.window[1]
    growth = (demand[:, last - first] - demand[:, 0]) / (last - first)
    assert seen.values[:50, keys.index(GROWTH)] == pytest.approx(growth)
    drawn = draws.figures["training.completion_share"]
    assert np.array_equal(seen.values[:50, keys.index("training.completion_share")], drawn)
    assert len(keys) == len(set(keys)) == seen.values.shape[1]


def test_two_keys_that_cause_failure_are_found_in_a_study() -> None:
    """All else certain: growth of demand (its error) and completion are what boxes name."""
    lax = "risk.country.limit=0.08", "risk.coast.limit=0.12"
    study = study_of("sampling.fresh_scenarios=6000", *lax)
    wide = {"distribution": "uniform", "low": 0.6, "high": 1.0, "assumption": "for the test"}
    data = {"training.completion_share": wide, "correlation": ()}
    for key, figure in study.uncertain.items():
        if key not in ("training.completion_share", "demand.growth_error"):
            data[key] = {"value": figure.expected, "assumption": "for the test"}
    causes = changed(study, data)
    result = planned(JobRequest(causes, RunOptions(discover=True)), 2, silent)
    keys = result["condition_id"].values.tolist()
    said = np.isfinite(result["box_low"]) | np.isfinite(result["box_high"])
    peeled = said.values[result["box_method"].values == 1]
    named = {keys[c] for c in np.flatnonzero(peeled.any(axis=0))}
    assert named <= {"training.completion_share", "demand.growth_error", GROWTH}
    assert {"training.completion_share"} <= named
    assert named & {"demand.growth_error", GROWTH}
    assert float(result["box_density"][0]) > 2.0 * result.attrs["discovery_failing"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_both_in_words(language: str) -> None:
    words, reading = Words(language), Reading(result())
    near = near_optimal.near_optimal(reading, words)
    assert words("word.none") not in near.title
    for text in ("2", "City" if language == "en" else "Byen"):
        assert text in near_optimal.in_words(reading, words)
    fails = discovery.failing(reading, words)
    page = render_report(result())
    assert near.title in page
    assert fails.title in page
    assert "_" not in discovery.in_words(reading, words)
    without = result().drop_dims("box").assign_attrs(discovery_boxes=0)
    assert discovery.in_words(Reading(without), words) == words("fails.nothing")
    assert len(discovery.failing(Reading(without), words).blocks) == 2


def test_programs_and_the_console_are_told_the_same() -> None:
    """Ranges and boxes as in the file; of a plain run nothing."""
    said = summary_of(result())
    total = said["near_optimal"]["features"]["total"]
    assert total["least"] == float(result()["feature_least"][0])
    assert total["least"] <= total["chosen"] <= total["most"]
    boxes = said["discovery"]["boxes"]
    assert len(boxes) == result().attrs["discovery_boxes"]
    assert boxes[0]["method"] == "prim"
    assert set(boxes[0]["where"]) <= set(result()["condition_id"].values.tolist())
    assert len(asked_in_words(result())) == 2
    assert asked_in_words(plain()) == []
    assert not {"near_optimal", "discovery"} & set(summary_of(plain()))


def test_open_ends_are_not_said_to_be_proved() -> None:
    words, data = Words("en"), result().copy(deep=True)
    assert "are proved" in near_optimal.near_optimal(Reading(data), words).blocks[1].text
    data["feature_most_status"][0] = 2
    assert "are proved" not in near_optimal.near_optimal(Reading(data), words).blocks[1].text


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "find_spec", lambda _: None)
    asked = JobRequest(study_of(), RunOptions(discover=True))
    with pytest.raises(InputError, match=r"--discover: needs .* pip install '\.\[discover\]'"):
        can_be_done(asked)
    can_be_done(JobRequest(study_of(), RunOptions()))


def test_without_a_limit_there_is_nothing_to_fail() -> None:
    study = study_of()
    priced = {
        "rule": "price", "measure": "absolute", "statistic": "sum", "price": 1e6, "limit": None,
        "confidence": None,
    }  # fmt: skip
    limit = study.risk["country"].model_dump() | priced
    alone = changed(study, {"risk": {"country": limit}})
    with pytest.raises(InputError, match="prices of shortage alone"):
        can_be_done(JobRequest(alone, RunOptions(discover=True)))


@pytest.mark.parametrize(("share", "said"), [("-0.1", "0 or more"), ("2", "1 or less")])
def test_a_share_that_makes_no_sense_is_refused(share: str, said: str, tmp_path: Path) -> None:
    done = command("run", "tutorial", "--set", f"solve.near_optimal={share}", "--out", tmp_path)
    assert done.code == 2
    assert any("solve.near_optimal" in line and said in line for line in done.errors), done.errors
