"""Cells: what programs and statistics offices write for texts, ages, yes and no."""

from __future__ import annotations

import codecs
import re
import unicodedata

MISSING = {":", ".", "..", "...", "-", "–", "—"}
DASHES = "-‐‑‒–—−"
"""A hyphen, and what is written in its place: between ages, and before a number below zero."""
_YEARS = r"(?:\s*(?:år|years?|jaar|jahre?|ans)\b)?"
_NUMBER = r"(\d{1,3})(?:[.,]0+)?"
_AGE = re.compile(
    rf"{_NUMBER}{_YEARS}(?:\s*(?:[{DASHES}]|til|to|tot|bis)\s*{_NUMBER}{_YEARS})?", re.IGNORECASE
)
_AND_OVER = r"(?:og|eller|and|or|en|of)\s+(?:over|eldre|older|above|more|ouder|meer)"
_FROM = re.compile(
    rf"(?:{_NUMBER}{_YEARS}\s*(?:\+|{_AND_OVER})|{_NUMBER}\s*\+{_YEARS})", re.IGNORECASE
)
_UNDER = re.compile(
    rf"(?:under|below|yngre enn|younger than|jonger dan|<)\s*{_NUMBER}{_YEARS}", re.IGNORECASE
)
_AND_UNDER = re.compile(
    rf"{_NUMBER}{_YEARS}\s*(?:og|eller|and|or|en|of)\s+(?:under|yngre|younger|below|jonger)",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FLAGS = {"sann": "true", "usann": "false", "ja": "true", "nei": "false"}
"""What a Norwegian Excel makes of true and false, and what people write."""


def decoded(content: bytes) -> str | None:
    """Return the text of a file, each letter one sign (NFC); None where it is no text.

    In UTF-8, with or without byte order mark, in UTF-16 of either order, or in Windows' cp1252, of
    which Latin-1 is a part.
    """
    try:
        text = content.decode(_unicode_of(content))
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            return None
    return None if _CONTROL.search(text) else unicodedata.normalize("NFC", text)


def _unicode_of(content: bytes) -> str:
    """Return which coding of Unicode a file has, if any: ASCII in UTF-16 is half zeros."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    odd, even = content[1:2000:2], content[0:2000:2]
    for zeros, others, coding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros.count(0) > len(zeros) // 2 and len(zeros) > 1 and 0 not in others:
            return coding
    return "utf-8-sig"


def plain(text: str) -> str:
    """Return a label or a heading with single spaces, each letter one sign.

    >>> plain("Helse\u00a0 Nord")
    'Helse Nord'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def age(cell: str) -> str:
    """Return an age `35`, a band `35-39` or an open one, `67+` or `<40`; other text as it stands.

    >>> [age(cell) for cell in ("35.0", "35–39 år", "65+ år", "Under 40 år", "39 years or younger")]
    ['35', '35-39', '65+', '<40', '<40']
    """
    if found := _AGE.fullmatch(cell):
        return found[1] if found[2] is None else f"{found[1]}-{found[2]}"
    if found := _FROM.fullmatch(cell):
        return f"{found[1] or found[2]}+"
    if found := _UNDER.fullmatch(cell):
        return f"<{found[1]}"
    if found := _AND_UNDER.fullmatch(cell):
        return f"<{int(found[1]) + 1}"
    return cell


def flag(cell: str) -> str:
    """Return yes or no as Python reads it; other text as it stands."""
    return _FLAGS.get(cell.lower(), cell)
