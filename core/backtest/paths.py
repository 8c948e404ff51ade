"""What a projection says of an observed series: its path in every scenario."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..files.variables import FLOWS
from ..flow.projection import Projection
from ..study.study import Study
from .observed import Observed
from .scores import Forecast

Floats = NDArray[np.float64]
NAMES = {flow.name: flow for flow in FLOWS}
"""Series that can be observed: whatever the program projects."""
STOCKS = ("supply", "doctors", "specialists", "abroad", "training", "lis1", "unplaced")
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


def path_of(study: Study, projection: Projection, observed: Observed) -> Path:
    """Return what a projection with every flow of every scenario says of a series."""

    def total(name: str) -> Floats:
        values = np.asarray(projection.ensemble[name], dtype=np.float64)
        if observed.region:
            values = values[..., [list(study.regions).index(observed.region)]]
        if observed.group:
            values = values[:, :, [list(study.groups).index(observed.group)]]
        return np.asarray(values.reshape(*values.shape[:2], -1).sum(axis=2))

    name = observed.series
    values, count = total(name), len(projection.demand)
    weight = np.ones(count) if projection.weight is None else projection.weight
    start = None
    if name in CAME:
        went = sum(total(each)[:, 0] for each in WENT[name])
        start = np.asarray(values[:, 0] + went - sum(total(each)[:, 0] for each in CAME[name]))
    return Path(values, start, weight / weight.sum())
