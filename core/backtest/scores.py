"""Scores of a forecast against what was observed: of a sample of values, or of a single one.

A sample is [scenario, year] with weights [scenario] that add up to one; what was observed is
[year]. Definitions: Gneiting and Raftery 2007, "Strictly proper scoring rules, prediction, and
estimation", Journal of the American Statistical Association 102, 359-378.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BANDS = (0.5, 0.8, 0.95)
"""Probability of the central bands whose coverage is told."""
LEVELS = tuple(k / 20 for k in range(1, 20))
"""Of the quantiles whose pinball losses are averaged: 0.05 to 0.95."""
ROUNDING = 1e-12
"""Weights add up to a level but for rounding: half of four scenarios are two."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """What was forecast: values in scenarios, or one value with certainty."""

    values: Floats  # [scenario, year]
    weight: Floats  # [scenario], adding up to one

    @property
    def certain(self) -> bool:
        """Whether it is a single value, without any band."""
        return len(self.weight) == 1

    @property
    def mean(self) -> Floats:
        """Mean over scenarios, [year]."""
        return np.asarray((self.values * self.weight[:, None]).sum(axis=0))

    def quantile(self, level: float) -> Floats:
        """Return the least value that scenarios of at least this weight do not exceed, [year]."""
        order = np.argsort(self.values, axis=0, kind="stable")
        ranked = np.take_along_axis(self.values, order, axis=0)
        reached = np.cumsum(self.weight[order], axis=0)
        place = (reached < level - ROUNDING).sum(axis=0)
        return np.asarray(np.take_along_axis(ranked, place[None], axis=0)[0])

    def band(self, probability: float) -> tuple[Floats, Floats]:
        """Return both ends of the central band of a probability, each [year]."""
        tail = (1.0 - probability) / 2.0
        return self.quantile(tail), self.quantile(1.0 - tail)


def one_value(values: Floats) -> Forecast:
    """Return the forecast of one value a year, [year]."""
    return Forecast(np.asarray(values, dtype=np.float64)[None], np.ones(1))


def bias(forecast: Forecast, observed: Floats) -> float:
    """Return the mean over years of the mean forecast less what was observed.

    >>> bias(one_value(np.array([10.0, 14.0])), np.array([9.0, 11.0]))
    2.0
    """
    return float(np.mean(forecast.mean - observed))


def mean_absolute_percentage_error(forecast: Forecast, observed: Floats) -> float:
    """Return the mean over years of |median - observed| / |observed|; NaN where one is zero.

    >>> mean_absolute_percentage_error(one_value(np.array([12.0, 15.0])), np.array([8.0, 20.0]))
    0.375
    """
    if (observed == 0.0).any():
        return np.nan
    return float(np.mean(np.abs(forecast.quantile(0.5) - observed) / np.abs(observed)))


def coverage(forecast: Forecast, observed: Floats, probability: float) -> float:
    """Return the share of years in which what was observed lies in the central band; ends count."""
    low, high = forecast.band(probability)
    return float(np.mean((low <= observed) & (observed <= high)))


def width(forecast: Forecast, probability: float) -> float:
    """Return the mean width over years of the central band."""
    low, high = forecast.band(probability)
    return float(np.mean(high - low))


def pinball(forecast: Forecast, observed: Floats) -> float:
    """Return the mean over years and `LEVELS` of max(p (x - q), (p - 1) (x - q)), q the quantile.

    >>> round(pinball(one_value(np.array([10.0])), np.array([12.0])), 12)
    1.0
    """
    losses = []
    for level in LEVELS:
        above = observed - forecast.quantile(level)
        losses.append(np.maximum(level * above, (level - 1.0) * above))
    return float(np.mean(losses))


def continuous_ranked_probability_score(forecast: Forecast, observed: Floats) -> float:
    """Return the mean over years of E|X - x| - E|X - X'| / 2; of one value: its absolute error.

    The second term by sorted values, sum over i of w_i X_i (2 W_i - w_i - 1), W_i the weight up to
    and with i: half the mean difference of two independent scenarios.

    >>> sample = Forecast(np.array([[1.0], [3.0]]), np.array([0.5, 0.5]))
    >>> continuous_ranked_probability_score(sample, np.array([2.0]))
    0.5
    """
    weight = forecast.weight[:, None]
    away = (np.abs(forecast.values - observed) * weight).sum(axis=0)
    order = np.argsort(forecast.values, axis=0, kind="stable")
    ranked, own = np.take_along_axis(forecast.values, order, axis=0), forecast.weight[order]
    apart = (own * ranked * (2.0 * np.cumsum(own, axis=0) - own - 1.0)).sum(axis=0)
    return float(np.mean(away - apart))


def probability_integral_transform(forecast: Forecast, observed: Floats) -> Floats:
    """Return P(X < x) + P(X = x) / 2 by year: uniform if the forecast is calibrated, [year]."""
    weight = forecast.weight[:, None]
    below = (weight * (forecast.values < observed)).sum(axis=0)
    same = (weight * (forecast.values == observed)).sum(axis=0)
    return np.asarray(below + same / 2.0)
