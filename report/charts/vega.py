"""Vega-Lite as plain dictionaries: what all charts share. A test has Altair check every one.

Building and checking charts with Altair's own classes took eight seconds a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..blocks import Spec

Layer = dict[str, Any]
Row = dict[str, Any]

BLUE, VERMILION, BLACK, GREY = "#0072B2", "#D55E00", "#000000", "#595959"
FILLS = ("#332288", "#D55E00", "#3D8FD1", "#8C2D04", "#808080", "#7F3C8D", "#109E78", "#CC5490")
"""Of stacked bars: at least 3:1 on white, and the first five far apart for the colour-blind."""
DARK_FILLS = frozenset({"#332288", "#8C2D04", "#7F3C8D"})
"""Fills on which a number is written in white, on the others in black."""
_FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"
CONFIG: dict[str, Any] = {
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": "#333",
        "titleColor": "#333",
        "gridColor": "#e4e4e4",
        "domainColor": "#767676",
        "tickColor": "#767676",
    },
    "text": {"fontSize": 12, "color": "#222"},
}
UPRIGHT: dict[str, Any] = {
    "titleAngle": 0,
    "titleAlign": "left",
    "titleBaseline": "bottom",
    "titleX": 0,
    "titleY": -8,
}
"""An axis title that stands above its axis instead of along it."""


def layer(dataset: str, mark: str, look: Row, encoding: Row) -> Layer:
    """Return one layer: how a dataset of the specification is drawn."""
    return {"data": {"name": dataset}, "mark": {"type": mark} | look, "encoding": encoding}


def quantity(field: str, **more: object) -> Row:
    """Return a channel that shows a number; `title`, `axis`, `scale` and the like in `more`."""
    return {"field": field, "type": "quantitative"} | more


def category(field: str, **more: object) -> Row:
    """Return a channel that shows one of several names; see `quantity`."""
    return {"field": field, "type": "nominal"} | more


def step(field: str, **more: object) -> Row:
    """Return a channel that shows one of several in order, such as years; see `quantity`."""
    return {"field": field, "type": "ordinal"} | more


def stroke(colour: str, dash: Sequence[int]) -> Row:
    """Return how a line is drawn."""
    return {"stroke": colour, "strokeWidth": 2, "strokeDash": list(dash)}


def short(value: float) -> float:
    """Return five digits: more than a chart shows, few enough for a small file."""
    return float(f"{value:.5g}")


def only_chosen(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers, each with the rows of parameter `stop` alone."""
    return [each | {"transform": [{"filter": "datum.stop == stop"}]} for each in layers]


def spec_of(layers: Sequence[Any], height: int, stop: int | None = None) -> Spec:
    """Return the specification, as wide as its place; labels at the right find room by `fit`.

    Layers are dictionaries or charts of Altair. `stop` is the first value of the parameter of
    that name, which a slider or selector of the page sets.
    """
    spec: Spec = {
        "layer": [each if isinstance(each, dict) else each.to_dict() for each in layers],
        "width": "container",
        "height": height,
        "padding": {"left": 2, "right": 4, "top": 4, "bottom": 2},
        "autosize": {"type": "fit", "contains": "padding"},
    }
    for each in spec["layer"]:
        for inner in ("$schema", "config"):
            each.pop(inner, None)
    return spec if stop is None else spec | {"params": [{"name": "stop", "value": stop}]}
