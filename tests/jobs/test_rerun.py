"""Running again from the file alone: the same bits, or in plain words what differs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.configs.loader import load_study, study_from_text
from lis1plan.core.compute.place import silent
from lis1plan.core.files.store import open_result, write_result
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import no_slots
from lis1plan.jobs import run as module
from lis1plan.jobs.job import Job
from lis1plan.jobs.options import ProjectOptions, RunOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.jobs.run import planned

pytestmark = pytest.mark.thorough

QUICK = [
    "sampling.scenarios=8",
    "sampling.fresh_scenarios=8",
    "solve.frontier_points=1",
    "risk.national.limit=0.3",
]


@pytest.fixture(scope="module")
def study(small_study_file: Path) -> Study:
    return load_study(str(small_study_file), QUICK)


@pytest.fixture(scope="module")
def ran(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a run."""
    result = planned(JobRequest(study, RunOptions()), 1, silent)
    return write_result(result, tmp_path_factory.mktemp("ran") / "run.nc", result.attrs)


@pytest.fixture(scope="module")
def given(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a projection with a rounded ensemble."""
    slots = no_slots(study)
    slots[0, 0], slots[3, 2] = 4.0, 7.0
    options = ProjectOptions(ensemble=True, significant_digits=3)
    result = projected(JobRequest(study, options, {PLAN: slots}), 1, silent)
    return write_result(result, tmp_path_factory.mktemp("given") / "projection.nc", result.attrs)


def command(*arguments: object) -> tuple[int, list[str], list[str]]:
    done = CliRunner().invoke(main, ["rerun", "--quiet", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()


def test_study_comes_back_from_the_file(study: Study, ran: Path) -> None:
    again = study_from_text(open_result(ran).attrs["study_json"])
    assert again == study
    assert again.sha256 == study.sha256


def test_run_is_run_again_bit_for_bit(ran: Path, tmp_path: Path) -> None:
    """Nothing is lost on write, read, run again, write."""
    code, said, errors = command(ran, "--out", tmp_path)
    assert (code, errors) == (0, [])
    assert said == [
        f"NetCDF: {tmp_path / 'run.nc'}",
        "identical: the same data came out, bit for bit",
    ]
    one, other = open_result(ran), open_result(tmp_path / "run.nc")
    assert all(other[name].identical(one[name]) for name in one.variables)


def test_projection_is_run_again_bit_for_bit(given: Path) -> None:
    """The plan, the ensemble and its rounding stand in the file."""
    assert command(given, "--workers", 2) == (
        0,
        ["identical: the same data came out, bit for bit"],
        [],
    )


def pretend(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[xr.Dataset], xr.Dataset], path: Path
) -> None:
    """Let the new run give the old one's data, changed."""
    result = open_result(path)
    monkeypatch.setattr(module, "JOB", Job(RunOptions, lambda *_: change(result)))


def off_by(share: float) -> Callable[[xr.Dataset], xr.Dataset]:
    return lambda data: data.assign(supply_mean=data["supply_mean"] * (1.0 + share))


def of_other_numpy(data: xr.Dataset) -> xr.Dataset:
    packages = json.loads(data.attrs["package_versions"]) | {"numpy": "0.0.1"}
    return data.assign_attrs(package_versions=json.dumps(packages))


def test_other_data_are_told(monkeypatch: pytest.MonkeyPatch, ran: Path) -> None:
    pretend(monkeypatch, off_by(1e-15), ran)
    code, said, _ = command(ran)
    assert code == 1
    assert said[0].startswith("supply_mean: ")
    assert said[-1] == "different: 1 variables or findings differ"


def test_other_versions_may_round_otherwise(monkeypatch: pytest.MonkeyPatch, ran: Path) -> None:
    pretend(monkeypatch, lambda data: of_other_numpy(off_by(1e-15)(data)), ran)
    code, said, _ = command(ran)
    assert code == 0
    assert "other version: numpy: " in said[0]
    assert said[0].endswith(" → 0.0.1")
    assert said[-1] == "the same: other versions, all numbers within 1e-12"


def test_other_versions_may_not_differ_more(monkeypatch: pytest.MonkeyPatch, ran: Path) -> None:
    pretend(monkeypatch, lambda data: of_other_numpy(off_by(1e-9)(data)), ran)
    assert command(ran)[0] == 1


def test_other_finding_is_told(monkeypatch: pytest.MonkeyPatch, ran: Path) -> None:
    pretend(monkeypatch, lambda data: data.assign_attrs(lower_bound=np.float64(1.0)), ran)
    code, said, _ = command(ran)
    assert code == 1
    assert said[0].startswith("lower_bound: ")


def test_file_is_never_written_over(ran: Path) -> None:
    code, said, errors = command(ran, "--out", ran.parent)
    assert (code, said) == (2, [])
    assert "name another folder" in errors[0]


def test_study_of_another_version_is_named(ran: Path, tmp_path: Path) -> None:
    result = open_result(ran)
    other = write_result(result, tmp_path / "other.nc", result.attrs | {"study_json": "{}"})
    code, said, errors = command(other)
    assert (code, said) == (2, [])
    assert len(errors) == 1
    assert "does not read the study in it" in errors[0]
