"""The elastic master: chosen limits may give way, each by a share of itself in all its years.

    use[g, t] <= room[g, t] + scale[g, t] x give[g],   give[g] >= 0

One `give` per limit, so that a limit watched in forty years does not count forty times. `scale` is
the room itself, and one slot, place, doctor or million where the room is smaller than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from ...core.study.study import Study
from ...core.system.posts import lead_time
from ...core.system.supervision import capacity
from ..cuts.pool import Cut
from ..system.blocks import MILLION, opened
from ..system.feasible import slot_bounds
from ..system.use import Group, budget_of, groups_of
from .build import build_master, limit_risk

Floats = NDArray[np.float64]
NO_RAMP = 1e4
"""Slots a region could open in a year if its ramp gave way altogether."""


def all_groups(study: Study) -> list[Group]:
    """Return every limit of the study: risk first (prices limit nothing), then the system's."""
    return [*risk_groups(study), *groups_of(study)]


def risk_groups(study: Study) -> list[Group]:
    """Return every limit on risk."""
    return [Group("risk", name) for name, limit in study.risk.items() if limit.limit is not None]


def scale_of(study: Study, group: Group, limits: Floats) -> Floats:
    """Return what a give of one means in the limit's own unit, [year] from the first decision on.

    A single entry where the limit has no years.
    """
    regions = list(study.regions)
    match group.kind:
        case "risk":
            return _risk_scale(study, limits)[[list(study.risk).index(group.name)]]
        case "capacity":
            first = study.first
            place = list(study.capacity).index(group.name), regions.index(group.region)
            one = study.capacity[group.name].need_per_place_year.central
            return np.asarray(np.maximum(capacity(study)[place][first:], one))
        case "national_ramp":
            return np.array([max(study.ramp.national.value, 1.0)])
        case "regional_ramp":
            return np.array([max(study.ramp.regional[group.region].value, 1.0)])
        case "budget":
            return np.asarray(np.maximum(budget_of(study, group.name), MILLION))
        case "trainees":
            return np.array([max(study.limits.trainees[group.name].most, 1.0)])
        case _:
            return np.ones(1)


def _risk_scale(study: Study, limits: Floats) -> Floats:
    """Return what a give of one means, [limit]: the limit once more; of supervision, all of it."""
    shares = zip(study.risk.values(), limits, strict=True)
    return np.array([limit.share_of(float(most)) for limit, most in shares])


def elastic_master(
    study: Study, integer: bool, cuts: Sequence[Cut], limits: Floats, most: dict[Group, float]
) -> pyo.ConcreteModel:
    """Return the master in which each group of `most` may give way by up to so much; no objective.

    `model.give[n]` belongs to the n-th group of `most`.
    """
    model = build_master(study, integer)
    model.give = pyo.Var(range(len(most)), domain=pyo.NonNegativeReals)
    for n, (group, limit) in enumerate(most.items()):
        model.give[n].setub(None if np.isinf(limit) else limit)
        if group.kind == "regional_ramp":
            _ramp_as_rows(model, study, group)
        for row, scale in _rows(model, study, group, limits):
            row.set_value((None, row.body - scale * model.give[n], pyo.value(row.upper)))
    limit_risk(model, cuts, limits, _risk_scale(study, limits))
    names, groups = list(study.risk), list(most)
    model.same = pyo.ConstraintList()
    for c, name in enumerate(names):
        group = Group("risk", name)
        if group in most:
            model.same.add(model.relaxation[c] == model.give[groups.index(group)])
        else:
            model.relaxation[c].setub(0.0)
    return model


def _rows(
    model: pyo.ConcreteModel, study: Study, group: Group, limits: Floats
) -> Iterator[tuple[Any, float]]:
    """Yield the rows of a limit of the system in a master, each with its scale."""
    regions = list(study.regions)
    if group.kind == "risk":
        return
    scale = scale_of(study, group, limits)
    match group.kind:
        case "capacity":
            c, r = list(study.capacity).index(group.name), regions.index(group.region)
            block, keys = model.capacity, [k for k in model.capacity if k[:2] == (c, r)]
            scale = scale / (study.capacity[group.name].need_per_place_year.central or 1.0)
        case "national_ramp":
            block, keys = model.national_ramp, list(model.national_ramp)
        case "regional_ramp":
            r = regions.index(group.region)
            block = model.find_component(f"regional_ramp_{r}")
            keys = list(block)
        case "budget":
            p = list(dict.fromkeys(row.payer for row in study.limits.budget)).index(group.name)
            block, keys = model.budget, [k for k in model.budget if k[0] == p]
            scale = scale / MILLION
        case "least_share":
            block, keys = model.least_share, [regions.index(group.region)]
        case _:
            n = list(study.limits.trainees).index(group.name)
            block, keys = model.trainees, [k for k in model.trainees if k[0] == n]
    for key in keys:
        year = key[-1] if isinstance(key, tuple) else key
        yield block[key], float(scale[year] if len(scale) > 1 else scale[0])


def _ramp_as_rows(model: pyo.ConcreteModel, study: Study, group: Group) -> None:
    """Turn a region's ramp from bounds into rows, in the years after its lead time."""
    r = list(study.regions).index(group.region)
    most = slot_bounds(study)[0][r]
    years = [y for y in model.years if y >= lead_time(study, group.region)]
    for y in years:
        for variable in (model.slots[r, y], opened(model, r, y)):
            variable.setub(NO_RAMP)
    rows = pyo.Constraint(years, rule=lambda m, y: opened(m, r, y) <= float(np.floor(most[y])))
    model.add_component(f"regional_ramp_{r}", rows)
