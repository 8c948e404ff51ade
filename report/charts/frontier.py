"""The chart of cost over risk: the frontier's curves, and plans that were not sought, as marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..blocks import Spec
from ..reading import Floats
from .vega import (
    BLACK,
    BLUE,
    GREY,
    UPRIGHT,
    Layer,
    Row,
    category,
    layer,
    only_chosen,
    quantity,
    short,
    spec_of,
    step,
    stroke,
)

NEAR = (0.05, 0.06)
"""Shares of the chart's width and height within which two marks bear one label between them."""
FREE = (0.1, 0.06)
"""And how much of them a label needs."""


@dataclass(frozen=True)
class Curve:
    """A frontier: name, and per solved point its stop, risk and cost."""

    label: str
    risk: Floats
    cost: Floats
    colour: str = BLUE
    dash: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mark:
    """A plan beside the frontier: the letter it bears, its name, risk and cost."""

    letter: str
    name: str
    risk: float
    cost: float


@dataclass(frozen=True)
class Axes:
    """Titles of risk and cost, and the format of risk."""

    risk: str
    cost: str
    form: str


def frontier(curves: Sequence[Curve], marks: Sequence[Mark], axes: Axes, stop: int) -> Spec:
    """Return cost (NOK billion) over risk, the point of parameter `stop` marked on each curve."""
    layers: list[Layer] = []
    datasets: dict[str, list[Row]] = {}
    costs = np.concatenate([*(curve.cost for curve in curves), [mark.cost for mark in marks]])
    place = _place(axes, short(1.08 * float(costs.max()) / 1e9))
    for n, curve in enumerate(curves):
        rows: list[Row] = [
            {"stop": point, "x": short(risk), "y": short(cost / 1e9)}
            for point, (risk, cost) in enumerate(zip(curve.risk, curve.cost, strict=True))
        ]
        datasets |= {f"curve{n}": rows, f"dearest{n}": [max(rows, key=lambda row: row["y"])]}
        layers += _curve_layers(n, curve, axes, place)
    if marks:
        letters = {side: rows for side, rows in _letters(curves, marks).items() if rows}
        datasets |= {"marks": [_at(mark) for mark in marks]} | letters
        layers += _mark_layers(axes, place, list(letters))
    return spec_of(layers, 280, stop) | {"datasets": datasets}


def _place(axes: Axes, top: float) -> Row:
    """Return where points stand; the axis of cost goes a little beyond the dearest."""
    x_axis: Row = {"format": axes.form, "tickCount": 6, "labelFlush": False}
    y_axis: Row = {"format": ",.1f", "tickCount": 5} | UPRIGHT
    return {
        "x": quantity("x", title=axes.risk, axis=x_axis, scale={"zero": False}),
        "y": quantity(
            "y", title=axes.cost, axis=y_axis, scale={"domainMax": top} if top > 0 else {}
        ),
    }


def _curve_layers(n: int, curve: Curve, axes: Axes, place: Row) -> list[Layer]:
    told = [
        quantity("x", title=curve.label, format=axes.form),
        quantity("y", title=axes.cost, format=",.2f"),
    ]
    encoding = place | {"tooltip": told}
    dots = {"filled": True, "size": 45, "color": curve.colour, "opacity": 1}
    ring = {"size": 260, "color": BLACK, "strokeWidth": 2, "opacity": 1}
    label = {"x": quantity("x"), "y": quantity("y"), "text": {"value": curve.label}}
    in_order = encoding | {"order": step("stop")}
    return [
        layer(f"curve{n}", "line", stroke(curve.colour, curve.dash), in_order),
        layer(f"curve{n}", "point", dots, encoding),
        *only_chosen([layer(f"curve{n}", "point", ring, encoding)]),
        layer(f"dearest{n}", "text", {"align": "left", "dx": 4, "dy": -14}, label),
    ]


def _mark_layers(axes: Axes, place: Row, sides: Sequence[str]) -> list[Layer]:
    """Diamonds, and their letters with a white rim, so that no line runs through them."""
    told = [
        category("name", title=" "),
        quantity("x", title=axes.risk, format=axes.form),
        quantity("y", title=axes.cost, format=",.2f"),
    ]
    look = {"shape": "diamond", "filled": True, "size": 110, "color": GREY, "opacity": 1}
    letters = {"x": quantity("x"), "y": quantity("y"), "text": category("letters")}
    rim = {"stroke": "white", "strokeWidth": 3, "strokeJoin": "round"}
    layers = [layer("marks", "point", look, place | {"tooltip": told})]
    for side in sides:  # of an empty one Vega would complain
        align, dx = ("left", 8) if side == "right" else ("right", -8)
        beside = {"align": align, "baseline": "middle", "dx": dx, "fontWeight": "bold"}
        layers += [layer(side, "text", each, letters) for each in (beside | rim, beside)]
    return layers


def _at(mark: Mark) -> Row:
    return {"name": mark.name, "x": short(mark.risk), "y": short(mark.cost / 1e9)}


def _letters(curves: Sequence[Curve], marks: Sequence[Mark]) -> dict[str, list[Row]]:
    """Return the letters at the right of their marks and those at the left, where that is free.

    Those of marks close together stand in one place.
    """
    points = np.array([at for curve in curves for at in zip(curve.risk, curve.cost, strict=True)])
    given = np.array([(mark.risk, mark.cost) for mark in marks])
    size = np.ptp(np.concatenate([points, given]), axis=0)
    size[size == 0.0] = 1.0
    rows: dict[str, list[Row]] = {"right": [], "left": []}
    for group in _groups(given / size):
        place = given[group]
        others = np.concatenate([points, np.delete(given, group, axis=0)])
        middle = place[:, 1].mean()
        level = np.abs(others[:, 1] - middle) < FREE[1] * size[1]
        ahead = others[:, 0] - place[:, 0].max()
        behind = place[:, 0].min() - others[:, 0]
        taken = [bool((level & (d > 0) & (d < FREE[0] * size[0])).any()) for d in (ahead, behind)]
        side = "left" if taken == [True, False] else "right"
        x = place.min(axis=0)[0] if side == "left" else place.max(axis=0)[0]
        letters = " ".join(marks[n].letter for n in group)
        rows[side].append({"letters": letters, "x": short(x), "y": short(middle / 1e9)})
    return rows


def _groups(places: Floats) -> list[list[int]]:
    """Return the indices of places [n, (x, y)] close together, as shares of the chart."""
    together: list[list[int]] = []
    for n, place in enumerate(places):
        for group in together:
            if (np.abs(places[group] - place) < NEAR).all(axis=1).any():
                group.append(n)
                break
        else:
            together.append([n])
    return together
