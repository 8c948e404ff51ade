"""Summary: means, quantiles and probabilities over scenarios, by the variables that tell them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..compute.graph import Call
from ..compute.place import Progress, silent
from ..compute.workers import Workers
from ..flow.projection import Projection, Request, kept_of_a_plan, project_plans
from .labels import QUANTILES, Data
from .variables import variable_of

Floats = NDArray[np.float64]
Single = NDArray[np.float32]
ALONE = Workers(1)


class Told(NamedTuple):
    """What is told of projected plans; the scenarios themselves need not be kept for it."""

    summary: dict[str, Floats]  # [year, (plan,) ...]
    drawn: Data  # by scenario
    training: Floats  # [plan, year, group, region] mean persons in LIS2/3
    scenarios: int


MOST_BYTES = 500e6
"""What is kept of all scenarios under the plans projected at a time; of one plan, if that is more.

What scenarios drew is worked out once for all plans of a turn: half of what one plan costs.
"""


def told_of(projection: Projection, workers: Workers = ALONE) -> Told:
    """Return what is told of the plans of one projection."""
    training, scenarios = projection.means["training"], len(projection.demand)
    return Told(summarise(projection, workers), drawn_in(projection), training, scenarios)


def project_and_tell(asked: Request, workers: Workers, progress: Progress = silent) -> Told:
    """Project plans and tell of them, so many at a time as memory holds.

    Which are together shows in no bit: each plan is projected by itself.
    """
    study, plans, scenarios = asked.study, list(asked.plans.items()), asked.sample.scenarios
    at_once = max(1, int(MOST_BYTES // (4 * kept_of_a_plan(study) * scenarios)))
    parts: list[Told] = []
    for first in range(0, len(plans), at_once):
        some = dict(plans[first : first + at_once])
        ensemble = asked.ensemble and first == 0  # of the first plan alone
        turn = _Turn(progress, len(parts), -(-len(plans) // at_once))
        part = project_plans(asked._replace(plans=some, ensemble=ensemble), workers, turn)
        parts.append(told_of(part, workers.in_process()))
        del part  # before the next is made
    return _together(parts)


class _Turn(NamedTuple):
    """Progress that says how much of all turns is done, when so much of one is."""

    progress: Progress
    before: int
    turns: int

    def __call__(self, step: str, done: int, total: int) -> None:
        self.progress(step, self.before * total + done, self.turns * total)


def _together(parts: list[Told]) -> Told:
    """Return what is told of plans that were projected one after another."""
    first = parts[0]
    summary = {
        name: values
        if name in WITHOUT_PLANS
        else np.concatenate([part.summary[name] for part in parts], axis=1)
        for name, values in first.summary.items()
    }
    return first._replace(
        summary=summary, training=np.concatenate([part.training for part in parts])
    )


WITHOUT_PLANS = (
    *("demand_mean", "demand_quantile", "national_demand_mean", "national_demand_quantile"),
    *("demand_group_mean", "demand_group_quantile", "national_demand_group_quantile"),
    "supply_group_quantile",
)
"""What is the same under every plan, or told of the first alone."""


def summarise(projection: Projection, workers: Workers = ALONE) -> dict[str, Floats]:
    """Return what happens under each plan: quantiles of supply and demand, means of all flows.

    A year at a time, each a task: double-precision copies of all years would not fit into memory.
    """
    years = range(projection.demand.shape[1])
    calls = [Call(described_year, (projection, y)) for y in years]
    found = dict(workers.results("described_year", calls, years))
    data = {name: np.stack([found[y][name] for y in years]) for name in found[0]}
    return data | _flow_means(projection.means)


BAND = (0.1, 0.9)
"""Quantiles between which four fifths of the scenarios lie, of head-counts."""


MEDIAN = (0.5,)


def _counted(projection: Projection, y: int) -> dict[str, Floats]:
    """Return mean and band of the head-count of all doctors, [plan, population]."""
    if projection.counted is None:
        return {}
    persons = projection.counted[:, :, y].swapaxes(0, 1)
    low, high = _quantiles(persons, projection.weight, BAND)
    return {
        "counted_mean": _mean(persons.astype(np.float64), projection.weight),
        "counted_low": low,
        "counted_high": high,
    }


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


def described_year(projection: Projection, y: int) -> dict[str, Floats]:
    """Return the summaries of one year, those of supply with a leading axis for plans.

    Quantiles by group and region would have five dimensions with time and plan; CDO reads four.
    So the first plan alone has them, and every plan the median.
    """
    weight, wanted = projection.weight, projection.demand[:, y].astype(np.float64)
    demand = _added(wanted, axis=1)
    result = _described("demand", demand, weight) | _by_group("demand", wanted, weight)
    result["demand_group_quantile"] = _quantiles(projection.demand[:, y], weight)
    plans = []
    for supply in projection.supply:
        present = supply[:, y].astype(np.float64)
        total = _added(present, axis=1)
        plans.append(
            _described("supply", total, weight)
            | _by_group("supply", present, weight)
            | {"supply_group_median": _quantiles(supply[:, y], weight, MEDIAN)[0]}
            | _shortage(demand, total, weight)
            | _missing(_added(wanted, axis=2), _added(present, axis=2), weight)
        )
    result["supply_group_quantile"] = _quantiles(projection.supply[0, :, y], weight)
    result |= {name: np.stack([plan[name] for plan in plans]) for name in plans[0]}
    return result | _counted(projection, y)


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
    values: Floats | Single, weight: Floats | None, shares: tuple[float, ...] = QUANTILES
) -> Floats:
    """Return [quantile, ...] of [n, ...].

    Between scenarios quantiles are interpolated; of weighted ones they are the least value that the
    share does not exceed. What is kept in single precision is sorted in it, in half the time.
    """
    if weight is None:  # sorted in rows: numpy sorts by vectors, and partitions one by one
        rows = np.moveaxis(values, 0, -1).copy()
        rows.sort(axis=-1)
        whole = rows.astype(np.float64, copy=False)
        return np.asarray(np.quantile(whole, shares, axis=-1, overwrite_input=True))
    how: dict[str, Any] = {"weights": weight, "method": "inverted_cdf"}
    return np.asarray(np.quantile(values.astype(np.float64), shares, axis=0, **how))


def _by_group(name: str, values: Floats, weight: Floats | None) -> dict[str, Floats]:
    """Return the mean of [n, group, region], and quantiles of the country's groups."""
    return {
        f"{name}_group_mean": _mean(values, weight),
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
