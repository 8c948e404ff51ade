"""The figures of the report as SVG or PNG files, for documents."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from textwrap import wrap
from typing import Any, Literal

import vl_convert
import xarray as xr

from ...core.atomic import written_aside
from ..blocks import Figure, Spec
from ..charts.vega import CONFIG
from ..look import resolved
from .html import Page, report_pages

Format = Literal["svg", "png"]
WIDTHS = {"wide": 680, "half": 440, "small": 340, "tiny": 300}
"""Points; a page of A4 with margins has 480 to 510, two columns 240."""
PIXELS = 2.0  # per point of PNG files
_LETTER = 7.6  # points of a letter of a title, so that none ends beyond the picture

_SPELLED: dict[str, str | int | None] = {"æ": "ae", "ø": "o", "å": "aa"}


def write_figures(
    result: xr.Dataset, folder: Path, form: Format = "svg", language: str = "en"
) -> list[Path]:
    """Write every chart of the report as a file of its own; return the files.

    Of a figure with selectors every choice is written, of one with a slider the study's own stop.
    """
    (page,) = (each for each in report_pages(result) if each.language == language)
    found: dict[str, Spec] = {}
    for figure in page.figures():
        for name, spec in _named(figure):
            found.setdefault(name, spec)  # a region alone is also among the choices
    return [
        _write(spec, folder / f"{name}-{language}.{form}", page) for name, spec in found.items()
    ]


def _named(figure: Figure) -> list[tuple[str, Spec]]:
    """Return name and complete specification of every chart of a figure."""
    found = []
    for panel in figure.panels:
        stops = range(len(figure.stops)) if figure.selectors else [figure.start]
        for stop in stops:
            said = figure.stops[stop] if figure.selectors else panel.alternative
            title = panel.title or ("" if figure.selectors else figure.caption)
            name = figure.key
            if figure.selectors:
                title = said.partition(":")[0]
                name = figure.key.removesuffix("-choice")
            told = title if panel.title or figure.selectors else ""
            parts = [name, *([_plain(told)] if told else [])]
            spec = _complete(panel.spec, figure, title, said, stop)
            found.append(("-".join(parts), spec))
    return found


def _complete(spec: Spec, figure: Figure, title: str, said: str, stop: int) -> Spec:
    """Return a specification that stands alone: width, title, legend, words in its stead."""
    whole = deepcopy(spec) | {"width": WIDTHS[figure.size], "description": said}
    whole["background"] = "white"
    if title:
        lines = wrap(title, int(WIDTHS[figure.size] / _LETTER))
        whole["title"] = {"text": lines, "anchor": "start", "fontSize": 14}
    if "params" in whole:
        whole["params"] = [{"name": "stop", "value": stop}]
    if figure.legend:
        whole["layer"].append(_legend(figure.legend, 6 if figure.size == "wide" else 3))
        whole["resolve"] = {"scale": {"color": "independent"}, "legend": {"color": "independent"}}
    return whole


def _legend(parts: Sequence[tuple[str, str]], columns: int) -> Spec:
    """Return an unseen layer that brings the legend, which on the page stands outside the chart."""
    names, colours = zip(*parts, strict=True)
    legend = {"orient": "top", "title": None, "symbolType": "square", "symbolOpacity": 1}
    looks = {
        "legend": legend | {"offset": 22, "columns": columns},
        "scale": {"domain": names, "range": colours},
    }
    return {
        "data": {"values": [{"part": name} for name in names]},
        "mark": {"type": "point", "filled": True, "opacity": 0},
        "encoding": {"color": {"field": "part", "type": "nominal"} | looks},
    }


def _write(spec: Spec, path: Path, page: Page) -> Path:
    drawn = json.loads(resolved(json.dumps(spec)))  # no style sheet gives a file its colours
    config = json.loads(resolved(json.dumps(CONFIG)))
    given: dict[str, Any] = {
        "vl_version": vl_convert.get_vegalite_versions()[-1],
        "config": config | {"font": "Liberation Sans, Arial, sans-serif"},
        "format_locale": page.words.locale(),
    }
    if path.suffix == ".svg":
        content = vl_convert.vegalite_to_svg(drawn, **given).encode("utf-8")
    else:
        content = bytes(vl_convert.vegalite_to_png(drawn, scale=PIXELS, **given))
    with written_aside(path) as aside:
        aside.write_bytes(content)
    return path


def _plain(text: str) -> str:
    """Return a name as part of a file name that every system takes."""
    spelled = text.lower().translate(str.maketrans(_SPELLED))
    return re.sub(r"[^a-z0-9]+", "-", spelled).strip("-")
