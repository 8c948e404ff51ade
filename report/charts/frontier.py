"""The chart of cost over risk: the frontier's curve, and plans that were not sought, as marks.

The curve fills the plot; a plan beside it is marked where it lies within, else it stands in the
table of plans alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from ..blocks import Spec
from ..reading import Floats
from .lines import named
from .vega import (
    BLUE,
    GREY,
    HALO,
    UPRIGHT,
    Column,
    Row,
    layer,
    quantity,
    short,
    spec_of,
    stroke,
    told,
)

_FEW_BILLIONS = 2.0
"""Below it steps of the axis are less than half a billion, and need two decimals."""
BESIDE, ABOVE = 0.08, 1.1
"""How far the axes go beyond the curve: of its width to both sides, and times its dearest point."""


@dataclass(frozen=True)
class Curve:
    """A frontier: per solved point risk and cost, and what its labels say, empty for most."""

    risk: Floats
    cost: Floats
    labels: Sequence[str]
    narrow: bool = False  # labels have no room right of the plot


@dataclass(frozen=True)
class Mark:
    """A plan beside the frontier: its name, risk and cost."""

    name: str
    risk: float
    cost: float


@dataclass(frozen=True)
class Axes:
    """Titles of risk and cost, and the format of risk."""

    risk: str
    cost: str
    form: str


def frontier(curve: Curve, marks: Sequence[Mark], axes: Axes, stop: int) -> Spec:
    """Return cost (NOK billion) over risk, the point of parameter `stop` marked on the curve."""
    rows: list[Row] = [
        {"stop": n, "x": short(risk), "y": short(cost / 1e9), "label": label, "name": ""}
        for n, (risk, cost, label) in enumerate(
            zip(curve.risk, curve.cost, curve.labels, strict=True)
        )
    ]
    (left, right), top = _domain(curve)
    place = _place(axes, (left, right), top)
    inside = [
        {"name": mark.name, "x": short(mark.risk), "y": short(mark.cost / 1e9)}
        for mark in marks
        if left <= mark.risk <= right and mark.cost / 1e9 <= top
    ]
    middle = (left + right) / 2
    labelled: dict[str, list[Row]] = {"named": [], "before": []}
    for row in rows:
        if row["label"]:
            late = curve.narrow and row["x"] > middle
            labelled["before" if late else "named"].append(row)
    datasets = {"curve": rows} | {name: found for name, found in labelled.items() if found}
    layers = [each for each in _curve_layers(axes, place) if each["data"]["name"] in datasets]
    if inside:
        datasets["marks"] = inside
        layers.append(_diamonds(axes))
    listed = [Column("x", axes.risk), Column("y", axes.cost)]
    return spec_of(layers, 320, stop) | {"datasets": datasets} | told(listed, data="curve")


def _domain(curve: Curve) -> tuple[tuple[float, float], float]:
    low, high = float(curve.risk.min()), float(curve.risk.max())
    wide = BESIDE * ((high - low) or abs(high) or 1.0)
    return (short(low - wide), short(high + wide)), short(
        ABOVE * float(curve.cost.max()) / 1e9 or 1.0
    )


def _place(axes: Axes, across: tuple[float, float], top: float) -> Row:
    """Return where points stand."""
    x_axis: Row = {"format": axes.form, "tickCount": 5, "labelFlush": False, "labelOverlap": True}
    digits = 1 if top >= _FEW_BILLIONS else 2
    y_axis: Row = {"format": f",.{digits}f", "tickCount": 5} | UPRIGHT
    x_scale: Row = {"domain": list(across), "nice": False, "zero": False}
    y_scale: Row = {"domain": [0, top], "nice": False}
    return {
        "x": quantity("x", title=axes.risk, axis=x_axis, scale=x_scale),
        "y": quantity("y", title=axes.cost, axis=y_axis, scale=y_scale),
    }


def _curve_layers(axes: Axes, place: Row) -> list[Row]:
    """Return the curve with its points, the chosen one large, and the labels of some."""
    tips = {
        "tooltip": [
            quantity("x", title=axes.risk, format=axes.form),
            quantity("y", title=axes.cost, format=",.2f"),
        ]
    }
    dot = {"filled": True, "color": BLUE, "opacity": 1}
    chosen = layer("curve", "point", dot | {"size": 190}, place)
    text = {"text": {"field": "label"}}
    look = {
        "align": "left",
        "baseline": "bottom",
        "dx": 9,
        "dy": -7,
        "color": BLUE,
        "fontWeight": 600,
        "lineBreak": "\n",
    }
    below = look | {"align": "right", "baseline": "top", "dx": -9, "dy": 4}
    return [
        layer("curve", "line", stroke(BLUE, ()), place),
        layer("curve", "point", dot | {"size": 60}, place | tips),
        chosen | {"transform": [{"filter": "datum.stop == stop"}]},
        layer("named", "text", look | HALO, place | text),
        layer("named", "text", look, place | text),
        layer("before", "text", below | HALO, place | text),
        layer("before", "text", below, place | text),
    ]


def _diamonds(axes: Axes) -> Row:
    """Return the plans beside it as grey diamonds, named when pointed at."""
    chart = alt.Chart(named("marks")).encode(
        x=alt.X("x:Q"),
        y=alt.Y("y:Q"),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("x:Q", title=axes.risk, format=axes.form),
            alt.Tooltip("y:Q", title=axes.cost, format=",.2f"),
        ],
    )
    look: dict[str, Any] = {
        "shape": "diamond",
        "filled": True,
        "size": 90,
        "color": GREY,
        "opacity": 1,
    }
    return dict(chart.mark_point(**look).to_dict(validate=False))
