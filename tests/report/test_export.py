"""Export: what is read back from xlsx, CSV and Parquet equals the result, and runs no formula."""

from __future__ import annotations

import csv
import io
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet
import pytest
import xarray as xr
from click.testing import CliRunner

from lis1plan.cli import main
from lis1plan.core.compute.place import silent
from lis1plan.core.files.store import open_result
from lis1plan.core.study.world import Row
from lis1plan.core.system.posts import no_slots
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.report.export.tables import Table, tables_of
from lis1plan.report.export.write import export
from lis1plan.report.reading import Reading
from lis1plan.report.sections.sources import figure_value
from lis1plan.report.texts.figures import figure_name
from lis1plan.report.texts.risk import judged_title
from lis1plan.report.texts.words import Words

from ..helpers.decided_posts import decided
from ..helpers.small_study import small_study

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


def from_workbook(path: Path, skip: int = 1) -> dict[str, Columns]:
    """Sheets with columns; the first, the answer, has none."""
    book = openpyxl.load_workbook(path, read_only=True)
    found = {}
    for sheet in book.worksheets[skip:]:
        heads, *rows = sheet.iter_rows(values_only=True)
        columns = zip(*rows, strict=True)
        found[sheet.title] = {
            str(head): list(cells) for head, cells in zip(heads, columns, strict=True)
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


def answer_of(path: Path) -> Any:
    return openpyxl.load_workbook(path).worksheets[0]


@pytest.mark.parametrize("locale", ["en", "nb"])
def test_workbook_begins_with_the_answer(result: xr.Dataset, tmp_path: Path, locale: Any) -> None:
    """Title and sentence, four figures in rows 4 to 8, the plan from row 10 with sums."""
    (path,) = export(result, tmp_path, "small", "xlsx", locale).files
    sheet, words, reading = answer_of(path), Words(locale), Reading(result)
    assert sheet.title == words("workbook.answer_name")
    assert sheet["A1"].value == words.name(reading.study.title)
    total = words.number(float(reading.slots.sum()))
    assert f" {total} " in sheet["A2"].value
    last = reading.study.time.window[1]
    t, none = reading.year(last), reading.none
    figures = [[sheet.cell(row, column).value for column in (2, 3)] for row in range(5, 9)]
    wanted = [
        [reading.at("plan_cost", plan=p) / 1e9 for p in (0, none)],
        [reading.at("national_shortage_probability", plan=p, time=t) for p in (0, none)],
        [reading.at("national_missing_mean", plan=p, time=t) for p in (0, none)],
        [reading.at("risk_in_sample", plan=p, limit=reading.national) for p in (0, none)],
    ]
    assert np.allclose(figures, wanted)
    years = [sheet.cell(11 + n, 1).value for n in range(len(reading.slot_years))]
    assert years == list(map(str, reading.slot_years))
    end = 11 + len(years)
    assert sheet.cell(end, 2).value == f"=SUM(B11:B{end - 1})"
    assert sheet.cell(11, 6).value == "=SUM(B11:E11)"
    values = openpyxl.load_workbook(path, data_only=True).worksheets[0]  # of those who add nothing
    assert values.cell(end, 6).value == reading.slots.sum()
    cells = [cell for row in sheet.iter_rows() for cell in row]
    links = {cell.hyperlink.location for cell in cells if cell.hyperlink}
    others = openpyxl.load_workbook(path).sheetnames[1:]
    assert links == {f"'{name}'!A1" for name in others}
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage  # one page wide and high unless said
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, None)
    assert len(sheet._charts) == 1


@pytest.mark.parametrize("locale", ["en", "nb"])
def test_workbook_speaks_in_words(result: xr.Dataset, tmp_path: Path, locale: Any) -> None:
    """Names instead of codes, yes and no instead of numbers; at most twelve sheets."""
    (path,) = export(result, tmp_path, "small", "xlsx", locale).files
    book, words = openpyxl.load_workbook(path), Words(locale)
    assert len(book.sheetnames) <= 12
    assert book.sheetnames[-1] == words("workbook.about")
    codes = {*map(str, result.data_vars), *result["region_id"].values, *result["plan_id"].values}
    codes -= {
        words.name(str(x)) for dim in ("region", "plan") for x in result[f"{dim}_name"].values
    }
    for sheet in book.worksheets[1:-1]:
        assert sheet.freeze_panes == "A2"
        rows = list(sheet.iter_rows(values_only=True))
        assert not codes & {str(cell) for row in (rows[0], *rows[1:40]) for cell in row}
    sheets = from_workbook(path)
    kept = sheets[words("workbook.limits")][words("workbook.kept")]
    assert kept
    assert set(kept) <= {words("word.yes"), words("word.no")}


