"""Other programs read the result file: what ncdump, CDO and Octave find is what was written."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from numpy.typing import NDArray

pytestmark = pytest.mark.tools

Tool = Callable[[str], str]
REGIONS = ["Helse Nord", "Helse Midt-Norge", "Helse Vest", "Helse Sør-Øst"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """What a program says; it must end well."""
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
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
    """CDO ends with 0 whatever it leaves out. It knows no text: only labels may be skipped."""
    done = run(tool("cdo"), "infon", str(small_result))
    skipped = set(re.findall(r"skipped variable (\w+)!", done.stderr))
    assert len(skipped) == done.stderr.lower().count("skipped")
    with netCDF4.Dataset(small_result) as file:
        assert [name for name in skipped if file[name].dtype.kind != "S"] == []
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
    assert len(found) == 4 * len(REGIONS)
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
