"""Tails of a sample: CVaR and quantile, the weights of scenarios in them, and their intervals.

Scenarios may carry probability weights (importance sampling); without them all weigh one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]
ROUNDING = 1e-9
"""Scenarios: (1 - 0.9) 10 is 0.9999999999999998 in doubles, and means one scenario."""


def cvar_weights(values: Floats, confidence: float, weight: Floats | None = None) -> Floats:
    """Return each scenario's weight in the CVaR, [realization], adding up to one.

    The worst share 1 - confidence of all weight counts: whole scenarios from the worst down, the
    last one fractionally. Ties are ordered by (value, number): the higher number counts as worse
    (Rockafellar and Uryasev 2002).

    >>> cvar_weights(np.array([0.0, 3.0, 1.0, 2.0]), 0.5)
    array([0. , 0.5, 0. , 0.5])
    >>> cvar_weights(np.array([0.0, 3.0, 1.0]), 0.5, np.array([1.0, 1.0, 2.0]))
    array([0. , 0.5, 0.5])
    """
    if weight is None:
        return _equal_weights(values, (1.0 - confidence) * len(values))
    order = np.argsort(values, kind="stable")[::-1]
    ranked = weight[order]
    above = np.cumsum(ranked) - ranked
    part = np.clip((1.0 - confidence) * weight.sum() - above, 0.0, ranked)
    part[part >= ranked - ROUNDING] = ranked[part >= ranked - ROUNDING]
    result = np.zeros(len(values))
    result[order] = part
    return np.asarray(result / result.sum())


def _equal_weights(values: Floats, tail: float) -> Floats:
    """Return the weights in the CVaR of scenarios that all weigh one, without sorting them.

    `tail` is how many scenarios count, the last one fractionally.
    """
    count = len(values)
    touched = min(max(int(np.ceil(tail - ROUNDING)), 1), count)
    least = np.partition(values, count - touched)[count - touched]
    result = (values > least).astype(np.float64)
    ties = np.flatnonzero(values == least)
    ties = ties[len(ties) - (touched - int(result.sum())) :]
    result[ties] = 1.0
    part = tail - (touched - 1)
    if part < 1.0 - ROUNDING:
        result[ties[0]] = part
    return np.asarray(result / result.sum())


def cvar(values: Floats, confidence: float, weight: Floats | None = None) -> float:
    """Return the mean of the worst share 1 - confidence of `values`.

    >>> cvar(np.array([0.0, 3.0, 1.0, 2.0]), 0.5)
    2.5
    """
    return float(np.sum(cvar_weights(values, confidence, weight) * values))


def quantile(values: Floats, confidence: float, weight: Floats | None = None) -> float:
    """Return the least value that at least the share `confidence` of scenarios does not exceed.

    >>> quantile(np.array([0.0, 3.0, 1.0, 2.0]), 0.5)
    1.0
    """
    return float(values[at_quantile(values, confidence, weight)])


def kept_at(values: Floats, confidence: float, weight: Floats | None = None) -> NDArray[np.bool_]:
    """Return which scenarios must keep a chance limit if the worst give it up, [realization]."""
    weight = np.ones(len(values)) if weight is None else weight
    order = np.argsort(values, kind="stable")[::-1]
    kept = np.empty(len(values), dtype=np.bool_)
    kept[order] = np.cumsum(weight[order]) > (1.0 - confidence) * weight.sum() + ROUNDING
    return kept


def exceeding(values: Floats, most: float, weight: Floats | None = None) -> float:
    """Return the share of scenarios with a value above `most`."""
    above = values > most
    return float(above.mean() if weight is None else weight[above].sum() / weight.sum())


def cvar_interval(
    values: Floats, confidence: float, level: float = 0.95, weight: Floats | None = None
) -> tuple[float, float]:
    """Return a confidence interval for the CVaR from independent scenarios.

    estimate - t error,  estimate + t error + |skew| (1 + 2 t^2) error / (6 sqrt(n))

    The error is that of the mean of Y = VaR + (Z - VaR)+ / (1 - confidence), VaR held at its
    estimate. Few scenarios make the tail, (1 - confidence) n: t is Student's with one degree of
    freedom less than that, and the upper end allows for the skewness of Y (Johnson 1978). A normal
    interval holds the truth in 63 to 84 of 100 samples with two scenarios in the tail, this one in
    96 or more (tests/core/study/test_tails.py). Valid for Monte Carlo only, not for Sobol or
    Latin hypercube. Of weighted scenarios n is (sum w)^2 / sum w^2.
    """
    estimate = cvar(values, confidence, weight)
    if weight is None:
        threshold, count = float(np.quantile(values, confidence)), float(len(values))
        excess = np.maximum(values - threshold, 0.0) / (1.0 - confidence)
        error = float(np.std(excess, ddof=1)) / len(values) ** 0.5
    else:
        count = float(weight.sum() ** 2 / (weight**2).sum())
        excess = np.maximum(values - quantile(values, confidence, weight), 0.0) / (1.0 - confidence)
        error = weighted_error(excess, weight)
    freedom = max((1.0 - confidence) * count - 1.0, 1.0)
    half = float(stdtrit(freedom, 0.5 + 0.5 * level))
    skewed = abs(_skewness(excess, weight)) * (1.0 + 2.0 * half**2) / (6.0 * count**0.5)
    return estimate - half * error, estimate + (half + skewed) * error


def _skewness(values: Floats, weight: Floats | None) -> float:
    """Return the third moment about the mean in units of the deviation; 0 if all are the same."""
    centred = values - np.average(values, weights=weight)
    variance = float(np.average(centred**2, weights=weight))
    if variance <= (ROUNDING * float(np.abs(values).max())) ** 2:
        return 0.0
    return float(np.average(centred**3, weights=weight) / variance**1.5)


def quantile_interval(
    values: Floats, confidence: float, weight: Floats | None, level: float
) -> tuple[float, float]:
    """Return the quantiles at the ends of the interval for the share at the quantile."""
    weight = np.ones(len(values)) if weight is None else weight
    within = (values <= quantile(values, confidence, weight)).astype(np.float64)
    half = deviations(level) * weighted_error(within, weight)
    low, high = (min(max(confidence + way * half, 0.0), 1.0) for way in (-1.0, 1.0))
    return quantile(values, low, weight), quantile(values, high, weight)


def weighted_error(values: Floats, weight: Floats) -> float:
    """Return the standard error of a weighted mean whose weights are random, too."""
    mean = (weight * values).sum() / weight.sum()
    return float(np.sqrt(((weight * (values - mean)) ** 2).sum()) / weight.sum())


def deviations(level: float) -> float:
    """Return the half-width of a normal interval of that level, in standard deviations."""
    return float(ndtri(0.5 + 0.5 * level))


def worst(values: Floats, weight: Floats | None) -> int:
    """Return the number of the worst scenario that carries weight; ties: the last."""
    carrying = values if weight is None else np.where(weight > 0.0, values, -np.inf)
    return int(np.flatnonzero(carrying == carrying.max())[-1])


def at_quantile(values: Floats, confidence: float, weight: Floats | None) -> int:
    """Return the number of the scenario at the quantile: those worse weigh at most the tail."""
    if weight is None:
        return _ranked(values, int((1.0 - confidence) * len(values) + ROUNDING))
    order = np.argsort(values, kind="stable")[::-1]
    reached = np.cumsum(weight[order]) > (1.0 - confidence) * weight.sum() + ROUNDING
    return int(order[np.argmax(reached)] if reached.any() else _lowest(order, weight))


def _ranked(values: Floats, worse: int) -> int:
    """Return the number of the scenario with so many worse ones, at most all the others."""
    worse = min(worse, len(values) - 1)
    value = np.partition(values, len(values) - 1 - worse)[len(values) - 1 - worse]
    ties = np.flatnonzero(values == value)[::-1]
    return int(ties[worse - int((values > value).sum())])


def _lowest(order: NDArray[np.intp], weight: Floats) -> int:
    """Return the last of `order` that carries weight."""
    return int(order[weight[order] > 0.0][-1])
