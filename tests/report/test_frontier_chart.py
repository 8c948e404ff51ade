"""The frontier chart: every plan compared stands where its risk and cost are, once and named."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lis1plan.report.blocks import Figure
from lis1plan.report.charts.frontier import Axes, Curve, Mark
from lis1plan.report.charts.frontier import frontier as chart
from lis1plan.report.reading import Reading
from lis1plan.report.sections.frontier import frontier as section
from lis1plan.report.texts.words import Words

from ..helpers.synthetic_result import synthetic_result, synthetic_study

AXES = Axes("risk", "cost", ".1%")
CURVE = Curve("worst", np.array([0.10, 0.12, 0.14]), np.array([6e9, 3e9, 1e9]))


def figure(language: str) -> tuple[Reading, Words, Figure]:
    reading, words = Reading(synthetic_result(synthetic_study())), Words(language)
    (found,) = (each for each in section(reading, words).blocks if isinstance(each, Figure))
    return reading, words, found


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_plan_but_the_chosen_is_marked_and_told(language: str) -> None:
    reading, words, found = figure(language)
    names = [words.name(name) for name in reading.names("plan")[1:]]
    assert len(names) > 2
    panel, table = found.panels[0], found.numbers[0]
    assert [name for _, name in panel.marks] == names
    marked = panel.spec["datasets"]["marks"]
    assert [row["name"] for row in marked] == names
    risks, costs = reading.values("risk_in_sample", limit=0), reading.values("plan_cost")
    assert np.allclose([row["x"] for row in marked], risks[1:], rtol=1e-4)
    assert np.allclose([row["y"] for row in marked], costs[1:] / 1e9, rtol=1e-4)
    told = [(letter, name) for letter, name, *_ in table.rows]
    assert told == list(panel.marks)
    assert [row[2:] for row in table.rows] == [
        (words.risk(risk, True), words.number(cost / 1e9, 2))
        for risk, cost in zip(risks[1:], costs[1:], strict=True)
    ]


def test_languages_name_the_plans_each_in_its_own_words() -> None:
    english, norwegian = (figure(language)[2].panels[0].marks for language in ("en", "nb"))
    assert [letter for letter, _ in english] == [letter for letter, _ in norwegian]
    assert all(one != other for (_, one), (_, other) in zip(english, norwegian, strict=True))


places = st.tuples(st.floats(0.01, 0.5), st.floats(0.0, 1e11))


@given(st.lists(places, min_size=1, max_size=30))
def test_every_letter_stands_once_beside_its_mark(given_places: list[tuple[float, float]]) -> None:
    marks = [Mark(f"M{n}", f"plan {n}", *place) for n, place in enumerate(given_places)]
    data = chart([CURVE], marks, AXES, 0)["datasets"]
    rows = data.get("right", []) + data.get("left", [])
    assert all(data.values())  # of an empty dataset Vega would complain
    letters = [letter for row in rows for letter in row["letters"].split()]
    assert sorted(letters) == sorted(mark.letter for mark in marks)
    lone = {row["letters"]: row for row in rows}
    for mark in marks:
        if mark.letter in lone:
            assert lone[mark.letter]["x"] == pytest.approx(mark.risk, rel=1e-4)
            assert lone[mark.letter]["y"] == pytest.approx(mark.cost / 1e9, rel=1e-4, abs=1e-12)


def test_marks_close_together_share_a_label_and_leave_the_curve_free() -> None:
    marks = [
        Mark("A", "near", 0.098, 6.1e9),
        Mark("B", "nearer", 0.0985, 6.2e9),
        Mark("C", "apart", 0.2, 9e9),
    ]
    data = chart([CURVE], marks, AXES, 0)["datasets"]
    assert [row["letters"] for row in data["left"]] == ["A B"]
    assert data["left"][0]["x"] == 0.098
    assert [row["letters"] for row in data["right"]] == ["C"]


def test_axis_goes_beyond_the_dearest_mark() -> None:
    far = chart([CURVE], [Mark("A", "dear", 0.2, 9e10)], AXES, 0)
    tops = set(re.findall(r"'domainMax': ([\d.]+)", str(far)))
    assert [float(top) for top in tops] == [pytest.approx(97.2)]


def test_no_plan_to_compare_leaves_the_curve_alone() -> None:
    assert "marks" not in chart([CURVE], [], AXES, 0)["datasets"]
