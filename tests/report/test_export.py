"""Export: what is read back from xlsx, CSV and Parquet equals the result, and runs no formula."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet
import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.files.store import open_result
from lis1plan.report.export.tables import Table, tables_of
from lis1plan.report.export.write import export
from lis1plan.report.texts.words import Words

pytestmark = pytest.mark.thorough

Columns = dict[str, list[Any]]
REGIONS = ["Helse Nord", "Helse Midt-Norge", "Helse Vest", "Helse Sør-Øst"]


@pytest.fixture(scope="module")
def result(small_result: Path) -> xr.Dataset:
    return open_result(small_result)


@pytest.fixture(scope="module")
def few(result: xr.Dataset) -> xr.Dataset:
    """A few of its variables with every kind of text: names, units, attributes."""
    return result[["slots", "level", "supervision_unit", "shadow_dual", "shadow_unit"]]


def from_csv(path: Path, locale: str) -> Columns:
    text = path.read_bytes().decode("utf-8-sig" if locale == "nb" else "utf-8")
    rows = list(csv.reader(text.splitlines(), delimiter=";" if locale == "nb" else ","))
    columns = zip(*rows[1:], strict=True)
    return {head: list(cells) for head, cells in zip(rows[0], columns, strict=True)}


def from_workbook(path: Path) -> dict[str, Columns]:
    book = openpyxl.load_workbook(path, read_only=True)
    found = {}
    for sheet in book.worksheets:
        heads, *rows = sheet.iter_rows(values_only=True)
        columns = zip(*rows, strict=True)
        found[sheet.title] = {
            str(head).partition(" [")[0]: list(cells)
            for head, cells in zip(heads, columns, strict=True)
        }
    return found


def number(cell: Any, locale: str = "en") -> float:
    if cell in (None, ""):
        return float("nan")
    return float(cell.replace(",", ".") if locale == "nb" and isinstance(cell, str) else cell)


def agree(tables: list[Table], name: str, column: list[Any], relative: float = 0.0) -> None:
    """A column read back is the one that was written."""
    table = next(table for table in tables if name in table.columns)
    values = table.columns[name]
    if values.dtype.kind == "O":
        assert column == values.tolist()
    else:
        read = np.array(column, values.dtype)
        assert np.allclose(read, values, rtol=relative, atol=0.0, equal_nan=True), name


# -------------------------------------------------------------------------------- read back


def test_every_variable_stands_in_one_table(result: xr.Dataset) -> None:
    tables = tables_of(result, Words("en"))
    held = [name for table in tables for name in table.units]
    assert sorted(held) == sorted(map(str, result.data_vars))
    assert tables[0].name == "plan"
    assert len({table.name for table in tables}) == len(tables)
    assert all(len(table.name) <= 31 for table in tables)  # of a sheet
    for table in tables:
        assert {len(values) for values in table.columns.values()} == {table.rows}


def test_every_value_stands_at_its_labels(result: xr.Dataset) -> None:
    """Each row of a table names the place its values come from."""
    for table in tables_of(result, Words("en")):
        rows = np.random.default_rng(1).integers(0, table.rows, 20)
        for name in table.units:
            for row in rows:
                place = {
                    str(dim): _index(result, str(dim), table, row) for dim in result[name].dims
                }
                found, wanted = table.columns[name][row], result[name].isel(place).values[()]
                assert found == wanted or (found != found and wanted != wanted), name


def _index(result: xr.Dataset, dim: str, table: Table, row: int) -> int:
    if dim == "time":
        return int(np.flatnonzero(result["year"].values == table.columns["year"][row])[0])
    if f"{dim}_id" in result:
        return result[f"{dim}_id"].values.tolist().index(table.columns[dim][row])
    if dim in result.variables:
        return int(np.flatnonzero(result[dim].values == table.columns[dim][row])[0])
    return int(table.columns[dim][row]) - 1


@pytest.mark.parametrize("locale", ["en", "nb"])
def test_csv_holds_the_result(result: xr.Dataset, tmp_path: Path, locale: Any) -> None:
    written = export(result, tmp_path, "small", "csv", locale)
    tables = tables_of(result, Words(locale))
    assert [path.name for path in written.files] == [f"small-{t.name}.csv" for t in tables]
    assert sorted(tmp_path.iterdir()) == sorted(written.files)
    for table, path in zip(tables, written.files, strict=True):
        columns = from_csv(path, locale)
        assert list(columns) == list(table.columns)
        for name in table.units:
            texts = table.columns[name].dtype.kind == "O"
            cells = columns[name] if texts else [number(c, locale) for c in columns[name]]
            agree(tables, name, cells)


def test_norwegian_csv_is_what_a_norwegian_excel_opens(result: xr.Dataset, tmp_path: Path) -> None:
    export(result, tmp_path, "small", "csv", "nb")
    raw = (tmp_path / "small-years_by_region.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfyear;plan;")
    assert "Helse Sør-Øst".encode() in raw
    first = from_csv(tmp_path / "small-years_by_region.csv", "nb")
    assert all("." not in cell for cell in first["supply_mean"])
    assert any("," in cell for cell in first["supply_mean"])
    assert "Den valgte planen" in first["plan_name"]


def test_workbook_holds_the_result(result: xr.Dataset, tmp_path: Path) -> None:
    written = export(result, tmp_path, "small", "xlsx")
    sheets, tables = from_workbook(written.files[0]), tables_of(result, Words("en"))
    assert list(sheets) == [table.name for table in tables]
    assert written.left_out == []
    for table in tables:
        for name in table.units:
            cells = sheets[table.name][name]
            texts = table.columns[name].dtype.kind == "O"
            assert texts or all(isinstance(cell, int | float | None) for cell in cells), name
            # a workbook keeps 16 digits of a number
            agree(tables, name, cells if texts else [number(c) for c in cells], relative=1e-15)
    found = dict(zip(sheets["bounds"]["what"], sheets["bounds"]["value"], strict=True))
    wanted = pytest.approx(result.attrs["lower_bound"], rel=1e-15, abs=0.0)
    assert found["lower_bound"] == wanted


def test_workbook_heads_say_what_is_counted(result: xr.Dataset, tmp_path: Path) -> None:
    (path,) = export(result, tmp_path, "small", "xlsx").files
    sheet = openpyxl.load_workbook(path, read_only=True)["cost_by_payer"]
    heads = [cell.value for cell in next(iter(sheet.iter_rows(max_row=1)))]
    keys = ["year", "plan", "plan_name", "payer", "payer_name"]
    told = ("payer", "bought", "training", "credit")
    assert heads == [*keys, *(f"cost_{name} [NOK]" for name in told)]


def test_parquet_holds_the_result(result: xr.Dataset, tmp_path: Path) -> None:
    written = export(result, tmp_path, "small", "parquet")
    tables = tables_of(result, Words("en"))
    for table, path in zip(tables, written.files, strict=True):
        found = pyarrow.parquet.read_table(path)
        assert found.column_names == list(table.columns)
        for name, unit in table.units.items():
            agree(tables, name, found[name].to_pylist())
            counts = (found.schema.field(name).metadata or {}).get(b"counts", b"").decode()
            assert counts == unit


def test_missing_values_are_empty(tmp_path: Path, result: xr.Dataset) -> None:
    gone = result.assign(frontier_cost=result["frontier_cost"] * np.nan)
    export(gone, tmp_path, "gone", "csv")
    assert set(from_csv(tmp_path / "gone-frontier.csv", "en")["frontier_cost"]) == {""}
    (book,) = export(gone, tmp_path, "gone", "xlsx").files
    assert set(from_workbook(book)["frontier"]["frontier_cost"]) == {None}


# ---------------------------------------------------------------------------------- no formulas

DANGER = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("text", DANGER)
@pytest.mark.parametrize("locale", ["en", "nb"])
def test_text_of_a_study_is_never_a_formula(
    few: xr.Dataset, tmp_path: Path, text: str, locale: Any
) -> None:
    names = few["region_name"].values.astype(object)
    names[0] = text
    bad = few.assign_coords(region_name=("region", names.astype(str))).assign_attrs(title=text)
    export(bad, tmp_path, "bad", "csv", locale)
    for table, column in (("plan", "region_name"), ("provenance", "value")):
        raw = (tmp_path / f"bad-{table}.csv").read_bytes().decode("utf-8-sig")
        lines = io.StringIO(raw, newline="")
        reader = csv.DictReader(lines, delimiter=";" if locale == "nb" else ",")
        cells = {row[column] for row in reader}
        assert f"'{text}" in cells
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))]
    (path,) = export(bad, tmp_path, "bad", "xlsx", locale).files
    book = openpyxl.load_workbook(path)
    assert book["plan"]["E2"].data_type == "s"
    formulas = [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert formulas == []


def test_negative_numbers_stay_numbers(result: xr.Dataset, tmp_path: Path) -> None:
    below = result.assign(supply_mean=-result["supply_mean"])
    export(below, tmp_path, "below", "csv")
    cells = from_csv(tmp_path / "below-years_by_region.csv", "en")["supply_mean"]
    assert all(cell.startswith("-") for cell in cells)


# ---------------------------------------------------------------------------------- the command


def command(*arguments: object) -> tuple[int, list[str], list[str]]:
    done = CliRunner().invoke(main, ["export", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()


def test_command_names_the_files(small_result: Path, tmp_path: Path) -> None:
    code, said, errors = command(small_result, "--format", "xlsx", "--out", tmp_path / "new")
    assert (code, errors) == (0, [])
    assert said == [str(tmp_path / "new" / f"{small_result.stem}.xlsx")]


def test_missing_library_is_named(
    small_result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, said, errors = command(small_result, "--format", "parquet", "--out", tmp_path)
    assert (code, said) == (2, [])
    assert errors == [
        "lis1plan: Parquet needs the library pyarrow; in the folder of lis1plan: pip install "
        "'.[parquet]'"
    ]
    assert list(tmp_path.iterdir()) == []


def test_interrupted_export_leaves_nothing_half_written(
    result: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Any, *rest: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("xlsxwriter.worksheet.Worksheet.autofilter", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export(result, tmp_path, "small", "xlsx")
    assert list(tmp_path.iterdir()) == []
