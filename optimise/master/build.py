"""The master problem in Pyomo, block by block. Its size does not depend on the scenarios."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.study.study import Study
from ...core.system.costs import slot_price
from ..system.blocks import (
    MILLION,
    add_budget,
    add_capacity,
    add_closing,
    add_least_share,
    add_levels,
    add_national_ramp,
    add_slots,
    add_trainees,
    paid_for,
)
from .risk_blocks import limit_risk

__all__ = ["MILLION", "build_master", "limit_risk", "minimise_cost"]
Floats = NDArray[np.float64]


def build_master(study: Study, integer: bool) -> pyo.ConcreteModel:
    """Return the model of slots and levels with all deterministic limits, no objective, no cuts."""
    model = pyo.ConcreteModel(name=study.name)
    model.regions = pyo.RangeSet(0, len(study.regions) - 1)
    model.years = pyo.RangeSet(0, len(study.decision_years) - 1)
    add_slots(model, study, integer)
    add_closing(model, study, integer)
    add_levels(model, study)
    add_national_ramp(model, study)
    add_capacity(model, study)
    add_budget(model, study)
    add_least_share(model, study)
    add_trainees(model, study)
    return model


def minimise_cost(model: pyo.ConcreteModel, study: Study) -> None:
    """Set the objective: discounted cost in million NOK, sum price[y] paid[r, y]."""
    price = slot_price(study) / MILLION
    model.objective = pyo.Objective(
        expr=sum(
            price[y] * paid_for(model, study, r, y) for r in model.regions for y in model.years
        )
    )
