"""A run that chooses measures: file, proof, rerun, words, and what forging of it is seen."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import xarray as xr

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.errors import InputError
from lis1plan.core.files.checksums import data_sha256, variable_sha256
from lis1plan.core.files.store import read_result, write_result
from lis1plan.core.study.study import Study
from lis1plan.core.verify.laws import Check, verify_dataset
from lis1plan.jobs.frontier import frontier
from lis1plan.jobs.options import FrontierOptions, RunOptions
from lis1plan.jobs.outcome import summary_of
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.rerun import rerun
from lis1plan.jobs.run import MOST_PORTFOLIOS, choosable, planned
from lis1plan.optimise.job import InfeasibleError, run_study
from lis1plan.report.pages.html import render_report
from lis1plan.report.pages.terminal import asked_in_words
from lis1plan.report.texts.words import Words

from ..helpers.result_files import command

OPEN = (
    'measure.{name}={{ name = "{name}", unit = "units", decision = "choose", most = {most}, '
    'first_year = {year}, assumption = "x", effects = [{effect}], '
    'prices = [{{ payer = "hospital", nok = {nok} }}] }}'
)
LEAVE = '{ lever = "factor", key = "lis1.leave", amount = { value = 0.5, assumption = "x" } }'
ABROAD = (
    '{ lever = "arrivals", key = "specialists.foreign_per_year", '
    'amount = { value = 1, assumption = "x" } }'
)
MEASURES = (
    OPEN.format(name="leave", most=1.0, year=2026, effect=LEAVE, nok=2e7),
    OPEN.format(name="abroad", most=3.0, year=2028, effect=ABROAD, nok=4e5),
)
FEW = ("sampling.scenarios=32", "sampling.fresh_scenarios=500", "solve.frontier_points=1")


@cache
def study_of(*more: str) -> Study:
    return load_study("tutorial", [*FEW, *MEASURES, *more])


@cache
def result() -> xr.Dataset:
    return planned(JobRequest(study_of(), RunOptions()), 1, silent)


def failed(checks: list[Check]) -> set[str]:
    return {check.name for check in checks if check.passed is False}


def forged(name: str, value: float, place: int) -> xr.Dataset:
    """The result with one value altered and every checksum renewed."""
    data = written()
    values = data[name].values.copy()
    values.flat[place] = value
    data = data.assign({name: data[name].copy(data=values)})
    data[name].attrs["sha256"] = variable_sha256(data[name])
    return data.assign_attrs(data_sha256=data_sha256(data, data.attrs))


@cache
def written() -> xr.Dataset:
    """The result as it is read from its file."""
    with TemporaryDirectory() as folder:
        path = write_result(result(), Path(folder) / "chosen.nc", result().attrs)
        return read_result(path).load()


def test_the_file_says_what_was_chosen_and_what_is_known_of_every_portfolio() -> None:
    data = result()
    status = data["portfolio_status"].values
    assert len(status) == 2
    assert data.attrs["choice_status"] == "optimal"
    best = float(data.attrs["choice_cost"])
    assert best == pytest.approx(float(np.nanmin(data["portfolio_cost"])))
    assert float(data.attrs["choice_lower_bound"]) <= best
    used = json.loads(str(data.attrs["study_json"]))["measure"]
    m = data["measure_id"].values.tolist().index("abroad")
    assert data["measure_use"].values[-1, m] == max(
        used["abroad"].get("use_by_year", {"0": 0}).values()
    )
    alone = planned(JobRequest(load_study("tutorial", list(FEW)), RunOptions()), 1, silent)
    assert best <= float(alone["plan_cost"][0]) * (1 + 1e-9)


@pytest.mark.thorough
def test_verify_finds_nothing_and_sees_what_is_forged() -> None:
    assert failed(verify_dataset(written())) == set()
    best = float(written().attrs["choice_cost"])
    for name, value, place in (
        ("portfolio_cost", 0.5 * best, 0),
        ("portfolio_paid", 1.0, 1),
        ("portfolio_measure", 1.0, 0),
        ("measure_use", 7.0, 5),
        ("measure_chosen", -1.0, 0),
        ("measure_by_year", -1.0, 0),
    ):
        old = float(written()[name].values.flat[place])
        new = 1.0 - old if name.startswith(("measure_c", "measure_b", "portfolio_m")) else value
        seen = failed(verify_dataset(forged(name, new, place)))
        assert seen & {"portfolios of measures", "measures chosen", "measures paid"}, name


def test_rerun_opens_the_choice_again_and_finds_the_same(tmp_path: Path) -> None:
    path = write_result(result(), tmp_path / "again.nc", result().attrs)
    assert rerun(path, None, 1, silent).identical


def test_report_and_console_tell_the_choice() -> None:
    page = render_report(result())
    assert "Of the measures left open these are used" in page
    assert "Av tiltakene som var åpne, brukes" in page
    assert "left open these are used" in asked_in_words(result())[0]


def test_programs_are_told_the_choice() -> None:
    said = summary_of(result())["choice"]
    assert said["portfolios"] == 2
    assert said["lower_bound_nok"] <= said["cost_nok"]
    chosen = result()["measure_id"].values[result()["measure_chosen"].values == 1]
    assert set(said["units"]) == set(chosen)
    assert all(list(steps.values())[-1] > 0.0 for steps in said["units"].values())
    plain = planned(JobRequest(load_study("tutorial", list(FEW)), RunOptions()), 1, silent)
    assert "choice" not in summary_of(plain)


@pytest.mark.thorough
def test_a_frontier_chooses_at_every_point(tmp_path: Path) -> None:
    rows = ", ".join(
        f'{{ payer = "all", year = {year}, nok = 5e7, assumption = "x" }}' for year in (2030, 2031)
    )
    more = ("--set", f"limits.budget=[{rows}]", *(x for m in MEASURES for x in ("--set", m)))
    few = (x for each in FEW for x in ("--set", each))
    over = ("--over", "limits.budget.all", "--from", "1e6", "--to", "9e7", "--points", "3")
    said = command("frontier", "tutorial", *over, *few, *more, "--out", tmp_path, "--quiet")
    assert said.code == 0, said
    (path,) = tmp_path.glob("*.nc")
    data = read_result(path)
    assert failed(verify_dataset(data)) == set()
    held = data["over_cost"].values[np.isfinite(data["over_cost"].values)]
    assert (np.diff(held) <= 1e-3 * held[:-1]).all()
    assert rerun(path, None, 1, silent).identical


def test_other_commands_say_that_they_choose_nothing(tmp_path: Path) -> None:
    more = (x for each in (*FEW, *MEASURES) for x in ("--set", each))
    said = command("project", "tutorial", *more, "--out", tmp_path, "--quiet")
    assert said.code == 0, said
    assert any("'choose' counts as off here" in line for line in said.errors)


def test_too_many_portfolios_are_refused() -> None:
    many = [
        OPEN.format(name=f"leave_{n}", most=1.0, year=2026, effect=LEAVE, nok=1e6)
        for n in range(40)
    ]
    study = load_study("tutorial", [*FEW, *many])
    with pytest.raises(InputError, match=f"more than {MOST_PORTFOLIOS} portfolios"):
        choosable(JobRequest(study, RunOptions()))


@pytest.mark.thorough
def test_where_no_portfolio_leaves_a_plan_it_is_said(tmp_path: Path) -> None:
    more = (x for each in (*FEW, *MEASURES) for x in ("--set", each))
    strict = ("--set", "risk.country.limit=0.0001")
    said = command("run", "tutorial", *more, *strict, "--out", tmp_path, "--quiet")
    assert said.code == 3, said
    told = " ".join(said.errors)
    assert "none of 2 portfolios of measures leaves a plan; without any:" in told
    assert "risk.country" in told


FULL = (
    "limits.added_capacity=[{ limit = 'hospital_supervision', region = 'city', year = 2026, "
    "added = -3000, assumption = 'x' }]"
)
ROOM = (
    '{ lever = "capacity", key = "hospital_supervision", region = "city", '
    'amount = { value = 3500, assumption = "x" } }'
)


@pytest.mark.parametrize("whole", [False, True])
def test_measures_may_mend_what_stands_in_the_way_of_every_plan(
    tmp_path: Path, whole: bool
) -> None:
    """Today's posts lack supervisors without it: the measure that adds room is chosen."""
    effects = f"{ROOM}, {LEAVE}" if whole else ROOM
    room = OPEN.format(name="room", most=1.0, year=2026, effect=effects, nok=2e6)
    request = JobRequest(load_study("tutorial", [*FEW, FULL, room]), RunOptions())
    with pytest.raises(InfeasibleError, match="lacks 2610 hours"):
        run_study(request.study, Workers(1))
    data = planned(request, 1, silent)
    assert data["measure_chosen"].values.tolist() == [1]
    assert data.attrs["choice_status"] == "optimal"
    path = write_result(data, tmp_path / "mended.nc", data.attrs)
    assert failed(verify_dataset(read_result(path).load())) == set()


