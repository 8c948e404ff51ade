"""Figures as cards and prose show them: three digits, money in millions or billions."""

from __future__ import annotations

import math

from ..report.texts.words import Words

BILLION, MILLION = 1e9, 1e6


def full_time(value: float, words: Words) -> str:
    """Return persons or FTE: three digits, no decimals."""
    return words.number(significant(value, 3))


def significant(value: float, count: int) -> float:
    """Return a number rounded to so many digits.

    >>> significant(1071.4, 3), significant(-0.01234, 2), significant(0.0, 3)
    (1070.0, -0.012, 0.0)
    """
    if value == 0.0 or not math.isfinite(value):
        return value
    return round(value, count - 1 - math.floor(math.log10(abs(value))))


def money(nok: float, words: Words) -> tuple[str, str]:
    """Return NOK as number and unit: millions in three digits, from a billion on in two.

    >>> money(3.68e9, Words("nb")), money(464.6e6, Words("nb"))
    (('3,7', 'mrd. kr'), ('465', 'mill. kr'))
    """
    if abs(significant(nok, 3)) < BILLION:
        return words.number(significant(nok / MILLION, 3)), words("desk.million")
    value = significant(nok / BILLION, 2)
    return words.number(value, 1 if abs(value) < 10.0 else 0), words("desk.billion")


def difference(one: float, other: float, digits: int, words: Words) -> str:
    """Return a difference with its sign, of both numbers as they are shown.

    >>> difference(200.0, 100.0, 0, Words("nb")), difference(9.94, 12.46, 1, Words("nb"))
    ('+100', '−2,6')
    """
    less = round(one, digits) - round(other, digits)
    said = words.number(less, digits)
    return f"+{said}" if round(less, digits) > 0 else said
