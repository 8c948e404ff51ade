"""Figures of a study in words: what each is called, and where it is from."""

from __future__ import annotations

import re

from ...core.scenarios.factors import named_by
from ...core.study.distributions import Figure
from ...core.study.limits import Trainees
from ...core.study.processes import Correlation
from ...core.study.risk_limit import RiskLimit
from ...core.study.settings import Comparison
from ...core.study.targets import LeastShare, MostPersons
from ..reading import Reading
from .words import Words

_ROW_NUMBER = re.compile(r"\[\d+\]$")
_PLACE = r"(?:vedlegg|kap\.|tabell|figur|s\.)"
_PLACES = {
    "nb": (
        (re.compile(r"\bapps?\. (?=\d)"), "vedlegg "),
        (re.compile(r"\bappendix (?=\d)"), "vedlegg "),
        (re.compile(r"\bch\. (?=\d)"), "kap. "),
        (re.compile(r"\btables? (?=\d)"), "tabell "),
        (re.compile(r"\bfigure (?=\d)"), "figur "),
        (re.compile(r"\bp\. (?=\d)"), "s. "),
        (re.compile(rf"({_PLACE} \d[\d.]*(?:, \d[\d.]*)*) and (?=\d|{_PLACE} )"), r"\1 og "),
        (re.compile(r"\bin (?=Helsedirektoratet \d)"), "i "),
    )
}
"""How a place in a document is called in other languages than that of the study."""


def figure_name(reading: Reading, key: str, figure: Figure, words: Words) -> str:
    """Return what a figure of the study is, by title and names; never its key."""
    if isinstance(figure, Comparison):
        return words("sources.plan", name=words.name(figure.name))
    if isinstance(figure, RiskLimit):
        return words("sources.limit", name=words.name(figure.name))
    if isinstance(figure, Trainees):
        return words("sources.trainees", name=words.name(figure.name))
    if isinstance(figure, LeastShare | MostPersons):
        home = isinstance(figure, LeastShare)
        return words("sources.target_home" if home else "sources.target_abroad")
    if isinstance(figure, Correlation):
        return words("sources.correlation")
    return named(reading, key, words)


def named(reading: Reading, key: str, words: Words) -> str:
    """Return the title of a key, with what the identifiers in it name."""
    pattern, names = named_by(reading.study, key)
    return " ".join([words.title(pattern), *(f"({words.name(name)})" for name in names)])


def table_key(key: str) -> str:
    """Return the key of the table in which a row of that key stands.

    >>> table_key("specialists.stock[12]")
    'specialists.stock'
    """
    return _ROW_NUMBER.sub("", key)


def table_name(key: str, words: Words) -> str:
    """Return what a table of the study holds."""
    plain = re.sub(r"^demand\.need\..*\.models$", "demand.need.models", key)
    plain = re.sub(r"^track\.[^.]*\.", "track.", plain)
    return words(f"sources.table.{plain.replace('.', '_')}")


def source_in_words(source: str, words: Words) -> str:
    """Return a source with places in it (chapter, table, appendix) as the language calls them."""
    for place, called in _PLACES.get(words.language, ()):
        source = place.sub(called, source)
    return source