def test_a_frontier_says_that_nothing_tells_its_ends_where_measures_must_mend_it() -> None:
    room = OPEN.format(name="room", most=1.0, year=2026, effect=ROOM, nok=2e6)
    study, over = load_study("tutorial", [*FEW, FULL, room]), "risk.country.limit"
    with pytest.raises(InputError, match="give --from and --to"):
        frontier(JobRequest(study, FrontierOptions(over=over, points=2)), 1, silent)
    given = FrontierOptions(over=over, points=2, low=0.05, high=0.1)
    assert (frontier(JobRequest(study, given), 1, silent)["over_status"] == 1).all()


TARGETS = (
    "target.from_abroad={{ persons = {most}, from_year = 2029, assumption = 'x' }}",
    "target.educated_at_home={{ share = {share}, from_year = 2032, assumption = 'x' }}",
)


def base_arrivals() -> float:
    """Specialists from abroad in the last year without any measure."""
    plain = planned(JobRequest(load_study("tutorial", list(FEW)), RunOptions()), 1, silent)
    return float(plain["arrived_mean"].isel(plan=0, time=-1).sum())


@pytest.mark.thorough
def test_a_target_bounds_what_measures_bring_from_abroad(tmp_path: Path) -> None:
    """One specialist more than come anyway may come: the choice brings one, and no more."""
    most = base_arrivals() + 1.5
    more = [each.format(most=most, share=0.5) for each in TARGETS]
    study = load_study("tutorial", [*FEW, *MEASURES, *more])
    data = planned(JobRequest(study, RunOptions()), 1, silent)
    m = data["measure_id"].values.tolist().index("abroad")
    free = result()["measure_use"].values[-1, m]
    assert free > 1.0 >= data["measure_use"].values[-1, m]
    assert float(data["arrived_mean"].isel(plan=0).sum("region").max()) <= most + 1e-3
    path = write_result(data, tmp_path / "target.nc", data.attrs)
    assert failed(verify_dataset(read_result(path).load())) == set()
    said = asked_in_words(data)[-1]
    assert "target: from 2032 on at least 50.0% of those who complete LIS2/3" in said
    assert "target: from 2029 on at most" in said
    assert f"minst {Words('nb').percent(0.5)} av dem som fullfører" in render_report(data)
    part = data["qualified_abroad_mean"].values / np.maximum(data["qualified_mean"].values, 1e-9)
    assert (part[-1] > 0.0).any()
    assert (part <= 1.0 + 1e-9).all()


def test_a_target_below_what_comes_anyway_is_refused(tmp_path: Path) -> None:
    low = TARGETS[0].format(most=0.5)
    few = (x for each in FEW for x in ("--set", each))
    said = command("run", "tutorial", *few, "--set", low, "--out", tmp_path, "--quiet")
    assert said.code == 3, said
    assert "target.from_abroad allows 0.5" in " ".join(said.errors)


def test_without_targets_a_file_says_nothing_of_them() -> None:
    assert "qualified_abroad_mean" not in result()
    assert "target" not in str(result().attrs["study_json"])
