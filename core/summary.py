"""Summary: means, quantiles and probabilities over scenarios, as a labelled dataset."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .axes import QUANTILES, labelled
from .projection import Projection
from .study import Study

Floats = NDArray[np.float64]
Some = NDArray[np.float64] | NDArray[np.float32]
Data = dict[str, tuple[tuple[str, ...], Floats]]


def summarise(study: Study, plans: list[str], projection: Projection) -> xr.Dataset:
    """Return what happens under each plan: quantiles of supply and demand, means of all flows."""
    demand = _over_groups(projection.demand)
    data: Data = {}
    parts: list[dict[str, Floats]] = []
    for supply in projection.supply:  # plan by plan: the double-precision copies are large
        present = _over_groups(supply)
        parts.append(
            _described("supply", present)
            | _shortage(demand, present)
            | {"supply_group_quantile": _quantiles(supply)}
        )
    for name in parts[0]:
        stacked = np.stack([part[name] for part in parts], axis=1)
        data[name] = (("time", "plan", *_inner(name)), stacked)
    for name, values in _described("demand", demand).items():
        data[name] = (("time", *_inner(name)), values)
    data["demand_group_mean"] = (("time", "specialty", "region"), _mean(projection.demand))
    data["demand_group_quantile"] = (
        ("time", "quantile", "specialty", "region"),
        _quantiles(projection.demand),
    )
    data |= _flow_means(projection.means)
    return labelled(study, data, plans)


def _flow_means(means: dict[str, Floats]) -> Data:
    """Return the mean of every flow: by region and, where it has groups, by group and region."""
    data: Data = {}
    for name, values in means.items():
        if name == "waiting_years":
            continue
        by_region = values
        if values.ndim == 4:
            data[f"{name}_group_mean"] = (
                ("time", "plan", "specialty", "region"),
                values.transpose(1, 0, 2, 3),
            )
            by_region = _over_groups(values)
        if name != "supply":  # described already
            data[f"{name}_mean"] = (("time", "plan", "region"), by_region.transpose(1, 0, 2))
    waiting, newcomers = means["waiting_years"], means["newcomers"]
    data["waiting_time"] = (
        ("time", "plan", "region"),
        np.divide(waiting, newcomers, out=np.zeros_like(waiting), where=newcomers > 0).transpose(
            1, 0, 2
        ),
    )
    every = _over_groups(means["specialists"]).sum(axis=-1)
    abroad = _over_groups(means["abroad"]).sum(axis=-1)
    share = np.divide(abroad, every, out=np.zeros_like(every), where=every > 0)
    data["national_abroad_share"] = (("time", "plan"), share.T)
    return data


def _inner(name: str) -> tuple[str, ...]:
    """Return the dimensions of a summary after time and plan."""
    inner = ("quantile",) if name.endswith("quantile") else ()
    if "_group_" in name:
        return (*inner, "specialty", "region")
    return inner if name.startswith("national_") else (*inner, "region")


def _over_groups(values: Some) -> Floats:
    """Add up the groups of [..., group, region] in double precision, from first to last."""
    total = values[..., 0, :].astype(np.float64)
    for k in range(1, values.shape[-2]):
        total += values[..., k, :]
    return total


def _mean(values: Some) -> Floats:
    return np.asarray(values.mean(axis=0, dtype=np.float64))


def _quantiles(values: Some) -> Floats:
    """Return [year, quantile, ...] of [n, year, ...], a year at a time to spare memory."""
    return np.stack(
        [
            np.quantile(values[:, y].astype(np.float64), QUANTILES, axis=0)
            for y in range(values.shape[1])
        ]
    )


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
        result[f"{prefix}{name}_quantile"] = _quantiles(array)
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
