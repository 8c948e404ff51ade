"""Plan files go through the same reader as tables, and an exported plan is a plan."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.configs.plan_file import read_plan, read_plans
from lis1plan.core.errors import InputError
from lis1plan.core.files.labels import labelled
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.report.export.files import write_csv
from lis1plan.report.export.tables import tables_of
from lis1plan.report.texts.words import Words

TUTORIAL = load_study("tutorial")
CASE = "year;region;slots\n2026;city;2\n"


def slots(*opened: tuple[int, str, int]) -> np.ndarray:
    """A plan of the tutorial, [region, decision year]."""
    plan = np.zeros((2, len(TUTORIAL.decision_years)))
    for year, region, count in opened:
        plan[list(TUTORIAL.regions).index(region), year - 2026] = count
    return plan


@pytest.mark.parametrize(
    "content",
    [
        CASE.encode(),
        CASE.replace(";", ",").encode(),
        CASE.replace(";", "\t").encode("utf-16"),
        codecs.BOM_UTF8 + CASE.replace(";", "|").encode(),
        b"sep=;\nregion;slots;year;\ncity;2,0;2026.0;\n;;;\nKilde: planen\n",
    ],
)
def test_plan_is_read_in_whatever_form(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    assert (read_plan(tmp_path / "p.csv", TUTORIAL).slots == slots((2026, "city", 2))).all()


@pytest.mark.parametrize("locale", ["en", "nb"])
@pytest.mark.parametrize("own", ["chosen", "plan"])
def test_exported_plan_is_a_plan(locale: str, own: str, tmp_path: Path) -> None:
    """Of the plans in the exported table that of the result itself."""
    plans = {own: slots((2027, "coast", 3), (2026, "city", 1)), "none": slots()}
    read = read_plan(exported(TUTORIAL, plans, locale, tmp_path), TUTORIAL)
    assert (read.slots == plans[own]).all()


def test_exported_plan_may_close_slots_where_the_study_may(tmp_path: Path) -> None:
    closing = load_study(
        "tutorial",
        ["limits.closing.most_per_year.city=2", "limits.closing.saved_share=0.5"],
    )
    plan = slots((2027, "coast", 3), (2028, "city", -2))
    path = exported(closing, {"chosen": plan}, "nb", tmp_path)
    assert (read_plan(path, closing).slots == plan).all()
    with pytest.raises(InputError, match="slots '-2'; allowed: a whole number, 0 to 1,000,000"):
        read_plan(path, TUTORIAL)


def exported(study: Study, plans: dict[str, np.ndarray], locale: str, folder: Path) -> Path:
    """The table `plan` of a result with these plans, as `export` writes it."""
    level = np.stack([levels(study, plan) for plan in plans.values()])
    opened = np.diff(level - study.given_levels, axis=2, prepend=0.0)
    data = {"slots": opened.transpose(2, 0, 1), "level": level.transpose(2, 0, 1)}
    words = Words("nb" if locale == "nb" else "en")
    table = tables_of(labelled(study, data, list(plans)), words)[0]
    assert table.name == "plan"
    write_csv(table, folder / "result-plan.csv", locale)
    return folder / "result-plan.csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year;region;slots\n2026;city;1.000\n", r"p\.csv:2: slots '1\.000'; 1 000 or 1\.000\? a"),
        ("year;region;slots\n2026;city;1.5\n", r"p\.csv:2: slots '1\.5'; allowed: a whole number"),
        ("year;region;slots\n2025;city;1\n", r"p\.csv:2: year '2025'; allowed: 2026 to 2033"),
        ("year;region;slots\n2.026;city;1\n", r"p\.csv:2: year '2\.026'; allowed: 2026 to 2033"),
        (
            "year;region;slots\n2026;city;1\n2026;city;1\n",
            r"p\.csv:3: city 2026 is listed twice, first in line 2",
        ),
        (
            "plan;year;region;slots\na;2026;city;1\nb;2026;city;1\n",
            r"p\.csv:1: plan: found several, a, b; leave one of them in the file",
        ),
        ("year;region;slots;level\n2026;city;1;x;y\n", r"p\.csv:2: 4 columns expected"),
        ("year;region\n2026;city\n", r"p\.csv:1: no column 'slots'; found: year, region"),
    ],
)
def test_bad_plan_is_refused_by_row_and_column(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        read_plan(tmp_path / "p.csv", TUTORIAL)


def test_a_plan_knows_the_lines_of_its_cells(tmp_path: Path) -> None:
    path, opened = tmp_path / "p.csv", "2026,city,2\n2030,coast,1\n2027,city,1\n\n2028,city,0\n"
    path.write_text(f"year,region,slots\n{opened}", "utf-8")
    plan = read_plan(path, TUTORIAL)
    cells = np.zeros(plan.slots.shape, dtype=bool)
    assert plan.place(cells) == str(path)
    cells[0, :2] = True
    assert plan.place(cells) == f"{path}:2,4"
    cells[:] = True
    assert plan.place(cells) == f"{path}:2-4,6"


def test_a_taken_name_is_told_once_for_all_its_rows(tmp_path: Path) -> None:
    rows = "none;2026;city;0\nnone;2027;city;0\nmine;2026;city;1\n"
    (tmp_path / "p.csv").write_text("plan;year;region;slots\n" + rows, "utf-8")
    with pytest.raises(InputError) as caught:
        read_plans(tmp_path / "p.csv", TUTORIAL)
    assert len(caught.value.problems) == 1
