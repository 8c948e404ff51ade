"""Every kind of result file: verified, run again, compared, exported; no change goes unnoticed."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import openpyxl
import pyarrow.parquet
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from lis1plan.core.files.checksums import variable_sha256
from lis1plan.core.files.store import open_result, write_result
from lis1plan.report.pages.difference import TOLD

from ...helpers.result_files import KINDS, Said, command, make

pytestmark = pytest.mark.thorough
HOLDS = {
    "run": "the result of a run",
    "projection": "a projection",
    "scenario": "one scenario",
    "frontier": "a frontier over one limit",
    "replication": "replications",
    "infeasible": "what would have to give, and no plan",
    "sensitivity": "a sensitivity analysis",
    "measures": "what each measure does alone",
    "backtest": "a projection beside what was counted since",
}
REPLICATED = ("plans found", "replications asked for", "verdict on the sample")
CONTENT = {
    "run": {"bounds", "cost", "frontier", "risk", "specialists at work", *REPLICATED},
    "projection": {"cost", "ensemble", "risk", "specialists at work"},
    "scenario": {"cost", "ensemble", "specialists at work"},
    "frontier": {"labels", "plans found"},
    "replication": {"labels", *REPLICATED},
    "infeasible": {"labels", "ways out", "limits out of reach"},
    "sensitivity": {"labels", "indices"},
    "measures": {
        "labels",
        "measures as written",
        "signs beside ratings",
        "shortage avoided in order",
        "measures again",
    },
    "backtest": {"labels"},
}
"""Checks that look behind the checksums, by kind."""


Maker = Callable[..., Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """The file of a kind and a seed, made once. Shared: copy before changing."""
    known: dict[tuple[str, int], Path] = {}

    def find(kind: str, seed: int = 1) -> Path:
        if (kind, seed) not in known:
            known[kind, seed] = make(kind, seed, tmp_path_factory.mktemp(f"{kind}_{seed}"))
        return known[kind, seed]

    return find


def failures(said: Said) -> dict[str, str]:
    """The checks that fail, name -> why."""
    told = [line.removeprefix("✗ FAILS: ") for line in said.out if line.startswith("✗")]
    return {name: why for name, _, why in (line.partition(": ") for line in told)}


# --------------------------------------------------------------------------------------- verify


@pytest.mark.parametrize("kind", KINDS)
def test_file_holds_every_check(made: Maker, kind: str) -> None:
    said = command("verify", made(kind))
    assert (said.code, said.errors, failures(said)) == (0, [], {})
    held = {line.split(": ")[1] for line in said.out if line.startswith("✓ holds: ")}
    assert held >= CONTENT[kind] | {"checksum of the file", "study text", "no missing values"}


Change = Callable[[Any], Any]


def plus(step: float) -> Change:
    return lambda value: value + step


def times(factor: float) -> Change:
    return lambda value: value * factor


WAY, LIMIT, YEAR, CITY = 0, 0, 4, 0
TAMPERED: list[tuple[str, str, str, Any, Change]] = [
    ("run", "cost", "cost_report", (9, 0), plus(1e4)),
    ("run", "plans found", "replication_cost", (1, 0), plus(-1e5)),
    ("run", "replications asked for", "replication_seed", 1, plus(7)),
    ("run", "verdict on the sample", "replication_fresh", (1, 0), plus(0.01)),
    ("projection", "risk", "risk_in_sample", (0, 0), plus(1e-6)),
    ("projection", "ensemble", "ensemble_supply", (slice(-3, None), 5), times(1.1)),
    ("scenario", "ensemble", "ensemble_demand", (YEAR, 0, 0, CITY), plus(1.0)),
    ("scenario", "parts add up", "supply_mean", (YEAR, 0, CITY), plus(1.0)),
    ("scenario", "axes", "realization", 0, plus(16)),
    ("frontier", "plans found", "over_cost", 1, plus(-1e5)),
    ("frontier", "plans found", "over_total", 2, plus(1.0)),
    ("frontier", "plans found", "over_lower_bound", 0, times(1.01)),
    ("frontier", "plans found", "over_risk", (0, 0), plus(0.5)),
    ("frontier", "plans found", "over_value", 0, times(0.9)),
    ("frontier", "plans found", "over_slots", (YEAR, 0, CITY), plus(0.5)),
    ("frontier", "labels", "region_name", 1, lambda _: "Hill"),
    ("replication", "plans found", "replication_cost", (1, 0), plus(-1e5)),
    ("replication", "plans found", "replication_risk", (1, 1, 0), plus(0.5)),
    ("replication", "plans found", "replication_slots", (YEAR, 1, 0, CITY), plus(100.0)),
    ("replication", "replications asked for", "replication_seed", 1, plus(7)),
    ("replication", "replications asked for", "size_scenarios", 0, plus(1)),
    ("replication", "verdict on the sample", "replication_fresh", (1, 0), plus(0.01)),
    ("infeasible", "ways out", "way_amount", (YEAR, WAY, LIMIT), plus(1e-3)),
    ("infeasible", "ways out", "way_share", WAY, times(1.001)),
    ("infeasible", "ways out", "way_bound", WAY, times(1.01)),
    ("infeasible", "ways out", "way_slots", (YEAR, WAY, CITY), plus(1.0)),
    ("infeasible", "limits out of reach", "risk_limit", 0, plus(0.01)),
    ("infeasible", "limits out of reach", "risk_floor", 0, plus(0.1)),
    ("sensitivity", "indices", "sensitivity_sd", 0, times(-1.0)),
    ("sensitivity", "indices", "slots", (YEAR, 0, CITY), plus(0.5)),
    ("sensitivity", "labels", "factor_id", 3, lambda _: "queue.other"),
    ("sensitivity", "indices again", "sensitivity_mean", 0, times(1.01)),
    ("measures", "labels", "region_name", 1, lambda _: "Hill"),
    ("measures", "measures as written", "measure_units", 0, plus(0.5)),
    ("measures", "signs beside ratings", "measure_cost", 0, times(1.01)),
    ("measures", "shortage avoided in order", "measure_fte_low", 0, plus(1e4)),
    ("measures", "measures again", "measure_avoided_mean", 0, times(1.01)),
    ("backtest", "labels", "year", 3, plus(1)),
    ("scenario", "projection again", "input_queue_leakage", 0, times(1.01)),
    ("frontier", "plans again", "over_risk", (0, 0), times(0.99)),
    ("infeasible", "ways out again", "way_amount", (slice(None), 1, LIMIT), times(0.99)),
]
MAIN = {
    "run": "slots",
    "projection": "supply_mean",
    "scenario": "ensemble_supply",
    "frontier": "over_slots",
    "replication": "replication_fresh",
    "infeasible": "way_amount",
    "sensitivity": "sensitivity_mu_star",
    "measures": "measure_fte_median",
    "backtest": "backtest_mean",
}


def changed(path: Path, name: str, place: Any, change: Change) -> xr.Dataset:
    data = open_result(path)
    values = data[name].values.copy()
    if values.dtype.kind == "U":
        values = values.astype(object)
    values[place] = change(values[place])
    values = values.astype(str) if values.dtype.kind == "O" else values
    return data.drop_indexes(name, errors="ignore").assign({name: data[name].copy(data=values)})


@pytest.mark.parametrize(
    ("kind", "check", "name", "place", "change"),
    TAMPERED,
)
def test_new_checksums_do_not_hide_a_change(
    made: Maker, tmp_path: Path, kind: str, check: str, name: str, place: Any, change: Change
) -> None:
    data = changed(made(kind), name, place, change)
    path = write_result(data, tmp_path / "sealed.nc", data.attrs)
    said = command("verify", path)
    assert (said.code, said.errors) == (1, [])
    assert check in failures(said), said.out
    assert not [each for each in failures(said) if "checksum" in each]


def test_every_kind_and_each_of_its_checks_was_tampered_with() -> None:
    assert {(kind, check) for kind, check, *_ in TAMPERED} >= {
        (kind, check)
        for kind in ("frontier", "replication", "infeasible", "sensitivity")
        for check in CONTENT[kind] - {"labels"}
    }
    assert {kind for kind, *_ in TAMPERED} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_changed_byte_is_named_by_verify_and_refused_by_the_others(
    made: Maker, tmp_path: Path, kind: str
) -> None:
    copy = tmp_path / "changed.nc"
    shutil.copyfile(made(kind), copy)
    with netCDF4.Dataset(copy, "a") as file:
        values = file[MAIN[kind]][...]
        values.flat[0] += 1.0
        file[MAIN[kind]][...] = values
    said = command("verify", copy)
    assert said.code == 1
    assert failures(said)["checksum of each variable"] == f"{MAIN[kind]} was changed"
    for arguments in others(copy, tmp_path):
        said = command(*arguments)
        assert (said.code, said.out) == (2, [])
        assert len(said.errors) == 1
        assert said.errors[0].endswith(f"checksum ({MAIN[kind]}); the file was changed")


def others(path: Path, folder: Path) -> list[list[object]]:
    """All commands but verify that read a result file."""
    return [
        ["rerun", "--quiet", path],
        ["diff", path, path],
        ["export", path, "--format", "csv", "--out", folder / "tables"],
    ]


def cut(path: Path, length: int, folder: Path) -> Path:
    short = folder / "short.nc"
    short.write_bytes(path.read_bytes()[:length])
    return short


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_file_gets_one_line(made: Maker, tmp_path: Path, kind: str) -> None:
    whole = made(kind).stat().st_size
    for length in (0, 1, 8, 512, whole // 2, whole - 1000, whole - 1):
        path = cut(made(kind), length, tmp_path)
        for arguments in (["verify", path], *others(path, tmp_path)):
            said = command(*arguments)
            assert (said.code, said.out, len(said.errors)) == (2, [], 1), (length, arguments)
            assert said.errors[0].startswith(f"lis1plan: {path}: cannot be read as NetCDF; ")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_file_cut_anywhere_is_refused(made: Maker, data: st.DataObject) -> None:
    whole = made(data.draw(st.sampled_from(KINDS)))
    path = cut(whole, data.draw(st.integers(0, whole.stat().st_size - 1)), whole.parent)
    said = command("verify", path)
    path.unlink()
    assert (said.code, said.out, len(said.errors)) == (2, [], 1)


# ---------------------------------------------------------------------------------------- rerun


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_made_again_bit_for_bit(made: Maker, tmp_path: Path, kind: str) -> None:
    said = command("rerun", "--quiet", made(kind), "--out", tmp_path)
    assert (said.code, said.errors) == (0, [])
    assert said.out[-1] == "identical: the same data came out, bit for bit"
    one, other = open_result(made(kind)), open_result(tmp_path / made(kind).name)
    assert all(other[name].identical(one[name]) for name in one.variables)
    assert set(other.variables) == set(one.variables)
    made_anew = {"history", "date_created", "command_line", "data_sha256"}
    compared = {key for key in one.attrs if not key.startswith("seconds")} - made_anew
    assert {key for key in compared if str(other.attrs.get(key)) != str(one.attrs[key])} == set()
    assert command("verify", tmp_path / made(kind).name).code == 0


UNSEEN: dict[str, tuple[str, Any, Change]] = {
    "frontier": ("over_lower_bound", 1, times(0.99)),
    "run": ("replication_lower_bound", (1, 0), times(0.99)),
    "replication": ("replication_lower_bound", (1, 0), times(0.99)),
    "infeasible": ("way_bound", WAY, times(0.99)),
}
"""Numbers that only searching again can judge."""


@pytest.mark.parametrize("kind", list(UNSEEN))
def test_what_no_check_can_judge_is_named_and_found_by_doing_it_again(
    made: Maker, tmp_path: Path, kind: str
) -> None:
    name, place, change = UNSEEN[kind]
    data = changed(made(kind), name, place, change)
    path = write_result(data, tmp_path / "sealed.nc", data.attrs)
    said = command("verify", path)
    assert said.code == 0
    assert name in " ".join(line for line in said.out if "not recomputed" in line)
    said = command("rerun", "--quiet", path)
    assert (said.code, said.errors) == (1, [])
    assert said.out[-2].startswith(f"{name}: 1 of ")
    assert said.out[-1] == "different: 1 variables or findings differ"


def test_file_of_no_known_kind_is_not_made_again(made: Maker, tmp_path: Path) -> None:
    data = open_result(made("sensitivity"))
    path = write_result(data, tmp_path / "table.nc", data.attrs | {"result_kind": "campaign"})
    said = command("rerun", "--quiet", path)
    assert (said.code, said.out) == (2, [])
    assert "holds the table of a campaign, which rerun does not make again" in said.errors[0]
    assert command("verify", path).code == 0


# ----------------------------------------------------------------------------------------- diff


@pytest.mark.parametrize("kind", KINDS)
def test_file_does_not_differ_from_itself(made: Maker, kind: str) -> None:
    assert command("diff", made(kind), made(kind)) == (0, ["identical data"], [])


@pytest.mark.parametrize("kind", KINDS)
def test_other_seed_is_told_in_words(made: Maker, kind: str) -> None:
    one, other = open_result(made(kind)), open_result(made(kind, seed=2))
    said = command("diff", made(kind), made(kind, seed=2))
    assert (said.code, said.errors) == (1, [])
    assert "study: sampling.seed: 1 → 2" in said.out
    assert "sample: seed: 1 → 2" in said.out
    titles = {line.partition(":")[0] for line in said.out[:-1]}
    by_part = {name for title, names in TOLD.items() if title in titles for name in names}
    differ = {
        str(name)
        for name in one.variables
        if name not in other.variables or variable_sha256(one[name]) != variable_sha256(other[name])
    }
    told = {line.split(": ")[1] for line in said.out if line.startswith("data: ")}
    assert told & set(one.variables) == differ - by_part
    assert MAIN[kind] in told | by_part
    assert said.out[-1].endswith(" variables or findings differ")


@pytest.mark.parametrize(
    ("kind", "next_kind"), list(zip(KINDS, KINDS[1:] + KINDS[:1], strict=True))
)
def test_other_kinds_are_not_compared(made: Maker, kind: str, next_kind: str) -> None:
    one, other = made(kind), made(next_kind)
    line = (
        f"lis1plan: {other}: holds {HOLDS[next_kind]}, and {one} {HOLDS[kind]}; "
        "name two results of the same kind"
    )
    assert command("diff", one, other) == (2, [], [line])


@pytest.mark.parametrize(
    ("kind", "option", "before", "after"),
    [
        ("frontier", "over", "risk.country.limit", "risk.coast.limit"),
        ("run", "replications", 2, 3),
    ],
)
def test_other_question_of_the_same_kind_is_told(
    made: Maker, tmp_path: Path, kind: str, option: str, before: object, after: object
) -> None:
    data = open_result(made(kind))
    other = write_result(data, tmp_path / "other.nc", data.attrs | {option: after})
    said = command("diff", made(kind), other)
    assert said.out == [f"sample: {option}: {before} → {after}", "identical data"]


# --------------------------------------------------------------------------------------- export

Columns = dict[str, list[Any]]


def from_csv(path: Path, locale: str) -> Columns:
    with path.open(encoding="utf-8-sig" if locale == "nb" else "utf-8", newline="") as file:
        heads, *rows = csv.reader(file, delimiter=";" if locale == "nb" else ",")
    return {head: [row[c] for row in rows] for c, head in enumerate(heads)}


def from_workbook(path: Path) -> list[Columns]:
    found = []
    for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
        heads, *rows = sheet.iter_rows(values_only=True)
        names = [str(head).partition(" [")[0] for head in heads]
        found.append({name: [row[c] for row in rows] for c, name in enumerate(names)})
    return found


def exported(path: Path, form: str, locale: str, folder: Path) -> list[Columns]:
    """The tables of a result, read back."""
    said = command("export", path, "--format", form, "--locale", locale, "--out", folder)
    assert said.code == 0
    files = [Path(line) for line in said.out]
    assert sorted(folder.iterdir()) == sorted(files)
    if form == "xlsx":
        return from_workbook(files[0])
    if form == "parquet":
        return [pyarrow.parquet.read_table(file).to_pydict() for file in files]
    return [from_csv(file, locale) for file in files]


def number(cell: Any, locale: str) -> float:
    if cell in (None, ""):
        return float("nan")
    if isinstance(cell, str) and locale == "nb":
        assert "." not in cell, cell
        cell = cell.replace(",", ".")
    return float(cell)


def places(data: xr.Dataset, dim: str, table: Columns) -> list[int]:
    """Where along a dimension each row of a table lies, by its labels."""
    if dim == "time":
        cells, labels = table["year"], data["year"].values
    elif f"{dim}_id" in data.variables:
        identifiers = data[f"{dim}_id"].values.tolist()
        return [identifiers.index(cell) for cell in table[dim]]
    else:
        at = data[dim].values if dim in data.variables else np.arange(1, data.sizes[dim] + 1)
        cells, labels = table[dim], at
    known = {float(label): n for n, label in enumerate(labels)}
    return [known[float(str(cell).replace(",", "."))] for cell in cells]


FORMS = (("csv", "nb"), ("csv", "en"), ("parquet", "en"), ("xlsx", "nb"))
LARGE = ("projection", "scenario")


@pytest.mark.parametrize(
    ("kind", "form", "locale"),
    [
        (kind, *form)
        for kind in KINDS
        for n, form in enumerate(FORMS)
        if (n == 0 or kind not in LARGE) and (kind, form[0]) != ("run", "xlsx")
    ],  # the workbook of a run is for readers (tests/report/test_export.py)
)
def test_tables_hold_every_value_at_its_labels(
    made: Maker, tmp_path: Path, kind: str, form: str, locale: str
) -> None:
    data = open_result(made(kind))
    tables = exported(made(kind), form, locale, tmp_path)
    left_out = {str(n) for n in data.data_vars if form == "xlsx" and str(n).startswith("ensemble")}
    heads = [name for table in tables for name in table]
    for name in map(str, data.data_vars):
        assert heads.count(name) == (name not in left_out), name
        if name in left_out:
            continue
        table = next(table for table in tables if name in table)
        at = tuple(np.array(places(data, str(dim), table), int) for dim in data[name].dims)
        assert len(set(zip(*at, strict=True))) == data[name].size, name
        wanted = data[name].values[at]
        if wanted.dtype.kind == "U":
            assert table[name] == wanted.tolist()
            continue
        found = np.array([number(cell, locale) for cell in table[name]]).astype(wanted.dtype)
        digits = 1e-15 if form == "xlsx" else 0.0  # a workbook keeps 16 digits
        assert np.allclose(found, wanted, rtol=digits, atol=0.0, equal_nan=True), name


@pytest.mark.parametrize("kind", KINDS)
def test_norwegian_csv_has_decimal_commas_and_semicolons(
    made: Maker, tmp_path: Path, kind: str
) -> None:
    exported(made(kind), "csv", "nb", tmp_path)
    (path,) = (p for p in tmp_path.iterdir() if MAIN[kind] in from_csv(p, "nb"))
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b";" in raw.splitlines()[0]
    assert b"," not in raw.splitlines()[0]
    data, table = open_result(made(kind)), from_csv(path, "nb")
    for name in table:
        if name not in data.data_vars or data[name].values.dtype.kind == "U":
            continue
        values = data[name].values[np.isfinite(data[name].values)]
        broken = bool((values != np.round(values)).any())
        assert any("," in cell for cell in table[name]) == broken, name
        assert not any("." in cell for cell in table[name]), name
