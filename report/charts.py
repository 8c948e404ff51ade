"""Charts: Vega-Lite specifications from plain numbers, made with Altair.

Colours are those of Okabe and Ito, told apart by colour-blind readers; what is compared also
differs in dash, for grey print. Labels stand at the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
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


Row = dict[str, Any]
_Style = tuple[str, str, tuple[int, ...], bool]


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
    height: int = 200


def lines(frame: Frame, series: Sequence[Line]) -> Spec:
    """Return lines over the years with bands and labels at their ends; a tooltip for each year."""
    low, high = frame.domain or _range(series)
    rows = [_row(year, t, series) for t, year in enumerate(frame.years)]
    first, last = frame.window or (frame.years[0], frame.years[0])
    label = frame.window_label if frame.window else ""
    shade = {"x": first, "x2": last, "y": low, "y2": high, "label": label}
    styles = tuple((x.label, x.colour, x.dash, x.bands is not None) for x in series)
    look = (frame.unit, frame.year_title, frame.form)
    datasets = {"rows": rows, "shade": [shade], "ends": _ends(frame, series, low, high)}
    return _template(look, tuple(frame.years), frame.height, styles) | {"datasets": datasets}


@cache
def _template(
    look: tuple[str, str, str], years: tuple[int, ...], height: int, styles: tuple[_Style, ...]
) -> Spec:
    """Return the chart without its data: building and validating it takes Altair half a second.

    The shade spans the whole range of y, which so becomes that of the axis.
    """
    unit, year_title, form = look
    x = alt.X("x:Q", axis=_year_axis(years), scale=alt.Scale(nice=False, zero=False))
    axis = alt.Axis(format=form, tickCount=5, **UPRIGHT)
    scale = alt.Scale(nice=False, zero=False)
    layers = _shade()
    base = alt.Chart(named("rows"))
    for n, (_, colour, _, banded) in enumerate(styles):
        for outer, inner, opacity in ((0, 3, 0.14), (1, 2, 0.22)) if banded else ():
            band = base.mark_area(color=colour, opacity=opacity)
            layers.append(band.encode(x=x, y=f"q{n}{outer}:Q", y2=f"q{n}{inner}:Q"))
    tips = [alt.Tooltip("x:Q", title=year_title, format="d")]
    for n, (label, colour, dash, _) in enumerate(styles):
        y = alt.Y(f"v{n}:Q", scale=scale, axis=axis, title=unit)
        layers.append(base.mark_line(**stroke(colour, dash)).encode(x=x, y=y))
        tips.append(alt.Tooltip(f"v{n}:Q", title=label, format=form))
    layers.append(base.mark_rule(strokeWidth=9, opacity=0).encode(x=x, tooltip=tips))
    ends = alt.Chart(named("ends")).encode(x="x:Q", y="y:Q", text="label:N")
    layers.append(ends.mark_text(align="left", baseline="middle", dx=6))
    return spec_of(layers, height)


UPRIGHT: dict[str, Any] = {
    "titleAngle": 0,
    "titleAlign": "left",
    "titleBaseline": "bottom",
    "titleX": 0,
    "titleY": -8,
}


def stroke(colour: str, dash: tuple[int, ...]) -> dict[str, Any]:
    """Return how a line is drawn."""
    return {"stroke": colour, "strokeWidth": 2, "strokeDash": list(dash)}


def named(dataset: str) -> alt.NamedData:
    """Return a reference to one of the datasets of a specification."""
    return alt.NamedData(name=dataset)


def short(value: float) -> float:
    """Return five digits: more than a chart shows, few enough for a small file."""
    return float(f"{value:.5g}")


def _range(series: Sequence[Line]) -> tuple[float, float]:
    everything = [line.values for line in series]
    everything += [line.bands.ravel() for line in series if line.bands is not None]
    low, high = float(np.concatenate(everything).min()), float(np.concatenate(everything).max())
    margin = 0.04 * ((high - low) or abs(high) or 1.0)
    return low - margin if low - margin > 0 or low < 0 else 0.0, high + 2 * margin


def _row(year: int, t: int, series: Sequence[Line]) -> Row:
    row: Row = {"x": year}
    for n, line in enumerate(series):
        row[f"v{n}"] = short(line.values[t])
        if line.bands is not None:
            row |= {f"q{n}{q}": short(value) for q, value in enumerate(line.bands[t])}
    return row


def _year_axis(years: Sequence[int]) -> alt.Axis:
    ticks = [year for year in years if year % 5 == 0] or list(years)
    apart: dict[str, Any] = {"labelOverlap": True, "labelSeparation": 6, "labelFlush": False}
    return alt.Axis(values=ticks, format="d", title=None, grid=False, **apart)


def _shade() -> list[Any]:
    base = alt.Chart(named("shade")).encode(x="x:Q", y="y2:Q")
    area = base.mark_rect(color="#000", opacity=0.06).encode(x2="x2:Q", y2="y:Q")
    name = base.mark_text(align="left", baseline="top", dx=3, dy=3, fontSize=11, color="#444")
    return [area, name.encode(text="label:N")]


def _ends(frame: Frame, series: Sequence[Line], low: float, high: float) -> list[Row]:
    """Labels at the last year, moved apart until none covers another."""
    wanted = np.clip([line.values[-1] for line in series], low, high)
    places = _apart(wanted, 0.11 * (high - low), low, high)
    return [
        {"x": frame.years[-1], "y": short(place), "label": line.label}
        for line, place in zip(series, places, strict=True)
    ]


def _apart(wanted: Floats, gap: float, low: float, high: float) -> Floats:
    order = np.argsort(wanted)
    placed = wanted.astype(float).copy()
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    placed -= max(0.0, placed.max() - high)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    return np.asarray(placed + max(0.0, low - placed.min()))


def spec_of(layers: Sequence[Any], height: int, stop: int | None = None) -> Spec:
    """Return the specification, as wide as its place; labels at the right find room by `fit`."""
    chart = alt.layer(*layers).properties(
        width="container",
        height=height,
        padding={"left": 2, "right": 4, "top": 4, "bottom": 2},
        autosize=alt.AutoSizeParams(type="fit", contains="padding"),
    )
    spec: Spec = chart.to_dict()
    if stop is not None:
        spec["params"] = [{"name": "stop", "value": stop}]
    del spec["$schema"]
    return spec
