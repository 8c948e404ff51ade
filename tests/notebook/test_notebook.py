"""Notebooks: plans in every form, labels to select by, tables and charts that say it in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import lis1plan
from lis1plan import api
from lis1plan.core.errors import InputError
from lis1plan.core.files.checksums import data_sha256
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import no_slots
from lis1plan.notebook.charts import CHARTS, plotted
from lis1plan.notebook.compare import compared
from lis1plan.notebook.labels import plain, selectable
from lis1plan.notebook.plans import plan_of
from lis1plan.report.pages.compare import MOST

from ..helpers.decided_posts import decided
from ..helpers.small_study import small_study
from ..helpers.synthetic_result import synthetic_result

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def study() -> Study:
    return lis1plan.load_study("tutorial")


@pytest.fixture(scope="module")
def result() -> xr.Dataset:
    return selectable(synthetic_result())


def test_a_plan_is_the_same_in_every_form(study: Study, tmp_path: Path) -> None:
    """Mapping, array, table, rows, labelled array and file."""
    first, regions = study.decision_years[0], list(study.regions)
    wanted = no_slots(study)
    wanted[1, 0], wanted[0, 2] = 3.0, 1.0
    table = pd.DataFrame(wanted.T, index=list(study.decision_years), columns=regions)
    rows = pd.DataFrame(
        {"year": [first, first + 2], "region": [regions[1], regions[0]], "slots": [3, 1]}
    )
    labelled = xr.DataArray(
        wanted, dims=("region", "year"), coords={"region": regions, "year": table.index}
    )
    path = tmp_path / "plan.csv"
    rows.to_csv(path, index=False)
    named = {first: {regions[1]: 3}, first + 2: {regions[0]: 1}}
    dated = table.rename_axis(index="year").reset_index()
    for form in (named, wanted, table, dated, rows, labelled, path, str(path)):
        assert (api._slots(study, form) == wanted).all(), type(form)
    assert not api._slots(study, None).any()


def test_a_plan_of_a_result_is_projected_again(result: xr.Dataset) -> None:
    """What `plan_of` shows, and the slots selected by label, are plans themselves."""
    study = lis1plan.load_study("norway-2019")
    shown = plan_of(result)
    selected = result["slots"].sel(plan_id="chosen")
    for form in (shown.table, selected):
        slots = api._slots(study, form)
        assert slots.sum() == shown.total == 230
        assert (shown.table.to_numpy() == slots.T).all()
    with pytest.raises(InputError, match="select one of plan"):
        api._slots(study, result["slots"])


def test_rows_of_lis1_are_enough_where_a_study_decides_on_more() -> None:
    study = decided(small_study(3, groups=2, scenarios=12))
    alone = np.zeros((len(study.regions), len(study.decision_years)))
    alone[0, 0] = 2.0
    found = api._slots(study, alone)
    assert found.shape == no_slots(study).shape
    assert found[0, 0] == found.sum() == 2.0
    group, region = next(iter(study.groups)), next(iter(study.regions))
    row = {"year": [study.decision_years[0]], "region": [region], "group": [group], "slots": [3]}
    assert api._slots(study, pd.DataFrame(row))[len(study.regions)].sum() == 3.0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame({"west": [1]}, index=[2026]), r"data frame\):2: region 'west'"),
        (pd.DataFrame({"city": [1.5]}, index=[2026]), "slots '1.5'"),
        (pd.DataFrame({"city": [-1]}, index=[2026]), "slots '-1'"),
        (pd.DataFrame({"city": [1]}, index=[1999]), "year '1999'"),
        (xr.DataArray([1.0], dims="year"), "no coordinate 'year'"),
    ],
)
def test_a_table_that_is_no_plan_is_refused(study: Study, table: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        api._slots(study, table)


def test_results_are_selected_by_identifiers_names_and_years(result: xr.Dataset) -> None:
    by_id = result["supply_mean"].sel(region_id="vest", year=2030, plan_id="none")
    by_name = result["supply_mean"].sel(region_name="Helse Vest", year=2030, plan=2)
    assert by_id.shape == ()
    assert float(by_id) == float(by_name)
    again = selectable(result)
    assert data_sha256(again, again.attrs) == data_sha256(result, result.attrs)
    swapped = plain(result).swap_dims(time="year", region="region_name")
    here = {"region_name": "Helse Vest", "year": 2030, "plan": 2}
    assert float(swapped["supply_mean"].sel(here)) == float(by_id)


def test_results_are_written_in_memory_and_to_files(result: xr.Dataset, tmp_path: Path) -> None:
    content = result.to_netcdf()
    (tmp_path / "memory.nc").write_bytes(content)
    with xr.open_dataset(tmp_path / "memory.nc") as read:
        assert (read["slots"].values == result["slots"].values).all()
    path = lis1plan.write_result(result, tmp_path / "some.nc")
    again = lis1plan.open_result(path)
    assert again["slots"].sel(region_id="vest", year=2020, plan_id="chosen").size == 1
    assert set(plain(again).xindexes) <= set(map(str, again.dims))


def test_results_side_by_side(result: xr.Dataset) -> None:
    more = result.assign(slots=2 * result["slots"])
    table = compared({"base": result, "twice": more})
    assert table.index.tolist() == ["base", "twice"]
    assert table["slots"].tolist() == [230.0, 460.0]
    assert table.loc["base", "risk_national"] == float(result["risk_in_sample"][0, 0])
    with pytest.raises(InputError, match="give results by name"):
        compared({})
    with pytest.raises(InputError, match="empty holds neither"):
        compared({"base": result, "empty": xr.Dataset()})


def test_several_results_make_a_page_that_compares(result: xr.Dataset, tmp_path: Path) -> None:
    path = lis1plan.write_report({"base": result, "same": result}, tmp_path / "both.html")
    assert "base" in path.read_text("utf-8")
    many = {str(n): result for n in range(MOST + 1)}
    with pytest.raises(InputError, match=f"a page compares at most {MOST}"):
        lis1plan.write_report(many, tmp_path / "many.html")
    with pytest.raises(InputError, match="holds neither"):
        lis1plan.write_report({"empty": xr.Dataset()}, tmp_path / "none.html")


@pytest.mark.parametrize("what", [n for n in CHARTS if n not in ("sensitivity", "backtest")])
def test_every_chart_says_what_it_shows(result: xr.Dataset, what: str) -> None:
    """A title, and a description with numbers of the result: it is read out to who sees nothing."""
    chart = plotted(result, what)
    made = chart.to_dict()  # checked by Altair against Vega-Lite's schema
    shown = chart.properties(width=300)._repr_mimebundle_()
    assert shown["text/plain"] == made["description"]
    assert shown["text/html"].startswith('<figure role="img" aria-label="')
    assert "<svg" in shown["text/html"]
    assert made["title"]["text"]
    assert sum(each.isdigit() for each in made["description"]) >= 2
    assert made["description"][-1] == "."


def test_names_at_the_ends_of_lines_stand_apart(result: xr.Dataset) -> None:
    made = plotted(result, "supply").to_dict()
    texts = [each for each in made["layer"] if each["mark"]["type"] == "text"]
    rows = [made["datasets"][each["data"]["name"]][0]["value"] for each in texts]
    band = np.isin(result["quantile"].values.round(3), (0.1, 0.9))
    need = result["national_demand_quantile"].values[:, band]
    assert np.diff(sorted(rows)).min() >= 0.99 * 18.0 / 300.0 * (need.max() - need.min())


def test_a_chart_that_cannot_be_drawn_is_refused(result: xr.Dataset) -> None:
    with pytest.raises(InputError, match="no chart 'sensitivity' of the result of a run; can be"):
        plotted(result.drop_vars(["outcome_name"], errors="ignore"), "sensitivity")
    with pytest.raises(InputError, match="nothing of it can be drawn"):
        lis1plan.plot(xr.Dataset(), "supply")


def test_plan_and_study_are_shown_in_short_tables(study: Study, result: xr.Dataset) -> None:
    said = plan_of(result)._repr_html_()
    assert "<caption>Chosen plan: 230 new LIS1 slots</caption>" in said
    assert said.count("<tr>") == 2 + len(
        [1 for row in plan_of(result).table.to_numpy() if row.any()]
    )
    assert plan_of(result, "none").total == plan_of(result, 2).total == 0
    with pytest.raises(InputError, match="no plan 'other'; there are chosen, none"):
        plan_of(result, "other")
    shown = study._repr_html_()
    assert "2026–2033" in shown
    assert "City, Coast" in shown
    dangerous = study.model_copy(update={"title": "<script>"})
    assert "<script>" not in dangerous._repr_html_()


def test_the_version_is_that_of_the_program() -> None:
    from importlib.metadata import version

    assert lis1plan.__version__ == version("lis1plan")


def test_options_of_jobs_are_those_of_the_functions(study: Study) -> None:
    """Refused before any work."""
    with pytest.raises(InputError, match="Sobol takes a power of two"):
        lis1plan.sensitivity(study, samples=100)
    with pytest.raises(InputError, match="nothing"):
        lis1plan.frontier(study, "nothing.there")
    with pytest.raises(InputError, match="series"):
        lis1plan.backtest(study, pd.DataFrame({"year": [2026], "value": [1.0]}))
    assert api.frontier.__doc__


@pytest.mark.thorough
def test_the_template_notebook_runs(tmp_path: Path) -> None:
    """Every cell, in a kernel; every figure has a title and a description in words."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(NOTEBOOK, as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in book.cells)  # kept without results
    NotebookClient(book, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    figures, asked = [], 0
    for cell in book.cells:
        asked += "lis1plan.plot(" in cell.source
        for output in cell.get("outputs", []):
            assert output["output_type"] != "error"
            figures += re.findall(r"<figure[^>]*>", output.get("data", {}).get("text/html", ""))
    assert len(figures) == asked >= 6
    for each in figures:
        (said,) = re.findall(r'role="img" aria-label="([^"]+)"', each)
        assert any(letter.isdigit() for letter in said)
    assert (tmp_path / "comparison.html").exists()
