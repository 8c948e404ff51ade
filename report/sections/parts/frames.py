"""What the charts of all sections share: years and shade, and the places that are told apart."""

from __future__ import annotations

from ...charts.lines import Frame
from ...reading import Floats, Reading
from ...texts.words import Words

ALIKE = 0.02
"""Curves of places that differ by less of their own start are not drawn one by one."""


def frame(reading: Reading, words: Words, unit: str, window: bool = True) -> Frame:
    """Return the frame of a chart over all years in a unit, the risk window shaded."""
    first, last = reading.study.time.window
    return Frame(
        years=reading.years,
        unit=unit,
        year_title=words("word.year"),
        window=reading.study.time.window if window else None,
        window_label=words("word.window", first=first, last=last),
    )


def places(reading: Reading, words: Words) -> list[tuple[str, dict[str, int], str]]:
    """Return the country and each region: prefix of the variables, index, name."""
    regions = enumerate(reading.names("region"))
    country: tuple[str, dict[str, int], str] = ("national_", {}, words("word.country"))
    return [country, *(("", {"region": r}, words.name(name)) for r, name in regions)]


def furthest_apart(curves: list[Floats]) -> float:
    """Return by how much curves, each as a share of its own first value, differ at most.

    Parameters
    ----------
    curves
        one for each place, [time]
    """
    shares = [curve / curve[0] for curve in curves if curve[0] > 0.0]
    if len(shares) < 2:
        return 0.0
    return float(max((max(at) - min(at)) for at in zip(*shares, strict=True)))
