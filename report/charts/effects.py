"""Charts of effects: bars by name, the strongest on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from ..blocks import Spec
from ..look import colour
from ..reading import Floats
from .lines import BLACK, BLUE, named, short, spec_of
from .vega import Column, told

PALE = colour("payer-4")
_BAR, _ROW = 9, 32  # pixels


@dataclass(frozen=True)
class Effects:
    """Total and first-order effect by name, and half the 95 % interval of the total, [name]."""

    names: Sequence[str]
    total: Floats
    error: Floats
    first: Floats
    titles: tuple[str, str]  # of the total and of the first-order effect


def effects(shown: Effects) -> Spec:
    """Return a bar for each total effect with its interval; the part a factor has alone is dark."""
    rows = [
        {
            "name": name,
            "total": short(max(float(shown.total[n]), 0.0)),
            "first": short(min(max(float(shown.first[n]), 0.0), float(shown.total[n]))),
            "low": short(max(float(shown.total[n] - shown.error[n]), 0.0)),
            "high": short(float(shown.total[n] + shown.error[n])),
        }
        for n, name in enumerate(shown.names)
    ]
    total, first = shown.titles
    y = alt.Y("name:N", sort=list(shown.names), axis=None)
    axis = alt.Axis(format=".0%", tickCount=5)
    x = alt.X("total:Q", title=total, axis=axis, scale=alt.Scale(domainMin=0.0, nice=False))
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("total:Q", title=total, format=".1%"),
        alt.Tooltip("first:Q", title=first, format=".1%"),
    ]
    base = alt.Chart(named("rows")).encode(y=y)
    name = base.mark_text(align="left", baseline="bottom", dy=-6)  # above: fits a narrow page
    layers: list[Any] = [
        base.mark_bar(color=PALE, size=_BAR).encode(x=x, tooltip=tips),
        base.mark_bar(color=BLUE, size=_BAR).encode(x="first:Q", tooltip=tips),
        base.mark_rule(color=BLACK).encode(x="low:Q", x2="high:Q"),
        name.encode(x=alt.value(0), text="name:N"),
    ]
    listed = [
        Column("name", ""), Column("total", total), Column("first", first),
        Column("low", "2.5%"), Column("high", "97.5%"),
    ]  # fmt: skip
    return spec_of(layers, _ROW * len(rows) + 40) | {"datasets": {"rows": rows}} | told(listed)


def legend(shown: Effects) -> tuple[tuple[str, str], ...]:
    """Return what the two colours mean."""
    total, first = shown.titles
    return ((first, BLUE), (total, PALE))
