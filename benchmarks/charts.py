"""Charts of what the benchmarks found, for the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import altair as alt

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"


def log_log(
    name: str, points: Sequence[tuple[str, float, float]], x: str, y: str, slope_one: bool = True
) -> Path:
    """Write docs/images/NAME.svg: `points` (line, x, y) on logarithmic axes; return its path.

    With `slope_one`, a dashed line through the first point of all shows growth in proportion.
    """
    values = [{"line": line, "x": at, "y": value} for line, at, value in points]
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("x:Q", title=x, scale=alt.Scale(type="log", nice=False)),
        y=alt.Y("y:Q", title=y, scale=alt.Scale(type="log", nice=False)),
        color=alt.Color("line:N", title=None, scale=alt.Scale(scheme="tableau10")),
        shape=alt.Shape("line:N", legend=None),
    )
    layers: list[alt.Chart] = [base.mark_line(), base.mark_point(filled=True, size=60)]
    if slope_one:
        low, high = min(p[1] for p in points), max(p[1] for p in points)
        least = min(p[2] for p in points if p[1] == low)
        ends = [{"x": low, "y": least}, {"x": high, "y": least * high / low}]
        layers.append(
            alt.Chart(alt.Data(values=ends))
            .mark_line(strokeDash=[4, 4], color="grey")
            .encode(x="x:Q", y="y:Q")
        )
    chart = alt.layer(*layers).properties(width=480, height=300, background="white")
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / f"{name}.svg"
    chart.save(str(path))
    return path
