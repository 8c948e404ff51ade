"""Charts of dots: one number in each of several draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..blocks import Spec
from ..reading import Floats
from .vega import (
    BLUE,
    UPRIGHT,
    VERMILION,
    Column,
    Layer,
    Row,
    category,
    layer,
    quantity,
    short,
    spec_of,
    step,
    told,
)

LOOKS = (("diamond", VERMILION), ("circle", BLUE))
"""Shape and colour of each series: told apart in grey, too."""


@dataclass(frozen=True)
class Dots:
    """Numbers [series, place], not finite where there is none; places are named along x."""

    names: Sequence[str]
    places: Sequence[int]
    values: Floats
    titles: tuple[str, str]  # of the places and of the values
    form: str = ",.0f"


def dots(shown: Dots) -> Spec:
    """Return a dot for each number; the axis spans the numbers and need not begin at zero."""
    rows: list[list[Row]] = [
        [
            {"x": place, "y": short(value), "name": name}
            for place, value in zip(shown.places, values, strict=True)
            if abs(value) < float("inf")
        ]
        for name, values in zip(shown.names, shown.values.tolist(), strict=True)
    ]
    found = [row["y"] for series in rows for row in series]
    low, high = min(found), max(found)
    margin = 0.1 * ((high - low) or abs(high) or 1.0)
    scale: Row = {"domain": [short(low - margin), short(high + margin)], "nice": False}
    layers: list[Layer] = [_series(n, shown, scale) for n, series in enumerate(rows) if series]
    named = {f"series{n}": series for n, series in enumerate(rows) if series}
    named["all"] = [row for series in rows for row in series]
    place, value = shown.titles
    listed = [Column("name", ""), Column("x", place), Column("y", value, shown.form)]
    return spec_of(layers, 200) | {"datasets": named} | told(listed, data="all")


def legend(shown: Dots) -> tuple[tuple[str, str], ...]:
    """Return what the colours mean."""
    return tuple((name, LOOKS[n][1]) for n, name in enumerate(shown.names))


def _series(n: int, shown: Dots, scale: Row) -> Layer:
    shape, colour = LOOKS[n]
    place, value = shown.titles
    turned: Row = {"labelAngle": 0, "labelOverlap": True}
    axis: Row = {"format": shown.form, "tickCount": 5} | UPRIGHT
    tips = [
        category("name", title=" "),
        step("x", title=place),
        quantity("y", title=value, format=shown.form),
    ]
    encoding: Row = {
        "x": step("x", title=place, axis=turned, scale={"domain": list(shown.places)}),
        "y": quantity("y", title=value, axis=axis, scale=scale),
        "tooltip": tips,
    }
    look = {"shape": shape, "color": colour, "filled": True, "size": 90, "opacity": 1}
    return layer(f"series{n}", "point", look, encoding)
