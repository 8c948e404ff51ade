"""The report as one self-contained HTML file in all languages, which asks for nothing outside."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import vl_convert
import xarray as xr
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...core.atomic import written_aside
from ...core.files.kinds import kind_of
from ..blocks import Figure, Section, Spec, walked
from ..charts.vega import CONFIG
from ..look import NARROW, css
from ..reading import Reading
from ..sections import backtest as backtest_section
from ..sections import frontier as frontier_section
from ..sections import measures as measures_section
from ..sections import replication as replication_section
from ..sections import sensitivity as sensitivity_section
from ..sections import sources as source_sections
from ..sections.alternatives import comparisons
from ..sections.answer import answer, given
from ..sections.asked import discovery as discovery_section
from ..sections.asked import near_optimal as near_section
from ..sections.asked import review as review_section
from ..sections.asked.targets import with_targets
from ..sections.cost import cost
from ..sections.glossary import glossary
from ..sections.plan import plan
from ..sections.quality import assumed, quality
from ..sections.risk import risk
from ..sections.weights import weights
from ..texts.terms import Terms
from ..texts.words import LANGUAGES, Words

_OF_A_RUN = (
    answer,
    plan,
    risk,
    review_section.review,
    frontier_section.frontier,
    near_section.near_optimal,
    comparisons,
    cost,
    measures_section.in_force,
    weights,
    sensitivity_section.drivers,
    discovery_section.failing,
    with_targets,
    quality,
    replication_section.enough,
    source_sections.sources,
    glossary,
    source_sections.provenance,
)
_OF_A_PROJECTION = (
    given,
    plan,
    risk,
    cost,
    measures_section.in_force,
    with_targets,
    assumed,
    source_sections.sources,
    glossary,
    source_sections.provenance,
)
_ONLY_SOME = {
    review_section.review: review_section.told,
    near_section.near_optimal: near_section.told,
    discovery_section.failing: discovery_section.told,
    frontier_section.frontier: frontier_section.told,
    sensitivity_section.drivers: sensitivity_section.told,
    measures_section.in_force: measures_section.told,
    replication_section.enough: replication_section.told,
}
"""Sections that only some results have: whether one does."""
PAGES: Mapping[str, tuple[Callable[[Reading, Words], Section], ...]] = {
    "run": _OF_A_RUN,
    "projection": _OF_A_PROJECTION,
    "measures": (measures_section.measures, source_sections.provenance),
    "backtest": (backtest_section.backtest, source_sections.sources, source_sections.provenance),
}
"""Sections of the page of each kind of result that has one (`core.files.kinds`)."""


@dataclass(frozen=True)
class Page:
    """The report in one language."""

    words: Words
    title: str
    study: str
    sections: tuple[Section, ...]
    about: str = ""

    @property
    def language(self) -> str:
        """Language code."""
        return self.words.language

    @property
    def kick(self) -> str:
        """What stands beside the title: the report's origin, or scenarios and prices."""
        return self.about or f"{self.words('page.printed')} · {self.study}"

    def terms(self) -> Terms:
        """Return what marks the first use of terms in one section; none without a glossary."""
        told = any(section.key == "glossary" for section in self.sections)
        return Terms(self.words, told)

    def figures(self) -> Iterator[Figure]:
        """Yield the figures of all sections."""
        for section in self.sections:
            yield from (each for each in walked(section.blocks) if isinstance(each, Figure))


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
    return write_page(render_report(result), path)


def write_page(text: str, path: Path) -> Path:
    """Write a page, aside first: under `path` stands a whole file or none."""
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")
    return path


def render_report(result: xr.Dataset) -> str:
    """Return the report as HTML text."""
    return render_pages(report_pages(result))


def report_pages(result: xr.Dataset) -> list[Page]:
    """Return the report in every language."""
    reading = Reading(result)
    return [_page(reading, Words(language)) for language in LANGUAGES]


def render_pages(pages: Sequence[Page]) -> str:
    """Return pages, the same in each language, as one HTML text."""
    script, bundle = _template("page.js"), _bundle()
    environment = Environment(
        loader=PackageLoader("lis1plan.report.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("page.html").render(
        first=LANGUAGES[0],
        pages=pages,
        policy=_policy(bundle, script),
        style=Markup(css() + _template("style.css")),
        script=Markup(script),
        bundle=Markup(bundle),
        charts=Markup(_charts(pages)),
    )


def has_page(result: xr.Dataset) -> bool:
    """Tell whether a result is of a kind that has a report."""
    kind = kind_of(result)
    return kind is not None and kind.name in PAGES


def _page(reading: Reading, words: Words) -> Page:
    sections_of = PAGES[str(reading.attribute("result_kind"))]
    made = [each for each in sections_of if each not in _ONLY_SOME or _ONLY_SOME[each](reading)]
    sections = tuple(section(reading, words) for section in made)
    about = words(
        "page.about",
        scenarios=words.number(float(reading.sampling("scenarios"))),
        year=reading.study.cost.price_year,
    )
    return Page(words, words.name(reading.study.title), reading.study.name, sections, about)


def _charts(pages: Sequence[Page]) -> str:
    """All specifications as JSON that cannot end the script element it stands in.

    Charts have much in common: each specification and each set of rows is written once, and
    named by its number.
    """
    charts: dict[str, list[tuple[int, dict[str, int]]]] = {}
    specs: dict[str, int] = {}
    rows: dict[str, int] = {}

    def told(spec: Spec) -> tuple[int, dict[str, int]]:
        named = {
            name: rows.setdefault(_json(values), len(rows))
            for name, values in spec["datasets"].items()
        }
        bare = {key: value for key, value in spec.items() if key != "datasets"}
        return specs.setdefault(_json(bare), len(specs)), named

    for page in pages:
        for figure in page.figures():
            for n, panel in enumerate(figure.panels, start=1):
                versions = [panel.spec] + ([panel.narrow] if panel.narrow else [])
                charts[f"{page.language}-{figure.key}-{n}"] = [told(each) for each in versions]
    locales = {page.language: page.words.locale() for page in pages}
    given = _json({"charts": charts, "locales": locales, "config": CONFIG, "narrow": NARROW})
    text = f'{given[:-1]},"specs":[{",".join(specs)}],"rows":[{",".join(rows)}]}}'
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


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
    """Vega, Vega-Lite and Vega-Embed, with the expression interpreter.

    Putting them together takes two seconds, so they are kept beside the compiled modules.
    """
    newest = vl_convert.get_vegalite_versions()[-1]
    kept = (
        Path(__file__).parent / "__pycache__" / f"vega-{version('vl-convert-python')}-{newest}.js"
    )
    with suppress(OSError):
        return kept.read_text("utf-8")
    bundle = str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", newest))
    bundle = bundle.replace("</script", "<\\/script")
    with suppress(OSError), written_aside(kept) as aside:
        aside.write_text(bundle, encoding="utf-8", newline="\n")
    return bundle


def _template(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text("utf-8")
