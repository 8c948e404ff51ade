"""The plan as a small picture: regions down, years across, a bar for each cell with its number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from ..blocks import Spec
from ..reading import Floats
from ..texts.calendar import span
from .lines import named
from .vega import BLACK, BLUE, MUTED, RULE, Column, Row, only_chosen, short, spec_of, told

_ROW, _LOW_ROW, _TALLEST = 56, 50, 0.52  # pixels, less in a narrow place; share of the largest bar
_ABOVE, _BELOW = 1.25, 0.3  # rows for the years and the largest number; below the sums
MOST_YEARS, MOST_SPANS = 6, 4
"""More years than these share columns, of which there are so many: `2027–28` is a wide heading."""


@dataclass(frozen=True)
class Planned:
    """What opens: names of the rows, years of the columns, posts [row, column] or [stop, ...]."""

    names: Sequence[str]
    years: Sequence[str]
    posts: Floats
    total: str  # what sums are called
    short: Sequence[str] = ()  # the names in a narrow place
    titles: tuple[str, str, str] = ("", "", "")  # row, year and posts, in the CSV file


def grouped(years: Sequence[int], posts: Floats) -> tuple[list[str], Floats]:
    """Return columns of a year each, or of several where there are many; posts [..., year, row].

    The posts come back as [..., row, column].
    """
    width = 1 if len(years) <= MOST_YEARS else -(-len(years) // MOST_SPANS)
    parts = [slice(n, n + width) for n in range(0, len(years), width)]
    labels = [span(years[part][0], years[part][-1], short=True) for part in parts]
    sums = [posts[..., part, :].sum(axis=-2) for part in parts]
    return labels, np.stack(sums, axis=-1)


def planned(shown: Planned, narrow: bool = False, stop: int | None = None) -> Spec:
    """Return the picture; of several stops [stop, row, column] the one of parameter `stop`."""
    stops = shown.posts if shown.posts.ndim == 3 else shown.posts[None]
    rows, columns = len(shown.names), len(shown.years)
    names = shown.short if narrow and shown.short else shown.names
    data = {
        "rows": [row for n, posts in enumerate(stops) for row in _cells(shown, posts, n)],
        "names": [{"y": n, "name": name} for n, name in enumerate([*names, shown.total])],
        "years": [{"x": n, "name": name} for n, name in enumerate([*shown.years, shown.total])],
        "sums": [row for n, posts in enumerate(stops) for row in _sums(posts, n)],
        "rules": [{"y": n} for n in range(rows)],
    }
    left = max(map(len, names)) * (6.6 if narrow else 7.2) / 54.0 + 0.5
    layers = [each.to_dict(validate=False) for each in _layers(rows, columns, left)]
    if stop is not None:
        chosen = ("rows", "sums")
        layers = [
            only_chosen([each])[0] if each["data"]["name"] in chosen else each for each in layers
        ]
    height = (_LOW_ROW if narrow else _ROW) * (rows + _ABOVE + _BELOW)
    spec = spec_of(layers, round(height) + 8, stop) | {"datasets": data}
    titles = ("name", "year", "v")
    listed = [Column(field, title) for field, title in zip(titles, shown.titles, strict=True)]
    return spec | told(listed)


def _layers(rows: int, columns: int, left: float) -> list[alt.Chart]:
    """Return names, years, rules, bars, their numbers and the sums; a row is one unit high."""
    x_scale = alt.Scale(domain=[-0.5 - left, columns + 0.5], nice=False, zero=False)
    y_scale = alt.Scale(domain=[rows + _BELOW, -_ABOVE], nice=False, zero=False)
    x = alt.X("x:Q", scale=x_scale, axis=None)
    y = alt.Y("y:Q", scale=y_scale, axis=None)
    start = alt.value(0)

    base: dict[str, Any] = {"baseline": "bottom", "dy": -6}
    return [
        alt.Chart(named("rules")).mark_rule(color=RULE).encode(y=y),
        alt.Chart(named("names"))
        .mark_text(align="left", color=BLACK, **base)
        .encode(x=start, y=y, text="name:N"),
        alt.Chart(named("years"))
        .mark_text(color=MUTED, baseline="top")
        .encode(x=x, y=alt.value(0), text="name:N"),
        alt.Chart(named("rows"))
        .mark_bar(color=BLUE, cornerRadius=0)
        .encode(x=alt.X("left:Q", scale=x_scale, axis=None), x2="right:Q", y=y, y2="top:Q"),
        alt.Chart(named("rows"))
        .mark_text(color=BLACK, fontWeight=600, baseline="bottom", dy=-3)
        .encode(x=x, y=alt.Y("top:Q", scale=y_scale, axis=None), text=alt.Text("said:N")),
        alt.Chart(named("sums"))
        .mark_text(color=BLACK, fontWeight=600, **base)
        .encode(x=x, y=y, text="said:N"),
    ]


def _cells(shown: Planned, posts: Floats, stop: int) -> list[Row]:
    """Return a bar for every cell; of cells without posts, which have none, a dash."""
    largest = float(np.abs(posts).max()) or 1.0
    cells = []
    for (r, c), value in np.ndenumerate(posts):
        top = r - _TALLEST * abs(float(value)) / largest
        row: Row = {"stop": stop, "x": c, "y": r, "top": short(top) if value else r}
        row |= {"left": c - 0.27, "right": c + 0.27} if value else {"left": c, "right": c}
        said = _said(float(value))
        cells.append(
            row | {"v": float(value), "said": said, "name": shown.names[r], "year": shown.years[c]}
        )
    return cells


def _sums(posts: Floats, stop: int) -> list[Row]:
    """Return sums of rows, of columns and of all."""
    rows, columns = posts.shape
    found = [(columns, r, posts[r].sum()) for r in range(rows)]
    found += [(c, rows, posts[:, c].sum()) for c in range(columns)]
    found.append((columns, rows, posts.sum()))
    return [{"stop": stop, "x": x, "y": y, "said": _said(float(v))} for x, y, v in found]


def _said(value: float) -> str:
    return f"{value:.0f}".replace("-", "−") if value else "–"
