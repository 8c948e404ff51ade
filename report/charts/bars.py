"""Charts of bars stacked by year, or by what else stands under them; each sum above its bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..blocks import Spec
from ..reading import Floats
from .lines import Line
from .vega import (
    BLACK,
    PAGE,
    PAYERS,
    UPRIGHT,
    Column,
    Layer,
    Row,
    category,
    layer,
    quantity,
    short,
    spec_of,
    step,
    stroke,
    told,
)


@dataclass(frozen=True)
class Stack:
    """Bars by year, stacked: names of the parts and their values [time, part]."""

    years: Sequence[int | str]  # or what else stands under the bars
    parts: Sequence[str]
    values: Floats
    unit: str
    year_title: str
    form: str = ",.0f"
    summed: bool = True  # whether the sum stands above each bar
    hues: Sequence[str] = PAYERS


def bars(stack: Stack, line: Line | None = None, narrow: bool = False) -> Spec:
    """Return stacked bars, with a dashed line over them where one is given."""
    values = stack.values
    rows = _stack_rows(stack, values)
    top = float(np.clip(values, 0, None).sum(axis=1).max()) * 1.08 or 1.0
    bottom = min(0.0, float(np.clip(values, None, 0).sum(axis=1).min()))
    scale: Row = {"domain": [short(bottom), short(top)], "nice": False}
    layers, datasets = [_bar_layer(stack, scale, narrow)], {"rows": rows}
    if stack.summed:
        encoding = {"x": step("x"), "y": quantity("m"), "text": quantity("v", format=stack.form)}
        look = {"color": BLACK, "fontWeight": 600, "dy": -9}
        layers.append(layer("sums", "text", look, encoding))
        datasets["sums"] = _sums(stack)
    if line is not None:
        layers += _line_over_bars(line, scale)
        datasets["line"] = [
            {"x": year, "y": short(line.values[t])} for t, year in enumerate(stack.years)
        ]
        datasets["end"] = [datasets["line"][-1] | {"label": line.short if narrow else line.label}]
    listed = [
        Column("x", stack.year_title), Column("part", ""), Column("v", stack.unit, stack.form),
    ]  # fmt: skip
    return spec_of(layers, 270) | {"datasets": datasets} | told(listed)


def _bar_layer(stack: Stack, scale: Row, narrow: bool) -> Layer:
    turned: Row = {"labelAngle": 0, "labelOverlap": True, "labelSeparation": 6, "title": None}
    turned["labelLimit"] = 220
    every = 10 if narrow else 5
    years = [year for year in stack.years if isinstance(year, int) and year % every == 0]
    if len(years) > 1 and len(stack.years) > 12:
        turned["values"] = years
    place = {"domain": list(stack.years), "paddingInner": 0.15}
    axis = {"format": stack.form, "tickCount": 5} | UPRIGHT
    colours = {"domain": list(stack.parts), "range": _fills(stack)}
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
    return layer("rows", "bar", {"stroke": PAGE, "strokeWidth": 0.5}, encoding)


def _stack_rows(stack: Stack, values: Floats) -> list[Row]:
    rows = []
    for t, year in enumerate(stack.years):
        above = below = 0.0
        for part, value in zip(stack.parts, values[t], strict=True):
            start = above if value >= 0 else below
            end = start + float(value)
            above, below = (end, below) if value >= 0 else (above, end)
            if value:
                row: Row = {"x": year, "part": part, "v": short(value)}
                rows.append(row | {"a": short(start), "b": short(end)})
    return rows


def _sums(stack: Stack) -> list[Row]:
    return [
        {"x": year, "m": short(values.sum()), "v": short(values.sum())}
        for year, values in zip(stack.years, stack.values, strict=True)
        if values.sum() > 0
    ]


def _line_over_bars(line: Line, scale: Row) -> list[Layer]:
    at = {"x": step("x"), "y": quantity("y", scale=scale)}
    end = {"x": step("x", bandPosition=1), "y": quantity("y"), "text": {"field": "label"}}
    look = {"align": "left", "dx": 5, "color": line.colour, "fontWeight": 600, "baseline": "middle"}
    return [
        layer("line", "line", stroke(line.colour, line.dash), at),
        layer("end", "text", look, end),
    ]


def legend_of(stack: Stack) -> tuple[tuple[str, str], ...]:
    """Return the parts of a stack with their colours, from the top down."""
    return tuple(reversed(tuple(zip(stack.parts, _fills(stack), strict=True))))


def _fills(stack: Stack) -> list[str]:
    return [stack.hues[n % len(stack.hues)] for n in range(len(stack.parts))]
