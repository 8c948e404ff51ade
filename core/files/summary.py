"""Summary: means, quantiles and probabilities over scenarios, by the variables that tell them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..flow.projection import Projection
from .labels import QUANTILES, Data
from .variables import variable_of

Floats = NDArray[np.float64]


def summarise(projection: Projection) -> dict[str, Floats]:
    """Return what happens under each plan: quantiles of supply and demand, means of all flows.

    A year at a time: double-precision copies of all years would not fit into memory.
    """
    years = [_of_year(projection, y) for y in range(projection.demand.shape[1])]
    data = {name: np.stack([year[name] for year in years]) for name in years[0]}
    return data | _flow_means(projection.means) | _counted(projection)


BAND = (0.1, 0.9)
"""Quantiles between which four fifths of the scenarios lie, of head-counts."""


def _counted(projection: Projection) -> dict[str, Floats]:
    """Return mean and band of the head-count of all doctors, [year, plan, population]."""
    if projection.counted is None:
        return {}
    persons = projection.counted.transpose(1, 2, 0, 3).astype(np.float64)
    low, high = _quantiles(persons, projection.weight, BAND)
    mean = _mean(persons, projection.weight)
    return {"counted_mean": mean, "counted_low": low, "counted_high": high}


def drawn_in(projection: Projection) -> Data:
    """Return what every scenario drew and weighs and, where kept, what happens in each."""
    data: dict[str, ArrayLike] = {variable_of(key): v for key, v in projection.drawn.items()}
    if projection.weight is not None:
        data["weight"] = projection.weight
    kept = projection.ensemble | ({"demand": projection.demand} if projection.ensemble else {})
    for name, values in kept.items():
        told_as = f"ensemble_{name}" if values.ndim > 2 else variable_of(name)
        data[told_as] = np.moveaxis(values, 1, 0)
    return data


def _of_year(projection: Projection, y: int) -> dict[str, Floats]:
    """Return the summaries of one year, those of supply with a leading axis for plans.

    Quantiles by group and region would have five dimensions with time and plan; CDO reads four.
    So the first plan alone has them, and every plan the median.
    """
    weight, wanted = projection.weight, projection.demand[:, y].astype(np.float64)
    demand = _added(wanted, axis=1)
    result = _described("demand", demand, weight) | _by_group("demand", wanted, weight)
    plans = []
    for supply in projection.supply:
        present = supply[:, y].astype(np.float64)
        total = _added(present, axis=1)
        plans.append(
            _described("supply", total, weight)
            | _by_group("supply", present, weight)
            | _shortage(demand, total, weight)
            | _missing(_added(wanted, axis=2), _added(present, axis=2), weight)
        )
    result |= {name: np.stack([plan[name] for plan in plans]) for name in plans[0]}
    every = result["supply_group_quantile"]
    return result | {
        "supply_group_quantile": every[0],
        "supply_group_median": every[:, QUANTILES.index(0.5)],
    }


def _flow_means(means: dict[str, Floats]) -> dict[str, Floats]:
    """Return the mean of every flow: by region and, where it has groups, by group and region."""
    data: dict[str, Floats] = {}
    for name, values in means.items():
        if name in ("waiting_years", "supply"):  # told as a time, and described already
            continue
        by_region = values
        if values.ndim == 4:
            data[f"{name}_group_mean"] = values.transpose(1, 0, 2, 3)
            by_region = _added(values, axis=2)
        data[f"{name}_mean"] = by_region.transpose(1, 0, 2)
    waiting, newcomers = means["waiting_years"], means["newcomers"]
    years = np.divide(waiting, newcomers, out=np.zeros_like(waiting), where=newcomers > 0)
    data["waiting_time"] = years.transpose(1, 0, 2)
    every = _added(means["specialists"], axis=2).sum(axis=-1)
    abroad = _added(means["abroad"], axis=2).sum(axis=-1)
    share = np.divide(abroad, every, out=np.zeros_like(every), where=every > 0)
    data["national_abroad_share"] = share.T
    return data


def _added(values: Floats, axis: int) -> Floats:
    """Add up an axis from first to last: the same bits on every numpy."""
    total: Floats = np.take(values, 0, axis)
    for i in range(1, values.shape[axis]):
        total += np.take(values, i, axis)
    return total


def _mean(values: Floats, weight: Floats | None) -> Floats:
    """Return the mean over scenarios of [n, ...]; `weight` [n] has mean one."""
    if weight is None:
        return np.asarray(values.mean(axis=0))
    return np.asarray((values * weight.reshape(-1, *[1] * (values.ndim - 1))).mean(axis=0))


def _quantiles(
    values: Floats, weight: Floats | None, shares: tuple[float, ...] = QUANTILES
) -> Floats:
    """Return [quantile, ...] of [n, ...].

    Between scenarios quantiles are interpolated; of weighted ones they are the least value that the
    share does not exceed.
    """
    if weight is None:
        return np.asarray(np.quantile(values, shares, axis=0))
    how: dict[str, Any] = {"weights": weight, "method": "inverted_cdf"}
    return np.asarray(np.quantile(values, shares, axis=0, **how))


def _by_group(name: str, values: Floats, weight: Floats | None) -> dict[str, Floats]:
    """Return mean and quantiles of [n, group, region], and quantiles of the country's groups."""
    return {
        f"{name}_group_mean": _mean(values, weight),
        f"{name}_group_quantile": _quantiles(values, weight),
        f"national_{name}_group_quantile": _quantiles(_added(values, axis=2), weight),
    }


def _described(name: str, values: Floats, weight: Floats | None) -> dict[str, Floats]:
    """Return mean and quantiles [(quantile,) ...] of [n, region] and in all."""
    result = {}
    for prefix, array in (("", values), ("national_", _added(values, axis=1))):
        result[f"{prefix}{name}_mean"] = _mean(array, weight)
        result[f"{prefix}{name}_quantile"] = _quantiles(array, weight)
    return result


def _shortage(demand: Floats, supply: Floats, weight: Floats | None) -> dict[str, Floats]:
    """Return mean relative shortfall and probability of shortage of [n, region] and in all."""
    result = {}
    for prefix, wanted, present in (
        ("", demand, supply),
        ("national_", _added(demand, axis=1), _added(supply, axis=1)),
    ):
        gap = np.maximum(wanted - present, 0.0)
        relative = np.divide(gap, wanted, out=np.zeros_like(gap), where=wanted > 0)
        result[f"{prefix}shortfall_mean"] = _mean(relative, weight)
        result[f"{prefix}shortage_probability"] = _mean((gap > 0).astype(np.float64), weight)
    return result


def _missing(demand: Floats, supply: Floats, weight: Floats | None) -> dict[str, Floats]:
    """Return who is missing nationally of [n, group], pooled and group by group.

    Pooled, a surplus of one group stands in for what another lacks; group by group it does not.
    """
    gap = demand - supply
    lack = np.maximum(gap, 0.0)
    return {
        "national_missing_mean": _mean(np.maximum(_added(gap, axis=1), 0.0), weight),
        "national_missing_group_mean": _mean(lack, weight),
        "national_shortage_group_probability": _mean((lack > 0).astype(np.float64), weight),
    }
