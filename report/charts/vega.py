"""Vega-Lite as plain dictionaries: what all charts share. A test has Altair check every one.

Building and checking charts with Altair's own classes took eight seconds a report: dictionaries
stand where one chart is drawn many times (lines, bars); charts drawn once are built with Altair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..blocks import Spec
from ..look import COLOURS, colour, theme

Layer = dict[str, Any]
Row = dict[str, Any]

BLUE, VERMILION, BLACK, GREY = (colour(role) for role in ("plan", "need", "ink", "without"))
MUTED, RULE, PAGE, BREACH = (colour(role) for role in ("muted", "rule", "page", "breach"))
WINDOW = colour("window")


def _family(name: str) -> tuple[str, ...]:
    return tuple(colour(role) for role in COLOURS if role.startswith(f"{name}-"))


REGIONS, PAYERS, FILLS = (_family(name) for name in ("region", "payer", "result"))
"""Of stacked regions, of payers (one blue, from dark to light) and of results side by side."""
CONFIG: dict[str, Any] = theme()
UPRIGHT: dict[str, Any] = {
    "titleAngle": 0,
    "titleAlign": "left",
    "titleBaseline": "bottom",
    "titleX": 0,
    "titleY": -10,
}
"""An axis title that stands above its axis instead of along it."""
HALO: dict[str, Any] = {"stroke": PAGE, "strokeWidth": 4, "strokeJoin": "round"}
"""Behind text that a line may run through."""


@dataclass(frozen=True)
class Column:
    """A column of a chart's rows: its field, what it is called, the format of its numbers."""

    field: str
    label: str
    form: str = ""
    told: bool = True  # in the tooltip, too, not in the CSV file alone


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


def stroke(hue: str, dash: Sequence[int], width: float = 2.5) -> Row:
    """Return how a line is drawn."""
    ends = {"strokeJoin": "round", "strokeCap": "butt" if dash else "round"}
    return {"stroke": hue, "strokeWidth": width, "strokeDash": list(dash)} | ends


def short(value: float) -> float:
    """Return five digits: more than a chart shows, few enough for a small file."""
    return float(f"{value:.5g}")


def only_chosen(layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers, each with the rows of parameter `stop` alone."""
    return [each | {"transform": [{"filter": "datum.stop == stop"}]} for each in layers]


def told(columns: Sequence[Column], by_year: bool = False, data: str = "rows") -> Row:
    """Return what the page's own script reads of a chart: its table, and whether x is a year.

    From it come the CSV file and, of a chart by year, the values beside the pointer.
    """
    listed = [[each.field, each.label, each.form, each.told] for each in columns]
    return {"usermeta": {"columns": listed, "data": data, "byYear": by_year}}


def spec_of(layers: Sequence[Any], height: int, stop: int | None = None) -> Spec:
    """Return the specification, as wide as its place; labels at the right find room by `fit`.

    Layers are dictionaries or charts of Altair. `stop` is the first value of the parameter of
    that name, which a slider or selector of the page sets.
    """
    spec: Spec = {
        "layer": [
            each if isinstance(each, dict) else each.to_dict(validate=False) for each in layers
        ],
        "width": "container",
        "height": height,
        "padding": {"left": 2, "right": 4, "top": 4, "bottom": 2},
        "autosize": {"type": "fit", "contains": "padding"},
    }
    for each in spec["layer"]:
        for inner in ("$schema", "config"):
            each.pop(inner, None)
    return spec if stop is None else spec | {"params": [{"name": "stop", "value": stop}]}
