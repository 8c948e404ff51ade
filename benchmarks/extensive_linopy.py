"""The extensive form in linopy: the rows of `extensive.py`, whole axes at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from extensive import Data
from numpy.typing import NDArray

from lis1plan.core.study.risk_limit import RiskLimit
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import slot_price
from lis1plan.core.system.limits import MILLION
from lis1plan.core.system.supervision import capacity

Floats = NDArray[np.float64]
linopy.options["semantics"] = "v1"


def linopy_form(data: Data, limits: Sequence[float] | Floats) -> linopy.Model:
    """Return the LP relaxation; objective in million NOK. CVaR limits and system limits only."""
    model = linopy.Model()
    level = _add_plan(model, data.study)
    supply = _add_scenarios(model, data, level)
    for c, limit in enumerate(data.study.risk.values()):
        z = _add_z(model, data, supply, c, limit)
        _add_cvar(model, data, z, c, limit, float(limits[c]))
    return model


def _add_plan(model: linopy.Model, study: Study) -> Any:
    """Slots, the levels they add up to, ramps and capacity; return the levels.

    Over all years from the first decision on: in those without a decision no slot can open.
    """
    system = system_of(study)
    most, least = system.most_slots, system.least_slots
    first, decisions = study.first, most.shape[1]
    regions, years = axis("region", len(most)), axis("year", len(study.years) - first)
    wide = (0, 0), (0, len(years) - decisions)
    low, high = (xr.DataArray(np.pad(each, wide), [regions, years]) for each in (least, most))
    slots = model.add_variables(low, high, name="slots")
    level = model.add_variables(0.0, coords=[regions, years], name="level")
    before = xr.zeros_like(low)
    before[:, 0] = study.level0
    step = level - level.shift(year=1).fillna(0)
    model.add_constraints(step - slots == before, name="balance")
    model.add_constraints(slots.sum("region") <= study.ramp.national.value, name="ramp")
    for c, unit in enumerate(system.need_by_offset):
        room = capacity(study)[c, :, first:]
        for offset, each in enumerate(unit):  # what is decided already takes its room
            for t in range(offset):
                room[:, t] -= each * study.given_levels[:, max(first + t - offset, 0)]
        used = sum(each * level.shift(year=o).fillna(0) for o, each in enumerate(unit) if each)
        model.add_constraints(used <= xr.DataArray(room, [regions, years]), name=f"room_{c}")
    price = np.pad(slot_price(study) / MILLION, wide[1])
    model.add_objective((xr.DataArray(price, [years]) * slots).sum())
    return level


def axis(name: str, size: int, begin: int = 0) -> pd.Index:
    """Return the whole numbers from `begin` on, the labels of an axis."""
    return pd.Index(np.arange(begin, begin + size), name=name)


def _add_scenarios(model: linopy.Model, data: Data, level: Any) -> list[Any]:
    """Queue, appointed and supply of all scenarios; return the supply, one for each stream."""
    lanes = data.lanes
    scenarios, count, years, regions = (lanes.demand.shape[n] for n in range(4))
    last = max(data.last(s, years - 1) for s in range(count))
    world, region = axis("world", scenarios), axis("region", regions)
    hour = axis("hour", last + 1 - data.begin, data.begin)
    axes = [world, hour, region]
    queue = model.add_variables(coords=axes, name="queue")
    appointed = model.add_variables(0.0, coords=axes, name="appointed")
    come = xr.DataArray(data.newcomers[:, data.begin : last + 1], axes)
    stay = xr.DataArray(1.0 - lanes.leakage, [world])
    come[:, 0] = come[:, 0] + (1.0 - lanes.leakage[:, None]) * data.waiting
    left = (queue - appointed).shift(hour=1).fillna(0)
    model.add_constraints(queue - stay * left == come, name="waiting")
    model.add_constraints(appointed - queue <= 0.0, name="queued")
    at = xr.DataArray(np.arange(last + 1 - data.begin) // 2, [hour])
    offered = level.to_linexpr().sel(year=at).drop_vars("year")
    offer = xr.DataArray(data.offer[:, data.begin : last + 1], axes)
    model.add_constraints(appointed - offer * offered <= 0.0, name="offered")
    return [_add_supply(model, data, s, appointed) for s in range(count)]


def _add_supply(model: linopy.Model, data: Data, s: int, appointed: Any) -> Any:
    """Supply of one stream is what is settled and the responses times the appointed."""
    scenarios, _, years, regions = data.lanes.demand.shape
    world, region = axis("world", scenarios), axis("region", regions)
    target = axis("target", regions)
    supply = model.add_variables(coords=[axis("judged", years), world, target], name=f"supply_{s}")
    for y in range(years):
        hours = np.arange(data.begin, data.last(s, y) + 1)
        one = np.array([[data.response(n, s, y, h) for h in hours] for n in range(scenarios)])
        response = xr.DataArray(one, [world, pd.Index(hours, name="hour"), region, target])
        settled = np.stack([data.settled(n, s, y) for n in range(scenarios)])
        people = (response * appointed.sel(hour=hours)).sum(["hour", "region"])
        model.add_constraints(
            supply.sel(judged=y) - people == xr.DataArray(settled, [world, target]),
            name=f"supply_{s}_{y}",
        )
    return supply


def _add_z(model: linopy.Model, data: Data, supply: list[Any], c: int, limit: RiskLimit) -> Any:
    """Z of one limit: the mean over the window of what is missing, pooled, relative to demand."""
    assert (limit.scope, limit.measure, limit.statistic) == ("pooled", "relative", "mean")
    (stream,), members = data.judged[c]
    wanted = data.lanes.demand[:, stream][:, :, members].sum(axis=2).T
    years, world = axis("judged", wanted.shape[0]), axis("world", wanted.shape[1])
    missing = model.add_variables(0.0, coords=[years, world], name=f"missing_{c}")
    present = supply[stream].sel(target=members).sum("target")
    model.add_constraints(
        missing + present >= xr.DataArray(wanted, [years, world]), name=f"gap_{c}"
    )
    unit = xr.DataArray(1.0 / (wanted * len(wanted)), [years, world])
    z = model.add_variables(coords=[world], name=f"z_{c}")
    model.add_constraints(z - (unit * missing).sum("judged") >= 0.0, name=f"judged_{c}")
    return z


def _add_cvar(
    model: linopy.Model, data: Data, z: Any, c: int, limit: RiskLimit, at_most: float
) -> None:
    """Rockafellar and Uryasev's CVaR."""
    assert limit.rule == "cvar"
    world = axis("world", len(data.weight))
    above = model.add_variables(0.0, coords=[world], name=f"above_{c}")
    eta = model.add_variables(name=f"eta_{c}")
    model.add_constraints(above - z + eta >= 0.0, name=f"above_{c}")
    tail = 1.0 - (limit.confidence or 0.0)
    mean = (xr.DataArray(data.weight / tail, [world]) * above).sum()
    model.add_constraints(eta + mean <= at_most, name=f"cvar_{c}")
