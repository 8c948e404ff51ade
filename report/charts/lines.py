"""Charts of lines over the years, from plain numbers.

Need is orange, the plan blue, what it is compared with grey and dashed. Labels stand at the lines'
ends, what is judged on a pale ground named above the plot. Each chart is made twice, for wide and
for narrow places (`look.NARROW`): short names, fewer years, no words inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..blocks import Spec
from ..look import BANDS
from ..reading import Floats
from .vega import (
    BLACK,
    BLUE,
    BREACH,
    CONFIG,
    GREY,
    HALO,
    MUTED,
    UPRIGHT,
    VERMILION,
    WINDOW,
    Column,
    Layer,
    Row,
    layer,
    only_chosen,
    quantity,
    short,
    spec_of,
    stroke,
    told,
)

__all__ = [
    "BLACK", "BLUE", "CONFIG", "GREY", "VERMILION", "Frame", "Line", "Markings", "lines",
    "lines_to_choose", "named", "short", "spec_of",
]  # fmt: skip

DASHES = (3, 4)
"""Of what a plan is compared with."""
_GAP, _TALL_GAP = 19.0, 33.0  # pixels between the labels of two lines of one and of two lines
_PLOT = 0.8
"""Share of a chart's height that the plot itself has."""
_LONGEST = 20  # letters in a line of a label


@dataclass(frozen=True)
class Line:
    """A line over the years: its label, its values [time] and how it is drawn."""

    label: str
    values: Floats
    colour: str = BLUE
    dash: tuple[int, ...] = ()
    bands: Floats | None = None  # [time, 4]: ends of the outer band around those of the inner
    short: str = ""  # the label in a narrow place
    outer_alone: bool = False  # draw the outer band only


@dataclass(frozen=True)
class Markings:
    """What is written into a wide chart beside its lines."""

    bands: tuple[str, str] = ("", "")  # names of the outer and the inner band of the first line
    plan: tuple[int, int, str] | None = None  # first and last year with new posts, and its name
    effect: tuple[int, str] | None = None  # the first year in which the plan is felt
    points: tuple[int, ...] = ()  # years whose values stand at the lines
    ceiling: tuple[float, str] | None = None  # a level that should not be passed


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
    height: int = 210
    zero: bool = False  # whether the axis starts at zero
    values: bool = False  # whether the last value stands under the label
    marks: Markings = Markings()
    band_label: str = ""  # what the outer band is called, in the CSV file
    labelled: bool = True  # whether the lines have their names at their ends


def lines(frame: Frame, series: Sequence[Line], narrow: bool = False) -> Spec:
    """Return lines over the years with bands and labels at their ends."""
    spec = spec_of(_layers(frame, series, narrow), frame.height)
    return spec | {"datasets": _datasets(frame, series, narrow)} | _told(frame, series)


def lines_to_choose(
    frame: Frame, choices: Sequence[Sequence[Line]], start: int, narrow: bool = False
) -> Spec:
    """Return such a chart of which one choice shows at a time, by parameter `stop`.

    All choices have the same lines in the same looks; the axis follows the choice.
    """
    datasets: dict[str, list[Row]] = {}
    for n, series in enumerate(choices):
        for name, rows in _datasets(frame, series, narrow).items():
            datasets.setdefault(name, []).extend({"stop": n} | row for row in rows)
    layers = only_chosen(_layers(frame, choices[start], narrow))
    spec = spec_of(layers, frame.height, start) | {"datasets": datasets}
    return spec | _told(frame, choices[start])


def named(dataset: str) -> object:
    """Return a reference to one of the datasets of a specification, for charts of Altair."""
    import altair as alt

    return alt.NamedData(name=dataset)


def _told(frame: Frame, series: Sequence[Line]) -> Row:
    columns = [Column("x", frame.year_title)]
    for n, line in enumerate(series):
        columns.append(Column(f"v{n}", line.label, frame.form))
        if line.bands is not None:
            ends = ("–", "+")
            columns += [
                Column(f"q{n}{q}", f"{line.label} {frame.band_label} {end}", frame.form, False)
                for q, end in zip((0, 3), ends, strict=True)
            ]
    return told(columns, by_year=True)


def _layers(frame: Frame, series: Sequence[Line], narrow: bool) -> list[Layer]:
    """Return how the datasets are drawn, the lightest at the back."""
    scale = {"nice": False, "zero": False}
    x = quantity("x", axis=_year_axis(frame.years, narrow), scale=scale)
    axis = {"format": frame.form, "tickCount": 5} | UPRIGHT
    layers = _ground(frame)
    for n, line in enumerate(series):
        for outer, inner, opacity in _bands(line):
            ends = {"y": quantity(f"q{n}{outer}"), "y2": {"field": f"q{n}{inner}"}}
            look = {"color": line.colour, "opacity": opacity}
            layers.append(layer("rows", "area", look, {"x": x} | ends))
    for n, line in enumerate(series):
        y = quantity(f"v{n}", scale=scale, axis=axis, title=frame.unit)
        layers.append(layer("rows", "line", stroke(line.colour, line.dash), {"x": x, "y": y}))
    at = {"x": quantity("x"), "y": quantity("y")}
    layers.append(layer("range", "point", {"opacity": 0}, at))  # the axis holds these
    layers += _inside(frame, series, narrow)
    for n, line in enumerate(series if frame.labelled else ()):
        layers += _end_labels(f"end{n}", line, frame)
    return layers


