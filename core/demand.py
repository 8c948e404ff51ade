"""Demand: FTE of specialists wanted by year, group and region (docs/model.md section 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .rates import Figures, fte_by_age, initial_specialists, regional_key
from .scenarios import Draws
from .study import Study

Floats = NDArray[np.float64]


def base_supply(study: Study) -> Floats:
    """Return the specialists' FTE at the start, [group]."""
    national = initial_specialists(study).sum(axis=1)
    return np.asarray((national * fte_by_age(study)).sum(axis=1))


def national_growth(study: Study, draws: Draws, figures: Figures) -> Floats:
    """Return the yearly growth of demand for specialists, [n, year] FTE.

    The published alternatives count doctors; `specialist_share` of the growth must be specialists.
    """
    demand = study.demand
    per_year = np.array([alternative.doctors_per_year for alternative in demand.alternatives])
    chosen = per_year[draws.alternative] * (1.0 + figures["demand.growth_error"])
    normalised = draws.normalised * figures["demand.normalisation_per_year"]
    until = np.array(study.years) <= demand.normalisation_until
    doctors = chosen[:, None] + draws.noise + normalised[:, None] * until
    return doctors * figures["demand.specialist_share"][:, None]


def build_demand(study: Study, draws: Draws) -> Floats:
    """Return demand, [n, year, group, region] FTE.

    Demand at the start is the supply at the start plus unmet need; growth is split over groups like
    the supply at the start, all of it over regions by the stationary key. Never below zero.
    """
    figures = Figures(study, draws)
    base = base_supply(study)
    growth = np.cumsum(national_growth(study, draws, figures), axis=1)
    key = regional_key(study)
    result = np.empty((figures.count, len(study.years), len(base), len(key)))
    for k, group in enumerate(study.groups):
        start = np.full(figures.count, base[k])
        if group in study.demand.unmet:
            missing = figures[f"demand.unmet.{group}.missing"]
            if study.demand.unmet[group].counts == "doctors":
                missing = missing * figures["demand.specialist_share"]
            start = start + missing
        national = np.maximum(start[:, None] + growth * (base[k] / base.sum()), 0.0)
        result[:, :, k, :] = national[:, :, None] * key
    return result
