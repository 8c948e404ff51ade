"""How charts in notebooks look: the report's colours and type, for a white ground."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, cast

import altair as alt
import vl_convert

from ..report.look import COLOURS, SANS

INK, MUTED, RULE, WINDOW = (COLOURS[role].light for role in ("ink", "muted", "rule", "window"))
NEED, PLAN, OTHER = (COLOURS[role].light for role in ("need", "plan", "without"))
REGIONS = [each.light for role, each in COLOURS.items() if role.startswith("region")]
PAYERS = [each.light for role, each in COLOURS.items() if role.startswith("payer")]
WIDTH, HEIGHT = 620, 300
AXIS: dict[str, Any] = {
    "labelColor": MUTED,
    "titleColor": MUTED,
    "labelFontSize": 13,
    "titleFontSize": 13,
    "titleFontWeight": "normal",
    "gridColor": RULE,
    "domainColor": MUTED,
    "tickColor": MUTED,
}


class Described(alt.LayerChart):
    """A chart of Altair that notebooks show as a drawing with its description.

    It is drawn here and asks no other machine for anything; whoever does not see it is read the
    description. `show()` and `save()` are those of Altair.
    """

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, str]:
        """Return the chart as notebooks hold it."""
        said = str(self.description)
        drawn = vl_convert.vegalite_to_svg(self.to_dict())
        figure = f'<figure role="img" aria-label="{escape(said)}">{drawn}</figure>'
        return {"text/html": figure, "text/plain": said}


def framed(layers: Sequence[alt.Chart], title: str, below: str, said: str) -> Described:
    """Return layers as a chart with title, a line below it, and what it shows in words."""
    heading = alt.TitleParams(
        title, subtitle=below, anchor="start", fontSize=16, subtitleFontSize=13, color=INK,
        subtitleColor=MUTED, offset=12,
    )  # fmt: skip
    chart = Described(layer=list(layers))
    made = chart.properties(title=heading, description=said, width=WIDTH, height=HEIGHT)
    made = made.configure(font=SANS, background=COLOURS["page"].light).configure_view(stroke=None)
    made = made.configure_axis(**AXIS).configure_text(fontSize=13, fontWeight=600)
    made = made.configure_legend(labelFontSize=13, labelColor=INK)
    return cast(Described, made)


def years(title: str = "") -> alt.X:
    """Return the axis of years."""
    axis = alt.Axis(format="d", grid=False, title=title or None, tickCount=6)
    return alt.X("year:Q", axis=axis, scale=alt.Scale(nice=False, zero=False))


def amount(field: str, title: str, form: str = ",.0f", zero: bool = True) -> alt.Y:
    """Return an upright axis of amounts, its title above it."""
    axis = alt.Axis(
        title=title, format=form, tickCount=5, titleAngle=0, titleAlign="left", titleX=0, titleY=-10
    )
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=zero, nice=True))