def _bands(line: Line) -> tuple[tuple[int, int, float], ...]:
    """Return the bands of a line: indices of both ends, opacity."""
    inner, outer, alone = BANDS
    if line.bands is None:
        return ()
    return ((0, 3, alone),) if line.outer_alone else ((0, 3, outer), (1, 2, inner))


def _ground(frame: Frame) -> list[Layer]:
    """Return the years judged on pale ground, their name above the plot."""
    if frame.window is None:
        return []
    place = {"x": quantity("x"), "x2": {"field": "x2"}}
    tall = {"y": {"value": 0}, "y2": {"value": "height"}}
    middle = {"x": quantity("m"), "y": {"value": -7}, "text": {"field": "label"}}
    look = {"align": "center", "baseline": "bottom", "color": MUTED}
    return [
        layer("shade", "rect", {"color": WINDOW}, place | tall),
        layer("shade", "text", look, middle),
    ]


def _inside(frame: Frame, series: Sequence[Line], narrow: bool) -> list[Layer]:
    """Return what is marked in the plot: years with posts, first effect, bands, values, ceiling."""
    marks, found = frame.marks, list[Layer]()
    at = {"x": quantity("x"), "y": quantity("y")}
    label = {"text": {"field": "label"}}
    if marks.ceiling:
        found.append(
            layer("ceiling", "rule", {"color": BREACH, "strokeWidth": 1.5}, {"y": at["y"]})
        )
        look: Row = {"align": "left", "baseline": "bottom", "dx": 4, "dy": -4, "color": BREACH}
        found.append(layer("ceiling", "text", look, at | label))
    if marks.plan:
        segment = {"x": quantity("x"), "x2": {"field": "x2"}, "y": {"value": "height"}}
        found.append(layer("decided", "rule", {"color": BLUE, "strokeWidth": 7}, segment))
        look = {"align": "left", "baseline": "bottom", "dy": -9, "color": BLUE} | _BOLD
        place = {"x": quantity("x"), "y": {"value": "height"}} | label
        found += _with_halo("decided", look, place)
    if marks.effect and not narrow:
        found.append(layer("effect", "rule", {"color": MUTED}, at | {"y2": {"field": "y2"}}))
        look = {"align": "left", "baseline": "top", "dx": -3, "dy": 2, "color": MUTED}
        found += _with_halo("effect", look, {"x": quantity("x"), "y": quantity("y2")} | label)
    if any(marks.bands) and not narrow:
        look = {"align": "right", "baseline": "middle", "dx": -4, "color": series[0].colour}
        found.append(layer("words", "text", look, at | label))
    return found + _points(frame, series)


def _points(frame: Frame, series: Sequence[Line]) -> list[Layer]:
    """Return the lines' values at chosen years, over and under them by turns."""
    found = list[Layer]()
    at = {"x": quantity("x"), "y": quantity("y")}
    for n, line in enumerate(series if frame.marks.points else ()):
        point = {"filled": True, "size": 60, "color": line.colour, "opacity": 1}
        found.append(layer(f"point{n}", "point", point, at))
        side: Row = {"baseline": "bottom", "dy": -8} if n % 2 else {"baseline": "top", "dy": 8}
        number = at | {"text": quantity("y", format=frame.form)}
        found += _with_halo(f"point{n}", side | _BOLD | {"color": line.colour}, number)
    return found


def _with_halo(name: str, look: Row, place: Row) -> list[Layer]:
    return [layer(name, "text", each, place) for each in (look | HALO, look)]


_BOLD: Row = {"fontWeight": 600}


def _end_labels(name: str, line: Line, frame: Frame) -> list[Layer]:
    """Return a line's name at its end, the last value under it where asked for."""
    at = {"x": quantity("x"), "y": quantity("y")}
    look = {"align": "left", "baseline": "middle", "dx": 8, "color": line.colour}
    above = {"dy": -8} if frame.values else {}
    found = [layer(name, "text", look | _BOLD | above, at | {"text": {"field": "label"}})]
    if frame.values:
        below = at | {"text": quantity("v", format=frame.form)}
        found.append(layer(name, "text", look | {"dy": 8}, below))
    return found


