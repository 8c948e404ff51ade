"""The log of a solution: one line per round of cuts."""

from __future__ import annotations

from typing import NamedTuple


class Round(NamedTuple):
    """What is known after one round. Costs in NOK; `upper` is infinite without a plan."""

    lower: float
    upper: float
    cuts: int
    whole: bool  # whole slots, or fractions
