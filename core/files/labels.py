"""Labels and units on arrays: dimensions in order, what stands along them, attributes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from ..flow.others import POPULATIONS
from ..scenarios.draws import keys_drawn
from ..scenarios.factors import factors, label, outcomes, unit_of
from ..study.study import Study
from ..system.costs import payers
from .variable import NOK, TEXT, Variable
from .variables import VARIABLES, variable_of

Data = Mapping[str, ArrayLike]
"""Arrays by the name of their variable, which says their dimensions."""

ORDER = (
    "time",
    "realization",
    "plan",
    "frontier",
    "weight_table",
    "round",
    "size",
    "replication",
    "form",
    "series",
    "forecast",
    "band",
    "way",
    "near",
    "feature",
    "box",
    "portfolio",
    "constraint",
    "condition",
    "measure",
    "rated",
    "branch",
    "review",
    "quantile",
    "limit",
    "outcome",
    "factor",
    "capacity",
    "payer",
    "population",
    "specialty",
    "track",
    "region",
)
"""Order of dimensions in every variable: time first, region last."""

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


COUNTED = ("realization", "frontier", "round", "size", "replication", "near", "box", "portfolio")
"""Dimensions without labels."""


def labelled(
    study: Study,
    data: Data,
    plans: Sequence[str] = (),
    tables: Sequence[str] = (),
    more: Mapping[str, Mapping[str, str]] | None = None,
) -> xr.Dataset:
    """Return a dataset with the study's labels on every axis used and units on every variable.

    Dimensions, unit and long name are those of the vocabulary. `more` labels axes that are not the
    study's: dimension -> identifier -> name in words.

    Raises
    ------
    ValueError
        If a variable is not in the vocabulary, an axis has no labels, or an array does not fit
        its labels.
    """
    known = {name: _variable(study, name) for name in data}
    used = [d for d in ORDER if any(d in each.dims for each in known.values())]
    dataset = xr.Dataset(coords=coordinates(study, used, plans, tables, more))
    for name, values in data.items():
        about, array = known[name], np.asarray(values)
        if array.ndim != len(about.dims):
            raise ValueError(f"{name}: {array.ndim} dimensions; in files it has {about.dims}")
        dataset[name] = (about.dims, array, _attributes(study, about))
    return dataset


def _variable(study: Study, name: str) -> Variable:
    """Return the entry of a variable; what was drawn is called and counted as at its field."""
    if name in VARIABLES:
        return VARIABLES[name]
    for keys, dims in zip(
        keys_drawn(study), (("realization",), ("time", "realization")), strict=True
    ):
        for key in keys:
            if name == variable_of(key):
                return Variable(name, dims, unit_of(key), label(study, key))
    raise ValueError(f"{name}: no variable of result files; core/files/variables.py lists them")


def _attributes(study: Study, about: Variable) -> dict[str, Any]:
    """Return what the file says of a variable; words have no unit."""
    attributes: dict[str, Any] = {"long_name": about.long_name}
    if about.counts != TEXT:
        attributes |= {"units": "1", "counts": about.counts}
    if about.counts == NOK:
        attributes |= {"currency": "NOK", "price_year": study.cost.price_year}
    if about.missing is not None:
        attributes["missing_means"] = about.missing.means
    return attributes


def coordinates(
    study: Study,
    used: Sequence[str],
    plans: Sequence[str] = (),
    tables: Sequence[str] = (),
    more: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Return the labels along the dimensions used, as for `xarray.Dataset(coords=...)`.

    Raises
    ------
    ValueError
        If a dimension used has no labels.
    """
    given = {dim: (list(each), list(each.values())) for dim, each in (more or {}).items()}
    found, names = dict[str, Any](), _names(study, plans, tables) | given
    for dim in used:
        if dim == "time":
            found |= _time(study)
        elif dim == "quantile":
            found["quantile"] = ("quantile", np.array(QUANTILES), {"long_name": "quantile"})
        elif dim in names:
            identifiers, words = names[dim]
            found[dim] = (
                dim,
                np.arange(1, len(identifiers) + 1, dtype=np.int32),
                {"long_name": f"{dim.replace('_', ' ')}, names in {dim}_name"},
            )
            found[f"{dim}_id"] = (dim, np.array(identifiers, dtype=str))
            found[f"{dim}_name"] = (dim, np.array(words, dtype=str))
        elif dim not in COUNTED:
            raise ValueError(f"{dim}: nobody labels this dimension")
    return found


def _names(
    study: Study, plans: Sequence[str], tables: Sequence[str]
) -> dict[str, tuple[Sequence[str], Sequence[str]]]:
    """Return identifiers and names along the dimensions that the study names."""
    return {
        "region": (list(study.regions), [r.name for r in study.regions.values()]),
        "specialty": (list(study.groups), [g.name for g in study.groups.values()]),
        "track": (list(study.track), [t.name for t in study.track.values()]),
        "limit": (list(study.risk), [limit.name for limit in study.risk.values()]),
        "outcome": (list(outcomes(study)), list(outcomes(study).values())),
        "factor": (
            [factor.key for factor in factors(study)],
            [label(study, factor.key) for factor in factors(study)],
        ),
        "capacity": (list(study.capacity), [c.name for c in study.capacity.values()]),
        "payer": (payers(study), payers(study)),
        "population": (list(POPULATIONS), list(POPULATIONS.values())),
        "plan": (list(plans), [plan_name(study, plan) for plan in plans]),
        "weight_table": (list(tables), list(tables)),
    }


PLAN_NAMES = {
    "chosen": "The chosen plan",
    "none": "No new posts",
    "plan": "The given plan",
    "look_ahead": "The look-ahead rule",
    "mean_value": "The plan for mean figures",
    "lis1_alone": "LIS1 posts alone",
    "earmarked_alone": "Earmarking alone",
    "specialist_alone": "LIS2/3 posts alone",
    "lis1_and_earmarked": "LIS1 posts and earmarking",
    "lis1_and_specialist": "LIS1 and LIS2/3 posts",
    "earmarked_and_specialist": "Earmarking and LIS2/3 posts",
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
