"""What a limit is: name, unit, step and scale; on the system, its use and its room too."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDING = 1e-6
"""Relative tolerance on limits of the system, as loose as the solver's."""


class Taken(NamedTuple):
    """What a plan takes beyond a limit."""

    amounts: Floats  # [year], or a single entry
    slots: Floats  # [region, decision year] the plan


class Limit(ABC):
    """What every limit has, on the system or on risk; equal if their identifiers are."""

    kind: ClassVar[str]
    unit: str
    title: str  # in words
    subject: str  # whom it binds: a region, the country, a payer

    @property
    @abstractmethod
    def identifier(self) -> str:
        """The name in result files, the same for ever."""

    @property
    @abstractmethod
    def step(self) -> float:
        """One step of the shadow price, in the limit's own unit, in every year."""

    @property
    @abstractmethod
    def scale(self) -> Floats:
        """What a give of one means in the limit's own unit, [year] or a single entry.

        The limit once more, or one slot, place, doctor or million where that is more.
        """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Limit) and other.identifier == self.identifier

    def __hash__(self) -> int:
        return hash(self.identifier)


class SystemLimit(Limit):
    """A limit of the system: use and room depend on the plan alone.

    `room` [year] is infinite where nothing is said. Its rows in the master have the index `place`,
    the year last.
    """

    named: ClassVar[str] = ""  # what tells limits of its kind apart: their fields, in braces
    said: ClassVar[str]  # where a study says it, likewise
    divisible: ClassVar[bool] = True  # a step more of it has a price
    lawful: ClassVar[bool] = False  # where it is kept cuts bound all; it can never give way
    room: Floats
    place: tuple[int, ...]

    @property
    def identifier(self) -> str:
        """The name in result files: its kind, and whose it is."""
        return ".".join(filter(None, (self.kind, self.named.format_map(vars(self)))))

    @property
    def key(self) -> str:
        """Where the study says it: a dotted key, and what picks the row of a table."""
        return self.said.format_map(vars(self))

    @property
    def step(self) -> float:
        """One of its unit: a slot, a post."""
        return 1.0

    @property
    def scale(self) -> Floats:
        """The limit once more, or one of its unit, a single entry."""
        return np.array([max(float(self.room[0]), 1.0)])

    @property
    def per_row(self) -> float:
        """How much in the limit's own unit one unit of its rows stands for."""
        return 1.0

    @abstractmethod
    def used(self, slots: Floats) -> Floats:
        """Return what `slots` [region, decision year] use, [year]."""

    @abstractmethod
    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Write the limit as much laxer into a study's data as was taken of it."""

    def excess(self, slots: Floats) -> Floats:
        """Return by how much a plan's use exceeds the room, [year]."""
        return np.maximum(self.used(slots) - self.room, 0.0)

    def keeps(self, slots: Floats) -> NDArray[np.bool_]:
        """Return in which years a plan stays within the room, but for rounding."""
        return np.asarray(self.used(slots) <= self.room * (1.0 + ROUNDING) + ROUNDING)


class Nationwide(SystemLimit):
    """A limit of the whole country, the only one of its kind."""

    subject = "the country"
    place = ()
