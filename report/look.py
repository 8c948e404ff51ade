"""The look of all that is shown: one table of colours and type, for pages, charts and the desk.

A colour is named by its role. Charts and pages write it as a CSS variable with the light value
behind it (`colour`), so a page that holds `css()` shows both light and dark without drawing
anything anew, and paper is always light; where there is no style sheet `resolved` puts in the
values themselves.
"""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

Mode = Literal["light", "dark"]


class Colour(NamedTuple):
    """A role's colour on a light and on a dark page."""

    light: str
    dark: str


COLOURS: dict[str, Colour] = {
    "page": Colour("#ffffff", "#12181f"),
    "panel": Colour("#f4f6f8", "#1b232c"),
    "ink": Colour("#16202b", "#e8edf2"),
    "muted": Colour("#55616e", "#a7b3bf"),
    "rule": Colour("#d5dbe1", "#36424e"),
    "window": Colour("#e9edf1", "#222c37"),
    "need": Colour("#b4491e", "#f2935f"),
    "plan": Colour("#1c5a8e", "#7cb8ee"),
    "without": Colour("#626c77", "#a2adb8"),
    "breach": Colour("#a3123f", "#ff8aa5"),
    "breach-ground": Colour("#fbe9ee", "#3a1c27"),
    "kept": Colour("#2b6b47", "#7fd0a0"),
    "kept-ground": Colour("#e6f2ea", "#17301f"),
    "region-1": Colour("#2626b9", "#8479ee"),
    "region-2": Colour("#329bde", "#78caed"),
    "region-3": Colour("#9d1d67", "#bb5c7f"),
    "region-4": Colour("#9b753d", "#eec27c"),
    "payer-1": Colour("#0d3357", "#d3e6fa"),
    "payer-2": Colour("#1c5a8e", "#a3cdf3"),
    "payer-3": Colour("#4583b8", "#73aee0"),
    "payer-4": Colour("#6096c4", "#4f8bc2"),
    "payer-5": Colour("#8a949e", "#8a949e"),
    "result-1": Colour("#1c5a8e", "#7cb8ee"),
    "result-2": Colour("#b4491e", "#f2935f"),
    "result-3": Colour("#5b2a86", "#b79be8"),
    "result-4": Colour("#1f7a5c", "#63c7a2"),
    "result-5": Colour("#9d1d67", "#e088b4"),
    "result-6": Colour("#7a5c1e", "#d9b763"),
    "result-7": Colour("#3c7f96", "#6fc3da"),
    "result-8": Colour("#626c77", "#a2adb8"),
}
"""Need is orange, the plan blue, the comparison grey and dashed; red is a broken limit."""

TEXT = ("ink", "muted", "need", "plan", "without", "breach", "kept")
"""Roles that text is written in: at least 4.5:1 on the page (WCAG 2.2 AA)."""
MARKS = tuple(name for name in COLOURS if name.startswith(("region", "payer", "result")))
"""Roles of bars and lines alone: at least 3:1."""

SANS = (
    '"Segoe UI", -apple-system, BlinkMacSystemFont, Roboto, "Helvetica Neue", "Noto Sans", '
    '"Liberation Sans", Arial, "Fitted Sans", sans-serif'
)
"""Not `system-ui`: on many Linux machines that is DejaVu, wide and crude."""
SERIF = (
    'Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, "Noto Serif", '
    '"Liberation Serif", "Fitted Serif", serif'
)
FITTED = (("Fitted Sans", "DejaVu Sans", 86), ("Fitted Serif", "DejaVu Serif", 86))
"""Where a machine has DejaVu alone: its letters in the room of the others', a share in per cent.

Of the same size a line of text takes 1.14 times the room of Arial and its like in DejaVu Sans, a
bold one 1.20 times.
"""
CHART_TEXT = 13  # pixels, as rendered
NARROW = 420  # pixels: a chart with less room is drawn in its narrow version
BANDS = (0.30, 0.14, 0.22)
"""Opacity of the band of half the scenarios, of the outer one, and of the outer one of supply."""

_TOKEN = re.compile(r"var\(--([a-z0-9-]+), (#[0-9a-f]{6})\)")


def colour(role: str) -> str:
    """Return a role's colour as charts and pages write it.

    >>> colour("need")
    'var(--need, #b4491e)'
    """
    return f"var(--{role}, {COLOURS[role].light})"


def resolved(text: str, mode: Mode = "light") -> str:
    """Return a text, such as a chart's JSON, with the colours of a mode in place of their roles.

    >>> resolved("fill: var(--need, #b4491e)", "dark")
    'fill: #f2935f'
    """
    return _TOKEN.sub(lambda found: getattr(COLOURS[found[1]], mode), text)


def css() -> str:
    """Return colours and fonts as custom properties: light, dark if asked for, light on paper."""
    light, dark = (_properties(mode) for mode in ("light", "dark"))
    return (
        f":root{{color-scheme:light dark;{light}--sans:{SANS};--serif:{SERIF}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        f"@media print{{:root{{color-scheme:light;{light}}}}}\n" + _fitted()
    )


def _fitted() -> str:
    """Return the faces of DejaVu under names of their own; local files, so nothing is fetched."""
    faces = []
    for name, font, share in FITTED:
        for face, weight in (("", "400"), ("-Bold", "600 700")):
            source = f'src:local("{font.replace(" ", "")}{face}");size-adjust:{share}%'
            faces.append(f'@font-face{{font-family:"{name}";{source};font-weight:{weight}}}\n')
    return "".join(faces)


def _properties(mode: str) -> str:
    return "".join(f"--{name}:{getattr(each, mode)};" for name, each in COLOURS.items())


def theme() -> dict[str, Any]:
    """Return the same look as a configuration of Vega-Lite."""
    quiet, line = colour("muted"), colour("rule")
    return {
        "background": None,
        "font": SANS,
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": CHART_TEXT,
            "titleFontSize": CHART_TEXT,
            "titleFontWeight": "normal",
            "labelColor": quiet,
            "titleColor": quiet,
            "gridColor": line,
            "domainColor": quiet,
            "tickColor": quiet,
        },
        "axisX": {"grid": False, "tickSize": 5},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 8},
        "text": {"fontSize": CHART_TEXT, "color": quiet},
        "title": {"color": colour("ink"), "subtitleColor": quiet, "anchor": "start"},
    }


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG reckons it, 1 to 21.

    >>> round(contrast("#ffffff", "#000000"), 1)
    21.0
    """
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(shade: str) -> float:
    parts = [int(shade[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