def test_workbook_holds_what_the_result_says(result: xr.Dataset, tmp_path: Path) -> None:
    (path,) = export(result, tmp_path, "small", "xlsx").files
    sheets, reading = from_workbook(path), Reading(result)
    balance = sheets["Supply and need"]
    assert balance["Year"] == reading.years
    need = reading.values("national_demand_quantile")
    assert np.allclose(balance["Need, FTE"], need[:, reading.median], rtol=1e-15)
    assert np.allclose(
        balance["Unmet need with the plan, mean, FTE"],
        reading.values("national_missing_mean", plan=0),
        rtol=1e-15,
    )
    plans = sheets["Plans"]
    decided = [reading.year(year) for year in reading.study.decision_years]
    opened = reading.values("slots")[decided].swapaxes(0, 1).ravel()
    assert plans["New posts"] == opened.tolist()
    assert plans["Plan"][0] == "The chosen plan"
    regional = sheets["Regions"]
    first = reading.values("supply_quantile", plan=0)[:, reading.median].ravel()
    assert np.allclose(regional["Supply with the plan, FTE"], first, rtol=1e-15)
    payers = sheets[f"Cost, NOK (prices of {reading.study.cost.price_year})"]
    for n, name in enumerate(reading.names("payer")):
        paid = reading.values("cost_payer", plan=0)[:, n]
        assert np.allclose(payers[Words("en").name(name)], paid, rtol=1e-15)
    about = sheets["About"]
    named = about["Variable or attribute (result file, CSV)"]
    assert {*map(str, result.data_vars)} <= set(named)
    value = about["Table (CSV) or value"][named.index("lower_bound")]
    assert float(value) == result.attrs["lower_bound"]


Told = Callable[[dict[str, int]], float | str]
LABELS = {"year": "time", "group": "specialty"} | {
    name: name for name in ("plan", "region", "capacity", "limit")
}
"""Dimension along which a column of labels lies."""


def at(reading: Reading, name: str, scale: float = 1.0, **fixed: int) -> Told:
    """A variable at the place of a row, and at what is fixed."""
    dims = [str(dim) for dim in reading.data[name].dims if dim not in fixed]
    return lambda place: reading.at(name, **{dim: place[dim] for dim in dims}, **fixed) / scale


def by_year(reading: Reading) -> dict[str, dict[str, Told]]:
    """Columns of the country, regions and groups by year."""
    m, both = reading.median, {"with": 0, "without": reading.none}
    need, supply = (f"national_{name}_quantile" for name in ("demand", "supply"))
    ends = {"low": 0, "high": -1}
    country = {"need": at(reading, need, quantile=m)}
    country |= {f"need_{key}": at(reading, need, quantile=q) for key, q in ends.items()}
    country |= {f"with_{key}": at(reading, supply, quantile=q, plan=0) for key, q in ends.items()}
    regions = {"need": at(reading, "demand_quantile", quantile=m)}
    groups = {"need": at(reading, "demand_group_quantile", quantile=m)}
    for key, plan in both.items():
        country[key] = at(reading, supply, quantile=m, plan=plan)
        country[f"chance_{key}"] = at(reading, "national_shortage_probability", plan=plan)
        country[f"unmet_{key}"] = at(reading, "national_missing_mean", plan=plan)
        regions[key] = at(reading, "supply_quantile", quantile=m, plan=plan)
        regions[f"chance_{key}"] = at(reading, "shortage_probability", plan=plan)
        regions[f"shortfall_{key}"] = at(reading, "shortfall_mean", plan=plan)
        groups[key] = at(reading, "supply_group_median", plan=plan)
    return {"balance": country, "regions": regions, "groups": groups}


