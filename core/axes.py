"""Axes: the vocabulary of dimensions, labels, units and long names of everything that has axes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from .decision_axes import DECISION_VARIABLES
from .factors import factors, label, outcomes
from .missing import MISSING_MEANS
from .study import Study
from .system import payers

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

FTE, PERSONS, SLOTS, SHARE, NOK = (
    "full-time equivalents",
    "persons",
    "LIS1 starts a year",
    "share",
    "NOK",
)

# What the kernel yields, by year, and what follows: name -> (long name, what the number counts).
FLOWS: dict[str, tuple[str, str]] = {
    "supply": ("supply of specialists", FTE),
    "doctors": ("doctors past LIS1 at work, specialists and LIS2/3", FTE),
    "specialists": ("specialists at work", PERSONS),
    "abroad": ("specialists at work educated abroad", PERSONS),
    "arrived": ("specialists arriving from abroad in the year", PERSONS),
    "exits": ("specialists leaving work in the year", PERSONS),
    "training": ("doctors in LIS2/3", PERSONS),
    "entered": ("doctors beginning LIS2/3 in the year", PERSONS),
    "qualified": ("doctors completing LIS2/3 in the year", PERSONS),
    "left": ("doctors giving LIS2/3 up in the year", PERSONS),
    "lis1": ("doctors in LIS1", PERSONS),
    "appointed": ("doctors appointed to LIS1 in the year", PERSONS),
    "appointed_abroad": ("doctors educated abroad appointed to LIS1 in the year", PERSONS),
    "newcomers": ("new applicants for LIS1 in the year", PERSONS),
    "unplaced": ("applicants without a post after the autumn round", PERSONS),
    "waiting_years": ("years applicants waited in the year, added up", "person-years"),
    "unfilled": ("slots on offer to which nobody is appointed", SLOTS),
    "lacking": ("slots unfilled for lack of applicants", SLOTS),
}

# name -> (long name, what the number counts). A CF unit of "1" stands for all: UDUNITS knows
# neither persons nor kroner, so `counts` says it.
VARIABLES: dict[str, tuple[str, str]] = {
    **DECISION_VARIABLES,
    "slots": ("new LIS1 slots opened in the year", SLOTS),
    "level": ("LIS1 slots on offer", SLOTS),
    "supply_mean": ("supply of specialists, mean over scenarios", FTE),
    "supply_quantile": ("supply of specialists, quantiles over scenarios", FTE),
    "demand_mean": ("demand for specialists, mean over scenarios", FTE),
    "demand_quantile": ("demand for specialists, quantiles over scenarios", FTE),
    "demand_group_mean": ("demand for specialists by group, mean", FTE),
    "demand_group_quantile": ("demand for specialists by group, quantiles", FTE),
    "supply_group_quantile": ("supply of specialists by group, quantiles, first plan", FTE),
    "supply_group_median": ("supply of specialists by group, median", FTE),
    "national_supply_mean": ("national supply of specialists, mean", FTE),
    "national_supply_quantile": ("national supply of specialists, quantiles", FTE),
    "national_demand_mean": ("national demand for specialists, mean", FTE),
    "national_demand_quantile": ("national demand for specialists, quantiles", FTE),
    "shortfall_mean": ("relative shortfall of specialists, mean over scenarios", SHARE),
    "national_shortfall_mean": ("relative shortfall of specialists, regions pooled, mean", SHARE),
    "shortage_probability": ("share of scenarios with demand above supply", SHARE),
    "national_shortage_probability": (
        "share of scenarios with national demand above supply",
        SHARE,
    ),
    "national_supply_group_quantile": ("national supply of specialists by group, quantiles", FTE),
    "national_demand_group_quantile": ("national demand by group, quantiles", FTE),
    "waiting_time": (
        "applicants' mean time from first round to post or giving up (waiting / newcomers)",
        "years",
    ),
    "national_abroad_share": ("share of specialists educated abroad", SHARE),
    **{
        f"{name}{part}_mean": (f"{words}{by}, mean", counts)
        for name, (words, counts) in FLOWS.items()
        for part, by in (("", ""), ("_group", " by group"))
    },
    **{f"ensemble_{name}": (words, counts) for name, (words, counts) in FLOWS.items()},
    "ensemble_demand": ("demand for specialists", FTE),
    "supervision_need": (
        "need for supervision or places of the slots on offer",
        "see supervision_unit",
    ),
    "supervision_capacity": ("capacity for supervision or places", "see supervision_unit"),
    "cost_payer": ("gross cost of the added slots by payer, real, undiscounted", NOK),
    "cost_report": ("cost of the added slots as the 2019 report adds up, real, undiscounted", NOK),
    "cost_gross": ("gross cost of the added slots, real, undiscounted", NOK),
    "plan_cost": ("discounted cost of the added slots", NOK),
    "plan_breaks_supervision": ("1 where the plan breaks a limit of supervision or places", "flag"),
    "shortfall_z": ("judged shortfall Z of the scenario", SHARE),
    "risk_in_sample": ("risk (its rule applied to Z) on the scenarios the plan was made on", SHARE),
    "risk_fresh": ("risk on fresh scenarios", SHARE),
    "risk_fresh_low": ("risk on fresh scenarios, lower end of the 95 % interval", SHARE),
    "risk_fresh_high": ("risk on fresh scenarios, upper end of the 95 % interval", SHARE),
    "risk_in_sample_error": ("standard error of the risk in sample", SHARE),
    "risk_price": ("price of a missing FTE-year, where the rule is a price", NOK),
    "risk_rule": ("rule: 1 cvar, 2 mean, 3 worst case, 4 chance, 5 price", "code"),
    "weight": ("probability weight of the scenario, 1 on average", "weight"),
    "risk_limit": ("limit on the risk", SHARE),
    "risk_confidence": ("confidence of a chance or CVaR (the worst 1 - confidence count)", SHARE),
    "risk_floor": (
        "lower bound of the risk over all feasible plans; of a chance limit the least found",
        SHARE,
    ),
    "risk_ceiling": ("risk without new slots", SHARE),
    "risk_binding": (
        "1 where the chosen plan could not be cheaper without this limit's room",
        "flag",
    ),
    "frontier_limit": ("limit on the risk frontier_axis, all risk limits moved alike", SHARE),
    "frontier_cost": ("discounted cost of the cheapest plan", NOK),
    "frontier_lower_bound": ("lower bound of the discounted cost", NOK),
    "frontier_shortage_cost": ("part of that cost that is the price of shortage", NOK),
    "frontier_risk": ("the risk frontier_axis under the plan", SHARE),
    "frontier_risk_90": ("the same as a CVaR at confidence 0.9", SHARE),
    "frontier_total": ("slots opened in all", SLOTS),
    "frontier_status": ("1 solved, 0 infeasible, 2 stopped at a limit of effort", "flag"),
    "frontier_slots": ("new slots of the frontier's plans", SLOTS),
    "table_floor": ("least CVaR under this weight table", SHARE),
    "table_ceiling": ("CVaR without new slots under this weight table", SHARE),
    "table_limit": ("limit at the same fraction of the attainable interval", SHARE),
    "table_cost": ("discounted cost of the cheapest plan under this weight table", NOK),
    "table_total": ("slots opened in all under this weight table", SLOTS),
    "table_status": ("1 solved, 0 infeasible, 2 stopped at a limit of effort", "flag"),
    "sensitivity_first": (
        "share of the outcome's variance that the factor explains alone (first-order Sobol index)",
        SHARE,
    ),
    "sensitivity_first_error": ("half the width of its 95 % interval", SHARE),
    "sensitivity_total": (
        "share of the outcome's variance that the factor takes part in (total Sobol index)",
        SHARE,
    ),
    "sensitivity_total_error": ("half the width of its 95 % interval", SHARE),
    "sensitivity_mu_star": ("mean absolute elementary effect (Morris mu*)", "as the outcome"),
    "sensitivity_mu_star_error": ("half the width of its 95 % interval", "as the outcome"),
    "sensitivity_sigma": (
        "standard deviation of elementary effects; none where a factor is drawn year by year",
        "as the outcome",
    ),
    "sensitivity_mean": ("mean of the outcome, factors independent", "as the outcome"),
    "sensitivity_sd": ("standard deviation of the outcome, factors independent", "as the outcome"),
    "input_demand_alternative": (
        "demand alternative drawn, from 1 in the order of the study",
        "code",
    ),
}


def variable_of(key: str) -> str:
    """Return the variable that holds what scenarios drew for this dotted key of the study."""
    return f"input_{key.replace('.', '_')}"


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
