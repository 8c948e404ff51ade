"""Verification: a result holds every check, and nothing in it can be changed unnoticed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.files.checksums import changed_variables, sidecar_of
from lis1plan.core.files.rounding import MOST, bit_round, bits
from lis1plan.core.files.store import ResultFileError, open_result, read_result, write_result
from lis1plan.core.system.posts import no_slots
from lis1plan.core.verify.laws import Check, verify, verify_dataset
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest

pytestmark = pytest.mark.thorough

QUICK = ["sampling.scenarios=8", "sampling.fresh_scenarios=8"]
CHOSEN = 0
NOT_ASKED = {
    "budgets",
    "least shares",
    "few decisions",
    "places in training",
    "people waiting for training",
    "ensemble",
    "not recomputed",
}
"""Checks of what the small study does not set and its result does not hold."""


@pytest.fixture(scope="module")
def result(small_result: Path) -> xr.Dataset:
    return open_result(small_result)


@pytest.fixture(scope="module")
def projection(small_study_file: Path) -> xr.Dataset:
    """A given plan under a few scenarios, with the ensemble."""
    study = load_study(str(small_study_file), QUICK)
    slots = no_slots(study)
    slots[1, 0] = 3.0
    return projected(JobRequest(study, ProjectOptions(ensemble=True), {PLAN: slots}), 1, silent)


def failed(checks: list[Check]) -> dict[str, str]:
    return {check.name: check.detail for check in checks if check.passed is False}


def resealed(dataset: xr.Dataset, folder: Path) -> dict[str, str]:
    """The checks that fail when a changed dataset is written with checksums of its own."""
    return failed(verify(write_result(dataset, folder / "sealed.nc", dataset.attrs)))


# ------------------------------------------------------------------------------------- it holds


def test_result_holds_every_check(small_result: Path) -> None:
    checks = verify(small_result)
    assert failed(checks) == {}
    assert {check.name for check in checks if check.passed is None} == NOT_ASKED


def test_checks_say_what_holds(small_result: Path) -> None:
    for check in verify(small_result):
        assert check.detail.strip()
        assert "\n" not in check.detail


def test_projection_with_its_ensemble_holds(projection: xr.Dataset, tmp_path: Path) -> None:
    path = write_result(projection, tmp_path / "projection.nc", projection.attrs)
    checks = {check.name: check for check in verify(path)}
    assert failed(list(checks.values())) == {}
    assert checks["ensemble"].passed
    assert checks["people in training"].passed
    assert checks["specialists at work"].passed
    assert checks["ramp"].passed is None  # a given plan need not keep it


@pytest.mark.parametrize("digits", [1, 3, MOST])
def test_rounded_ensemble_still_holds(projection: xr.Dataset, tmp_path: Path, digits: int) -> None:
    said = projection.attrs | {"significant_digits": digits}
    path = write_result(projection, tmp_path / "rounded.nc", said)
    assert failed(verify(path)) == {}
    back = open_result(path)
    for name in projection.data_vars:
        before, after = projection[name].values, back[name].values
        if str(name).startswith("ensemble_"):
            off = np.abs(after.astype(float) - before)
            assert (off <= 0.5 * 10.0**-digits * np.abs(before)).all(), name
            assert back[name].attrs["significant_digits"] == digits
        elif before.dtype.kind == "f":
            assert after.tobytes() == before.tobytes(), name


@given(st.integers(1, MOST), st.lists(st.floats(width=32), min_size=1))
def test_rounding_keeps_its_digits_and_rounds_once(digits: int, numbers: list[float]) -> None:
    values = np.array(numbers, np.float32)
    once = bit_round(values, bits(digits))
    normal = np.isfinite(values) & (np.abs(values) > 1e-37) & (np.abs(values) < 1e37)
    off = np.abs(once[normal].astype(float) - values[normal])
    assert (off <= 0.5 * 10.0**-digits * np.abs(values[normal])).all()
    again = bit_round(once, bits(digits))
    assert np.array_equal(again, once, equal_nan=True)


@pytest.mark.parametrize("digits", [0, MOST + 1])
def test_digits_that_single_precision_lacks_are_refused(
    projection: xr.Dataset, tmp_path: Path, digits: int
) -> None:
    with pytest.raises(ValueError, match="allowed: 1 to 6"):
        write_result(
            projection, tmp_path / "no.nc", projection.attrs | {"significant_digits": digits}
        )


# ------------------------------------------------------------------- any single value is noticed


def other_value(values: Any, place: int, bit: int) -> Any:
    """The values with one bit of one of them flipped, one sign of a text replaced."""
    changed = values.copy()
    if values.dtype.kind in "UO":
        text = str(changed.flat[place])
        changed.flat[place] = ("X" if text[:1] != "X" else "Y") + text[1:]
        return changed
    raw = changed.reshape(-1).view(np.uint8)
    byte = place * values.dtype.itemsize + bit // 8 % values.dtype.itemsize
    raw[byte] ^= np.uint8(1 << bit % 8)
    return changed


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_one_flipped_bit_of_any_variable_is_named(result: xr.Dataset, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(map(str, result.variables))))
    values = result[name].values
    place = data.draw(st.integers(0, values.size - 1))
    changed = other_value(values, place, data.draw(st.integers(0, 63)))
    if values.dtype.kind == "f" and np.isnan([values.flat[place], changed.flat[place]]).all():
        return  # one missing value is like the other
    tampered = result.copy()
    if name in tampered.xindexes:
        tampered = tampered.drop_indexes(name)
    tampered[name] = (result[name].dims, changed, result[name].attrs)
    assert changed_variables(tampered) == [name]


def test_every_variable_of_the_file_is_covered(small_result: Path, tmp_path: Path) -> None:
    """The first value of each variable, changed in a file of its own, is noticed and named."""
    copy = tmp_path / "changed.nc"
    with netCDF4.Dataset(small_result) as file:
        names = list(file.variables)
    for name in names[:: max(1, len(names) // 25)]:
        shutil.copyfile(small_result, copy)
        with netCDF4.Dataset(copy, "a") as file:
            file.set_auto_maskandscale(False)
            file.set_auto_chartostring(False)
            values = file[name][...]
            values.flat[0] = b"X" if values.dtype.kind == "S" else 1 - values.flat[0]  # fill, too
            file[name][...] = values
        said = failed(verify(copy))
        assert f"{name} was changed" in said["checksum of each variable"]
        with pytest.raises(ResultFileError, match=rf"checksum \({name}\)"):
            open_result(copy)


# ------------------------------------------ changed by someone who renews the checksums as well


def _set(name: str, change: Callable[[Any], None]) -> Callable[[xr.Dataset], xr.Dataset]:
    def changed(dataset: xr.Dataset) -> xr.Dataset:
        values = dataset[name].values.copy()
        change(values)
        return dataset.assign({name: dataset[name].copy(data=values)})

    return changed


def _at(place: Any, change: Callable[[Any], Any]) -> Callable[[Any], None]:
    def set_value(values: Any) -> None:
        values[place] = change(values[place])

    return set_value


def _said(**attributes: Any) -> Callable[[xr.Dataset], xr.Dataset]:
    return lambda dataset: dataset.assign_attrs(attributes)


def plus(step: float) -> Callable[[Any], Any]:
    return lambda value: value + step


TAMPERED: list[tuple[str, Callable[[xr.Dataset], xr.Dataset]]] = [
    ("no missing values", _set("supply_mean", _at((3, CHOSEN, 1), plus(np.nan)))),
    ("no missing values", _set("demand_mean", _at((3, 1), plus(np.inf)))),
    ("axes", lambda data: data.isel(time=slice(1, None))),
    ("axes", lambda data: data.isel(realization=slice(1, None))),
    ("axes", _set("year", _at(slice(None), plus(1)))),
    ("axes", _set("region_name", _at(0, lambda _: "Helse Nordvest"))),
    ("axes", _set("plan_id", _at(1, lambda _: "other"))),
    ("people appointed", _set("appointed_mean", _at((4, CHOSEN, 1), plus(1)))),
    ("people appointed", _set("lis1_mean", _at((4, CHOSEN, 1), plus(-1e5)))),
    ("people waiting", _set("unplaced_mean", _at((9, CHOSEN, 1), plus(1e4)))),
    ("people in training", _set("training_mean", _at((4, CHOSEN, 1), plus(5)))),
    ("people in training", _set("left_mean", _at((4, CHOSEN, 1), plus(5)))),
    ("specialists at work", _set("specialists_mean", _at((4, CHOSEN, 1), plus(9)))),
    ("parts add up", _set("supply_mean", _at((4, CHOSEN, 1), plus(9)))),
    ("parts add up", _set("national_demand_mean", _at(4, plus(9)))),
    ("parts add up", _set("cost_gross", _at((9, CHOSEN), plus(1e4)))),
    ("statistics", _set("supply_quantile", _at((4, CHOSEN, 0, 1), plus(1e4)))),
    ("statistics", _set("shortage_probability", _at((4, CHOSEN, 1), plus(1e-3)))),
    ("slots and levels", _set("slots", _at((2, CHOSEN, 1), plus(0.5)))),
    ("slots and levels", _set("slots", _at((0, CHOSEN, 1), plus(1)))),
    ("slots and levels", _set("level", _at((5, CHOSEN, 1), plus(1)))),
    ("ramp", _set("slots", _at((2, CHOSEN, 1), plus(1000)))),
    ("supervision", _set("supervision_capacity", _at((4, 0, 0), plus(1)))),
    ("supervision", _set("supervision_need", _at((4, CHOSEN, 0, 0), plus(-1)))),
    ("supervision", _set("plan_breaks_supervision", _at(CHOSEN, lambda flag: 1 - flag))),
    ("purchases", _set("supervision_bought", _at((4, CHOSEN, 0, 1), plus(9)))),
    ("purchases", _set("cost_bought", _at((9, CHOSEN, 1), plus(1e4)))),
    ("cost", _set("plan_cost", _at(CHOSEN, plus(-1e4)))),
    ("cost", _set("cost_payer", _at((9, CHOSEN, 0), plus(1e4)))),
    ("cost", _set("cost_report", _at((9, CHOSEN), plus(1e4)))),
    ("bounds", _said(lower_bound=1e15)),
    ("bounds", _said(upper_bound=1.0)),
    ("bounds", _said(relative_gap=0.5)),
    ("risk", _set("risk_in_sample", _at((CHOSEN, 0), plus(-1e-6)))),
    ("risk", _set("risk_limit", _at(0, plus(0.1)))),
    ("risk", _set("shortfall_z", _at((slice(None), CHOSEN, 0), plus(1e-6)))),
    ("risk between floor and ceiling", _set("risk_floor", _at(0, plus(1)))),
    ("risk between floor and ceiling", _set("risk_ceiling", _at(0, plus(1e-6)))),
    ("risk between floor and ceiling", _set("risk_fresh", _at((CHOSEN, 0), plus(1)))),
    ("frontier", _set("frontier_cost", _at(-1, plus(-1e4)))),
    ("frontier", _set("frontier_lower_bound", _at(-1, plus(1e15)))),
    ("study text", _said(seed=99)),
    ("study text", lambda d: d.assign_attrs(study_json=d.attrs["study_json"] + " ")),
    ("study text", _said(study_json="{}")),
]


@pytest.mark.parametrize(("check", "change"), TAMPERED, ids=range(len(TAMPERED)))
def test_new_checksums_do_not_hide_a_change(
    result: xr.Dataset, tmp_path: Path, check: str, change: Callable[[xr.Dataset], xr.Dataset]
) -> None:
    said = resealed(change(result), tmp_path)
    assert check in said, said
    assert not {name for name in said if "checksum" in name}


@pytest.mark.parametrize("name", ["ensemble_supply", "ensemble_demand"])
def test_changed_ensemble_is_found(projection: xr.Dataset, tmp_path: Path, name: str) -> None:
    change = _set(name, _at(slice(-3, None), lambda values: values * np.float32(1.1)))
    assert "ensemble" in resealed(change(projection), tmp_path)


def test_missing_variable_of_a_run_is_told(result: xr.Dataset, tmp_path: Path) -> None:
    assert resealed(result.drop_vars("plan_cost"), tmp_path)["cost"] == "plan_cost is missing"


# ------------------------------------------------------------------ one clear line, the exit code


def command(*arguments: object) -> tuple[int, list[str], list[str]]:
    done = CliRunner().invoke(main, ["verify", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()


def test_command_prints_a_line_per_check(small_result: Path) -> None:
    code, lines, errors = command(small_result)
    assert (code, errors) == (0, [])
    assert len(lines) == len(verify(small_result))
    assert all(line.startswith(("✓ holds: ", "– not checked: ")) for line in lines)


def test_command_fails_where_a_check_fails(small_result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "changed.nc"
    shutil.copyfile(small_result, copy)
    with netCDF4.Dataset(copy, "a") as file:
        file.renameVariable("demand_mean", "demand_average")
    code, lines, errors = command(small_result, copy)
    assert (code, errors) == (1, [])
    assert (
        "✗ FAILS: complete: demand_mean is missing; demand_average is none of the file's variables"
    ) in lines
    with pytest.raises(ResultFileError, match="demand_mean missing; demand_average unknown"):
        open_result(copy)


def test_changed_unit_is_found(small_result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "changed.nc"
    shutil.copyfile(small_result, copy)
    with netCDF4.Dataset(copy, "a") as file:
        file["plan_cost"].counts = "USD"
    assert list(failed(verify(copy))) == ["checksum of all data"]


@pytest.mark.parametrize("kind", ["truncated", "missing", "text", "other tool"])
def test_file_that_is_no_result_gets_one_line(
    small_result: Path, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "file.nc"
    if kind == "truncated":
        path.write_bytes(small_result.read_bytes()[:50_000])
    elif kind == "text":
        path.write_text("year,region,slots\n", "utf-8")
    elif kind == "other tool":
        xr.Dataset({"temperature": ("time", [1.0])}).to_netcdf(path)
    code, lines, errors = command(path)
    assert (code, lines) == (2, [])
    assert len(errors) == 1
    assert errors[0].startswith(f"lis1plan: {path}: ")


def test_result_rewritten_by_another_tool_is_noticed(small_result: Path, tmp_path: Path) -> None:
    """Read and written by xarray: the data are the same, the file's own hints are not."""
    path = tmp_path / "rewritten.nc"
    xr.open_dataset(small_result, decode_times=False).to_netcdf(path)
    checks = {check.name: check.passed for check in verify(path)}
    assert checks["checksum of the file"] is None
    assert all(passed is not False for passed in checks.values())


# ---------------------------------------------------------------------------------- the sidecar


def test_sidecar_is_that_of_sha256sum(small_result: Path) -> None:
    import hashlib

    said = sidecar_of(small_result).read_bytes().decode()
    wanted = hashlib.sha256(small_result.read_bytes()).hexdigest()
    assert said == f"{wanted}  {small_result.name}\n"


def test_file_without_its_sidecar_is_not_refused(small_result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.nc"
    shutil.copyfile(small_result, copy)
    assert verify(copy)[0].passed is None
    assert failed(verify(copy)) == {}


def test_sidecar_of_another_file_is_noticed(small_result: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.nc"
    shutil.copyfile(small_result, copy)
    sidecar_of(copy).write_text(f"{'0' * 64}  copy.nc\n", "utf-8")
    assert list(failed(verify(copy))) == ["checksum of the file"]


def test_reading_keeps_what_a_check_needs(small_result: Path) -> None:
    assert failed(verify_dataset(read_result(small_result))) == {}
