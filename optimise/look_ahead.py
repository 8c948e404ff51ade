"""The look-ahead rule: the plan a careful planner would make without optimising, to be beaten.

Each year every region orders what its expected gap asks for, as the gap will stand when a slot
opened now has yielded its first full years: after LIS1 and the mean time in LIS2/3. The order is
the gap over what one slot adds by then; it is cut to lead times, ramps, supervision and every
further limit: each region's for itself, then all together in proportion.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..core.compute import Workers
from ..core.projection import project_plans
from ..core.scenarios import sample_of
from ..core.study import Study, largest_remainder
from ..core.system import levels
from .feasible import keeps_system_limits

Floats = NDArray[np.float64]
SCENARIOS = 64
"""The gap is a mean: an order moves little with more scenarios than this."""


def look_ahead(study: Study, workers: Workers) -> Floats:
    """Return the plan of the look-ahead rule, slots [region, decision year]."""
    slots = np.zeros((len(study.regions), len(study.decision_years)))
    lag = round(len(study.posts.stages) / 2 + study.training.mean_years.central)
    first = study.time.first_decision - study.time.first_year
    for y in range(slots.shape[1]):
        target = min(first + y + lag, study.years.index(study.time.window[1]))
        gap, per_slot = _gap(study, slots, y, target, workers)
        order = np.ceil(np.maximum(gap, 0.0) / np.maximum(per_slot, 1e-6) - 1e-9)
        _open(study, slots, y, np.where(per_slot > 1e-6, order, 0.0))
    return slots


def _gap(
    study: Study, slots: Floats, year: int, target: int, workers: Workers
) -> tuple[Floats, Floats]:
    """Return the expected gap in a target year and what one slot more adds to it, [region] FTE."""
    plans = {"now": levels(study, slots)}
    for r, region in enumerate(study.regions):
        more = slots.copy()
        more[r, year] += 1.0
        plans[region] = levels(study, more)
    sample = sample_of(study)._replace(scenarios=min(SCENARIOS, study.sampling.scenarios))
    projection = project_plans(study, sample, plans, workers)
    supply = projection.means["supply"][:, target].sum(axis=1)  # [plan, region]
    demand = projection.demand[:, target].astype(np.float64).mean(axis=0).sum(axis=0)
    return demand - supply[0], np.diagonal(supply[1:] - supply[0]).copy()


def _open(study: Study, slots: Floats, year: int, order: Floats) -> None:
    """Open what the limits allow of a year's order: each region alone, then all together."""

    def allowed(wanted: Floats) -> bool:
        trial = slots.copy()
        trial[:, year] = wanted
        return keeps_system_limits(study, trial)

    alone = np.zeros(len(order))
    for r, asked in enumerate(np.minimum(order, study.ramp.national.value)):
        one = np.eye(len(order))[r]
        alone[r] = _most(int(asked), partial(_in_region, allowed, one))
    if not alone.any():
        return
    total = _most(int(alone.sum()), lambda n: allowed(largest_remainder(n, alone)))
    slots[:, year] = largest_remainder(total, alone) if total else 0.0


def _in_region(allowed: Callable[[Floats], bool], one: Floats, number: int) -> bool:
    return allowed(number * one)


def _most(asked: int, allowed: Callable[[int], bool]) -> int:
    """Return the most of what is asked that is allowed, by halving: more never helps a limit."""
    if asked <= 0 or allowed(asked):
        return max(asked, 0)
    low, high = 0, asked
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if allowed(middle) else (low, middle)
    return low
