"""The table of colours: seen by all, the same on page and chart, one value wherever it stands."""

from __future__ import annotations

import json
import re

import pytest

from lis1plan.report.charts.vega import CONFIG
from lis1plan.report.look import (
    COLOURS,
    FITTED,
    MARKS,
    SANS,
    SERIF,
    TEXT,
    colour,
    contrast,
    css,
    resolved,
)
from lis1plan.report.pages.html import report_pages

from ..helpers.synthetic_result import synthetic_result
from ..test_house import ROOT

MODES = ("light", "dark")
GROUNDS = {
    "breach": ("breach-ground",),
    "kept": ("kept-ground",),
    "ink": ("panel", "breach-ground"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("role", TEXT)
def test_text_has_contrast(role: str, mode: str) -> None:
    """WCAG 2.2 AA: 4.5 on the page, and on the grounds it stands on."""
    said = getattr(COLOURS[role], mode)
    for ground in ("page", *GROUNDS.get(role, ())):
        assert contrast(said, getattr(COLOURS[ground], mode)) >= 4.5, ground


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("role", MARKS)
def test_marks_have_contrast(role: str, mode: str) -> None:
    """WCAG 2.2 AA: 3 for what must be seen; regions, payers and results differ from each other."""
    shade = getattr(COLOURS[role], mode)
    assert contrast(shade, getattr(COLOURS["page"], mode)) >= 3
    family = role.partition("-")[0]
    others = [getattr(COLOURS[each], mode) for each in MARKS if each.startswith(family)]
    assert others.count(shade) == 1


def test_the_page_inside_a_tip_has_contrast() -> None:
    for mode in MODES:
        assert contrast(*(getattr(COLOURS[role], mode) for role in ("ink", "page"))) >= 4.5


def test_every_colour_of_the_style_sheet_is_in_the_table() -> None:
    style = (ROOT / "report" / "pages" / "templates" / "style.css").read_text("utf-8")
    named = set(re.findall(r"var\(--([a-z0-9-]+)\)", style)) - {"sans", "serif"}
    assert named <= set(COLOURS)
    assert re.findall(r"#[0-9a-f]{3,6}\b", style) == []
    sheet = css()
    for role, (light, dark) in COLOURS.items():
        assert sheet.count(f"--{role}:{light};") == (3 if light == dark else 2)  # page and paper
        assert f"--{role}:{dark};" in sheet.split("prefers-color-scheme:dark")[1]


def test_charts_have_no_colour_of_their_own() -> None:
    pages = report_pages(synthetic_result())
    specs = [panel.spec for figure in pages[0].figures() for panel in figure.panels]
    text = json.dumps([CONFIG, *specs])
    assert "var(--need, " in text
    for found in re.finditer(r"#[0-9a-f]{6}\b", text):
        assert text[: found.start()].endswith(", "), text[found.start() - 40 : found.end()]
    for mode in MODES:
        assert "var(--" not in resolved(text, mode)
    assert COLOURS["need"].dark in resolved(colour("need"), "dark")


def test_the_widest_letters_are_fitted_where_nothing_better_is_found() -> None:
    """The page asks for them last but for the family of the machine's choice, and fetches none."""
    families = [each.replace('"', "").split(", ") for each in (SANS, SERIF)]
    assert [each[-2] for each in families] == [name for name, _, _ in FITTED]
    faces = re.findall(r"@font-face\{([^}]*)\}", css())
    assert len(faces) == 2 * len(FITTED)
    assert all(re.search(r"src:local\([^)]*\);", face) for face in faces)
    assert not any("url(" in face for face in faces)