def of_capacity(reading: Reading) -> dict[str, Told]:
    """What the plan needs, what there is with all that can be bought, and the share used."""
    units, need = reading.data["supervision_unit"].values, at(reading, "supervision_need", plan=0)

    def room(place: dict[str, int]) -> float:
        bought = 0.0
        if reading.has("supervision_most_bought"):
            bought = float(at(reading, "supervision_most_bought")(place))
        return float(at(reading, "supervision_capacity")(place)) + (
            math.inf if np.isnan(bought) else bought
        )

    def used(place: dict[str, int]) -> float:
        return float(need(place)) / room(place) if room(place) > 0.0 else math.nan

    unit = {"unit": lambda place: str(units[place["capacity"]])}
    return unit | {"needed": need, "room": room, "used": used}


def of_cost(reading: Reading, words: Words) -> dict[str, Told]:
    """What the plan costs by year: each payer, and all of them."""
    payers = enumerate(reading.names("payer"))
    paid = {words.name(name): at(reading, "cost_payer", plan=0, payer=n) for n, name in payers}
    return paid | {name: at(reading, name, plan=0) for name in ("cost_gross", "cost_report")}


def of_limits(reading: Reading, words: Words) -> dict[str, Told]:
    """Every limit on risk under every plan."""
    allowed, risk = at(reading, "risk_limit"), at(reading, "risk_in_sample")

    def kept(place: dict[str, int]) -> str:
        most = float(allowed(place))
        return "" if np.isnan(most) else words.yes(float(risk(place)) <= most + 1e-12)

    found: dict[str, Told] = {
        "judged": lambda place: judged_title(reading.limits[place["limit"]], words),
        "allowed": allowed,
        "risk": risk,
        "kept": kept,
    }
    return found | ({"fresh": at(reading, "risk_fresh")} if reading.searched else {})


def yes(flag: Told, words: Words) -> Told:
    return lambda place: words.yes(float(flag(place)) > 0.0)


def beside(reading: Reading, words: Words) -> dict[str, Told]:
    """Plans side by side in the last year judged."""
    t = reading.year(reading.study.time.window[1])
    found: dict[str, Told] = {
        "opened": lambda place: float(reading.data["slots"].isel(plan=place["plan"]).sum()),
        "present": at(reading, "plan_cost", 1e9),
        "chance": at(reading, "national_shortage_probability", time=t),
        "unmet": at(reading, "national_missing_mean", time=t),
    }
    flags = ("plan_keeps_limits", "plan_breaks_supervision")
    return found | {name: yes(at(reading, name), words) for name in flags if reading.has(name)}


def of_frontier(reading: Reading, words: Words) -> dict[str, Told]:
    """What a stricter limit costs."""
    said = ("word.infeasible", "word.solved", "word.stopped")
    status = at(reading, "frontier_status")
    return {
        "limit": at(reading, "frontier_limit"),
        "status": lambda place: words(said[int(status(place))]),
        "opened": at(reading, "frontier_total"),
        "present": at(reading, "frontier_cost", 1e9),
    }


def columns_of(reading: Reading, words: Words) -> dict[str, dict[str, Told]]:
    """What every column of every sheet must hold, from the place of its row: text or number."""
    return by_year(reading) | {
        "capacities": of_capacity(reading),
        "cost": of_cost(reading, words),
        "limits": of_limits(reading, words),
        "beside": beside(reading, words),
        **({"frontier": of_frontier(reading, words)} if reading.searched else {}),
    }


@pytest.fixture(scope="module")
def posts() -> xr.Dataset:
    """A projection of a study that decides on posts of groups, too."""
    study = decided(small_study(3, groups=2, scenarios=12))
    plan = no_slots(study)
    plan[0, 1], plan[2, 0], plan[5, 3] = 2.0, 3.0, 4.0
    return projected(JobRequest(study, ProjectOptions(), {PLAN: plan}), 1, silent)


