"""The comparison of two commits: no bit, axis, name or attribute of a result differs unseen."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "benchmarks" / "same_bits.py"
SAME: dict[str, Any] = runpy.run_path(str(SCRIPT))
QUIET_NAN, OTHER_NAN = np.array([0x7FF8 << 48, (0x7FF8 << 48) + 1], np.uint64).view(np.float64)

Change = Callable[[netCDF4.Dataset], object]


def written(path: Path, change: Change = lambda _: None) -> Path:
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("year", 3)
        file.createDimension("region", 3)
        cost = file.createVariable("cost", "f8", ("year",), fill_value=9.9e36)
        cost[:] = [0.0, QUIET_NAN, 9.9e36]
        cost.units = "NOK"
        file.createVariable("name", str, ("region",))[:] = np.array(["a", "b", "cd"], object)
        file.setncatts({"seed": 1, "gap": np.nan, "run_id": path.stem, "seconds_total": 0.1})
        change(file)
    return path


def set_cost(value: float, place: int) -> Change:
    def change(file: netCDF4.Dataset) -> None:
        file["cost"][place] = value

    return change


def set_name(file: netCDF4.Dataset) -> None:
    file["name"][2] = "c"


DIFFERENT: dict[str, tuple[Change, str]] = {
    "sign of zero": (set_cost(-0.0, 0), "cost: 1 of 3 values"),
    "last bit": (set_cost(5e-324, 0), "cost: 1 of 3 values"),
    "NaN's bits": (set_cost(OTHER_NAN, 1), "cost: 1 of 3 values"),
    "NaN for missing": (set_cost(QUIET_NAN, 2), "cost: 1 of 3 values"),
    "text": (set_name, "name: 1 of 3 values"),
    "axis": (lambda file: file.renameDimension("year", "age"), "cost: 3 year → 3 age"),
    "unit": (lambda file: file["cost"].setncattr("units", "t"), "cost: attribute units: NOK → t"),
    "attribute": (lambda file: file.setncattr("seed", 2), "attribute seed: 1 → 2"),
    "its type": (lambda file: file.setncattr("seed", 1.0), "attribute seed: 1 → 1.0"),
    "attribute gone": (lambda file: file.delncattr("gap"), "attribute gap only there"),
    "new": (lambda file: file.createVariable("new", "i4"), "variable new only here"),
}


@pytest.mark.parametrize(("change", "told"), DIFFERENT.values(), ids=DIFFERENT)
def test_any_difference_is_told(change: Change, told: str, tmp_path: Path) -> None:
    one, other = written(tmp_path / "one.nc"), written(tmp_path / "other.nc", change)
    assert SAME["compare"](one, other) == (2, [told])


def test_another_name_is_told_on_both_sides(tmp_path: Path) -> None:
    one = written(tmp_path / "one.nc")
    other = written(tmp_path / "other.nc", lambda file: file.renameVariable("cost", "price"))
    told = ["variable cost only there", "variable price only here"]
    assert SAME["compare"](one, other) == (1, told)


def test_long_texts_are_told_from_where_they_part() -> None:
    assert SAME["ends"]("a" * 50 + "bc", "a" * 50 + "d") == ["…bc", "…d"]
    assert SAME["ends"]("2 posts", "2 places") == ["2 posts", "2 places"]


def test_time_and_run_may_differ(tmp_path: Path) -> None:
    one = written(tmp_path / "one.nc")
    other = written(tmp_path / "other.nc", lambda file: file.setncattr("seconds_total", 0.2))
    with netCDF4.Dataset(other, "a") as file:
        file["cost"].sha256 = "of an earlier program"
    assert SAME["compare"](one, other) == (2, [])


@pytest.mark.thorough
def test_a_job_that_ends_otherwise_has_failed(tmp_path: Path) -> None:
    job = SAME["Job"](("run", "no-such-study"))
    verdict = SAME["judge"](job, {"there": ROOT, "here": ROOT}, tmp_path)
    assert verdict.variables == 0
    assert [line[:30] for line in verdict.differing] == [
        "there: exit code 2, not 0: lis",
        "here: exit code 2, not 0: lis1",
    ]


def test_an_unknown_commit_is_one_line() -> None:
    command = [sys.executable, str(SCRIPT), "no-such-commit", "--only", "infeasible"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("no-such-commit: cannot be checked out: ")
    assert "Traceback" not in done.stderr
