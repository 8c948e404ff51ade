"""Other programs read the result file: what each finds is what was written; recipes run as told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.files.checksums import write_sidecar

pytestmark = pytest.mark.tools

Tool = Callable[[str], str]
REGIONS = ["Helse Nord", "Helse Midt-Norge", "Helse Vest", "Helse Sør-Øst"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """What a program says; it must end well."""
    done = subprocess.run(
        command,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def chosen_slots(path: Path) -> NDArray[np.float64]:
    """New slots of the chosen plan, [time, region]."""
    with netCDF4.Dataset(path) as file:
        return np.asarray(file["slots"][:, 0])


# --------------------------------------------------------------------------------------- ncdump


def test_ncdump_shows_the_header(tool: Tool, small_result: Path) -> None:
    done = run(tool("ncdump"), "-h", str(small_result))
    assert done.stderr == ""
    assert "double slots(time, plan, region) ;" in done.stdout
    assert "char region_name(region, region_name_strlen) ;" in done.stdout
    assert "int region(region) ;" in done.stdout
    assert "region:units" not in done.stdout
    assert ':complete = "true"' in done.stdout
    assert not re.search(r"^\s*(string|int64|ubyte|uint)\b|group:", done.stdout, re.MULTILINE)


def test_ncdump_tells_the_classic_model(tool: Tool, small_result: Path) -> None:
    assert run(tool("ncdump"), "-k", str(small_result)).stdout.strip() == "netCDF-4 classic model"


def test_ncdump_shows_norwegian_names(tool: Tool, small_result: Path) -> None:
    done = run(tool("ncdump"), "-v", "region_name", str(small_result))
    printed = re.findall(r'^  "([^"]*)"', done.stdout, re.MULTILINE)  # ø as \303\270
    assert [
        re.sub(r"\\(\d{3})", _octal, name).encode("latin-1").decode() for name in printed
    ] == REGIONS


def _octal(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 8))


def test_ncdump_reads_the_calendar(tool: Tool, small_result: Path) -> None:
    done = run(tool("ncdump"), "-t", "-v", "time", str(small_result))
    assert re.search(r'time = "2018-07-01", "2019-07-01"', done.stdout)


# ------------------------------------------------------------------------------------------ CDO


def test_cdo_reads_every_number(tool: Tool, small_result: Path) -> None:
    """CDO ends with 0 whatever it leaves out, but it says so."""
    for command in ("sinfon", "infon"):
        done = run(tool("cdo"), command, str(small_result))
        assert "skipped" not in done.stderr
        assert "Warning" not in done.stderr
    with netCDF4.Dataset(small_result) as file:
        numbers = {n for n, v in file.variables.items() if v.dtype.kind != "S"}
        numbers -= {*file.dimensions, "time_bounds"}
    assert numbers <= set(run(tool("cdo"), "-s", "showname", str(small_result)).stdout.split())
    years = {int(year) for year in re.findall(r"\b(20\d\d)-07-01\b", done.stdout)}
    assert years == set(range(2018, 2037))


def test_cdo_adds_up_the_same_slots(tool: Tool, small_result: Path) -> None:
    """A field is a plan by region for it; the first plan is the chosen one."""
    command = ["-s", "outputf,%.12g", "-timsum", "-selname,slots"]
    done = run(tool("cdo"), *command, str(small_result))
    found = [float(number) for number in done.stdout.split()]
    with netCDF4.Dataset(small_result) as file:
        assert len(found) == file["slots"][0].size
    assert found[: len(REGIONS)] == chosen_slots(small_result).sum(axis=0).tolist()


def test_cdo_reads_supply_by_year(tool: Tool, small_result: Path) -> None:
    command = ["-s", "outputf,%.12g", "-selyear,2030", "-selname,supply_mean"]
    done = run(tool("cdo"), *command, str(small_result))
    found = [float(number) for number in done.stdout.split()]
    with netCDF4.Dataset(small_result) as file:
        year = file["year"][:].tolist().index(2030)
        wanted = np.asarray(file["supply_mean"][year])
    assert np.allclose(found, wanted.ravel(), rtol=1e-10, atol=0.0)


# --------------------------------------------------------------------------------------- Octave


def octave(tool: Tool, script: str) -> str:
    """What an Octave script prints."""
    program = ["--no-gui", "--quiet", "--norc", "--eval"]
    return run(tool("octave-cli"), *program, f"pkg load netcdf; {script}").stdout


def test_octave_reads_the_same_slots(tool: Tool, small_result: Path) -> None:
    """Octave turns the axes round: region, plan, time."""
    script = f"slots = ncread('{small_result}', 'slots'); printf('%.17g ', slots(:, 1, :));"
    found = np.array([float(number) for number in octave(tool, script).split()])
    assert found.tolist() == chosen_slots(small_result).ravel().tolist()


def test_octave_reads_norwegian_names(tool: Tool, small_result: Path) -> None:
    script = (
        f"names = ncread('{small_result}', 'region_name')'; "
        "for r = 1:rows(names), printf('%s\\n', strtrim(strrep(names(r, :), char(0), ' '))); end"
    )
    assert octave(tool, script).splitlines() == REGIONS


def test_octave_lists_the_whole_file(tool: Tool, small_result: Path) -> None:
    """A single string variable would make `ncinfo` fail for the whole file."""
    script = f"info = ncinfo('{small_result}'); printf('%s\\n', info.Variables.Name);"
    with netCDF4.Dataset(small_result) as file:
        assert octave(tool, script).splitlines() == list(file.variables)


# ------------------------------------------------------------------------------------------ NCO


def test_ncks_shows_numbers_units_and_names(tool: Tool, small_result: Path) -> None:
    done = run(tool("ncks"), "--cdl", "-v", "plan_cost,region_name", str(small_result))
    assert done.stderr == ""
    assert 'plan_cost:counts = "NOK" ;' in done.stdout
    assert 'plan_cost:units = "1" ;' in done.stdout
    assert '"Helse Sør-Øst"' in done.stdout
    only = run(tool("ncks"), "--trd", "-H", "-C", "-s", "%.17g ", "-v", "slots", str(small_result))
    with netCDF4.Dataset(small_result) as file:
        wanted = np.asarray(file["slots"][:]).ravel()
    assert [float(number) for number in only.stdout.split()] == wanted.tolist()


def test_ncra_averages_over_the_years(tool: Tool, small_result: Path, tmp_path: Path) -> None:
    record, mean = str(tmp_path / "record.nc"), str(tmp_path / "mean.nc")
    run(tool("ncks"), "--mk_rec_dmn", "time", "-v", "supply_mean", str(small_result), record)
    run(tool("ncra"), record, mean)
    with netCDF4.Dataset(small_result) as file, netCDF4.Dataset(mean) as averaged:
        wanted = np.asarray(file["supply_mean"][:]).mean(axis=0)
        assert np.allclose(averaged["supply_mean"][0], wanted, rtol=1e-12, atol=0.0)
        assert averaged["supply_mean"].counts == "full-time equivalents"


# -------------------------------------------------------------------------------------------- R


def test_r_reads_numbers_units_and_names(tool: Tool, small_result: Path) -> None:
    """R turns the axes round: region, plan, time."""
    script = (
        f"library(ncdf4); file <- nc_open('{small_result}'); "
        "writeLines(ncvar_get(file, 'region_name')); "
        "writeLines(ncatt_get(file, 'supply_mean', 'counts')$value); "
        "writeLines(sprintf('%.17g', ncvar_get(file, 'slots')[, 1, ]))"
    )
    lines = run(tool("Rscript"), "-e", script).stdout.splitlines()
    assert lines[:5] == [*REGIONS, "full-time equivalents"]
    found = [float(number) for number in lines[5:]]
    assert found == chosen_slots(small_result).ravel().tolist()


# ----------------------------------------------------------------------------------- CF checker


def test_file_follows_the_conventions(tool: Tool, small_result: Path) -> None:
    """The order of dimensions it would like has no place for plans and realizations."""
    options = ["-t", "cf:1.11", "-c", "strict", "-s", "check_dimension_order"]
    done = run(tool("compliance-checker"), *options, str(small_result))
    assert "All tests passed!" in done.stdout


# --------------------------------------------------------------------------------- the recipes

PAGE = Path(__file__).resolve().parents[3] / "docs" / "recipes.md"
INTERPRETERS = {
    "sh": ("bash", "-ec"),
    "python": (sys.executable, "-c"),
    "r": ("Rscript", "-e"),
    "octave": ("octave-cli", "--no-gui", "--quiet", "--norc", "--eval"),
    "julia": ("julia", "-e"),
    "cdo": ("bash", "-ec"),
    "nco": ("bash", "-ec"),
    "ncdump": ("bash", "-ec"),
}
NEEDS = {"cdo": "cdo", "nco": "ncra", "ncdump": "ncdump", "sh": "sha256sum"}
RECIPES = re.findall(r"(?s)```(\w+)\n(.*?)```", PAGE.read_text("utf-8"))


@pytest.mark.parametrize(
    ("language", "script"), RECIPES, ids=[f"{n}-{lang}" for n, (lang, _) in enumerate(RECIPES)]
)
def test_recipe_does_what_the_page_says(
    tool: Tool, small_result: Path, tmp_path: Path, language: str, script: str
) -> None:
    program, *how = INTERPRETERS[language]
    if language == "julia" and shutil.which("julia") is None:
        pytest.skip("Julia is no package of the system")
    program = program if program == sys.executable else tool(program)
    tool(NEEDS.get(language, "sh"))
    shutil.copyfile(small_result, tmp_path / "result.nc")
    write_sidecar(tmp_path / "result.nc")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [program, *how, script],
        cwd=tmp_path,
        env=os.environ | {"LC_ALL": "C.UTF-8", "PATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    total = [f"{number:g}" for number in chosen_slots(small_result).sum(axis=0)]
    match language:
        case "sh":
            assert done.stdout in ("result.nc: OK\n", "result.xlsx\n")
        case "cdo":
            assert done.stdout.splitlines()[0].split() == total
        case "nco":
            assert done.stdout.split() == total
        case "ncdump":
            assert '"Helse Vest"' in done.stdout
        case _:
            named = [f"{name} {number}" for name, number in zip(REGIONS, total, strict=True)]
            assert done.stdout.splitlines() == named
