"""The command line: what goes wrong is told in lines a planner understands, and nothing is left."""

from __future__ import annotations

import csv
import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
from click.testing import CliRunner, Result

from lis1plan.cli import console, main
from lis1plan.configs.loader import load_study
from lis1plan.core.files.store import open_result, write_result
from lis1plan.jobs import run as jobs
from lis1plan.optimise.search import convex, masters
from lis1plan.optimise.solvers import clock
from lis1plan.report.pages import html

QUICK = ("--scenarios", "8", "--set", "sampling.fresh_scenarios=8")
QUICK_RUN = (*QUICK, "--set", "solve.frontier_points=1")


@pytest.fixture
def study_file(small_study_file: Path, tmp_path: Path) -> Path:
    """A copy of the small study and its tables, to change."""
    shutil.copytree(small_study_file.parent, tmp_path / "study")
    return tmp_path / "study" / small_study_file.name


@pytest.fixture
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs without the time the report takes; the fixture `small_result` has one."""
    monkeypatch.setattr(html, "write_report", lambda _, path: path)


def call(*arguments: object) -> Result:
    """What a command says and how it ends; a traceback is an error of the program."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return result


def refused(*arguments: object) -> list[str]:
    """The lines of a command that refuses its input."""
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines
    assert all(line.startswith("lis1plan: ") for line in lines), lines
    return [line.removeprefix("lis1plan: ") for line in lines]


def edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def cut_table(study: Path) -> None:
    table = study.parent / "data" / "supervision.csv"
    rows = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(row for row in rows if ",vest," not in row), "utf-8")


def bad_cell(study: Path) -> None:
    table = study.parent / "data" / "supervision.csv"
    text = table.read_text("utf-8")
    table.write_text(re.sub(r"(?m)^(hospital_supervision,nord),[\d.]+", r"\1,much", text), "utf-8")


def by_edit(old: str, new: str) -> Callable[[Path], None]:
    return lambda study: edit(study, (old, new))


# ---------------------------------------------------------------------------------- a bad study

STUDIES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "typo in a key": (
        by_edit("leakage = {", "leakge = {"),
        ["small.toml:", "queue.leakge: unknown key", "Did you mean 'leakage'?"],
    ),
    "region missing in a table": (
        cut_table,
        ["small.toml:", "supervision: no row for limit 'hospital_supervision', region 'vest'"],
    ),
    "bad cell in a table": (bad_cell, ["supervision.csv:2: supervision.slack: found 'much'"]),
    "negative rate": (
        by_edit("low = 0.05, mode = 0.10", "low = -0.05, mode = 0.10"),
        ["small.toml:", "queue.leakage", "-0.05", "must lie within 0 to 1"],
    ),
    "not a number": (
        by_edit("spread = { value = 0.6", "spread = { value = nan"),
        ["small.toml:", "training.spread.value", "found nan", "finite number"],
    ),
    "window after the projection": (
        by_edit("[2030, 2034]", "[2030, 2044]"),
        ["small.toml:", "window 2030 to 2044", "2018 to 2036"],
    ),
    "not TOML": (by_edit("[time]", "[time"), ["small.toml", "not valid TOML", "line"]),
    "wrong type": (
        by_edit("last_decision = 2025", 'last_decision = "late"'),
        ["small.toml:", "time.last_decision", "found 'late'", "give a whole number"],
    ),
    "random bytes": (
        lambda study: study.write_bytes(np.random.default_rng(1).bytes(500)) and None,
        ["small.toml", "not a text file"],
    ),
    "zero bytes": (
        lambda study: study.write_bytes(b"\x00" * 20) and None,
        ["small.toml", "not a text file"],
    ),
    "missing file": (Path.unlink, ["small.toml: no such file"]),
    "empty file": (
        lambda study: study.write_bytes(b"") and None,
        ["schema_version: missing", "based_on"],
    ),
}


