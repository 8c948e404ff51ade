"""The master problem in Pyomo, block by block. Its size does not depend on the scenarios."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ..core.study import Study
from ..core.system import capacity, need, slot_price
from .cuts import Cut

Floats = NDArray[np.float64]
MILLION = 1e6


def build_master(study: Study, integer: bool) -> pyo.ConcreteModel:
    """Return the model of slots and levels with all deterministic limits, no objective, no cuts."""
    model = pyo.ConcreteModel(name=study.name)
    model.regions = pyo.RangeSet(0, len(study.regions) - 1)
    model.years = pyo.RangeSet(0, len(study.decision_years) - 1)
    add_slots(model, study, integer)
    add_levels(model, study)
    add_national_ramp(model, study)
    add_capacity(model, study)
    return model


def add_slots(model: pyo.ConcreteModel, study: Study, integer: bool) -> None:
    """Add the decision: new slots x[r, y], at most the regional ramp.

    0 <= x[r, y] <= ramp[r], whole numbers unless relaxed.
    """
    ramp = [study.ramp.regional[name].value for name in study.regions]
    model.slots = pyo.Var(
        model.regions,
        model.years,
        domain=pyo.NonNegativeIntegers if integer else pyo.NonNegativeReals,
        bounds=lambda _, r, __: (0, float(np.floor(ramp[r]))),
    )


def add_levels(model: pyo.ConcreteModel, study: Study) -> None:
    """Add the level as a variable of its own, so that no row sums over all past years.

    level[r, y] = level[r, y-1] + x[r, y],  level before the first decision = level0[r].
    """
    model.level = pyo.Var(model.regions, model.years, domain=pyo.NonNegativeReals)

    def balance(m: pyo.ConcreteModel, r: int, y: int) -> pyo.Expression:
        before = m.level[r, y - 1] if y > 0 else float(study.level0[r])
        return m.level[r, y] == before + m.slots[r, y]

    model.level_balance = pyo.Constraint(model.regions, model.years, rule=balance)


def add_national_ramp(model: pyo.ConcreteModel, study: Study) -> None:
    """Add the most new slots a year in the whole country: sum_r x[r, y] <= ramp."""
    model.national_ramp = pyo.Constraint(
        model.years,
        rule=lambda m, y: sum(m.slots[r, y] for r in m.regions) <= study.ramp.national.value,
    )


def add_capacity(model: pyo.ConcreteModel, study: Study) -> None:
    """Add supervision and places: what the places on offer need stays within capacity.

    sum_o need[o] level[r, y-o] <= capacity[c, r, y] for every limit c, region r and year y from the
    first decision on; places are kept busy for up to two calendar years after the start.
    """
    room = capacity(study)
    unit = need_by_offset(study)
    first = study.time.first_decision - study.time.first_year
    last = len(study.decision_years) - 1
    model.capacity_rows = pyo.Set(
        initialize=[
            (c, r, y)
            for c in range(len(study.capacity))
            for r in range(len(study.regions))
            for y in range(len(study.years) - first)
        ]
    )

    def within(m: pyo.ConcreteModel, c: int, r: int, y: int) -> pyo.Expression:
        used = 0.0
        for offset, each in enumerate(unit[c]):
            at = y - offset
            if each > 0.0:
                level = (
                    m.level[r, min(at, last)]
                    if at >= 0
                    else float(study.given_levels[r, max(first + at, 0)])
                )
                used += each * level
        if isinstance(used, float):  # decided before the first decision; checked by `overfull`
            return pyo.Constraint.Skip
        return used <= float(room[c, r, first + y])

    model.capacity = pyo.Constraint(model.capacity_rows, rule=within)


def need_by_offset(study: Study) -> Floats:
    """Return the need of one start a year by calendar years since, [limit, offset]."""
    single = np.zeros((len(study.regions), len(study.years)))
    single[:, 1] = 1.0
    return need(study, single)[:, 0, 1:]


def minimise_cost(model: pyo.ConcreteModel, study: Study) -> None:
    """Set the objective: discounted cost in million NOK, sum price[y] x[r, y]."""
    price = slot_price(study) / MILLION
    model.objective = pyo.Objective(
        expr=sum(price[y] * model.slots[r, y] for r in model.regions for y in model.years)
    )


def limit_risk(
    model: pyo.ConcreteModel, cuts: Sequence[Cut], limits: Floats, elastic: bool = False
) -> None:
    """Add the risk limits by their cuts: constant + slope . x <= limit (+ relaxation * limit).

    With `elastic`, one relaxation per limit, relative to it, is added.
    """
    model.cuts = pyo.ConstraintList()
    if elastic:
        model.relaxation = pyo.Var(range(len(limits)), domain=pyo.NonNegativeReals)
    for cut in cuts:
        limit = float(limits[cut.limit])
        extra = max(limit, 1e-6) * model.relaxation[cut.limit] if elastic else 0.0
        _add_cut(model, cut, limit, extra)


def minimise_risk(model: pyo.ConcreteModel, cuts: Sequence[Cut], limit: int) -> None:
    """Set the objective: the least risk of one limit over all feasible plans, theta >= its cuts."""
    model.risk = pyo.Var(domain=pyo.Reals, bounds=(0, None))
    model.cuts = pyo.ConstraintList()
    for cut in cuts:
        if cut.limit == limit:
            _add_cut(model, cut, 0.0, model.risk)
    model.objective = pyo.Objective(expr=model.risk)


def _add_cut(model: pyo.ConcreteModel, cut: Cut, limit: float, extra: object) -> None:
    """Add constant + slope . x <= limit + extra, scaled to a largest coefficient of one.

    HiGHS drops coefficients up to 1e-9: such terms are replaced by their bound, which only loosens
    the cut.
    """
    scale = max(float(np.abs(cut.slope).max()), 1e-12)
    terms, dropped = [], 0.0
    for r in model.regions:
        for y in model.years:
            weight = cut.slope[r, y] / scale
            if abs(weight) > 1e-8:
                terms.append(weight * model.slots[r, y])
            else:
                dropped += min(weight * model.slots[r, y].ub, 0.0)
    left = sum(terms) + (cut.constant / scale + dropped)
    if terms or not isinstance(extra, float):
        model.cuts.add(left <= limit / scale + extra / scale)  # type: ignore[operator]
    elif cut.constant > limit:
        model.cuts.add(model.slots[0, 0] <= -1.0)  # no plan can lower this risk: infeasible
