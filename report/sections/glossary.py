"""The glossary: the same meanings that the page tells where a term is first used."""

from __future__ import annotations

from ..blocks import Glossary, Section
from ..reading import Reading
from ..texts.terms import terms_of
from ..texts.words import Words


def glossary(_: Reading, words: Words) -> Section:
    """Return the terms with what they mean, by name."""
    return Section(
        "glossary", words("glossary.title"), (Glossary(tuple(terms_of(words))),), numbered=False
    )
