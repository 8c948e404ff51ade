"""Charts of spans: a middle and two ends by name, in the order given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from ..blocks import Spec
from ..reading import Floats
from .lines import BLACK, BLUE, named, short, spec_of
from .vega import Column, told

_BAR, _ROW = 9, 32  # pixels


@dataclass(frozen=True)
class Spans:
    """Middle and both ends by name, [name]."""

    names: Sequence[str]
    low: Floats
    middle: Floats
    high: Floats
    title: str


def spans(shown: Spans) -> Spec:
    """Return a bar to each middle, with a line from end to end; its name stands above."""
    rows = [
        {
            "name": name,
            "middle": short(float(shown.middle[n])),
            "low": short(float(shown.low[n])),
            "high": short(float(shown.high[n])),
        }
        for n, name in enumerate(shown.names)
    ]
    y = alt.Y("name:N", sort=list(shown.names), axis=None)
    axis = alt.Axis(format=",.0f", tickCount=5)
    x = alt.X("middle:Q", title=shown.title, axis=axis, scale=alt.Scale(nice=False))
    tips = [
        alt.Tooltip("name:N", title=" "),
        *(alt.Tooltip(f"{end}:Q", format=",.0f") for end in ("low", "middle", "high")),
    ]
    base = alt.Chart(named("rows")).encode(y=y)
    name = base.mark_text(align="left", baseline="bottom", dy=-6)  # above: fits a narrow page
    layers: list[Any] = [
        base.mark_bar(color=BLUE, size=_BAR).encode(x=x, tooltip=tips),
        base.mark_rule(color=BLACK).encode(x="low:Q", x2="high:Q"),
        name.encode(x=alt.value(0), text="name:N"),
    ]
    listed = [Column("name", ""), *(Column(end, end) for end in ("low", "middle", "high"))]
    return spec_of(layers, _ROW * len(rows) + 40) | {"datasets": {"rows": rows}} | told(listed)
