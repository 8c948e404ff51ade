"""The frontier chart: the curve fills the plot; plans beside it are marked where they fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lis1plan.report.blocks import Figure
from lis1plan.report.charts.frontier import ABOVE, BESIDE, Axes, Curve, Mark
from lis1plan.report.charts.frontier import frontier as chart
from lis1plan.report.reading import Reading
from lis1plan.report.sections.frontier import frontier as section
from lis1plan.report.texts.words import Words

from ..helpers.synthetic_result import synthetic_result, synthetic_study

AXES = Axes("risk", "cost", ".1%")
CURVE = Curve(np.array([0.10, 0.12, 0.14]), np.array([6e9, 3e9, 1e9]), ["", "here", ""])
places = st.tuples(st.floats(0.01, 0.5), st.floats(0.0, 1e11))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(places, max_size=30))
def test_axes_are_those_of_the_curve_and_marks_lie_within(
    given_places: list[tuple[float, float]],
) -> None:
    marks = [Mark(f"M{n}", *place) for n, place in enumerate(given_places)]
    spec = chart(CURVE, marks, AXES, 0)
    (left, right), (bottom, top) = (
        spec["layer"][0]["encoding"][axis]["scale"]["domain"] for axis in "xy"
    )
    wide = 0.14 - 0.10
    assert left == pytest.approx(0.10 - BESIDE * wide)
    assert right == pytest.approx(0.14 + BESIDE * wide)
    assert (bottom, top) == (0, pytest.approx(ABOVE * 6.0))
    inside = [m.name for m in marks if left <= m.risk <= right and m.cost / 1e9 <= top]
    assert [row["name"] for row in spec["datasets"].get("marks", [])] == inside
    assert all(spec["datasets"].values())  # of an empty dataset Vega would complain


@pytest.mark.parametrize(("dearest", "form"), [(1.8e8, ",.2f"), (6e9, ",.1f")])
def test_steps_of_the_cost_axis_are_told_apart(dearest: float, form: str) -> None:
    spec = chart(Curve(CURVE.risk, CURVE.cost / 6e9 * dearest, CURVE.labels), [], AXES, 0)
    assert spec["layer"][0]["encoding"]["y"]["axis"]["format"] == form


@pytest.mark.parametrize(("at", "placed"), [(0, "named"), (2, "before")])
def test_a_label_of_a_narrow_chart_stands_where_there_is_room(at: int, placed: str) -> None:
    """Left of a point in the right half of the plot, where none would fit beside it."""
    labels = ["here" * (n == at) for n in range(3)]
    spec = chart(Curve(CURVE.risk, CURVE.cost, labels, narrow=True), [], AXES, at)
    assert set(spec["datasets"]) == {"curve", placed}
    looks = [layer["mark"] for layer in spec["layer"] if layer["data"]["name"] == placed]
    assert {look["align"] for look in looks} == {"left" if placed == "named" else "right"}
    wide = chart(Curve(CURVE.risk, CURVE.cost, labels), [], AXES, at)
    assert set(wide["datasets"]) == {"curve", "named"}


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_studys_point_and_its_neighbours_are_named(language: str) -> None:
    reading, words = Reading(synthetic_result(synthetic_study())), Words(language)
    (figure,) = (each for each in section(reading, words).blocks if isinstance(each, Figure))
    rows = figure.panels[0].spec["datasets"]["curve"]
    named = [row["stop"] for row in rows if row["label"]]
    assert figure.start in named
    assert 1 <= len(named) <= 3
    assert [row["x"] for row in rows] == sorted((row["x"] for row in rows), reverse=True)
    assert figure.stops[figure.start].startswith(
        words("frontier.stop", limit="", slots="", cost="")[:5]
    )