@pytest.mark.parametrize("locale", ["en", "nb"])
@pytest.mark.parametrize("which", ["result", "posts"])
def test_every_cell_of_a_workbook_is_that_of_its_row(
    which: str, locale: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No column is without a variable, no row stands twice, and none is missing."""
    data = request.getfixturevalue(which)
    (path,) = export(data, tmp_path, "all", "xlsx", locale).files
    sheets, reading, words = from_workbook(path), Reading(data), Words(locale)
    year, price = reading.study.time.window[1], reading.study.cost.price_year
    wanted = columns_of(reading, words)
    for name, columns in wanted.items():
        sheet = sheets.pop(words(f"workbook.{name}", year=price))
        labels = {
            words(f"workbook.{key}"): dim for key, dim in LABELS.items() if key not in columns
        }
        axes = {dim: sheet.pop(head) for head, dim in labels.items() if head in sheet}
        axes = axes or {"frontier": list(range(data.sizes["frontier"]))}
        places = rows_of(reading, words, axes)
        size = math.prod(data.sizes[dim] for dim in axes)
        assert len({tuple(place.values()) for place in places}) == len(places) == size, name
        for key, told in columns.items():
            head = key if key in sheet else words(f"workbook.{key}", year=year)
            for place, cell in zip(places, sheet.pop(head), strict=True):
                same_cell(cell, told(place), f"{name}.{key} {place}")
        assert sheet == {}, name
    assert set(sheets) == {words(f"workbook.{key}") for key in ("plans", "figures", "about")}


def rows_of(reading: Reading, words: Words, axes: dict[str, list[Any]]) -> list[dict[str, int]]:
    """Where each row lies, by its labels."""
    known: dict[str, list[Any]] = {
        dim: [words.name(x) for x in reading.names(dim)] if f"{dim}_name" in reading.data else cells
        for dim, cells in axes.items()
    }
    known |= {"time": list(reading.years)}
    rows = zip(*axes.values(), strict=True)
    return [
        {dim: known[dim].index(label) for dim, label in zip(axes, row, strict=True)} for row in rows
    ]


def same_cell(cell: Any, wanted: float | str, where: str) -> None:
    if isinstance(wanted, str):
        assert (cell or "") == wanted, where
    elif math.isfinite(wanted):
        assert cell == pytest.approx(wanted, rel=1e-15, abs=0.0), where
    else:
        assert cell is None, where


def test_the_answer_holds_limits_and_cost(posts: xr.Dataset, tmp_path: Path) -> None:
    """At most, without the plan and with it; every fifth year by payer, and in all."""
    (path,) = export(posts, tmp_path, "all", "xlsx").files
    reading, words = Reading(posts), Words("en")
    page = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    first = [row[0] for row in rows]
    under = first.index(words("workbook.limit")) + 1
    risk, none = posts["risk_in_sample"].values, reading.none
    for n, limit in enumerate(reading.limits):
        for cell, wanted in zip(
            rows[under + n][1:4], (limit.at_most, risk[none, n], risk[0, n]), strict=True
        ):
            same_cell(cell, float(wanted), limit.name)
        assert rows[under + n][4] == words.yes(risk[0, n] <= limit.at_most)
    price = reading.study.cost.price_year
    under = first.index(words("workbook.by_payer", year=price)) + 1
    years = [int(cell) for cell in rows[under - 1][1:] if cell]
    assert years == list(range(reading.study.time.first_decision, reading.years[-1] + 1, 5))
    at = [reading.year(year) for year in years]
    cost = posts["cost_payer"].values[at, 0] / 1e6
    assert cost.any()
    for n, name in enumerate(reading.names("payer")):
        assert first[under + n] == words.name(name)
        assert np.allclose(rows[under + n][1 : 1 + len(years)], cost[:, n], rtol=1e-15)
    assert np.allclose(rows[under + cost.shape[1]][1 : 1 + len(years)], cost.sum(axis=1))


@pytest.mark.parametrize("which", ["result", "posts"])
def test_every_post_of_every_plan_stands_in_a_workbook(
    which: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """LIS1 and, where they are decided on, posts of groups: opened, and in all, once each."""
    data = request.getfixturevalue(which)
    (path,) = export(data, tmp_path, "all", "xlsx").files
    sheet, reading, words = from_workbook(path)["Plans"], Reading(data), Words("en")
    groups = {"LIS1": ("slots", "level"), "LIS2/3": ("posts", "training_posts")}
    labels = {"plan": sheet["Plan"], "time": sheet["Year"], "region": sheet["Region"]}
    places = rows_of(reading, words, labels)
    seen = list[tuple[Any, ...]]()
    rows = zip(places, sheet["Posts"], sheet["Group or track"], strict=True)
    for n, (place, kind, part) in enumerate(rows):
        more = {} if kind == "LIS1" else rows_of(reading, words, {"specialty": [part]})[0]
        for head, name in zip(("New posts", "Posts in all"), groups[kind], strict=True):
            same_cell(sheet[head][n], reading.at(name, **place, **more), f"{kind} {place} {more}")
        seen.append((kind, part, *place.values()))
    parts = 1 + (data.sizes["specialty"] if "posts" in data else 0)
    years = len(reading.study.decision_years)
    size = data.sizes["plan"] * years * data.sizes["region"] * parts
    assert len(set(seen)) == len(seen) == size


def test_every_figure_of_the_study_stands_in_a_workbook(result: xr.Dataset, tmp_path: Path) -> None:
    (path,) = export(result, tmp_path, "small", "xlsx").files
    sheet, reading, words = from_workbook(path)["Assumptions"], Reading(result), Words("en")
    figures = [(k, each) for k, each in reading.study.figures() if not isinstance(each, Row)]
    assert sheet["Assumption"] == [figure_name(reading, k, f, words) for k, f in figures]
    assert sheet["Value"] == [figure_value(reading, figure, words) for _, figure in figures]
    assert sheet["Assumed?"] == [words.yes(not figure.source) for _, figure in figures]
    assert [cell or "" for cell in sheet["Reason"]] == [f.assumption for _, f in figures]


def test_number_formats_are_those_of_columns(result: xr.Dataset, tmp_path: Path) -> None:
    """Once for each column, and of cells on the first sheet."""
    (path,) = export(result, tmp_path, "small", "xlsx", "nb").files
    book = openpyxl.load_workbook(path)
    balance = book["Tilbud og behov"]
    assert balance.column_dimensions["B"].width > 8
    answer = book.worksheets[0]
    assert answer["B5"].number_format == '#,##0.0 "mrd. kr"'
    assert answer["B6"].number_format == "0.0 %"
    assert answer["B7"].number_format == "#,##0"


def test_a_result_without_plans_has_a_sheet_for_every_table(
    result: xr.Dataset, tmp_path: Path
) -> None:
    few = result[["frontier_cost", "frontier_total"]].assign_attrs(result_kind="frontier")
    written = export(few, tmp_path, "few", "xlsx")
    assert written.left_out == []
    sheets = from_workbook(written.files[0], skip=0)
    assert list(sheets) == ["frontier", "About"]
    values = few["frontier_cost"].values
    cells = [number(cell) for cell in sheets["frontier"]["frontier_cost [NOK]"]]
    assert np.allclose(cells, values, rtol=1e-15, equal_nan=True)


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
    assert set(from_workbook(book)["Stricter limit"]["Cost, present value"]) == {None}


# ---------------------------------------------------------------------------------- no formulas

DANGER = [
    "＝1+1",
    "＠x",
    "\n=1",
    "=1+1",
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
]


@pytest.mark.parametrize("text", DANGER)
@pytest.mark.parametrize("locale", ["en", "nb"])
def test_text_of_a_study_is_never_a_formula(
    result: xr.Dataset, few: xr.Dataset, tmp_path: Path, text: str, locale: Any
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
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]
    whole = result.assign_coords(region_name=bad["region_name"]).assign_attrs(title=text)
    (path,) = export(whole, tmp_path, "bad", "xlsx", locale).files
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    there = {cell.data_type for cell in cells if str(cell.value).endswith(text.strip())}
    assert there == {"s"}
    formulas = {str(cell.value) for cell in cells if cell.data_type == "f"}
    assert formulas
    assert all(re.fullmatch(r"=SUM\([A-Z]+\d+:[A-Z]+\d+\)", each) for each in formulas)


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
