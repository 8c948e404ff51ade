"""Demand: FTE of specialists wanted by year, group and region (docs/model.md section 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .activity import activity_growth
from .figures import Figures
from .rates import fte_by_age, initial_specialists, regional_key
from .scenarios import Draws
from .study import Study

Floats = NDArray[np.float64]


def growth_per_year(total: float, years: float) -> float:
    """Return a growth spread evenly over `years`, as the published alternatives are.

    Helsedirektoratet 2019, ch. 4.1: 11 500 FTE over 25 years are 460 a year.
    """
    return total / years


def base_supply(study: Study) -> Floats:
    """Return the specialists' FTE at the start, [group]."""
    national = initial_specialists(study).sum(axis=1)
    return np.asarray((national * fte_by_age(study)).sum(axis=1))


def demand_at_start(study: Study, figures: Figures) -> Floats:
    """Return the supply at the start plus unmet need, [n, group] FTE."""
    start = np.tile(base_supply(study), (figures.count, 1))
    for k, group in enumerate(study.groups):
        if group in study.demand.unmet:
            missing = figures[f"demand.unmet.{group}.missing"]
            if study.demand.unmet[group].counts == "doctors":
                missing = missing * figures["demand.specialist_share"]
            start[:, k] += missing
    return start


def alternative_growth(study: Study, draws: Draws, figures: Figures) -> Floats:
    """Return what the chosen alternative adds a year, [n, group] FTE of specialists.

    The published alternatives count doctors; `specialist_share` of the growth must be specialists.
    Growth is split over groups like the supply at the start; a group with training-need models of
    its own grows by what they ask beyond replacement.
    """
    demand, base = study.demand, base_supply(study)
    per_year = np.array(
        [
            0.0 if each.method == "activity" else each.doctors_per_year
            for each in demand.alternatives
        ]
    )
    specialists = per_year[draws.alternative] * figures["demand.specialist_share"]
    growth = specialists[:, None] * (base / base.sum())
    for k, group in enumerate(study.groups):
        if group in demand.need and demand.need[group].used:
            asked = np.array([model.per_year for model in demand.need[group].models])
            replaced = figures[f"demand.need.{group}.replaced_per_year"]
            growth[:, k] = asked[draws.need[group]] - replaced
    return np.asarray(growth * (1.0 + figures["demand.growth_error"])[:, None])


def common_growth(study: Study, draws: Draws, figures: Figures) -> Floats:
    """Return growth under any alternative: noise and normal working hours, [n, year] FTE."""
    normalised = draws.normalised * figures["demand.normalisation_per_year"]
    until = np.array(study.years) <= study.demand.normalisation_until
    doctors = draws.noise + normalised[:, None] * until
    return doctors * figures["demand.specialist_share"][:, None]


def build_demand(study: Study, draws: Draws) -> Floats:
    """Return demand, [n, year, group, region] FTE.

    The demand at the start, grown: by a published alternative, split over regions by the stationary
    key, or by activity, region by region. Never below zero.
    """
    figures, key = Figures(study, draws), regional_key(study)
    base, start = base_supply(study), demand_at_start(study, figures)
    steps = np.arange(1.0, len(study.years) + 1.0)
    common = np.cumsum(common_growth(study, draws, figures), axis=1)
    national = start[:, None, :] + common[:, :, None] * (base / base.sum())
    national = national + steps[:, None] * alternative_growth(study, draws, figures)[:, None, :]
    result = np.asarray(national[:, :, :, None] * key)
    if study.demand.activity is not None:
        by_activity = _follows_activity(study, draws)
        error = 1.0 + figures["demand.growth_error"][by_activity]
        added = (
            start[by_activity][:, None, :, None]
            * key
            * activity_growth(study, study.demand.activity)
        )
        result[by_activity] += error[:, None, None, None] * added
    return np.asarray(np.maximum(result, 0.0))


def _follows_activity(study: Study, draws: Draws) -> NDArray[np.bool_]:
    """Return which scenarios drew an alternative that follows activity, [n]."""
    methods = np.array([each.method == "activity" for each in study.demand.alternatives])
    return np.asarray(methods[draws.alternative])
