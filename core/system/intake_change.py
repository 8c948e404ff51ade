"""The limit on how much a region's yearly intake may change: none of it is a constant intake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .limit import SystemLimit, Taken

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class IntakeChange(SystemLimit):
    """The most by which a region's yearly starts may differ from those of its first open year.

    With a room of none the intake is constant from then on.
    """

    kind = "intake_change"
    region: str
    title: str
    subject: str
    place: tuple[int]
    room: Floats
    lead: int  # decision years before slots can open
    unit: str = "slots"

    @property
    def identifier(self) -> str:
        """The name in result files."""
        return f"{self.kind}.{self.region}"

    @property
    def key(self) -> str:
        """Where the study says it."""
        return f"limits.intake_change.{self.region}"

    def used(self, slots: Floats) -> Floats:
        """Return by how many starts the years after the first differ from it, [year]."""
        differs, first = np.zeros(len(self.room)), self.lead + 1
        differs[first : slots.shape[1]] = np.abs(np.cumsum(slots[self.place[0], first:]))
        return differs

    def relax(self, data: dict[str, Any], taken: Taken) -> None:
        """Raise the number by the most of any year."""
        data["limits"]["intake_change"][self.region]["value"] += float(taken.amounts.max())
