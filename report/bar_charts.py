"""Charts of bars stacked by year, and of cost over risk, in the manner of `charts`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from .blocks import Spec
from .charts import BLACK, BLUE, UPRIGHT, Line, Row, named, short, spec_of, stroke
from .reading import Floats

_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
_WHITE_TEXT = {"#0072B2"}


@dataclass(frozen=True)
class Stack:
    """Bars by year, stacked: names of the parts and their values [time, part] or [stop, ...]."""

    years: Sequence[int]
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
    scale = alt.Scale(domain=[bottom, top], nice=False)
    axis = alt.Axis(format=stack.form, tickCount=5, **UPRIGHT)
    x = alt.X(
        "x:O",
        scale=alt.Scale(domain=list(stack.years), paddingInner=0.15),
        axis=alt.Axis(labelAngle=0, labelOverlap=True, labelSeparation=6, title=None),
    )
    y = alt.Y("a:Q", scale=scale, axis=axis, title=stack.unit)
    colours = alt.Scale(domain=list(stack.parts), range=_fills(len(stack.parts)))
    tips = [
        alt.Tooltip("x:O", title=stack.year_title),
        alt.Tooltip("part:N", title=" "),
        alt.Tooltip("v:Q", title=stack.unit, format=stack.form),
    ]
    base = alt.Chart(named("rows"))
    datasets = {"rows": rows}
    colour = alt.Color("part:N", scale=colours, legend=None)
    layers: list[Any] = [
        base.mark_bar(stroke="white", strokeWidth=0.5).encode(
            x=x, y=y, y2="b:Q", color=colour, tooltip=tips
        )
    ]
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
        layers = [layer.transform_filter("datum.stop == stop") for layer in layers]
    return spec_of(layers, 260, stop) | {"datasets": datasets}


@dataclass(frozen=True)
class Curve:
    """A frontier: name, and per solved point its stop, risk and cost."""

    label: str
    risk: Floats
    cost: Floats
    colour: str = BLUE
    dash: tuple[int, ...] = ()


def frontier(curves: Sequence[Curve], titles: tuple[str, str], form: str, stop: int) -> Spec:
    """Return cost (NOK billion) over risk, the point of parameter `stop` marked on each curve."""
    x_axis = alt.Axis(format=form, tickCount=6, labelFlush=False)
    y_axis = alt.Axis(format=",.1f", tickCount=5, **UPRIGHT)
    layers: list[Any] = []
    datasets: dict[str, list[Row]] = {}
    for n, curve in enumerate(curves):
        rows = [
            {"stop": stop, "x": short(risk), "y": short(cost / 1e9)}
            for stop, (risk, cost) in enumerate(zip(curve.risk, curve.cost, strict=True))
        ]
        datasets[f"curve{n}"] = rows
        datasets[f"dearest{n}"] = [max(rows, key=lambda row: row["y"])]
        base = alt.Chart(named(f"curve{n}")).encode(
            x=alt.X("x:Q", title=titles[0], axis=x_axis, scale=alt.Scale(zero=False)),
            y=alt.Y("y:Q", title=titles[1], axis=y_axis),
            tooltip=[
                alt.Tooltip("x:Q", title=curve.label, format=form),
                alt.Tooltip("y:Q", title=titles[1], format=",.2f"),
            ],
        )
        layers.append(base.mark_line(**stroke(curve.colour, curve.dash)).encode(order="stop:O"))
        layers.append(base.mark_point(filled=True, size=45, color=curve.colour, opacity=1))
        chosen = base.transform_filter("datum.stop == stop")
        layers.append(chosen.mark_point(size=260, color=BLACK, strokeWidth=2, opacity=1))
        dearest = alt.Chart(named(f"dearest{n}")).encode(x="x:Q", y="y:Q")
        layers.append(dearest.mark_text(align="left", dx=16, dy=-3, text=curve.label))
    return spec_of(layers, 260, stop) | {"datasets": datasets}


def _stack_rows(stack: Stack, values: Floats, stop: int) -> list[Row]:
    rows = []
    for t, year in enumerate(stack.years):
        above = below = 0.0
        for part, value in zip(stack.parts, values[t], strict=True):
            start = above if value >= 0 else below
            end = start + float(value)
            above, below = (end, below) if value >= 0 else (above, end)
            if value:
                row = {"stop": stop, "x": year, "part": part, "v": short(value)}
                rows.append(row | {"a": short(start), "b": short(end)})
    return rows


_LABELS: tuple[tuple[str, Row], ...] = (
    ("dark", {"color": "#111"}),
    ("light", {"color": "white"}),
    ("sums", {"color": "#111", "fontWeight": "bold", "dy": -8}),
)


def _bar_labels(stack: Stack) -> list[Any]:
    """Each part's number inside its bar, the sum above."""
    text = alt.Text("v:Q", format=stack.form)
    return [
        alt.Chart(named(name)).mark_text(fontSize=11, **look).encode(x="x:O", y="m:Q", text=text)
        for name, look in _LABELS
    ]


def _label_rows(rows: list[Row], stack: Stack, stops: Floats, top: float) -> dict[str, list[Row]]:
    """Return the numbers of the labels: of parts where there is room for one, of all sums."""
    large = [row | {"m": (row["a"] + row["b"]) / 2} for row in rows if row["v"] >= 0.06 * top]
    light = [part for part, fill in legend_of(stack.parts) if fill in _WHITE_TEXT]
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


def _line_over_bars(line: Line, scale: alt.Scale) -> list[Any]:
    base = alt.Chart(named("line")).encode(x="x:O", y=alt.Y("y:Q", scale=scale))
    end = alt.Chart(named("end")).encode(x=alt.X("x:O", bandPosition=1), y="y:Q")
    return [
        base.mark_line(**stroke(line.colour, line.dash)),
        end.mark_text(align="left", dx=4, text=line.label),
    ]


def legend_of(parts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the parts of a stack with their colours, from the bottom up."""
    return tuple(zip(parts, _fills(len(parts)), strict=True))


def _fills(count: int) -> list[str]:
    return [_COLOURS[n % len(_COLOURS)] for n in range(count)]
