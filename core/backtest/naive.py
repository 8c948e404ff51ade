"""Forecasts without a model: what any projection has to beat.

Each knows what was counted up to the year it starts from, and nothing later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..study.demand import AlternativeRow
from .observed import Observed

Floats = NDArray[np.float64]
SPAN = 5
"""Years whose mean growth goes on in `mean_growth`."""
ALL_DOCTORS = {"doctors": "FTE", "all_doctors": "persons", "all_with_waiting": "persons"}
"""Series that published alternatives forecast, and in which unit: their growth is of doctors in
all, so that they say nothing of specialists alone."""
NAIVE = {
    "constant": "Constant level",
    "last_growth": "Growth of the last year goes on",
    "mean_growth": f"Mean growth of the last {SPAN} years goes on",
}


def naive_forecasts(
    observed: Observed, origin: int, years: Sequence[int], published: Mapping[str, float]
) -> dict[str, Floats]:
    """Return single-valued forecasts for `years`, name -> [year]; only those that can be made.

    The last growth needs the two years up to `origin`, the mean growth those and `SPAN` - 1 more;
    `published` holds growths a year of the whole country, by the name of the forecast.
    """
    known, ahead = observed.known_by(origin), np.array(years, dtype=np.float64) - origin
    level = known[origin]
    found = {"constant": np.full(len(years), level)}
    if origin - 1 in known:
        found["last_growth"] = level + ahead * (level - known[origin - 1])
    if origin - SPAN in known:
        found["mean_growth"] = level + ahead * (level - known[origin - SPAN]) / SPAN
    if observed.region or observed.group:
        return found
    return found | {name: level + ahead * growth for name, growth in published.items()}


def published_growth(alternatives: Sequence[AlternativeRow], series: str) -> dict[str, float]:
    """Return the published alternatives that forecast a series, id -> growth a year."""
    return {
        row.id: row.doctors_per_year
        for row in alternatives
        if row.method == "growth" and row.unit == ALL_DOCTORS.get(series)
    }