@pytest.mark.parametrize("command", ["validate", "project", "run"])
@pytest.mark.parametrize("title", STUDIES)
def test_bad_study_is_refused(study_file: Path, tmp_path: Path, title: str, command: str) -> None:
    change, said = STUDIES[title]
    change(study_file)
    before = sorted(tmp_path.rglob("*"))
    where = [] if command == "validate" else ["--out", tmp_path / "out"]
    told = "\n".join(refused(command, study_file, *where))
    for part in said:
        assert part in told
    assert sorted(tmp_path.rglob("*")) == before


def test_several_problems_are_told_at_once(study_file: Path) -> None:
    edit(
        study_file,
        ("leakage = {", "leakge = {"),
        ("[2030, 2034]", "[2030, 2044]"),
        ("spread = { value = 0.6", "spread = { value = nan"),
    )
    lines = refused("validate", study_file)
    for part in ("queue.leakge", "window 2030 to 2044", "training.spread"):
        assert sum(part in line for line in lines) == 1


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("queue.leakge=0.1", "unknown key 'queue.leakge'; known here: leakage"),
        ("risk.nation.limit=0.1", "unknown key 'risk.nation'"),
        ("risk.national.limit", "expected KEY=VALUE"),
        ("risk.national.limit=low", "found 'low'"),
        ("risk.national.limit=nan", "found nan"),
    ],
)
def test_bad_override_is_refused(small_study_file: Path, override: str, said: str) -> None:
    (line,) = refused("validate", small_study_file, "--set", override)
    assert line.startswith(f"--set {override}")
    assert said in line


def test_unknown_preset_is_refused() -> None:
    assert "Did you mean 'norway-2019'?" in refused("run", "norway-2091")[0]


def test_folder_is_refused_as_a_study(tmp_path: Path) -> None:
    assert refused("validate", tmp_path) == [f"{tmp_path}: is a folder; name a file"]


def test_number_of_scenarios_must_be_positive(small_study_file: Path) -> None:
    result = call("validate", small_study_file, "--scenarios", 0)
    assert result.exit_code == 2
    assert "--scenarios" in result.stderr


# -------------------------------------------------------------------------------- a bad plan file


def refused_plan(study: Path, folder: Path, text: str | bytes) -> list[str]:
    plan = folder / "plan.csv"
    plan.write_bytes(text if isinstance(text, bytes) else text.encode())
    lines = refused("project", study, "--plan", plan, "--out", folder / "out")
    assert not (folder / "out").exists()
    return [line.replace(f"{plan}", "plan.csv") for line in lines]


def test_all_bad_lines_of_a_plan_are_named(small_study_file: Path, tmp_path: Path) -> None:
    rows = [
        "year,region,slots",
        "2019,nord,1",
        "2020,nrd,1",
        "2020,nord,-1",
        "2020,vest,1.5",
        "soon,nord,1",
        "2021,nord,²",
        "2021,nord,4,5",
        "2021,nord",
        "2022,nord,1",
        " 2022 , nord ,2",
    ]
    assert refused_plan(small_study_file, tmp_path, "\n".join(rows) + "\n") == [
        "plan.csv:8: 3 columns expected (year, region, slots)",
        "plan.csv:9: 3 columns expected (year, region, slots)",
        "plan.csv:2: year '2019'; allowed: 2020 to 2025",
        "plan.csv:3: region 'nrd'; allowed: nord, midt, vest, sor_ost. Did you mean 'nord'?",
        "plan.csv:4: slots '-1'; allowed: a whole number, 0 to 1,000,000",
        "plan.csv:5: slots '1.5'; allowed: a whole number, 0 to 1,000,000",
        "plan.csv:6: year 'soon'; allowed: 2020 to 2025",
        "plan.csv:7: slots '²'; allowed: a whole number, 0 to 1,000,000",
        "plan.csv:11: nord 2022 is listed twice, first in line 10",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year,area,slots\n", "no column 'region'; found: year, area, slots"),
        ("year;region;slots;who\n", "unknown column 'who'; expected year, region, slots"),
        ("year;region;slots;year\n", "column 'year' twice; expected year, region, slots"),
    ],
)
def test_plan_with_other_columns_is_refused(
    small_study_file: Path, tmp_path: Path, text: str, said: str
) -> None:
    assert refused_plan(small_study_file, tmp_path, text) == [f"plan.csv:1: {said}"]


