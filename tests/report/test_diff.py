"""Differences between two results: none with itself, else told in words, alike both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.files.comparison import differences
from lis1plan.core.files.store import open_result, write_result
from lis1plan.report.pages.difference import Change, differ, in_words

TITLES = ("study", "sample", "versions", "plan", "cost", "risk", "bounds", "data")


@pytest.fixture(scope="module")
def result(small_result: Path) -> xr.Dataset:
    return open_result(small_result)


@pytest.fixture(scope="module")
def other(result: xr.Dataset) -> xr.Dataset:
    """A made-up second result: another limit, seed, version, plan, cost, risk and bound."""
    study = json.loads(result.attrs["study_json"])
    study["risk"]["national"]["limit"] = 0.2
    packages = json.loads(result.attrs["package_versions"]) | {"numpy": "0.0.1"}
    slots, cost = result["slots"].values.copy(), result["plan_cost"].values.copy()
    risk = result["risk_in_sample"].values.copy()
    slots[3, 0, 3] += 2.0
    cost[0] += 1e6
    risk[0, 0] += 0.001
    return result.assign(
        slots=result["slots"].copy(data=slots),
        plan_cost=result["plan_cost"].copy(data=cost),
        risk_in_sample=result["risk_in_sample"].copy(data=risk),
    ).assign_attrs(
        study_json=json.dumps(study),
        seed=99,
        package_versions=json.dumps(packages),
        lower_bound=1.0,
    )


def test_result_does_not_differ_from_itself(result: xr.Dataset) -> None:
    found = differ(result, result)
    assert all(getattr(found, title) == [] for title in TITLES)
    assert in_words(found) == ["identical data"]


def test_what_differs_is_told(result: xr.Dataset, other: xr.Dataset) -> None:
    found = differ(result, other)
    limit = json.loads(result.attrs["study_json"])["risk"]["national"]["limit"]
    assert found.study == [Change("risk.national.limit", str(limit), "0.2")]
    assert [change.what for change in found.sample] == ["seed"]
    assert [(change.what, change.after) for change in found.versions] == [("numpy", "0.0.1")]
    year = int(result["year"][3])
    before, total = float(result["slots"][3, 0, 3]), float(result["slots"][:, 0].sum())
    assert found.plan == [
        Change("new slots in all", f"{total:g}", f"{total + 2:g}"),
        Change(f"Helse Sør-Øst {year}", f"{before:g}", f"{before + 2:g}"),
    ]
    assert [change.what for change in found.cost] == ["The chosen plan, discounted"]
    assert [change.what for change in found.risk] == [
        "Norway, shortage in the worse half of futures, in sample"
    ]
    assert [change.what for change in found.bounds] == ["lower_bound"]
    assert {d.name for d in found.data} == {"slots", "plan_cost", "risk_in_sample", "lower_bound"}


def test_differences_turn_round(result: xr.Dataset, other: xr.Dataset) -> None:
    there, back = differ(result, other), differ(other, result)
    for title in TITLES[:-1]:
        turned = [Change(c.what, c.after, c.before) for c in getattr(back, title)]
        assert turned == getattr(there, title), title
    assert {d.name for d in there.data} == {d.name for d in back.data}


def test_same_data_of_other_studies_are_identical(result: xr.Dataset) -> None:
    renamed = json.loads(result.attrs["study_json"]) | {"title": "Another title"}
    lines = in_words(differ(result, result.assign_attrs(study_json=json.dumps(renamed))))
    assert lines[-1] == "identical data"
    assert lines[:-1] == [f'study: title: "{result.attrs["title"]}" → "Another title"']


@pytest.mark.parametrize("name", ["supply_mean", "shortfall_z", "region_name", "time"])
def test_any_other_bit_counts(result: xr.Dataset, name: str) -> None:
    values: Any = result[name].values.copy()
    values.flat[0] = "X" if values.dtype.kind == "U" else np.nextafter(values.flat[0], 1e9)
    changed = result.drop_indexes(name, errors="ignore")
    changed[name] = (result[name].dims, values)
    found = differences(result, changed)
    assert [each.name for each in found] == [name]
    if values.dtype.kind == "f":
        assert "1 of" in found[0].how
        assert differences(result, changed, tolerance=1e-12) == []


def test_missing_variables_and_other_lengths_are_told(result: xr.Dataset) -> None:
    fewer = result.drop_vars("demand_mean")
    assert [tuple(d) for d in differences(result, fewer)] == [("demand_mean", "only in the first")]
    assert [tuple(d) for d in differences(fewer, result)] == [("demand_mean", "only in the second")]
    shorter = {d.name: d.how for d in differences(result, result.isel(realization=slice(10)))}
    assert "→ 10 realization" in shorter["shortfall_z"]


# ---------------------------------------------------------------------------------- the command


def command(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["diff", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout, done.stderr


def test_command(small_result: Path, result: xr.Dataset, other: xr.Dataset, tmp_path: Path) -> None:
    second = write_result(other, tmp_path / "other.nc", other.attrs)
    assert command(small_result, small_result) == (0, "identical data\n", "")
    code, said, errors = command(small_result, second)
    assert (code, errors) == (1, "")
    assert said.splitlines() == in_words(differ(result, open_result(second)))
    code, said, _ = command(small_result, second, "--json")
    told = json.loads(said)
    assert code == 1
    assert told["identical_data"] is False
    assert set(told) == {"status", "message", "problems", "warnings", "identical_data", *TITLES}
    assert told["study"][0]["what"] == "risk.national.limit"


def test_brief_says_only_whether_the_data_are_the_same(
    small_result: Path, result: xr.Dataset, other: xr.Dataset, tmp_path: Path
) -> None:
    second = write_result(other, tmp_path / "other.nc", other.attrs)
    seeded = write_result(result, tmp_path / "seeded.nc", result.attrs | {"seed": 99})
    assert command(small_result, small_result, "--brief") == (0, "identical data\n", "")
    assert command(small_result, seeded, "--brief") == (0, "identical data\n", "")
    count = len(differences(result, open_result(second)))
    said = f"{count} variables or findings differ\n"
    assert command(small_result, second, "--brief") == (1, said, "")
    assert command(small_result, tmp_path / "nowhere.nc", "--brief")[0] == 2
    assert command(small_result, second, "--brief", "--json")[0] == 2
    shown = CliRunner().invoke(main, ["diff", "--help"]).output
    assert "Exit codes: 0 the same data" in shown


def test_unreadable_file_is_named(small_result: Path, tmp_path: Path) -> None:
    code, said, errors = command(small_result, tmp_path / "nowhere.nc")
    assert (code, said) == (2, "")
    assert "nowhere.nc: no such file" in errors
