"""Names: what people call a key: its titles in both languages, and everyday words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ..texts.words import read_texts
from .catalogue import Entry, entries

LEAST_WORDS = 3
"""Everyday words a key has in each language at least."""


@dataclass(frozen=True)
class Names:
    """What people call a key."""

    en: str
    nb: str
    words_en: tuple[str, ...]
    words_nb: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Everyday words of both languages."""
        return self.words_en + self.words_nb

    @property
    def titles(self) -> tuple[str, ...]:
        """The title in English, and in Norwegian."""
        return self.en, self.nb


@cache
def names_of(pattern: str) -> Names:
    """Return what people call a key of the catalogue.

    Titles of figures stand at their fields and in texts/titles.nb.toml, all else in
    texts/keys.toml; a column of a table is called by its name alone.

    Raises
    ------
    KeyError
        If the texts lack it.
    """
    entry, told, norwegian = entries()[pattern], read_texts("keys"), read_texts("titles.nb")
    place = _place(entry)
    english = entry.meaning.title if entry.meaning is not None else told[f"{place}.en"]
    nb = norwegian[pattern] if pattern in norwegian else told[f"{place}.nb"]
    words = [_split(part) for part in told[f"{place}.words"].split(";")]
    words_en, words_nb = words
    return Names(english, nb, words_en, words_nb)


def _place(entry: Entry) -> str:
    """Return where in texts/keys.toml a key stands."""
    if entry.column:
        return f"column.{entry.name}"
    return f"{'anywhere' if entry.anywhere else 'key'}.{entry.pattern}"


def _split(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())
