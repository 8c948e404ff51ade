"""Search: the keys that a word means, whatever people call them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache, partial

from .catalogue import Entry, entries
from .names import names_of

MOST_FOUND = 30
"""Keys that are told of a word."""
_STEM = 4
"""Letters two words share at least to be taken for forms of one."""
_CLOSE = 0.75
"""How alike two texts are to be one of them misspelt, of 1."""


def found_by(query: str) -> list[Entry]:
    """Return the keys that a word or a key means, the best first; those of the best kind alone.

    A key or a pattern; a title, a name or an everyday word; part of one; words that begin alike.

    >>> [each.pattern for each in found_by("queue.leakage")]
    ['queue.leakage']
    >>> [each.pattern for each in found_by("regions.nord.retention")]
    ['regions.*.retention']
    >>> found_by("venteliste")[0].pattern
    'queue'
    """
    query, asked = query.strip(), _plain(query)
    if not asked:
        return []
    found = _named(query, asked)
    for kind in (_is_part, _begins_alike):
        found = found or [each for each in entries().values() if kind(asked, each)]
    return sorted(found, key=partial(_rank, query, asked))


def misspelt(query: str) -> list[str]:
    """Return keys and everyday words that are spelt nearly like this, the nearest first.

    >>> misspelt("queue.leakge")[0]
    'queue.leakage'
    """
    known = dict.fromkeys([*entries(), *_phrases()])
    return difflib.get_close_matches(query.strip(), known, n=3, cutoff=_CLOSE)


def _named(query: str, asked: str) -> list[Entry]:
    """Return the keys with that name, end, title or everyday word; of a whole key it alone."""
    if "." not in query:
        return [entries()[pattern] for pattern in _by_phrase().get(asked, ())]
    exact = [each for each in entries().values() if each.is_at(query)]
    return exact or [each for each in entries().values() if each.pattern.endswith(f".{query}")]


def _is_part(asked: str, entry: Entry) -> bool:
    """Tell whether all words asked for stand in one title, name or everyday word."""
    words = set(asked.split())
    return any(words <= set(said.split()) for said in _said(entry.pattern))


def _begins_alike(asked: str, entry: Entry) -> bool:
    """Tell whether every word asked for begins like one said of the key."""
    told = set(" ".join((*_said(entry.pattern), _plain(entry.description))).split())
    return all(any(_alike(word, each) for each in told) for word in asked.split())


def _alike(one: str, other: str) -> bool:
    """Tell whether two words are one in another form: one begins the other."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _STEM and long.startswith(short))


def _rank(query: str, asked: str, entry: Entry) -> tuple[bool, bool, bool, int]:
    """Return what puts better keys first: the key itself, no columns, called so, a short key."""
    called = asked in _said(entry.pattern)
    return not entry.is_at(query), entry.column, not called, entry.pattern.count(".")


@cache
def _said(pattern: str) -> frozenset[str]:
    """Return all that a key is called, plainly written."""
    names = names_of(pattern)
    parts = [part for part in pattern.split(".") if part != "*"]
    whole = [*parts, " ".join(parts), *names.titles, *names.words]
    return frozenset(map(_plain, whole))


@cache
def _by_phrase() -> dict[str, list[str]]:
    """Return the keys by what each is called."""
    found: dict[str, list[str]] = {}
    for pattern in entries():
        for said in _said(pattern):
            found.setdefault(said, []).append(pattern)
    return found


def _phrases() -> Iterator[str]:
    for pattern, entry in entries().items():
        yield entry.name
        yield from names_of(pattern).titles
        yield from names_of(pattern).words


def _plain(text: str) -> str:
    """Return a text in small letters, its words and numbers alone.

    >>> _plain("LIS2/3-stillinger, 12 + 6 måneder")
    'lis2 3 stillinger 12 6 måneder'
    """
    return " ".join(re.findall(r"\w+", text.replace("_", " ").casefold()))
