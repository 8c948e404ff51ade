"""Measures told: table, ratings and chart in both languages; in a run only if one is in force."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr

from lis1plan.core.compute.place import silent
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import no_slots
from lis1plan.core.verify.laws import verify_dataset
from lis1plan.jobs.measures import measured, rows_of
from lis1plan.jobs.options import MeasuresOptions, ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.report.blocks import Figure, Paragraph, Section, Table
from lis1plan.report.pages.html import render_report, report_pages
from lis1plan.report.pages.terminal import measure_tables
from lis1plan.report.reading import Reading
from lis1plan.report.sections.measures import notes
from lis1plan.report.texts.words import LANGUAGES, Words

from ..core.risk.test_measure_effects import study


@cache
def told() -> xr.Dataset:
    request = JobRequest(study(), MeasuresOptions(), {PLAN: no_slots(study())})
    return measured(request, 1, silent)


@cache
def project(use: float) -> xr.Dataset:
    data = study().model_dump()
    data["measure"]["slots"]["use"] = use
    written = Study.model_validate(data)
    return projected(JobRequest(written, ProjectOptions(), {PLAN: no_slots(written)}), 1, silent)


def test_the_page_has_one_chart_a_table_and_ratings_in_both_languages() -> None:
    pages = report_pages(told())
    assert [page.language for page in pages] == list(LANGUAGES)
    for page in pages:
        (section,) = [each for each in page.sections if each.key == "measures"]
        tables = [each for each in section.blocks if isinstance(each, Table)]
        assert len([each for each in section.blocks if isinstance(each, Figure)]) == 1
        assert [len(each.rows) for each in tables] == [len(study().measure)] * 2
        assert len(tables[1].header) == 9
    english, norwegian = (page.sections[0].title for page in pages)
    assert english != norwegian
    assert "Pays from" in render_report(told())
    assert "Lønner seg fra" in render_report(told())


def test_the_table_says_what_the_file_holds() -> None:
    reading, words = Reading(told()), Words("en")
    n = list(study().measure).index("abroad")
    (section,) = [each for each in report_pages(told())[0].sections if each.key == "measures"]
    row = next(each for each in section.blocks if isinstance(each, Table)).rows[n]
    assert row[0] == "Abroad"
    middle = words.number(reading.at("measure_fte_median", measure=n))
    assert row[2].startswith(f"{middle} (")
    assert row[4] == words.number(reading.at("measure_slots", measure=n), 1)
    marks = {
        each.rows[k][0]: each.rows[k][-1]
        for each in [section.blocks[2]]
        for k in range(len(study().measure))
    }
    assert "S" in marks["Leave"]
    assert marks["Abroad"] == ""


def test_a_difference_of_rating_and_sign_is_marked() -> None:
    result = told().copy(deep=True)
    n = list(study().measure).index("abroad")
    rating = result["measure_rating"].values.astype("<U12").copy()
    rating[n, 2] = "neg"
    result["measure_rating"] = (("measure", "rated"), rating)
    flags = result["measure_differs"].values.copy()
    flags[n, 2] = True
    result["measure_differs"] = (("measure", "rated"), flags)
    section = of_measures(result)
    table = [each for each in section.blocks if isinstance(each, Table)][1]
    assert table.rows[n][3] == "neg\u00a0+\u00a0≠"
    assert "≠" not in " ".join(table.rows[n][:3])


def of_measures(result: xr.Dataset) -> Section:
    (section,) = [each for each in report_pages(result)[0].sections if each.key == "measures"]
    return section


def test_measures_without_effect_are_named_and_not_drawn() -> None:
    """The heading names what avoids most; the rows of the chart are all others that do any."""
    section = of_measures(told())
    (figure,) = [each for each in section.blocks if isinstance(each, Figure)]
    middle = told()["measure_avoided_median"].to_series().to_list()
    ends = [np.abs(told()[f"measure_avoided_{end}"].values) for end in ("low", "median", "high")]
    felt = np.max(ends, axis=0) >= 0.5
    names = Reading(told()).names("measure")
    assert 1 < felt.sum() < len(names)
    drawn = [row["name"] for row in figure.panels[0].spec["datasets"]["rows"]]
    assert sorted(drawn) == sorted(name for name, own in zip(names, felt, strict=True) if own)
    assert all(name in figure.note for name in names if name not in drawn)
    assert names[int(np.argmax(middle))] == drawn[0]
    assert drawn[0] in section.title


def test_where_no_measure_has_an_effect_a_sentence_says_so() -> None:
    """A chart without rows would have no axis."""
    result = told().copy(deep=True)
    for end in ("low", "median", "high"):
        result[f"measure_avoided_{end}"][:] = 0.4
    section, words = of_measures(result), Words("en")
    assert not [each for each in section.blocks if isinstance(each, Figure)]
    assert section.title == words("measures.title")
    first, last = study().time.window
    said = words("measures.no_effect", first=first, last=last)
    assert said in [each.text for each in section.blocks if isinstance(each, Paragraph)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_and_notes_speak(language: str) -> None:
    reading = Reading(told())
    for table in measure_tables(reading.data, language):
        assert table.row_count == len(study().measure)
    said = notes(reading, Words(language))
    assert any("2018" in line for line in said)
    (kept,) = [line for line in said if line.startswith("Kept: ")]
    n, r = list(study().measure).index("kept"), list(study().regions).index("nord")
    price = float(told().attrs["measure_slot_price"])
    least = float(told()["measure_cost"][n]) / price * float(told()["measure_slot_there"][r])
    assert Words(language).number(least, 1) in kept


def test_programs_read_the_same() -> None:
    rows = {row["id"]: row for row in rows_of(told())}
    assert rows["fewer"]["slots"] is None
    assert rows["leave"]["from_start"] is True
    assert rows["abroad"]["ratings"]["quality"]["sign"] is None


def test_the_file_is_verified_and_a_forged_number_is_found() -> None:
    checks = {check.name: check.passed for check in verify_dataset(told())}
    names = ("measures as written", "signs beside ratings", "shortage avoided in order")
    assert all(checks[name] for name in (*names, "measures again", "labels", "no missing values"))
    for name in ("measure_fte_low", "measure_slots", "measure_cost", "measure_units"):
        forged = told().copy(deep=True)
        values = forged[name].values.copy()
        values[1] += 1e3
        forged[name] = (forged[name].dims, values, forged[name].attrs)
        failed = [check.name for check in verify_dataset(forged) if check.passed is False]
        assert {"measures as written", "signs beside ratings", "measures again"} & set(failed), name


def test_a_projection_tells_measures_only_where_one_is_in_force() -> None:
    off, on = project(0.0), project(3.0)
    assert "measure_paid" not in off
    assert not [name for name in off.attrs if "measure" in name]
    assert [s.key for s in report_pages(off)[0].sections if "force" in s.key] == []
    for page in report_pages(on):
        assert [s.key for s in page.sections if "force" in s.key] == ["in-force"]
    paid = on["measure_paid"].sum(("measure", "payer")).values
    real = 1.01 ** np.maximum(on["year"].values - 2018, 0)
    assert np.allclose(paid[2:], 3e6 * real[2:])
    assert paid[:2].sum() == 0.0
    told_of = [Reading(each).study.level0.sum() for each in (on, off)]
    assert told_of[0] - told_of[1] == 3.0
    assert {c.name: c.passed for c in verify_dataset(on)}["measures paid"]
    assert float(on["plan_cost"][0]) == float(off["plan_cost"][0])
    assert float(on["level"][-1, 0].sum() - off["level"][-1, 0].sum()) == 3.0