def _datasets(frame: Frame, series: Sequence[Line], narrow: bool) -> dict[str, list[Row]]:
    low, high = frame.domain or _range(frame, series)
    rows = [_row(year, t, series) for t, year in enumerate(frame.years)]
    ends = [{"x": frame.years[0], "y": short(y)} for y in (low, high)]
    data: dict[str, list[Row]] = {"rows": rows, "range": ends}
    if frame.window is not None:
        first, last = frame.window
        middle = (first + last) / 2
        data["shade"] = [{"x": first, "x2": last, "m": middle, "label": frame.window_label}]
    for n, row in enumerate(_ends(frame, series, (low, high), narrow) if frame.labelled else ()):
        data[f"end{n}"] = [row]
    return data | _marked(frame, series, (low, high), narrow)


def _marked(
    frame: Frame, series: Sequence[Line], span: tuple[float, float], narrow: bool
) -> dict[str, list[Row]]:
    """Return the rows of what is marked in the plot."""
    marks, data, years = frame.marks, dict[str, list[Row]](), list(frame.years)
    low, high = span
    if marks.ceiling:
        data["ceiling"] = [{"x": years[0], "y": marks.ceiling[0], "label": marks.ceiling[1]}]
    if marks.plan:
        first, last, label = marks.plan
        said = label.rpartition(": ")[2] if narrow else label
        data["decided"] = [{"x": first, "x2": max(last, first + 0.5), "label": said}]
    if marks.effect and not narrow:
        year, label = marks.effect
        at = float(series[0].values[years.index(year)])
        lowest = min(float(line.values[years.index(year)]) for line in series)
        down = lowest - 0.1 * (high - low)
        row = {"x": year, "y": short(min(at, lowest)), "y2": short(max(down, low)), "label": label}
        data["effect"] = [row]
    if any(marks.bands) and not narrow and series[0].bands is not None:
        t = len(years) - 2
        edges = series[0].bands[t]
        middle = float(series[0].values[t])
        heights = ((edges[3] + edges[2]) / 2, (edges[2] + middle) / 2)
        data["words"] = [
            {"x": years[t], "y": short(float(y)), "label": label}
            for y, label in zip(heights, marks.bands, strict=True)
        ]
    for n, line in enumerate(series if marks.points else ()):
        data[f"point{n}"] = [
            {"x": year, "y": short(float(line.values[years.index(year)]))} for year in marks.points
        ]
    return data


def _range(frame: Frame, series: Sequence[Line]) -> tuple[float, float]:
    everything = [line.values for line in series]
    everything += [line.bands.ravel() for line in series if line.bands is not None]
    low, high = float(np.concatenate(everything).min()), float(np.concatenate(everything).max())
    margin = 0.04 * ((high - low) or abs(high) or 1.0)
    if frame.zero:
        return min(0.0, low), high + 2 * margin
    return low - margin if low - margin > 0 or low < 0 else 0.0, high + 2 * margin


def _row(year: int, t: int, series: Sequence[Line]) -> Row:
    row: Row = {"x": year}
    for n, line in enumerate(series):
        row[f"v{n}"] = short(line.values[t])
        if line.bands is not None:
            row |= {f"q{n}{q}": short(value) for q, value in enumerate(line.bands[t])}
    return row


def _year_axis(years: Sequence[int], narrow: bool) -> Row:
    span = years[-1] - years[0]
    every = 10 if narrow and span >= 15 else 5 if span >= 15 else 2 if span >= 6 else 1
    ticks = [year for year in years if year % every == 0] or list(years)
    apart: Row = {"labelOverlap": True, "labelSeparation": 6, "labelFlush": False}
    return {"values": ticks, "format": "d", "title": None, "grid": False} | apart


def _ends(
    frame: Frame, series: Sequence[Line], span: tuple[float, float], narrow: bool
) -> list[Row]:
    """Return names and last values, three digits of them, at the last year, none over another."""
    low, high = span
    wanted = np.clip([line.values[-1] for line in series], low, high)
    labels = [line.short if narrow and line.short else line.label for line in series]
    shown = [_wrapped(label) for label in labels]
    tall = frame.values or any(isinstance(each, list) for each in shown)
    gap = (_TALL_GAP if tall else _GAP) / (_PLOT * frame.height) * (high - low)
    places = _apart(wanted, gap, low, high)
    digits = [float(f"{line.values[-1]:.3g}") for line in series]
    return [
        {
            "x": frame.years[-1],
            "y": short(place),
            "v": last,
            "label": label,
        }
        for label, place, last in zip(shown, places, digits, strict=True)
    ]


def _wrapped(label: str) -> str | list[str]:
    """Return a label on as many lines as the room beside the plot asks for."""
    lines = [""]
    for word in label.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > _LONGEST and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines if len(lines) > 1 else label


def _apart(wanted: Floats, gap: float, low: float, high: float) -> Floats:
    """Return places at least a gap apart, each as near as may be to what is wanted."""
    order = np.argsort(wanted)
    placed = wanted.astype(float).copy()
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    placed -= max(0.0, placed.max() - high)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    return np.asarray(placed + max(0.0, low - placed.min()))
