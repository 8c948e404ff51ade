"""Charts of lines over the years, from plain numbers.

Colours are told apart by colour-blind readers; what is compared also differs in dash, for grey
print. Labels stand at the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..blocks import Spec
from ..reading import Floats
from .vega import (
    BLACK,
    BLUE,
    CONFIG,
    GREY,
    UPRIGHT,
    VERMILION,
    Layer,
    Row,
    layer,
    only_chosen,
    quantity,
    short,
    spec_of,
    stroke,
)

__all__ = [
    "BLACK", "BLUE", "CONFIG", "GREY", "VERMILION", "Frame", "Line", "lines", "lines_to_choose",
    "named", "short", "spec_of",
]  # fmt: skip


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
    return spec_of(_layers(frame, series), frame.height) | {"datasets": _datasets(frame, series)}


def lines_to_choose(frame: Frame, choices: Sequence[Sequence[Line]], start: int) -> Spec:
    """Return such a chart of which one choice shows at a time, by parameter `stop`.

    All choices have the same lines in the same looks; the axis follows the choice.
    """
    datasets: dict[str, list[Row]] = {}
    for n, series in enumerate(choices):
        for name, rows in _datasets(frame, series).items():
            datasets.setdefault(name, []).extend({"stop": n} | row for row in rows)
    layers = only_chosen(_layers(frame, choices[start]))
    return spec_of(layers, frame.height, start) | {"datasets": datasets}


def named(dataset: str) -> object:
    """Return a reference to one of the datasets of a specification, for charts of Altair."""
    import altair as alt

    return alt.NamedData(name=dataset)


def _layers(frame: Frame, series: Sequence[Line]) -> list[Layer]:
    """Return how the datasets are drawn, the lightest at the back.

    The shade spans the whole range of y, which so becomes that of the axis.
    """
    scale = {"nice": False, "zero": False}
    x = quantity("x", axis=_year_axis(frame.years), scale=scale)
    axis = {"format": frame.form, "tickCount": 5} | UPRIGHT
    layers = _shade()
    for n, line in enumerate(series):
        for outer, inner, opacity in ((0, 3, 0.14), (1, 2, 0.22)) if line.bands is not None else ():
            ends = {"y": quantity(f"q{n}{outer}"), "y2": {"field": f"q{n}{inner}"}}
            look = {"color": line.colour, "opacity": opacity}
            layers.append(layer("rows", "area", look, {"x": x} | ends))
    tips = [quantity("x", title=frame.year_title, format="d")]
    for n, line in enumerate(series):
        y = quantity(f"v{n}", scale=scale, axis=axis, title=frame.unit)
        layers.append(layer("rows", "line", stroke(line.colour, line.dash), {"x": x, "y": y}))
        tips.append(quantity(f"v{n}", title=line.label, format=frame.form))
    unseen = {"strokeWidth": 9, "opacity": 0}
    layers.append(layer("rows", "rule", unseen, {"x": x, "tooltip": tips}))
    at_ends = {"x": quantity("x"), "y": quantity("y"), "text": {"field": "label"}}
    look = {"align": "left", "baseline": "middle", "dx": 6}
    return [*layers, layer("ends", "text", look, at_ends)]


def _datasets(frame: Frame, series: Sequence[Line]) -> dict[str, list[Row]]:
    low, high = frame.domain or _range(series)
    first, last = frame.window or (frame.years[0], frame.years[0])
    label = frame.window_label if frame.window else ""
    shade = {"x": first, "x2": last, "y": short(low), "y2": short(high), "label": label}
    rows = [_row(year, t, series) for t, year in enumerate(frame.years)]
    return {"rows": rows, "shade": [shade], "ends": _ends(frame, series, low, high)}


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


def _year_axis(years: Sequence[int]) -> Row:
    ticks = [year for year in years if year % 5 == 0] or list(years)
    apart: Row = {"labelOverlap": True, "labelSeparation": 6, "labelFlush": False}
    return {"values": ticks, "format": "d", "title": None, "grid": False} | apart


def _shade() -> list[Layer]:
    place = {"x": quantity("x"), "y": quantity("y2")}
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y"}}
    text = {"align": "left", "baseline": "top", "dx": 3, "dy": 3, "fontSize": 11, "color": "#444"}
    return [
        layer("shade", "rect", {"color": "#000", "opacity": 0.06}, place | ends),
        layer("shade", "text", text, place | {"text": {"field": "label"}}),
    ]


def _ends(frame: Frame, series: Sequence[Line], low: float, high: float) -> list[Row]:
    """Labels at the last year, moved apart until none covers another."""
    wanted = np.clip([line.values[-1] for line in series], low, high)
    places = _apart(wanted, 22.0 / frame.height * (high - low), low, high)
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
