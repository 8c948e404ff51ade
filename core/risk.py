"""Risk: the conditional value at risk (CVaR) of a shortfall, its weights and its sampling error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


def cvar_weights(values: Floats, confidence: float) -> Floats:
    """Return each scenario's weight in the CVaR, [realization], adding up to one.

    The worst share 1 - confidence counts: whole scenarios from the worst down, the last one
    fractionally. Ties are ordered by (value, number): the higher number counts as worse
    (Rockafellar and Uryasev 2002).

    >>> cvar_weights(np.array([0.0, 3.0, 1.0, 2.0]), 0.5)
    array([0. , 0.5, 0. , 0.5])
    """
    count = len(values)
    tail = (1.0 - confidence) * count
    order = np.argsort(values, kind="stable")[::-1]
    weights = np.zeros(count)
    whole = min(int(np.floor(tail + 1e-9)), count)
    weights[order[:whole]] = 1.0
    if whole < count:
        weights[order[whole]] = max(tail - whole, 0.0)
    return np.asarray(weights / weights.sum())


def cvar(values: Floats, confidence: float) -> float:
    """Return the mean of the worst share 1 - confidence of `values`.

    >>> cvar(np.array([0.0, 3.0, 1.0, 2.0]), 0.5)
    2.5
    """
    return float(np.sum(cvar_weights(values, confidence) * values))


def cvar_interval(values: Floats, confidence: float, level: float = 0.95) -> tuple[float, float]:
    """Return a confidence interval for the CVaR from independent scenarios (normal approximation).

    The error is that of the mean of VaR + (Z - VaR)+ / (1 - confidence), VaR held at its estimate;
    valid for Monte Carlo only, not for Sobol or Latin hypercube.
    """
    estimate = cvar(values, confidence)
    threshold = float(np.quantile(values, confidence))
    excess = np.maximum(values - threshold, 0.0) / (1.0 - confidence)
    half = float(ndtri(0.5 + 0.5 * level)) * float(np.std(excess, ddof=1)) / len(values) ** 0.5
    return estimate - half, estimate + half
