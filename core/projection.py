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
    data: dict[str, tuple[tuple[str, ...], Floats]] = {}
    data |= _quantiles("supply", _over_groups_single(flows["supply"]), ("plan",))
    data |= _quantiles("demand", _over_groups_single(projection.demand[None]), ())
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
    data |= _shortages(projection)
    return labelled(study, data, plans)


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


def _over_groups_single(values: Single) -> Floats:
    """Add up the groups of [plan, n, year, group, region] in double precision."""
    total = values[:, :, :, 0].astype(np.float64)
    for k in range(1, values.shape[3]):
        total += values[:, :, :, k]
    return total


def _mean(values: Single, axis: int) -> Floats:
    return np.asarray(values.mean(axis=axis, dtype=np.float64))


def _quantiles(
    name: str, values: Floats, extra: tuple[str, ...]
) -> dict[str, tuple[tuple[str, ...], Floats]]:
    """Return mean and quantiles of [plan, n, year, region], per region and for the country."""
    national = values[..., 0].copy()
    for r in range(1, values.shape[-1]):
        national += values[..., r]
    result: dict[str, tuple[tuple[str, ...], Floats]] = {}
    for prefix, array, region in (("", values, ("region",)), ("national_", national, ())):
        mean = array.mean(axis=1)
        spread = np.stack([np.quantile(plan, QUANTILES, axis=0) for plan in array])
        mean = np.moveaxis(mean, 1, 0)  # [year, plan, ...]
        spread = np.moveaxis(spread, 2, 0)  # [year, plan, quantile, ...]
        if not extra:
            mean, spread = mean[:, 0], spread[:, 0]
        result[f"{prefix}{name}_mean"] = (("time", *extra, *region), mean)
        result[f"{prefix}{name}_quantile"] = (("time", *extra, "quantile", *region), spread)
    return result


def _shortages(projection: Projection) -> dict[str, tuple[tuple[str, ...], Floats]]:
    """Return mean relative shortfall and probability of shortage by year, per region and in all."""
    demand = _over_groups_single(projection.demand[None])[0]
    parts: dict[str, list[Floats]] = {"": [], "national_": []}
    chance: dict[str, list[Floats]] = {"": [], "national_": []}
    for supply in projection.flows["supply"]:
        present = _over_groups_single(supply[None])[0]
        for prefix, wanted, there in (
            ("", demand, present),
            ("national_", demand.sum(axis=-1), present.sum(axis=-1)),
        ):
            gap = np.maximum(wanted - there, 0.0)
            relative = np.divide(gap, wanted, out=np.zeros_like(gap), where=wanted > 0)
            parts[prefix].append(relative.mean(axis=0))
            chance[prefix].append((gap > 0).mean(axis=0))
    result: dict[str, tuple[tuple[str, ...], Floats]] = {}
    for prefix, region in (("", ("region",)), ("national_", ())):
        dims = ("time", "plan", *region)
        result[f"{prefix}shortfall_mean"] = (dims, np.stack(parts[prefix], axis=1))
        result[f"{prefix}shortage_probability"] = (dims, np.stack(chance[prefix], axis=1))
    return result
