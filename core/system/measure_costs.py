"""Costs of measures in force beside what they are paid for: of starts, and of parts added up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .posts import Floats


def of_starts(yearly: Floats, starts: Floats) -> Floats:
    """Return what starts [year] cost, [payer, year], each by its `yearly` [payer, year since].

    Longer than the starts: each is charged in full.
    """
    cost = np.zeros((len(yearly), len(starts) + yearly.shape[1] - 1))
    for y, number in enumerate(starts):
        cost[:, y : y + yearly.shape[1]] += number * yearly
    return cost


def added_up(parts: Sequence[Floats]) -> Floats:
    """Return costs [payer, year] of different lengths added up."""
    width = max(part.shape[1] for part in parts)
    total = np.zeros((len(parts[0]), width))
    for part in parts:
        total[:, : part.shape[1]] += part
    return total
