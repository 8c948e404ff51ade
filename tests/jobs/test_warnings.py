"""Warnings: what can hardly be meant is said by run, project and validate alike, once each."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import lis1plan
from lis1plan.cli import main
from lis1plan.cli.options import with_plan, with_plans
from lis1plan.configs.loader import load
from lis1plan.configs.plan_file import read_plans
from lis1plan.core.compute.place import silent
from lis1plan.core.study.checks.doubts import doubts, varies
from lis1plan.core.study.study import Study
from lis1plan.jobs import warnings as job_warnings
from lis1plan.jobs.attainable import Effort
from lis1plan.jobs.options import Options
from lis1plan.jobs.request import JobRequest
from lis1plan.jobs.warnings import Interval, outside, outside_of, warnings_of

from ..helpers.presets import preset_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tutorial, to edit."""
    return preset_in(tmp_path)


def request(where: Path | str = "tutorial", *overrides: str, **plans: Any) -> JobRequest[Options]:
    study, places, *_ = load(str(where), overrides)
    return JobRequest(study, Options(), plans, placed=places.placed)


@pytest.mark.parametrize("name", ["tutorial", "norway-2010", "norway-2019", "norway-2027"])
def test_the_shipped_studies_are_meant(name: str) -> None:
    assert warnings_of(request(name)) == []


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("risk.coast.confidence=0.999", "risk.coast.confidence: the tail holds 0.512 of 512 scena"),
        (
            "cost.real_growth=0.21",
            "cost.real_growth: found 0.21, 21 % more every year (1 % is 0.01",
        ),
        ('risk.country.regions=["coast"]', "regions.city: no limit on shortage covers it: whateve"),
    ],
)
def test_what_can_hardly_be_meant_is_named_with_its_key(override: str, said: str) -> None:
    (line,) = warnings_of(request("tutorial", override))
    place, _, rest = line.partition(": ")
    assert place == f"--set {override}" or place.startswith("tutorial.toml:")
    assert rest.startswith(said)


@pytest.mark.parametrize(
    "override", ["risk.coast.confidence=0.998", "cost.real_growth=0.2", "risk.coast.rule=worst"]
)
def test_what_may_be_meant_is_not_warned_of(override: str) -> None:
    more = ['risk.coast={name="C", rule="worst", regions=["coast"], limit=0.1, assumption="x"}']
    assert warnings_of(request("tutorial", *(more if "worst" in override else [override]))) == []


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("supervision", ",0.10,", ",2.1,", "supervision.csv:2: supervision.slack: found 2."),
        ("supervision", "0.25,0.02", "0.25,0.3", "supervision.csv:3: supervision.growth_p"),
        ("cost", "00000,true", "00000,false", ": cost.components: a post costs nothing by cost"),
    ],
)  # fmt: skip
def test_row_that_can_hardly_be_meant_is_named(
    folder: Path, table: str, old: str, new: str, said: str
) -> None:
    path = folder / "data" / f"tutorial_{table}.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    (line,) = warnings_of(request(folder / "tutorial.toml"))
    assert said in line


def fixed(study: Study) -> Study:
    """The study with every figure at its centre, one path of demand and no noise."""
    data = study.model_dump()
    for key, figure in study.uncertain.items():
        *above, last = key.split(".")
        place = data
        for part in above:
            place = place[part]
        place[last] = {"value": figure.central, "assumption": "x"}
    data["demand"]["noise_sd"]["value"] = 0.0
    data["demand"]["normalisation_probability"]["value"] = 0.0
    one = data["demand"]["alternatives"][0]["id"]
    data["demand"]["weights"] = tuple(
        row | {"weight": float(row["alternative"] == one)} for row in data["demand"]["weights"]
    )
    return Study.model_validate(data)


def test_a_study_in_which_nothing_varies_is_warned_of() -> None:
    study = fixed(request().study)
    assert not varies(study)
    (line,) = doubts(study)
    assert line.startswith("sampling.scenarios: nothing varies, so that all 512 scenarios are the")
    noisy = study.model_dump()
    noisy["demand"]["noise_sd"]["value"] = 1.0
    assert varies(Study.model_validate(noisy))


