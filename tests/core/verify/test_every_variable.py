"""Whoever renews all checksums still cannot change a variable unseen: each is checked or named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from lis1plan.core.files import kinds
from lis1plan.core.files.checksums import data_sha256, variable_sha256
from lis1plan.core.files.store import read_result, write_result
from lis1plan.core.risk.sensitivity import SAMPLES
from lis1plan.core.verify import again
from lis1plan.core.verify.evidence import Evidence
from lis1plan.core.verify.laws import Check, verify, verify_dataset

from ...helpers.result_files import KINDS, command, make

pytestmark = pytest.mark.thorough
RICH = {
    "run": (
        "--ensemble",
        "--sensitivity",
        "--discover",
        "--set",
        "sampling.fresh_scenarios=2000",
        "--set",
        "solve.near_optimal=0.02",
        "--set",
        "solve.frontier_points=3",
    )
}
"""So that a file holds all its kind may hold."""


READ = (
    *("slots", "realization", "plan_id", "constraint_id", "frontier_slots", "frontier_cost"),
    *("over_slots", "way_amount", "way_slots", "way_status"),
    *("replication_slots", "replication_seed", "size_scenarios"),
    *("near_slots", "box_low", "box_high", "box_method"),
)
"""What working out again looks at, beside the study."""


@pytest.fixture
def worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is drawn and projected again be kept while nothing changes of what leads to it."""
    monkeypatch.setitem(SAMPLES, "sobol", 16)
    names = ["_projected", "_judged", "_fresh", "_varied", "_replicated", "_ways", "_indices"]
    for name in (*names, "_near", "_boxes"):
        monkeypatch.setattr(again, name, kept(getattr(again, name)))


def kept(work: Callable[[Evidence], again.Found]) -> Callable[[Evidence], again.Found]:
    known: dict[tuple[bytes, ...], again.Found] = {}

    def find(evidence: Evidence) -> again.Found:
        data = evidence.data
        key = tuple(data[name].values.tobytes() for name in READ if name in data)
        if key not in known:
            known[key] = work(evidence)
        return known[key]

    return find


def altered(values: Any) -> Any:
    """The values with one of them changed by much: another word, another number, another flag."""
    changed = values.copy()
    place = values.size // 2
    if values.dtype.kind in "UO":
        changed = changed.astype(object)
        changed.flat[place] = f"X{changed.flat[place]}"
        return changed.astype(str)
    known = np.flatnonzero(np.isfinite(values.astype(float)).ravel())
    place = known[len(known) // 2] if len(known) else 0
    old = float(values.flat[place]) if len(known) else 0.0
    flag = values.dtype.kind in "biu" and old in (0, 1)
    changed.flat[place] = 1 - old if flag else 1.5 * old + (1.0 if old else 1e4)
    return changed


def forged(data: xr.Dataset, name: str) -> xr.Dataset:
    """The result with one variable altered and every checksum renewed as the file has it."""
    data = data.drop_indexes(name, errors="ignore")
    data = data.assign({name: data[name].copy(data=altered(data[name].values))})
    owner, key = ("time", "bounds_sha256") if name == "time_bounds" else (name, "sha256")
    data[owner].attrs[key] = variable_sha256(data[name])
    return data.assign_attrs(data_sha256=data_sha256(data, data.attrs))


def told(checks: list[Check]) -> tuple[list[str], set[str]]:
    """The checks that fail, and the variables that are named as not recomputed."""
    failed = [check.name for check in checks if check.passed is False]
    listed = [check.detail for check in checks if check.name == "not recomputed"]
    return failed, {name for line in listed for name in line.partition(": ")[0].split(", ")}


def test_every_kind_is_tried() -> None:
    assert {*KINDS} == kinds.KINDS.keys() - {"campaign"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("worked_out_once")
def test_every_variable_is_checked_or_named(kind: str, tmp_path: Path) -> None:
    data = read_result(make(kind, 1, tmp_path, *RICH.get(kind, ())))
    failed, named = told(verify_dataset(data))
    assert failed == []
    unseen = []
    for name in sorted(map(str, data.variables)):
        failed, _ = told(verify_dataset(forged(data, name)))
        assert not [check for check in failed if "checksum" in check], name
        if not failed and name not in named:
            unseen.append(name)
    assert unseen == []


@pytest.mark.parametrize("scenarios", [1, 2])
@pytest.mark.parametrize("kind", ["run", "projection", "scenario", "replication", "infeasible"])
def test_own_files_of_hardly_any_scenarios_hold(kind: str, scenarios: int, tmp_path: Path) -> None:
    few = ["--scenarios", str(scenarios), "--set", "sampling.fresh_scenarios=2"]
    few += ["--realization", "0"] if kind == "scenario" else []
    few += ["--set", "risk.country.limit=0.0001"] if kind == "infeasible" else []
    seed = 5 if kind == "infeasible" else 1  # a single future with any shortage at all
    checks = verify(make(kind, seed, tmp_path, *few))
    assert told(checks)[0] == []


def test_quick_names_what_it_leaves_out(tmp_path: Path) -> None:
    """As soon as it does not draw and project again, every variable of it is named."""
    path = make("projection", 1, tmp_path)
    data = read_result(path)
    checks = verify_dataset(data, quick=True)
    left = " ".join(check.detail for check in checks if "--quick" in check.detail)
    _, named = told(checks)
    for name in sorted(map(str, data.variables)):
        failed, _ = told(verify_dataset(forged(data, name), quick=True))
        assert failed or name in named or name in left.replace(",", "").split(), name
    said = command("verify", "--quick", path)
    assert said.code == 0
    assert "shortfall_z" in " ".join(said.out)


def test_a_changed_flow_is_found_by_drawing_and_projecting_again(tmp_path: Path) -> None:
    data = read_result(make("projection", 1, tmp_path))
    checks = {check.name: check for check in verify_dataset(forged(data, "waiting_time"))}
    assert checks["projection again"].detail == "waiting_time is not what comes out again"


def test_file_of_an_unknown_kind_fails(tmp_path: Path) -> None:
    """Nothing behind its checksums is checked: it must not pass in silence."""
    data = read_result(make("sensitivity", 1, tmp_path))
    path = write_result(data, tmp_path / "other.nc", data.attrs | {"result_kind": "horoscope"})
    said = command("verify", path)
    assert said.code == 1
    (line,) = (line for line in said.out if "kind:" in line)
    assert "a result of another kind, 'horoscope'; lis1plan checks run, projection" in line


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("report.html", b"<!DOCTYPE html><html>", "it is an HTML page, as reports are"),
        ("book.xlsx", b"PK\x03\x04rest", "it is a workbook"),
        ("study.toml", b'name = "x"\n', "it is a text, as studies are"),
        ("plan.csv", b"year,region,slots\n", "it is a text, as tables and plans are"),
        ("x.nc.sha256", b"00  x.nc\n", "it is the checksum of a result"),
        ("x.nc", b"\x89HDF\r\n\x1a\n", "it is truncated, damaged or another kind of file"),
    ],
)
def test_what_is_no_result_is_told_what_it_is(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    code, out, (line,) = command("verify", tmp_path / name)
    assert (code, out) == (2, [])
    assert f"{tmp_path / name}: cannot be read as NetCDF; {said}" in line
