"""Families of decisions: which rows of a plan say what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AXES = {"posts": "specialty", "tracks": "track"}
"""Dimension of result files, by family beside LIS1, that stands before the region."""
LEVELS = {"slots": "level", "posts": "training_posts", "tracks": "track_level"}
"""Variable of result files, by family, of what a plan's decisions and all else add up to."""
MEASURES = "measures"
"""The family of units of measures, where a search decides on them; no result file has it."""


@dataclass(frozen=True)
class Family:
    """Decisions of one kind: consecutive rows of every plan [row, decision year].

    Regions are the last axis of its rows and vary fastest. A further kind of decision is a further
    family after those there are: whatever follows a plan goes by families, not by row numbers.
    """

    variable: str  # of result files
    first: int  # its first row
    shape: tuple[int, ...]  # of its rows: (region,), (group, region), (track, region); (measure,)
    whole: bool = True  # in whole numbers, or in fractions

    @property
    def rows(self) -> slice:
        """Return its rows of a plan."""
        return slice(self.first, self.first + int(np.prod(self.shape)))

    @property
    def places(self) -> list[tuple[int, ...]]:
        """Return where each of its rows stands along its axes, the region last."""
        return list(np.ndindex(self.shape))

    def of(self, plans: Floats) -> Floats:
        """Return its part of plans [..., row, year] as [year, ..., *shape], as files hold it."""
        own = np.moveaxis(plans[..., self.rows, :], -1, 0)
        return own.reshape(*own.shape[:-1], *self.shape)

    def flat(self, values: Floats) -> Floats:
        """Return values of files [year, ..., *shape] as rows of plans [..., row, year]."""
        rows = values.reshape(*values.shape[: values.ndim - len(self.shape)], -1)
        return np.moveaxis(rows, 0, -1)
