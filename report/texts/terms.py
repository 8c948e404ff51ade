"""Terms: their first use in a section is marked, so that the page can tell what they mean."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from .words import Words, read_texts

PREFIX = "glossary.term."


def terms_of(words: Words) -> list[tuple[str, str, str]]:
    """Return key, name and meaning of every term, by name."""
    found = [
        (key.removeprefix(PREFIX), *_parts(text)[:2])
        for key, text in read_texts(words.language).items()
        if key.startswith(PREFIX)
    ]
    return sorted(found, key=lambda row: row[1].lower())


def _parts(text: str) -> tuple[str, str, str]:
    """Return name, meaning and what the term looks like in running text, a pattern."""
    name, meaning, *pattern = (part.strip() for part in text.split("|", 2))
    return name, meaning, pattern[0] if pattern else re.escape(name)


class Terms:
    """Marks, in texts of one section given one by one, the first use of each term."""

    def __init__(self, words: Words, told: bool = True) -> None:
        given = read_texts(words.language) if told else {}
        self._patterns = {
            key.removeprefix(PREFIX): re.compile(rf"(?<!\w)(?:{_parts(text)[2]})", re.IGNORECASE)
            for key, text in given.items()
            if key.startswith(PREFIX)
        }
        self._used = set[str]()

    def __call__(self, text: str) -> Markup:
        """Return a text as HTML, terms that have not been used before marked.

        Of two terms that overlap the longer counts, also where it has been used before.
        """
        taken = list[tuple[int, int, str]]()
        places = [
            (key, found) for key, each in self._patterns.items() for found in each.finditer(text)
        ]
        for key, found in sorted(places, key=lambda each: each[1].start() - each[1].end()):
            if not any(a < found.end() and found.start() < b for a, b, _ in taken):
                taken.append((found.start(), found.end(), key))
        parts, last = [], 0
        for start, end, key in sorted(taken):
            if key not in self._used:
                self._used.add(key)
                parts += [escape(text[last:start]), _marked(key, text[start:end])]
                last = end
        return Markup("").join([*parts, escape(text[last:])])


def _marked(key: str, said: str) -> Markup:
    return Markup('<span class="term" tabindex="0" data-term="{}">{}</span>').format(key, said)
