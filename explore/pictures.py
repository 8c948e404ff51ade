"""Pictures of a result: supply and demand by place, and single scenarios."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import panel as pn
import vl_convert

from ..report.blocks import Spec
from ..report.charts.lines import Line, lines
from ..report.charts.vega import CONFIG, GREY
from ..report.reading import Reading
from ..report.sections.parts.frames import frame
from ..report.sections.supply import regional_fans
from ..report.texts.words import Words

PATHS = 40  # single scenarios drawn over each other
Pictures = Callable[[str], list[str]]


def browser(places: Sequence[str], pictures: Pictures, words: Words) -> Any:
    """Return supply and demand by place, and single scenarios where the file has them."""
    place = pn.widgets.Select(label=words("word.region"), options=list(places))
    return pn.Column(
        place, pn.bind(lambda name: pn.Column(*map(pn.pane.HTML, pictures(name))), place)
    )


def pictures_of(reading: Reading, words: Words) -> tuple[list[str], Pictures]:
    """Return the places there are and what makes the pictures of one, each once."""
    fans = {fan.name: (n, fan) for n, fan in enumerate(regional_fans(reading, words))}

    @cache
    def drawn(name: str) -> list[str]:
        n, fan = fans[name]
        chart = replace(frame(reading, words, words("word.fte")), height=300)
        made = [svg(lines(chart, fan.lines(words)), words, 700)]
        if reading.has("ensemble_supply", "ensemble_demand"):
            made.append(f"<b>{html.escape(words('explore.paths', count=PATHS))}</b>")
            made.append(svg(lines(chart, _gaps(reading, n)), words, 700))
        return made

    return list(fans), drawn


def _gaps(reading: Reading, place: int) -> list[Line]:
    """Return demand less supply of the first scenarios; place 0 is the country."""
    parts = [reading.data[f"ensemble_{name}"].isel(realization=slice(PATHS)) for name in _TWO]
    if place:
        parts = [part.isel(region=[place - 1]) for part in parts]
    demand, supply = (part.sum(("specialty", "region")) for part in parts)
    gaps = (demand - supply).transpose("realization", "time").values
    return [Line("", np.asarray(row, dtype=float), GREY) for row in gaps]


_TWO = ("demand", "supply")


def svg(spec: Spec, words: Words, width: int) -> str:
    """Return a chart as SVG in the words' number format, no wider than the window."""
    sized, config = spec | {"width": width}, CONFIG | {"font": "sans-serif"}
    made = vl_convert.vegalite_to_svg(sized, config=config, format_locale=words.locale())
    return str(made).replace("<svg ", '<svg style="max-width: 95vw; height: auto" ', 1)
