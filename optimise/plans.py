"""Fixed plans to compare with: split over regions, as written or as capacity allows."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ..core.question import Comparison
from ..core.study import Study, largest_remainder
from .highs import solve
from .master import build_master

Floats = NDArray[np.float64]


def fixed_plans(study: Study) -> dict[str, Floats]:
    """Return the study's comparison plans, identifier -> slots [region, decision year]."""
    return {
        name: _within_capacity(study, plan) if plan.within_capacity else _as_written(study, plan)
        for name, plan in study.comparison.items()
    }


def _as_written(study: Study, plan: Comparison) -> Floats:
    """Split the cumulated slots by largest remainder, so that the split of the sum is right."""
    slots = np.zeros((len(study.regions), len(study.decision_years)))
    before, total = np.zeros(len(study.regions)), 0
    for y, year in enumerate(study.decision_years):
        total += plan.slots_per_year.get(str(year), 0)
        reached = np.maximum(largest_remainder(total, study.level0), before)
        slots[:, y] = reached - before
        before = reached
    return slots


def _within_capacity(study: Study, plan: Comparison) -> Floats:
    """Open the plan's slots, split by largest remainder, as early as ramp and capacity allow."""
    target = largest_remainder(sum(plan.slots_per_year.values()), study.level0)
    model = build_master(study, integer=True)
    model.target = pyo.Constraint(
        model.regions, rule=lambda m, r: sum(m.slots[r, y] for y in m.years) <= float(target[r])
    )
    model.objective = pyo.Objective(
        expr=-sum(model.level[r, y] for r in model.regions for y in model.years)
    )
    return np.round(solve(model, 1e-9, 60.0).slots)
