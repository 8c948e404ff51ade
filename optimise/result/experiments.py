"""Labels on experiments: frontiers over any key and replications, as datasets."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from ...core.files.labels import labelled
from ...core.study.study import Study
from ..analysis.replication import Replications
from ..analysis.sweep import Variation
from ..search.convex import STATUS
from ..search.solve import Solution


def _described(study: Study, found: list[Variation]) -> xr.Dataset:
    solutions = [one.solution for one in found]
    slots = np.stack([_by_time(study, one) for one in solutions], axis=1)
    single: dict[str, Any] = {
        "value": [one.value for one in found],
        "cost": [one.cost for one in solutions],
        "lower_bound": [_finite(one.lower_bound) for one in solutions],
        "total": [one.slots.sum() for one in solutions],
        "status": [STATUS[one.status] for one in solutions],
        "bound_certified": [int(one.certified) for one in solutions],
    }
    data: dict[str, Any] = {f"over_{n}": (("frontier",), np.array(v)) for n, v in single.items()}
    data["over_risk"] = (("frontier", "limit"), np.stack([one.risk for one in solutions]))
    data["over_slots"] = (("time", "frontier", "region"), slots)
    return labelled(study, data)


def _replicated(study: Study, found: Replications) -> xr.Dataset:
    both = ("size", "replication")

    def each(what: str) -> np.ndarray:
        return np.array([[getattr(one, what) for one in row] for row in found.solutions])

    slots = np.stack([[_by_time(study, one) for one in row] for row in found.solutions])
    data: dict[str, Any] = {
        "size_scenarios": (("size",), np.array(found.sizes)),
        "replication_seed": (("replication",), np.array(found.seeds)),
        "replication_cost": (both, each("cost")),
        "replication_lower_bound": (
            both,
            np.where(np.isfinite(each("lower_bound")), each("lower_bound"), np.nan),
        ),
        "replication_total": (both, slots.sum(axis=(2, 3))),
        "replication_status": (both, np.vectorize(STATUS.__getitem__)(each("status"))),
        "replication_bound_certified": (both, each("certified").astype(np.int64)),
        "replication_slots": (("time", *both, "region"), np.moveaxis(slots, 2, 0)),
        "replication_risk": ((*both, "limit"), each("risk")),
        "replication_fresh": ((*both, "limit"), found.fresh),
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
