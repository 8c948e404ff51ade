"""Labels on experiments: frontiers over any key and replications, as datasets."""

from __future__ import annotations

import numpy as np
import xarray as xr

from ...core.files.labels import Data, labelled
from ...core.study.study import Study
from ..analysis.replication import Replications
from ..analysis.sweep import Variation
from ..search.convex import STATUS
from ..search.solve import Solution


def describe_variations(study: Study, found: list[Variation]) -> xr.Dataset:
    """Return the plans found for a row of values of one key, with labels."""
    solutions = [one.solution for one in found]
    slots = np.stack([_by_time(study, one) for one in solutions], axis=1)
    single: Data = {
        "value": [one.value for one in found],
        "cost": [one.cost for one in solutions],
        "lower_bound": [_finite(one.lower_bound) for one in solutions],
        "total": [one.slots.sum() for one in solutions],
        "status": [STATUS[one.status] for one in solutions],
    }
    data: Data = {
        **{f"over_{name}": values for name, values in single.items()},
        "over_risk": np.stack([one.risk for one in solutions]),
        "over_slots": slots,
    }
    return labelled(study, data)


def describe_replications(study: Study, found: Replications) -> xr.Dataset:
    """Return the plans found on samples of several sizes and seeds, with labels."""

    def each(what: str) -> np.ndarray:
        return np.array([[getattr(one, what) for one in row] for row in found.solutions])

    slots = np.stack([[_by_time(study, one) for one in row] for row in found.solutions])
    lower = each("lower_bound")
    data: Data = {
        "size_scenarios": found.sizes,
        "replication_seed": found.seeds,
        "replication_cost": each("cost"),
        "replication_lower_bound": np.where(np.isfinite(lower), lower, np.nan),
        "replication_total": slots.sum(axis=(2, 3)),
        "replication_status": np.vectorize(STATUS.__getitem__)(each("status")),
        "replication_slots": np.moveaxis(slots, 2, 0),
        "replication_risk": each("risk"),
        "replication_fresh": found.fresh,
    }
    return labelled(study, data)


def _by_time(study: Study, solution: Solution) -> np.ndarray:
    """Return slots [year, region] over the projection, NaN without a plan."""
    first = study.first
    slots = np.full((len(study.years), len(study.regions)), np.nan)
    if np.isfinite(solution.cost):
        slots[:] = 0.0
        slots[first : first + len(study.decision_years)] = solution.slots.T
    return slots


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
