"""Moved: a figure scaled and shifted, its distribution and bounds with it."""

from __future__ import annotations

from typing import Any

from ..distributions import Lognormal, Quantity

PLACES = ("value", "low", "mode", "high", "mean", "values")
"""Fields that stand for values of the figure; they are scaled and shifted."""
SPREADS = ("sd",)
"""Fields that stand for distances between values; they are scaled."""


def moved(figure: Quantity, factor: float, shift: float, why: str) -> dict[str, Any]:
    """Return the data of `factor · figure + shift`; `why` goes into its assumption.

    Raises
    ------
    ValueError
        If its kind of distribution does not shift, or turns about with a factor below zero.
    """
    data: dict[str, Any] = figure.model_dump()
    if factor < 0.0:
        raise ValueError(f"a factor of {factor:g}; must be 0 or more")
    if shift and isinstance(figure, Lognormal):
        raise ValueError("a lognormal figure is scaled, not shifted")
    for name, value in data.items():
        if value is None:
            continue
        if name in PLACES:
            many = isinstance(value, list | tuple)
            data[name] = (
                tuple(factor * each + shift for each in value) if many else factor * value + shift
            )
        elif name in SPREADS or name == "median":
            data[name] = factor * value
    said = figure.assumption
    data["assumption"] = f"{said}; moved by {why}" if said else f"moved by {why}"
    return data
