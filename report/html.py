"""The report as one self-contained HTML file in all languages, which asks for nothing outside."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
import xarray as xr
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from . import choice_sections, cost_sections, plan_sections, source_sections
from .answer import answer
from .blocks import Figure, Section
from .charts import CONFIG
from .reading import Reading
from .words import LANGUAGES, Words

_SECTIONS = (
    answer,
    plan_sections.plan,
    plan_sections.supply,
    plan_sections.risk,
    plan_sections.comparisons,
    choice_sections.frontier,
    cost_sections.cost,
    cost_sections.supervision,
    choice_sections.weights,
    cost_sections.filling,
    source_sections.sources,
    source_sections.quality,
    source_sections.provenance,
)


@dataclass(frozen=True)
class Page:
    """The report in one language."""

    words: Words
    title: str
    study: str
    sections: tuple[Section, ...]

    @property
    def language(self) -> str:
        """Language code."""
        return self.words.language

    def figures(self) -> Iterator[Figure]:
        """Yield the figures of all sections."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Figure))


def write_report(result: xr.Dataset, path: Path) -> Path:
    """Write the report of a result to `path`; under that name stands a whole file or none.

    Parameters
    ----------
    result
        dataset as docs/file-format.md describes it
    path
        the HTML file; its folder must exist

    Returns
    -------
    Path
        the file written
    """
    text = render_report(result)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return path


def render_report(result: xr.Dataset) -> str:
    """Return the report as HTML text."""
    reading = Reading(result)
    pages = [_page(reading, Words(language)) for language in LANGUAGES]
    script, bundle = _template("page.js"), _bundle()
    environment = Environment(
        loader=PackageLoader("lis1plan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("page.html").render(
        first=LANGUAGES[0],
        pages=pages,
        policy=_policy(bundle, script),
        style=Markup(_template("style.css")),
        script=Markup(script),
        bundle=Markup(bundle),
        charts=Markup(_charts(pages)),
    )


def _page(reading: Reading, words: Words) -> Page:
    sections = tuple(section(reading, words) for section in _SECTIONS)
    return Page(words, words.name(reading.study.title), reading.study.name, sections)


def _charts(pages: list[Page]) -> str:
    """All specifications as JSON that cannot end the script element it stands in."""
    charts: dict[str, Any] = {
        f"{page.language}-{figure.key}-{n}": panel.spec
        for page in pages
        for figure in page.figures()
        for n, panel in enumerate(figure.panels, start=1)
    }
    locales = {page.language: page.words.locale() for page in pages}
    text = json.dumps(
        {"charts": charts, "locales": locales, "config": CONFIG},
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _policy(*scripts: str) -> str:
    """Content security policy: no request at all, no eval, only these scripts.

    Vega sets style attributes, hence inline styles are allowed.
    """
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed, with the expression interpreter, of Altair's version."""
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", version))
    return bundle.replace("</script", "<\\/script")


def _template(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")