def warned_of(plan: Path, *overrides: str) -> list[str]:
    """The warnings of a plan file, without the folder it lies in."""
    asked = with_plan(request("tutorial", *overrides), plan)
    return [line.replace(f"{plan.parent}/", "") for line in warnings_of(asked)]


def test_a_plan_that_breaks_limits_is_named_with_its_rows(tmp_path: Path) -> None:
    plan = tmp_path / "p.csv"
    plan.write_text("year,region,slots\n2027,city,9\n2030,coast,1\n2026,coast,4\n", "utf-8")
    lines = warned_of(plan)
    assert "p.csv:2: breaks national ramp (ramp.national): 2027: 9 slots, at most 6" in lines
    assert (
        "p.csv:4: breaks regional ramp, Coast (ramp.regional.coast): 2026: 4 slots, at most 3"
        in lines
    )
    (room,) = [x for x in lines if "breaks Hospital supervision, City (capacity.hospital_sup" in x]
    assert room.startswith("p.csv:2: ")
    plan.write_text("year,region,slots\n2029,city,1\n2029,coast,1\n", "utf-8")
    assert warned_of(plan) == []


def test_rows_are_those_that_add_to_what_is_used_in_a_year_of_too_much(tmp_path: Path) -> None:
    """Of a budget all that costs in its year; of what no row mends, the file alone."""
    plan, shut = tmp_path / "p.csv", "limits.closing.saved_share=0.5"
    rows = "2026,city,1\n2026,coast,1\n2027,city,0\n2033,city,2\n"
    plan.write_text(f"year,region,slots\n{rows}", "utf-8")
    budget = '{payer="all", year=2028, nok=1.0, assumption="x"}'
    (line,) = warned_of(plan, f"limits.budget=[{budget}]")
    assert line.startswith("p.csv:2-3: breaks budget all (limits.budget all): 2028: ")
    late = "ramp.lead_time_years.city=2"
    (line,) = warned_of(plan, late)
    assert line.startswith("p.csv:2: breaks regional ramp, City (ramp.regional.city): 2026: 1 slo")
    closing = [shut, "limits.closing.most_per_year.city=1"]
    plan.write_text("year,region,slots\n2026,city,-3\n2026,coast,1\n", "utf-8")
    lines = warned_of(plan, *closing)
    assert [x for x in lines if x.startswith("p.csv:2: breaks regional ramp, City")], lines


def test_rows_of_several_plans_are_told_apart(tmp_path: Path) -> None:
    plan, rows = tmp_path / "p.csv", "a,2026,city,1\nb,2026,city,9\nb,2026,coast,1\n"
    plan.write_text(f"plan,year,region,slots\n{rows}", "utf-8")
    asked = request()
    lines = warnings_of(with_plans(asked, read_plans(plan, asked.study)))
    (ramp,) = [line for line in lines if "ramp.national" in line]
    assert ramp.startswith(f"{plan}:3-4: plan 'b': breaks national ramp (ramp.national): 2026: 10")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (0.01, ["risk.coast.limit: 0.01 is below 0.02, the least any plan reaches: no plan "]),
        (0.05, ["risk.coast.limit: 0.05 is not below 0.05, the risk without new slots: it as"]),
        (0.03, []),
        (None, []),
    ],
)  # fmt: skip
def test_limits_outside_their_interval(limit: float | None, said: list[str]) -> None:
    lines = outside(request(), [Interval("coast", limit, 0.02, 0.05)])
    assert [line.partition(": ")[2][: len(said[0])] for line in lines] == said