def test_plan_that_is_no_table_is_refused(small_study_file: Path, tmp_path: Path) -> None:
    assert "the file is empty" in refused_plan(small_study_file, tmp_path, "")[0]
    assert "not a text file" in refused_plan(small_study_file, tmp_path, b"\x00\xfe\x00")[0]
    missing = refused("project", small_study_file, "--plan", tmp_path / "none.csv")
    assert missing == [f"{tmp_path / 'none.csv'}: no such file"]


# ------------------------------------------------------------------------------ files and folders


@pytest.mark.parametrize("command", ["project", "run"])
@pytest.mark.parametrize("below", [".", "below"])
def test_file_in_the_way_of_the_folder_is_named(
    small_study_file: Path, tmp_path: Path, command: str, below: str
) -> None:
    (tmp_path / "out").write_text("a file", "utf-8")
    out = tmp_path / "out" / below
    (line,) = refused(command, small_study_file, *QUICK, "--out", out)
    assert line.startswith(f"{out}: cannot be written to: ")
    assert "--out" in line
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_report_of_a_truncated_result_is_refused(
    small_result: Path, tmp_path: Path, share: float
) -> None:
    short, whole = tmp_path / "short.nc", small_result.read_bytes()
    short.write_bytes(whole[: int(share * len(whole))])
    (line,) = refused("report", short)
    assert line.startswith(f"{short}: cannot be read as NetCDF; it is truncated")
    assert [file.name for file in tmp_path.iterdir()] == ["short.nc"]


def test_report_of_something_else_is_refused(small_study_file: Path, tmp_path: Path) -> None:
    assert refused("report", tmp_path / "none.nc") == [f"{tmp_path / 'none.nc'}: no such file"]
    assert "cannot be read as NetCDF" in refused("report", small_study_file)[0]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("sensitivity", "a sensitivity analysis"),
        ("frontier", "a frontier over one limit"),
        ("replication", "replications"),
        ("infeasible", "what would have to give, and no plan"),
        ("scenario", "one scenario"),
        ("campaign", "the table of a campaign"),
        ("other", "a result of another kind, 'other'"),
    ],
)
def test_report_of_another_kind_of_result_is_refused(
    small_result: Path, tmp_path: Path, kind: str, held: str
) -> None:
    """Whatever else the file holds: here all that a run does."""
    path = tmp_path / "other.nc"
    result = open_result(small_result)
    write_result(result, path, result.attrs | {"result_kind": kind})
    assert refused("report", path) == [
        f"{path}: holds {held}; the report needs the result of `lis1plan run` or "
        "`lis1plan project` or `lis1plan measures` or `lis1plan backtest`"
    ]
    assert refused("report", path, "--static") == refused("report", path)
    assert refused("report", small_result, path) == [
        f"{path}: holds {held}; only results of `lis1plan run` and `lis1plan project` "
        "can be compared"
    ]


