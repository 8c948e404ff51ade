"""Changes: by how much what a scenario draws is moved, in every year or from some years on.

A study has them where measures are in force (`in_force`), and may state them itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat

from ..distributions import Quantity
from ..meaning import MOVED
from ..world import NotNegative, Section

N = TypeVar("N", float, NDArray[np.float64])
How = Literal["add", "factor"]
FLOWS = (
    "applicants.*.net_per_year",
    "direct_entry.per_year_after",
    "specialists.foreign_per_year",
)
"""Patterns of the keys of flows, to which persons a year can be added from a year on."""


class Change(Section):
    """A figure that scenarios draw, moved: multiplied, or added to."""

    name: str
    key: str = Field(description="dotted key of a figure that scenarios draw")
    how: How
    amount: Annotated[Quantity, MOVED("By how much a measure moves a figure")] = Field(
        description="for one unit: a factor, or in the figure's unit what is added; drawn by its "
        "own name"
    )
    units: FiniteFloat = Field(default=1.0, ge=0, description="in every year")
    from_year: dict[str, NotNegative] = Field(
        default={},
        description="year -> units from then on, of persons added to a flow; left out: `units`, in "
        "every year",
    )

    def moved(self, value: N, amount: N, units: float) -> N:
        """Return what becomes of a value; arrays are welcome, too.

        add     value + units · amount
        factor  value · (1 + units · (amount − 1))

        >>> from .change import Change
        >>> half = {"value": 0.5, "assumption": "half of it"}
        >>> less = Change(name="Less", key="lis1.leave", how="factor", amount=half)
        >>> less.moved(0.08, 0.5, 1.0)
        0.04
        """
        if self.how == "add":
            return value + units * amount
        return value * (1.0 + units * (amount - 1.0))

    @property
    def by_year(self) -> bool:
        """Whether it acts from some years on, and not in every year."""
        return bool(self.from_year)

    def units_in(self, years: Iterable[int]) -> list[float]:
        """Return the units in force in each of some rising years.

        >>> given = {"value": 1.0, "assumption": "one each"}
        >>> steps = {"2030": 10.0, "2032": 25.0}
        >>> Change(name="A", key="k", how="add", amount=given, from_year=steps).units_in(
        ...     range(2029, 2034)
        ... )
        [0.0, 10.0, 10.0, 25.0, 25.0]
        """
        steps = sorted((int(year), units) for year, units in self.from_year.items())
        found = []
        for year in years:
            begun = [units for first, units in steps if first <= year]
            found.append(begun[-1] if begun else 0.0)
        return found


Changes = Mapping[str, Change]


def of_key(changes: Changes, key: str, by_year: bool) -> list[tuple[str, Change]]:
    """Return the changes of a key, each with the key of its amount, in the order of the study."""
    return [
        (f"change.{name}.amount", each)
        for name, each in changes.items()
        if each.key == key and each.by_year == by_year
    ]


def bounds(changes: Changes, key: str, figure: Quantity) -> tuple[float, float]:
    """Return the smallest and largest value of a figure that all changes of it leave."""
    low, high = figure.bounds
    for by_year in (False, True):
        for _, each in of_key(changes, key, by_year):
            units = (0.0, *each.from_year.values()) if by_year else (each.units,)
            ends = [
                each.moved(value, amount, n)
                for value in (low, high)
                for amount in each.amount.bounds
                for n in units
            ]
            low, high = min(ends), max(ends)
    return low, high
