"""The frontier over one limit: the cheapest plan for a row of its values, cuts used again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...core.study.study import Study, number_at, with_value
from ..search.solve import Solution, find_plan
from ..search.value import Search

DECIDES = ("risk.", "ramp.", "limits.", "capacity.")
"""Keys that change what is asked, not what happens: cuts stay true for every value."""


class Variation(NamedTuple):
    """The cheapest plan under one value of the key."""

    value: float
    solution: Solution


def value_of(study: Study, key: str) -> float:
    """Return the number that stands at a dotted key; a figure's own value.

    Raises
    ------
    KeyError
        Saying what is wrong, if the key is not a number of the question or does not exist.
    """
    if not key.startswith(DECIDES) or (key.startswith("risk.") and not key.endswith(".limit")):
        raise KeyError(
            f"{key}: cannot be varied; keys: risk.NAME.limit, ramp.…, limits.…, capacity.… "
            "(others change the scenarios)"
        )
    found = number_at(study, key)
    if found is None:
        raise KeyError(f"{key}: not a number of the study")
    return found


def varied(study: Study, key: str, values: Sequence[float]) -> dict[float, Study]:
    """Return the study with each value at a key of the question.

    Raises
    ------
    ValueError
        If the study allows no such value there.
    """
    return {float(value): with_value(study, key, float(value)) for value in values}


def vary(studies: Mapping[float, Study], search: Search) -> list[Variation]:
    """Return the cheapest plan of each study, by the value it has at the key varied."""
    found = []
    for number, (value, study) in enumerate(studies.items(), start=1):
        found.append(Variation(value, find_plan(search.quietly().under(study))))
        search.progress("frontier", number, len(studies))
    return found
