"""What a little more of each limit is worth: LP duals of all, finite differences of whole plans.

The dual is the reduced cost of a limit's `give` (optimise/master/elastic.py), held at zero in the
LP at its optimum: what the cheapest plan in fractions of slots saves per share of the limit, in all
its years at once. The finite difference solves the whole-number problem again with one step more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.study.study import Study
from ..cuts.pool import CutPool
from ..infeasible.relaxations import Relief, Way, relaxed
from ..master.build import minimise_cost
from ..master.elastic import all_groups, elastic_master, scale_of
from ..master.risk_blocks import add_shortage_cost
from ..search.solve import Solution, find_plan
from ..solvers.clock import Clock
from ..solvers.highs import reduced_costs
from ..system.blocks import MILLION
from ..system.use import Group

Floats = NDArray[np.float64]
RISK_STEP, FTE_STEP, DOCTORS_STEP = 0.001, 10.0, 10.0
WORTH_LOOKING = 1e-9


class Shadow(NamedTuple):
    """What one step more of a limit saves, NOK; NaN where it was not solved again."""

    group: Group
    step: float  # in the limit's own unit, in every year it is watched
    dual: float  # LP: NOK saved by one step, to first order; NaN where a chance limit has no LP
    saved: float  # whole plans: cost less the cost with one step more
    saved_low: float  # the same, as far as the bounds of both prove it
    saved_high: float  # NaN where the bound with the step is not certified
    certified: bool = True


def step_of(study: Study, group: Group) -> float:
    """Return one step of a limit: 0.1 percentage point, a place, a slot, a million, ten doctors."""
    match group.kind:
        case "risk":
            return RISK_STEP if study.risk[group.name].is_share else FTE_STEP
        case "capacity":
            return study.capacity[group.name].need_per_place_year.central
        case "budget":
            return MILLION
        case "trainees":
            return DOCTORS_STEP
        case _:
            return 1.0


def shadow_prices(
    study: Study,
    pool: CutPool,
    limits: Floats,
    solution: Solution,
    solved_again: int,
    clock: Clock,
    progress: Progress = silent,
) -> list[Shadow]:
    """Return what a step more of every limit saves; the dearest few as whole plans too.

    Under a chance limit there are no duals: its own limits are solved again, as many as may be.
    """
    shadows = [
        Shadow(group, step_of(study, group), dual, np.nan, np.nan, np.nan)
        for group, dual in zip(all_groups(study), _duals(study, pool, limits, clock), strict=True)
    ]
    again = _worth_solving(study, shadows)[:solved_again]
    for number, n in enumerate(again, start=1):
        shadows[n] = _solved_again(study, pool, limits, solution, shadows[n], clock)
        progress("shadow prices", number, len(again))
    return shadows


def _duals(study: Study, pool: CutPool, limits: Floats, clock: Clock) -> list[float]:
    """Return what a step of every limit saves in the LP, NOK; NaN where there is none to ask."""
    groups = all_groups(study)
    if not study.convex.all():
        return [np.nan] * len(groups)
    model = elastic_master(study, False, pool.cuts, limits, dict.fromkeys(groups, 0.0))
    minimise_cost(model, study)
    add_shortage_cost(model, study, pool.cuts)
    found = reduced_costs(model, list(model.give.values()), clock.left)
    duals = []
    for group, per_share in zip(groups, found, strict=True):
        scale = scale_of(study, group, limits)
        share = step_of(study, group) / float(scale[np.isfinite(scale)].mean())
        duals.append(0.0 + np.maximum(-per_share, 0.0) * MILLION * share)
    return duals


def _worth_solving(study: Study, shadows: list[Shadow]) -> list[int]:
    """Return which limits to solve again for, the most promising first."""
    able = [n for n, each in enumerate(shadows) if each.group.kind != "least_share"]
    chance = [
        n
        for n in able
        if shadows[n].group.kind == "risk"
        and not study.risk[shadows[n].group.name].risk_rule.convex
    ]
    dear = [n for n in able if shadows[n].dual > WORTH_LOOKING]
    return chance + sorted(dear, key=lambda n: -shadows[n].dual)


def _solved_again(
    study: Study, pool: CutPool, limits: Floats, before: Solution, shadow: Shadow, clock: Clock
) -> Shadow:
    scale = scale_of(study, shadow.group, limits)
    years = np.where(np.isfinite(scale), shadow.step, 0.0)
    relief = Relief(shadow.group, 0.0, years)
    way = Way((shadow.group,), "enough", [relief], 0.0, 0.0, before.slots)
    after = find_plan(*_with_pool(relaxed(study, limits, way), pool), clock)
    if np.isnan(after.cost):
        return shadow
    return shadow._replace(
        saved=before.cost - after.cost,
        saved_low=before.lower_bound - after.cost,
        saved_high=before.cost - after.lower_bound if after.certified else np.nan,
        certified=after.certified,
    )


def _with_pool(changed: tuple[Study, Floats], pool: CutPool) -> tuple[Study, CutPool, Floats]:
    return changed[0], pool, changed[1]
