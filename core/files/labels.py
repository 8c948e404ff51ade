"""Axes: the vocabulary of dimensions, labels, units and long names of everything that has axes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from ..scenarios.factors import factors, label, outcomes
from ..study.study import Study
from ..system.costs import payers
from .variables import MISSING_MEANS, NOK, VARIABLES

ORDER = (
    "time",
    "realization",
    "plan",
    "frontier",
    "weight_table",
    "round",
    "size",
    "replication",
    "way",
    "constraint",
    "quantile",
    "limit",
    "outcome",
    "factor",
    "capacity",
    "payer",
    "specialty",
    "region",
)
"""Order of dimensions in every variable: time first, region last."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def labelled(
    study: Study,
    data: Mapping[str, tuple[Sequence[str], Any]],
    plans: Sequence[str] = (),
    tables: Sequence[str] = (),
    more: Mapping[str, Mapping[str, str]] | None = None,
) -> xr.Dataset:
    """Return a dataset with the study's labels on every axis used and units on every variable.

    `more` labels axes that are not the study's: dimension -> identifier -> name in words.

    Raises
    ------
    ValueError
        If an array does not fit its labels, or its dimensions are out of order.
    """
    used = [d for d in ORDER if any(d in dims for dims, _ in data.values())]
    dataset = xr.Dataset(coords=_coordinates(study, used, plans, tables, more or {}))
    for name, (dims, values) in data.items():
        if list(dims) != [d for d in ORDER if d in dims]:
            raise ValueError(f"{name}: dimensions {tuple(dims)} are out of order; order: {ORDER}")
        long_name, counts = VARIABLES.get(name, (name.replace("_", " "), "as in the study"))
        attributes: dict[str, Any] = {"long_name": long_name, "units": "1", "counts": counts}
        if counts == NOK:
            attributes |= {"currency": "NOK", "price_year": study.cost.price_year}
        if name in MISSING_MEANS:
            attributes["missing_means"] = MISSING_MEANS[name]
        dataset[name] = (tuple(dims), np.asarray(values), attributes)
    return dataset


def _coordinates(
    study: Study,
    used: Sequence[str],
    plans: Sequence[str],
    tables: Sequence[str],
    more: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    coordinates: dict[str, Any] = {}
    names: dict[str, tuple[Sequence[str], Sequence[str]]] = {
        "region": (list(study.regions), [r.name for r in study.regions.values()]),
        "specialty": (list(study.groups), [g.name for g in study.groups.values()]),
        "limit": (list(study.risk), [limit.name for limit in study.risk.values()]),
        "outcome": (list(outcomes(study)), list(outcomes(study).values())),
        "factor": (
            [factor.key for factor in factors(study)],
            [label(study, factor.key) for factor in factors(study)],
        ),
        "capacity": (list(study.capacity), [c.name for c in study.capacity.values()]),
        "payer": (payers(study), payers(study)),
        "plan": (list(plans), [plan_name(study, plan) for plan in plans]),
        "weight_table": (list(tables), list(tables)),
        **{dim: (list(names), list(names.values())) for dim, names in more.items()},
    }
    for dim in used:
        if dim == "time":
            coordinates |= _time(study)
        elif dim == "quantile":
            coordinates["quantile"] = ("quantile", np.array(QUANTILES), {"long_name": "quantile"})
        elif dim in names:
            identifiers, words = names[dim]
            coordinates[dim] = (
                dim,
                np.arange(1, len(identifiers) + 1, dtype=np.int32),
                {"long_name": f"{dim.replace('_', ' ')}, names in {dim}_name"},
            )
            coordinates[f"{dim}_id"] = (dim, np.array(identifiers, dtype=str))
            coordinates[f"{dim}_name"] = (dim, np.array(words, dtype=str))
    return coordinates


PLAN_NAMES = {
    "chosen": "The chosen plan",
    "none": "No new posts",
    "plan": "The given plan",
    "look_ahead": "The look-ahead rule",
    "mean_value": "The plan for mean figures",
}


def plan_name(study: Study, plan: str) -> str:
    """Return a plan's name in words."""
    if plan in study.comparison:
        return study.comparison[plan].name
    return PLAN_NAMES.get(plan, plan)


def _time(study: Study) -> dict[str, Any]:
    """Return time in CF days since 2000-01-01 with bounds, and the calendar year people use."""
    epoch = datetime.date(2000, 1, 1)
    days = [(datetime.date(y, 7, 1) - epoch).days for y in study.years]
    ends = [
        [(datetime.date(y, 1, 1) - epoch).days, (datetime.date(y + 1, 1, 1) - epoch).days]
        for y in study.years
    ]
    attributes = {
        "standard_name": "time",
        "units": "days since 2000-01-01",
        "calendar": "standard",
        "units_metadata": "leap_seconds: none",
        "bounds": "time_bounds",
        "axis": "T",
    }
    return {
        "time": ("time", np.array(days, dtype=np.float64), attributes),
        "time_bounds": (("time", "bound"), np.array(ends, dtype=np.float64)),
        "year": ("time", np.array(study.years, dtype=np.int32), {"long_name": "calendar year"}),
    }
