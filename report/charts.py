"""Charts: Vega-Lite specifications from plain numbers, made with Altair.

Colours are those of Okabe and Ito, told apart by colour-blind readers; what is compared also
differs in dash, for grey print. Labels stand at the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np

from .blocks import Spec
from .reading import Floats

BLUE, VERMILION, BLACK, GREY = "#0072B2", "#D55E00", "#000000", "#595959"
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


@dataclass(frozen=True)
class Line:
    """A line over the years: its label, its values [time] and how it is drawn."""

    label: str
    values: Floats
    colour: str = BLUE
    dash: tuple[int, ...] = ()
    bands: Floats | None = None  # [time, 4]: quantiles 0.05, 0.25, 0.75, 0.95


@dataclass(frozen=True)
class Frame:
    """What the lines of a chart share: years, unit, number format, shaded years and y range."""

    years: Sequence[int]
    unit: str
    year_title: str
    window: tuple[int, int] | None = None
    window_label: str = ""
    form: str = ",.0f"
    domain: tuple[float, float] | None = None
    height: int = 190


def lines(frame: Frame, series: Sequence[Line]) -> Spec:
    """Return lines over the years with bands and labels at their ends; a tooltip for each year."""
    low, high = frame.domain or _range(series)
    rows = [
        {"x": year} | {f"v{n}": short(line.values[t]) for n, line in enumerate(series)}
        for t, year in enumerate(frame.years)
    ]
    x = alt.X("x:Q", axis=_year_axis(frame), scale=alt.Scale(nice=False, zero=False))
    scale = alt.Scale(domain=[low, high], nice=False, zero=False, clamp=True)
    axis = alt.Axis(format=frame.form, tickCount=5, **UPRIGHT)
    layers: list[Any] = [_window(frame, low, high)] if frame.window else []
    for line in series:
        layers += [] if line.bands is None else _bands(line, frame)
    base = alt.Chart(data_of(rows))
    tips = [alt.Tooltip("x:Q", title=frame.year_title, format="d")]
    for n, line in enumerate(series):
        y = alt.Y(f"v{n}:Q", scale=scale, axis=axis, title=frame.unit)
        mark = {"stroke": line.colour, "strokeWidth": 2, "strokeDash": list(line.dash)}
        layers.append(base.mark_line(**mark).encode(x=x, y=y))
        tips.append(alt.Tooltip(f"v{n}:Q", title=line.label, format=frame.form))
    layers.append(base.mark_rule(strokeWidth=9, opacity=0).encode(x=x, tooltip=tips))
    layers.append(_end_labels(frame, series, low, high))
    return spec_of(alt.layer(*layers).properties(height=frame.height))


UPRIGHT: dict[str, Any] = {
    "titleAngle": 0,
    "titleAlign": "left",
    "titleBaseline": "bottom",
    "titleX": 0,
    "titleY": -8,
}


def data_of(rows: list[dict[str, Any]]) -> alt.Data:
    """Return rows as data that stand in the specification."""
    return alt.Data(values=rows)


def short(value: float) -> float:
    """Return five digits: more than a chart shows, few enough for a small file."""
    return float(f"{value:.5g}")


def _range(series: Sequence[Line]) -> tuple[float, float]:
    everything = [line.values for line in series]
    everything += [line.bands.ravel() for line in series if line.bands is not None]
    low, high = float(np.concatenate(everything).min()), float(np.concatenate(everything).max())
    margin = 0.04 * ((high - low) or abs(high) or 1.0)
    return low - margin if low - margin > 0 or low < 0 else 0.0, high + 2 * margin


def _year_axis(frame: Frame) -> alt.Axis:
    ticks = [year for year in frame.years if year % 5 == 0] or list(frame.years)
    return alt.Axis(values=ticks, format="d", title=None, grid=False, labelOverlap=True)


def _window(frame: Frame, low: float, high: float) -> Any:
    first, last = frame.window or (0, 0)
    row = {"x": first, "x2": last, "y": low, "y2": high, "label": frame.window_label}
    base = alt.Chart(data_of([row])).encode(x="x:Q", y="y2:Q")
    shade = base.mark_rect(color="#000", opacity=0.06).encode(x2="x2:Q", y2="y:Q")
    name = base.mark_text(align="left", baseline="top", dx=3, dy=3, fontSize=11, color="#444")
    return alt.layer(shade, name.encode(text="label:N"))


def _bands(line: Line, frame: Frame) -> list[Any]:
    bands = line.bands
    assert bands is not None
    rows = [
        {"x": year} | {f"q{n}": short(bands[t, n]) for n in range(4)}
        for t, year in enumerate(frame.years)
    ]
    base = alt.Chart(data_of(rows)).encode(x="x:Q")
    outer = base.mark_area(color=line.colour, opacity=0.14).encode(y="q0:Q", y2="q3:Q")
    inner = base.mark_area(color=line.colour, opacity=0.22).encode(y="q1:Q", y2="q2:Q")
    return [outer, inner]


def _end_labels(frame: Frame, series: Sequence[Line], low: float, high: float) -> Any:
    """Labels at the last year, moved apart until none covers another."""
    wanted = np.clip([line.values[-1] for line in series], low, high)
    places = _apart(wanted, 0.085 * (high - low), low, high)
    rows = [
        {"x": frame.years[-1], "y": short(place), "label": line.label}
        for line, place in zip(series, places, strict=True)
    ]
    base = alt.Chart(data_of(rows)).encode(x="x:Q", y="y:Q", text="label:N")
    return base.mark_text(align="left", baseline="middle", dx=6)


def _apart(wanted: Floats, gap: float, low: float, high: float) -> Floats:
    order = np.argsort(wanted)
    placed = wanted.astype(float).copy()
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    placed -= max(0.0, placed.max() - high)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    return np.asarray(placed + max(0.0, low - placed.min()))


def spec_of(chart: alt.LayerChart) -> Spec:
    """Return the specification, as wide as its place; labels at the right find room by `fit`."""
    spec: Spec = chart.properties(
        width="container",
        padding={"left": 2, "right": 4, "top": 4, "bottom": 2},
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
    ).to_dict()
    del spec["$schema"]
    return spec
