"""Projection: what happens in every scenario under given paths of slots, as labelled data.

The only place where blocks of scenarios meet Dask and labels meet plain arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .axes import QUANTILES, labelled
from .blocks import ensemble
from .compute import Progress, Workers, silent, split
from .demand import build_demand
from .rates import build_rates
from .scenarios import Sample, draw, drawn_figures
from .study import Study

Floats = NDArray[np.float64]
Single = NDArray[np.float32]
Data = dict[str, tuple[tuple[str, ...], Floats]]
BLOCK = 256


FLOWS = (
    "supply",  # FTE, with a group axis
    "specialists",
    "training",
    "qualified",
    "appointed",
    "unplaced",
    "unfilled",  # slots on offer to which nobody is appointed
    "lacking",  # the part of it for lack of applicants
)


class Projection(NamedTuple):
    """Every scenario under every plan, in single precision (summaries are taken in double)."""

    flows: dict[str, Single]  # FLOWS -> [plan, realization, year, (group,) region]
    demand: Single  # [realization, year, group, region] FTE
    drawn: Floats  # [realization, figure]
    alternative: NDArray[np.int64]  # [realization]


def project_plans(
    study: Study,
    sample: Sample,
    plans: Mapping[str, Floats],
    workers: Workers,
    progress: Progress = silent,
    block: int = BLOCK,
) -> Projection:
    """Project every scenario of a sample under each plan's levels [region, year]."""
    room = _room(study, sample.scenarios, len(plans))
    level = np.stack(list(plans.values()))
    done = 0
    for (first, count), part in workers.blocks(
        projected_block, split(sample.scenarios, block), study, sample, level
    ):
        place = slice(first, first + count)
        for name, values in part.flows.items():
            room.flows[name][:, place] = values
        room.demand[place] = part.demand
        room.drawn[place] = part.drawn
        room.alternative[place] = part.alternative
        done += count
        progress("projection", done, sample.scenarios)
    return room


def projected_block(
    first: int, count: int, study: Study, sample: Sample, level: Floats
) -> Projection:
    """Return the projection of one block of scenarios under `level` [plan, region, year]."""
    draws = draw(study, sample, first, count)
    rates = build_rates(study, draws)
    parts: dict[str, list[Floats]] = {name: [] for name in FLOWS}
    for one in level:
        flow = ensemble(rates, one)
        on_offer = one.T[None]  # [1, year, region]
        offers = rates.fill_rate[:, None, :] * on_offer * rates.offer_share.sum()
        parts["supply"].append(flow.supply)
        parts["specialists"].append(_over_groups(flow.persons))
        parts["training"].append(_over_groups(flow.training))
        parts["qualified"].append(_over_groups(flow.qualified))
        parts["appointed"].append(flow.appointed)
        parts["unplaced"].append(flow.unplaced)
        parts["unfilled"].append(on_offer - flow.appointed)
        parts["lacking"].append(offers - flow.appointed)
    return Projection(
        flows={name: np.stack(values).astype(np.float32) for name, values in parts.items()},
        demand=build_demand(study, draws).astype(np.float32),
        drawn=np.stack([draws.figures[key] for key in drawn_figures(study)], axis=1),
        alternative=draws.alternative,
    )


def summarise(study: Study, plans: list[str], projection: Projection) -> xr.Dataset:
    """Return means, quantiles and probabilities over scenarios as a labelled dataset."""
    flows = projection.flows
    demand = _over_groups(projection.demand.astype(np.float64))
    data: Data = {}
    parts: list[dict[str, Floats]] = []
    for supply in flows["supply"]:  # plan by plan: the double-precision copies are large
        present = _over_groups(supply.astype(np.float64))
        parts.append(_described("supply", present) | _shortage(demand, present))
    for name in parts[0]:
        inner = ("quantile",) * name.endswith("quantile") + _region(name)
        data[name] = (("time", "plan", *inner), np.stack([part[name] for part in parts], axis=1))
    for name, values in _described("demand", demand).items():
        inner = ("quantile",) * name.endswith("quantile") + _region(name)
        data[name] = (("time", *inner), values)
    data["supply_group_mean"] = (
        ("time", "plan", "specialty", "region"),
        _mean(flows["supply"], 1).transpose(1, 0, 2, 3),
    )
    data["demand_group_mean"] = (("time", "specialty", "region"), _mean(projection.demand, 0))
    for name in ("specialists", "training", "qualified", "appointed", "unplaced", "unfilled"):
        mean = _mean(flows[name], 1).transpose(1, 0, 2)
        data[f"{name}_mean"] = (("time", "plan", "region"), mean)
    lacking = _mean(flows["lacking"], 1).transpose(1, 0, 2)
    data["unfilled_for_lack_of_applicants_mean"] = (("time", "plan", "region"), lacking)
    return labelled(study, data, plans)


def _region(name: str) -> tuple[str, ...]:
    return () if name.startswith("national_") else ("region",)


def _room(study: Study, scenarios: int, plans: int) -> Projection:
    years, groups, regions = len(study.years), len(study.groups), len(study.regions)
    flat = (plans, scenarios, years, regions)
    grouped = (plans, scenarios, years, groups, regions)
    return Projection(
        flows={n: np.empty(grouped if n == "supply" else flat, np.float32) for n in FLOWS},
        demand=np.empty((scenarios, years, groups, regions), np.float32),
        drawn=np.empty((scenarios, len(drawn_figures(study)))),
        alternative=np.empty(scenarios, np.int64),
    )


def _over_groups(values: Floats) -> Floats:
    """Add up the groups of [n, year, group, region] from first to last."""
    total = values[:, :, 0].copy()
    for k in range(1, values.shape[2]):
        total += values[:, :, k]
    return total


def _mean(values: Single, axis: int) -> Floats:
    return np.asarray(values.mean(axis=axis, dtype=np.float64))


def _national(values: Floats) -> Floats:
    """Add up the regions of [n, year, region] from first to last."""
    total = values[..., 0].copy()
    for r in range(1, values.shape[-1]):
        total += values[..., r]
    return total


def _described(name: str, values: Floats) -> dict[str, Floats]:
    """Return mean and quantiles [year, (quantile,) ...] of [n, year, region] and in all."""
    result = {}
    for prefix, array in (("", values), ("national_", _national(values))):
        result[f"{prefix}{name}_mean"] = array.mean(axis=0)
        spread = np.quantile(array, QUANTILES, axis=0)
        result[f"{prefix}{name}_quantile"] = np.moveaxis(spread, 0, 1)
    return result


def _shortage(demand: Floats, supply: Floats) -> dict[str, Floats]:
    """Return mean relative shortfall and probability of shortage by year, per region and in all."""
    result = {}
    for prefix, wanted, present in (
        ("", demand, supply),
        ("national_", _national(demand), _national(supply)),
    ):
        gap = np.maximum(wanted - present, 0.0)
        relative = np.divide(gap, wanted, out=np.zeros_like(gap), where=wanted > 0)
        result[f"{prefix}shortfall_mean"] = relative.mean(axis=0)
        result[f"{prefix}shortage_probability"] = (gap > 0).mean(axis=0)
    return result