@pytest.mark.parametrize("place", ["missing/page.html", "folder", "file/page.html"])
def test_report_that_cannot_be_written_is_refused(
    small_result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr("lis1plan.report.pages.html.render_report", lambda _: "<html></html>")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a file", "utf-8")
    before = sorted(tmp_path.rglob("*"))
    (line,) = refused("report", small_result, "--out", tmp_path / place)
    assert line.startswith(f"{tmp_path / place}: cannot be written")
    assert sorted(tmp_path.rglob("*")) == before


def test_report_is_written_where_asked(
    small_result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lis1plan.report.pages.html.render_report", lambda _: "<html></html>")
    page = tmp_path / "page.html"
    result = call("report", small_result, "--out", page)
    assert result.exit_code == 0
    assert result.stdout == f"Report: {page}\n"
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


# --------------------------------------------------------------------------------- presets and init


def test_presets_are_listed() -> None:
    result = call("presets")
    assert result.exit_code == 0
    names = [line.split()[0] for line in result.stdout.splitlines()]
    assert names == [
        "norway-2010",
        "norway-2019",
        "norway-2027",
        "norway-2027-specialties",
        "tutorial",
    ]
    listed = json.loads(call("presets", "--json").stdout)["presets"]
    assert list(listed) == names
    assert all(title in result.stdout for title in listed.values())


def test_preset_is_copied_edited_and_checked(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    result = call("init", folder)
    assert result.exit_code == 0
    study = folder / "norway-2019.toml"
    assert f"lis1plan run {study}" in result.stdout
    preset = load_study("norway-2019")
    assert load_study(str(study)) == preset
    edit(
        study,
        ('name = "norway-2019"', 'name = "mine"'),
        ("last_decision = 2035", "last_decision = 2022"),
        ("slots_per_year = { 2020 = 100, 2021 = 100 }\nwithin_capacity = true", TWO_YEARS),
    )
    late = refused("validate", study, *QUICK)  # these plans open posts after the last decision
    assert [line.split(": ", 1)[1] for line in late] == [
        f"comparison.as_done.slots_per_year: {year} = {slots}; give 0 or more slots in 2020 to 2022"
        for year, slots in preset.comparison["as_done"].slots_per_year.items()
        if int(year) > 2022
    ]
    edit(study, (", 2023 = 44, 2024 = 49 }", " }"))
    done = call("validate", study, *QUICK)
    assert done.exit_code == 0, done.output
    assert "mine: valid (8 scenarios, seed 2019)" in done.stdout
    assert "Helse Sør-Øst" in done.stdout


TWO_YEARS = "slots_per_year = { 2020 = 60, 2021 = 60 }\nwithin_capacity = true"


def test_preset_is_copied_with_the_study_it_is_based_on(tmp_path: Path) -> None:
    assert call("init", tmp_path, "--preset", "norway-2027").exit_code == 0
    study = tmp_path / "norway-2027.toml"
    assert load_study(str(study)) == load_study("norway-2027")
    edit(tmp_path / "norway-2019.toml", ("relative_gap = 0.0005", "relative_gap = 0.0008"))
    assert load_study(str(study)).solve.relative_gap == 0.0008
    assert load_study("norway-2027").solve.relative_gap == 0.0005


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    call("init", tmp_path)
    (tmp_path / "norway-2019.toml").unlink()
    table = tmp_path / "data" / "supervision.csv"
    table.write_text("mine", "utf-8")
    (line,) = refused("init", tmp_path)
    assert "exists already; nothing was written" in line
    assert table.read_text("utf-8") == "mine"
    assert not (tmp_path / "norway-2019.toml").exists()


def test_init_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file", "utf-8")
    assert "cannot be written to" in refused("init", tmp_path / "file")[0]
    assert "no such preset" in refused("init", tmp_path / "new", "--preset", "norway")[0]
    assert not (tmp_path / "new").exists()


# -------------------------------------------------------------------------------- validate, project


def test_validate_tells_the_attainable_intervals(small_study_file: Path) -> None:
    result = call("validate", small_study_file, *QUICK, "--json", "--quiet")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["study"] == "small"
    assert [row["id"] for row in said["risk"]] == ["national", "nord"]
    assert all(0.0 < row["floor"] < row["ceiling"] < 1.0 for row in said["risk"])


def test_given_plan_is_projected(small_study_file: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.csv"
    with plan.open("w", encoding="utf-8-sig", newline="") as file:  # as a spreadsheet saves it
        csv.writer(file).writerows(
            [("year", "region", "slots"), (2020, "nord", 5), (2022, "vest", 7)]
        )
    out = tmp_path / "out"
    result = call("project", small_study_file, *QUICK, "--plan", plan, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["slots_total"] == 12
    assert said["cost_nok"] > 0
    assert [row["id"] for row in said["risk"]] == ["national", "nord"]
    names = [said["report"], said["netcdf"], f"{said['netcdf']}.sha256"]
    assert sorted(str(file) for file in out.iterdir()) == names
    with netCDF4.Dataset(said["netcdf"]) as file:
        slots = file["slots"][:, 0].filled()
        assert (slots.sum(), slots[2, 0], slots[4, 2]) == (12.0, 5.0, 7.0)
        wanted = file["plan_id"][:].tolist()
    assert wanted == ["plan", "none"]
    page = Path(said["report"]).read_text("utf-8")
    assert "The given plan opens 12 new" in re.sub(r"<[^>]+>", "", page)
    assert "It was given, not searched for" in page
    assert "Den gitte planen åpner 12 nye" in re.sub(r"<[^>]+>", "", page)
    for searched in ("cheapest plan found", "fresh scenarios", "en-frontier", "en-comparison"):
        assert searched not in page.partition('<script type="application/json"')[0], searched
    again = call("report", said["netcdf"], "--out", tmp_path / "again.html")
    assert again.exit_code == 0
    assert "It was given, not searched for" in (tmp_path / "again.html").read_text("utf-8")


# --------------------------------------------------------------------------------------------- run


def test_run_writes_result_and_report_and_nothing_else(small_result: Path) -> None:
    page = small_result.with_suffix(".html")
    sidecar = small_result.with_name(f"{small_result.name}.sha256")
    assert sorted(small_result.parent.iterdir()) == sorted([small_result, page, sidecar])
    assert page.read_text("utf-8").rstrip().endswith("</html>")


def test_same_run_gives_the_same_bytes(
    small_result: Path, second_run: tuple[Path, str], tmp_path: Path
) -> None:
    def values(path: Path) -> dict[str, tuple[Sequence[str], bytes]]:
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            file.set_auto_chartostring(False)
            return {n: (v.dimensions, v[...].tobytes()) for n, v in file.variables.items()}

    assert second_run[0].name == small_result.name
    one, other = values(small_result), values(second_run[0])
    assert [name for name in one if one[name] != other.get(name)] == []
    assert list(one) == list(other)


@pytest.mark.thorough
@pytest.mark.usefixtures("no_report")
def test_infeasible_study_is_told_what_would_make_it_feasible(
    small_study_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    asked = (small_study_file, *QUICK_RUN, "--out", out, "--json", "--quiet")
    strict = ("--set", "risk.national.limit=0.01")
    result = call("run", *asked, *strict)
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert (told["study"], told["status"]) == ("small", "infeasible")
    lines = [line.removeprefix("lis1plan: ") for line in result.stderr.splitlines()]
    assert lines[0] == "no plan keeps all limits:"
    assert "Norway: risk limit 0.0100 (risk.national.limit) lies below the least" in lines[1]
    assert lines[1:-1] == [f"  {line}" for line in told["lines"]]
    assert lines[-1] == f"what would have to give: {told['netcdf']}"
    assert sorted(map(str, out.iterdir())) == [told["netcdf"], f"{told['netcdf']}.sha256"]
    (line,) = refused("report", told["netcdf"])
    assert "holds what would have to give, and no plan; the report needs the result of" in line
    (least,) = re.findall(
        r"(?m)^  least relaxation of the risk limits together: Norway 0\.0100 -> (0\.\d{4})$",
        "\n".join(lines),
    )
    relaxed = call("run", *asked, "--set", f"risk.national.limit={least}")
    assert relaxed.exit_code == 0, relaxed.output
    said = json.loads(relaxed.stdout)
    assert said["status"] == "optimal"
    assert said["risk"]["national"]["in_sample"] <= float(least) + 1e-9


@pytest.mark.thorough
@pytest.mark.usefixtures("no_report")
def test_stopped_run_gives_its_plan_and_says_so(
    small_study_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock runs out after the first round of whole slots, whose bound is not proven yet."""
    rounds: list[int] = []
    real_solve, real_tell = masters.plan_of, console.Reporter.__call__

    def unproven(*asked: Any) -> Any:
        answer = real_solve(*asked)
        return answer._replace(bound=0.99 * answer.bound)

    def tell(self: console.Reporter, step: str, done: int, total: int) -> None:
        rounds.extend([done] * (step == "integer rounds"))
        real_tell(self, step, done, total)

    for module in (convex, masters):
        monkeypatch.setattr(module, "plan_of", unproven)
    monkeypatch.setattr(console.Reporter, "__call__", tell)
    monkeypatch.setattr(clock.Clock, "left", property(lambda _: 0.0 if rounds else 60.0))
    strict = ("--set", "risk.national.limit=0.155", "--set", "risk.nord.limit=0.14")
    result = call(
        "run", small_study_file, *QUICK_RUN, *strict, "--out", tmp_path, "--json", "--quiet"
    )
    assert len(rounds) == 1
    assert result.exit_code == 4, result.output
    assert result.stderr.startswith("lis1plan: stopped with a gap of 1.")
    said = json.loads(result.stdout)
    assert said["status"] == "stopped"
    assert sum(sum(years.values()) for years in said["slots"].values()) > 0
    assert said["lower_bound_nok"] < said["cost_nok"]
    assert Path(said["netcdf"]).is_file()
    with netCDF4.Dataset(said["netcdf"]) as file:  # no time was left for these: not "infeasible"
        assert file["frontier_status"][:].tolist() == [2]
        assert set(file["table_status"][:].tolist()) == {2}


@pytest.mark.usefixtures("no_report")
def test_run_without_time_for_any_plan_says_so(
    small_study_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convex, "better_of", lambda _, best, *__: best)  # rounding finds none
    asked = ("solve.time_limit_seconds=1e-6", "risk.national.limit=0.15", "risk.nord.limit=0.15")
    hasty = [part for key in asked for part in ("--set", key)]
    result = call("run", small_study_file, *QUICK_RUN, *hasty, "--out", tmp_path, "--quiet")
    assert result.exit_code == 1
    assert "no plan found within solve.time_limit_seconds = 1e-06" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_unexpected_error_leaves_nothing_behind(
    small_study_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "run_study", broken)
    result = call("run", small_study_file, *QUICK_RUN, "--out", tmp_path, "--quiet")
    assert result.exit_code == 130
    assert result.stderr.endswith("lis1plan: interrupted; nothing was written\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_bad_study_has_no_traceback_in_a_real_shell(study_file: Path) -> None:
    edit(study_file, ("leakage = {", "leakge = {"))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from lis1plan.cli import main; main()",
            "validate",
            str(study_file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert all(line.startswith("lis1plan: ") for line in done.stderr.splitlines())


@pytest.mark.thorough
def test_verbose_logs_masters_and_the_second_opinion(
    small_study_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    level = logging.getLogger("lis1plan").level
    call("validate", small_study_file, *QUICK)
    assert not caplog.messages
    impossible = ("--set", "risk.national.limit=0.001")
    try:
        result = call(
            "--verbose", "run", small_study_file, *QUICK_RUN, *impossible, "--out", tmp_path
        )
    finally:
        logging.getLogger("lis1plan").setLevel(level)
    assert result.exit_code == 3
    assert any(": infeasible, nan" in line for line in caplog.messages)
    assert any(line.startswith("rows that contradict each other") for line in caplog.messages)
