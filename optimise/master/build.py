"""The master problem in Pyomo, block by block. Its size does not depend on the scenarios."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.system.arrays import System
from ...core.system.limits import MILLION
from ..cuts.pool import CutPool
from ..solvers.program import Program, program_of
from ..system.blocks import (
    add_budget,
    add_capacity,
    add_closing,
    add_intake_change,
    add_least_share,
    add_levels,
    add_national_ramp,
    add_purchase,
    add_slots,
    add_trainees,
    paid_for,
    paid_for_purchases,
)
from ..system.decision_blocks import add_constant_after, add_multiples_of
from ..system.measure_blocks import add_from_abroad, add_most_units
from ..system.post_blocks import (
    add_post_closing,
    add_posts_in,
    add_specialist_posts,
    paid_for_posts,
)
from ..system.track_blocks import (
    add_earmarked,
    add_newcomers,
    add_track_least_share,
    add_track_levels,
    add_track_most_share,
)
from .risk_blocks import Price, add_shortage_cost

Floats = NDArray[np.float64]


def build_master(system: System, integer: bool = True) -> pyo.ConcreteModel:
    """Return the model of slots and levels with all deterministic limits, no objective, no cuts."""
    model = pyo.ConcreteModel(name=system.name)
    model.regions = pyo.RangeSet(0, len(system.regions) - 1)
    model.rows = pyo.RangeSet(0, len(system.most_slots) - 1)  # then LIS2/3 posts, then tracks
    model.years = pyo.RangeSet(0, len(system.decision_years) - 1)
    add_slots(model, system, integer)
    add_closing(model, system, integer)
    add_levels(model, system)
    add_post_closing(model, system)
    add_posts_in(model, system)
    add_national_ramp(model, system)
    add_purchase(model, system)
    add_capacity(model, system)
    add_budget(model, system)
    add_least_share(model, system)
    add_intake_change(model, system)
    add_constant_after(model, system)
    add_multiples_of(model, system, integer)
    add_trainees(model, system)
    add_specialist_posts(model, system)
    add_track_levels(model, system)
    add_earmarked(model, system)
    add_newcomers(model, system)
    add_track_least_share(model, system)
    add_track_most_share(model, system)
    add_most_units(model, system)
    add_from_abroad(model, system)
    return model


def minimise_cost(model: pyo.ConcreteModel, system: System) -> None:
    """Set the objective: discounted cost in million NOK.

    sum price[y] paid[r, y] + sum price of a purchase[c, y] bought[c, r, y] + sum of posts.
    """
    price = system.prices.slot / MILLION
    model.objective = pyo.Objective(
        expr=sum(
            price[y] * paid_for(model, system, r, y) for r in model.regions for y in model.years
        )
        + paid_for_purchases(model, system)
        + paid_for_posts(model, system)
    )


def master_of(pool: CutPool) -> Program:
    """Return the least-cost master of a pool's question, without any cuts."""
    return least_cost_master(pool.system, prices_of_risk(pool))


def prices_of_risk(pool: CutPool) -> tuple[Price, ...]:
    """Return the limits that are prices, with their NOK per missing FTE-year."""
    return tuple(Price(c, limit.price) for c, limit in enumerate(pool.risk) if limit.price)


@lru_cache(maxsize=32)
def least_cost_master(system: System, prices: tuple[Price, ...]) -> Program:
    """Return the least-cost master without any cuts as rows; Pyomo builds it once for a system."""
    model = build_master(system)
    minimise_cost(model, system)
    add_shortage_cost(model, prices)
    return program_of(model)
