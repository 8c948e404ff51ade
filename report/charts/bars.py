"""Charts of bars stacked by year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..blocks import Spec
from ..reading import Floats
from .lines import Line
from .vega import (
    DARK_FILLS,
    FILLS,
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


@dataclass(frozen=True)
class Stack:
    """Bars by year, stacked: names of the parts and their values [time, part] or [stop, ...]."""

    years: Sequence[int | str]  # or what else stands under the bars
    parts: Sequence[str]
    values: Floats
    unit: str
    year_title: str
    form: str = ",.0f"
    labelled: bool = True


def bars(stack: Stack, line: Line | None = None, stop: int | None = None) -> Spec:
    """Return stacked bars; of several stops [stop, time, part] the one of parameter `stop`."""
    stops = stack.values if stack.values.ndim == 3 else stack.values[None]
    rows = [row for n, values in enumerate(stops) for row in _stack_rows(stack, values, n)]
    top = float(np.clip(stops, 0, None).sum(axis=2).max()) * 1.08 or 1.0
    bottom = min(0.0, float(np.clip(stops, None, 0).sum(axis=2).min()))
    scale: Row = {"domain": [short(bottom), short(top)], "nice": False}
    layers, datasets = [_bar_layer(stack, scale)], {"rows": rows}
    if stack.labelled:
        layers += _bar_labels(stack)
        datasets |= _label_rows(rows, stack, stops, top)
    if line is not None:
        layers += _line_over_bars(line, scale)
        datasets["line"] = [
            {"x": year, "y": short(line.values[t])} for t, year in enumerate(stack.years)
        ]
        datasets["end"] = datasets["line"][-1:]
    if stop is not None:
        layers = only_chosen(layers)
    return spec_of(layers, 260, stop) | {"datasets": datasets}


def _bar_layer(stack: Stack, scale: Row) -> Layer:
    turned: Row = {"labelAngle": 0, "labelOverlap": True, "labelSeparation": 6, "title": None}
    place = {"domain": list(stack.years), "paddingInner": 0.15}
    axis = {"format": stack.form, "tickCount": 5} | UPRIGHT
    colours = {"domain": list(stack.parts), "range": _fills(len(stack.parts))}
    encoding = {
        "x": step("x", scale=place, axis=turned),
        "y": quantity("a", scale=scale, axis=axis, title=stack.unit),
        "y2": {"field": "b"},
        "color": category("part", scale=colours, legend=None),
        "tooltip": [
            step("x", title=stack.year_title),
            category("part", title=" "),
            quantity("v", title=stack.unit, format=stack.form),
        ],
    }
    return layer("rows", "bar", {"stroke": "white", "strokeWidth": 1}, encoding)


def _stack_rows(stack: Stack, values: Floats, stop: int) -> list[Row]:
    rows = []
    for t, year in enumerate(stack.years):
        above = below = 0.0
        for part, value in zip(stack.parts, values[t], strict=True):
            start = above if value >= 0 else below
            end = start + float(value)
            above, below = (end, below) if value >= 0 else (above, end)
            if value:
                row: Row = {"stop": stop, "x": year, "part": part, "v": short(value)}
                rows.append(row | {"a": short(start), "b": short(end)})
    return rows


_LABELS: tuple[tuple[str, Row], ...] = (
    ("dark", {"color": "#000"}),
    ("light", {"color": "white"}),
    ("sums", {"color": "#111", "fontWeight": "bold", "dy": -8}),
)


def _bar_labels(stack: Stack) -> list[Layer]:
    """Each part's number inside its bar, the sum above."""
    encoding = {"x": step("x"), "y": quantity("m"), "text": quantity("v", format=stack.form)}
    return [layer(name, "text", {"fontSize": 11} | look, encoding) for name, look in _LABELS]


def _label_rows(rows: list[Row], stack: Stack, stops: Floats, top: float) -> dict[str, list[Row]]:
    """Return the numbers of the labels: of parts where there is room for one, of all sums."""
    large = [row | {"m": (row["a"] + row["b"]) / 2} for row in rows if row["v"] >= 0.06 * top]
    light = [part for part, fill in legend_of(stack.parts) if fill in DARK_FILLS]
    sums = [
        {"stop": n, "x": year, "m": short(values[t].sum()), "v": short(values[t].sum())}
        for n, values in enumerate(stops)
        for t, year in enumerate(stack.years)
        if values[t].sum() > 0
    ]
    return {
        "dark": [row for row in large if row["part"] not in light],
        "light": [row for row in large if row["part"] in light],
        "sums": sums,
    }


def _line_over_bars(line: Line, scale: Row) -> list[Layer]:
    at = {"x": step("x"), "y": quantity("y", scale=scale)}
    end = {"x": step("x", bandPosition=1), "y": quantity("y"), "text": {"value": line.label}}
    return [
        layer("line", "line", stroke(line.colour, line.dash), at),
        layer("end", "text", {"align": "left", "dx": 4}, end),
    ]


def legend_of(parts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the parts of a stack with their colours, from the bottom up."""
    return tuple(zip(parts, _fills(len(parts)), strict=True))


def _fills(count: int) -> list[str]:
    return [FILLS[n % len(FILLS)] for n in range(count)]
