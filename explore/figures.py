"""Figures as cards show them: money as number and unit, differences with their sign."""

from __future__ import annotations

from ..report.texts.words import Words

BILLION, MILLION = 1e9, 1e6


def money(nok: float, words: Words) -> tuple[str, str]:
    """Return NOK as number and unit: millions in three digits, from a billion on in two.

    >>> money(3.68e9, Words("nb")), money(464.6e6, Words("nb"))
    (('3,7', 'mrd. kr'), ('465', 'mill. kr'))
    """
    if abs(float(f"{nok:.3g}")) < BILLION:
        return words.about(nok / MILLION), words("desk.million")
    value = float(f"{nok / BILLION:.2g}")
    return words.number(value, 1 if abs(value) < 10.0 else 0), words("desk.billion")


def difference(one: float, other: float, digits: int, words: Words) -> str:
    """Return a difference with its sign, of both numbers as they are shown.

    >>> difference(200.0, 100.0, 0, Words("nb")), difference(9.94, 12.46, 1, Words("nb"))
    ('+100', '−2,6')
    """
    less = round(one, digits) - round(other, digits)
    said = words.number(less, digits)
    return f"+{said}" if round(less, digits) > 0 else said