def test_a_few_of_many_scenarios_are_enough_to_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them, and that is said; where there are no more, nothing is."""
    whole, few = (
        request("tutorial", f"sampling.scenarios={number}", "risk.coast.limit=0.9")
        for number in (40, 8)
    )
    (line,) = outside_of(few, 1, silent)
    assert line.endswith("it asks for nothing")
    monkeypatch.setattr(job_warnings, "EFFORT", Effort(scenarios=8))
    assert outside_of(few, 1, silent) == [line]
    assert outside_of(whole, 1, silent) == [f"{line} (on 8 of the scenarios)"]


def asked(
    command: str, study: Path | str, *options: object, code: int = 0
) -> tuple[dict[str, Any], list[str]]:
    """What a command says to programs, and its warnings on stderr."""
    done = CliRunner().invoke(main, [command, str(study), "--json", "--quiet", *map(str, options)])
    assert done.exit_code == code, done.stderr
    start = "lis1plan: warning: "
    warned = [
        line.removeprefix(start) for line in done.stderr.splitlines() if line.startswith(start)
    ]
    return json.loads(done.stdout), warned


@pytest.mark.thorough
def test_commands_warn_alike_and_once(folder: Path) -> None:
    """In the console and in JSON; a limit on nothing, a tail of half a scenario, too much room."""
    study, out = folder / "tutorial.toml", ("--out", folder / "out")
    table = folder / "data" / "tutorial_supervision.csv"
    table.write_text(table.read_text("utf-8").replace(",0.25,", ",2.5,"), "utf-8")
    options = ["--scenarios", 40]
    for change in ("risk.coast.limit=0.5", "risk.coast.confidence=0.99", "solve.frontier_points=1"):
        options += ["--set", change]
    said = [asked("validate", study, *options)]
    said += [asked(command, study, *options, *out) for command in ("project", "run")]
    for outcome, warned in said:
        assert outcome["warnings"] == warned == said[0][1]
        assert len(set(warned)) == len(warned) == 3
    assert [line.split(": ")[1] for line in said[0][1]] == [
        "supervision.slack", "risk.coast.confidence", "risk.coast.limit"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ("risk.coast.limit=0.0001", 3, "infeasible"),
        ("solve.time_limit_seconds=1e-6", 1, "other"),
    ],
)
def test_a_run_without_a_plan_repeats_its_warnings_to_programs(
    change: str, code: int, status: str, tmp_path: Path
) -> None:
    options = ["--scenarios", 16, "--set", "cost.real_growth=0.21", "--set", change]
    outcome, warned = asked("run", "tutorial", *options, "--out", tmp_path, code=code)
    assert outcome["status"] == status
    assert outcome["warnings"] == warned
    assert "cost.real_growth: found 0.21" in warned[0]


FEW = {"sampling.scenarios": 40, "sampling.fresh_scenarios": 40, "solve.frontier_points": 1}
DOUBT = {"risk.coast.confidence": 0.99}


def test_a_projection_in_python_warns_where_it_was_asked_for() -> None:
    study = lis1plan.load_study("tutorial", FEW | DOUBT)
    with pytest.warns(lis1plan.InputWarning) as caught:
        lis1plan.project(study, {2027: {"city": 9}})
    said = [str(each.message) for each in caught]
    assert said[0].startswith("risk.coast.confidence: the tail holds 0.4 of 40 scenarios")
    assert "slots: breaks national ramp (ramp.national): 2027: 9 slots, at most 6" in said
    assert {each.filename for each in caught} == {__file__}


@pytest.mark.thorough
def test_a_plan_in_python_warns_of_limits_that_ask_for_nothing() -> None:
    study = lis1plan.load_study("tutorial", FEW | DOUBT | {"risk.coast.limit": 0.5})
    with pytest.warns(lis1plan.InputWarning) as caught:
        lis1plan.plan(study)
    said = [str(each.message).partition(": ")[0] for each in caught]
    assert said == ["risk.coast.confidence", "risk.coast.limit"]


def test_a_warning_made_an_error_stays_what_it_is() -> None:
    study = lis1plan.load_study("tutorial", FEW | DOUBT)
    with warnings.catch_warnings():
        warnings.simplefilter("error", lis1plan.InputWarning)
        with pytest.raises(lis1plan.InputWarning, match=r"risk\.coast\.confidence: the tail"):
            lis1plan.project(study)


@pytest.mark.parametrize("command", ["validate", "project", "run"])
def test_an_unknown_solver_is_refused_with_its_line(command: str, folder: Path) -> None:
    study = folder / "tutorial.toml"
    text = study.read_text("utf-8").replace("[solve]", '[solve]\nsolver = "hihgs"')
    study.write_text(text, "utf-8")
    line = text.splitlines().index('solver = "hihgs"') + 1
    done = CliRunner().invoke(main, [command, str(study), "--quiet"])
    assert done.exit_code == 2
    assert done.stderr.startswith(
        f"lis1plan: {study}:{line}: solve.solver: Pyomo knows no solver 'hihgs' (it knows cbc, "
    )
