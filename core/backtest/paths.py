"""What a projection says of an observed series: its path in every scenario."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..flow.others import POPULATIONS
from ..flow.projection import Projection
from .observed import Observed, Scope
from .scores import Forecast

Floats = NDArray[np.float64]
HEADS = {
    "all_doctors": ("all",),
    "all_with_waiting": ("waiting",),
    "without_speciality": ("waiting", "specialists"),
}
"""Head-counts of the whole country: the first population, less the others."""
STOCKS = (
    "supply",
    "doctors",
    "specialists",
    "abroad",
    "training",
    "lis1",
    "awaiting",
    "unplaced",
    "others",
    "others_fte",
    *HEADS,
)
"""Series that are a level at the end of a year and grow; others happen within it."""
CAME = {"specialists": ("qualified", "arrived"), "training": ("entered",)}
WENT = {"specialists": ("exits",), "training": ("qualified", "left")}
"""What changes a stock in a year, where all of it is projected: its level at the start follows."""


class Path(NamedTuple):
    """A series in every scenario."""

    values: Floats  # [scenario, year]
    start: Floats | None  # [scenario] at the end of the year before the first; None: not known
    weight: Floats  # [scenario], adding up to one

    def forecast(self, places: list[int], less: Floats | float = 0.0) -> Forecast:
        """Return the values in some years, less what is given for each scenario."""
        return Forecast(self.values[:, places] - np.reshape(less, (-1, 1)), self.weight)


def path_of(
    scope: Scope, projection: Projection, observed: Observed, started: Floats | None
) -> Path:
    """Return what a projection with every flow of every scenario says of a series.

    `started` [population] is the head-count at the start; None where nobody is counted.
    """

    if observed.series in HEADS:
        return _heads(projection, started, observed.series)

    def total(name: str) -> Floats:
        values = np.asarray(projection.ensemble[name], dtype=np.float64)
        if observed.region:
            values = values[..., [scope.regions.index(observed.region)]]
        if observed.group:
            values = values[:, :, [scope.groups.index(observed.group)]]
        return np.asarray(values.reshape(*values.shape[:2], -1).sum(axis=2))

    name = observed.series
    values, start = total(name), None
    if name in CAME:
        went = sum(total(each)[:, 0] for each in WENT[name])
        start = np.asarray(values[:, 0] + went - sum(total(each)[:, 0] for each in CAME[name]))
    return Path(values, start, _weight(projection))


def _heads(projection: Projection, started: Floats | None, series: str) -> Path:
    """Return a head-count of the whole country; its start is the same in every scenario.

    Raises
    ------
    ValueError
        If the study has no doctors without a speciality: nobody is counted.
    """
    if projection.counted is None or started is None:
        raise ValueError(f"{series}: the study has no doctors without a speciality")
    first, *less = (list(POPULATIONS).index(name) for name in HEADS[series])
    counted = projection.counted[0].astype(np.float64)
    values = counted[:, :, first] - counted[:, :, less].sum(axis=2)
    start = started[first] - started[less].sum()
    return Path(values, np.full(len(values), start), _weight(projection))


def _weight(projection: Projection) -> Floats:
    """Return what scenarios weigh, [scenario], adding up to one."""
    count = len(projection.demand)
    weight = np.ones(count) if projection.weight is None else projection.weight
    return np.asarray(weight / weight.sum())
