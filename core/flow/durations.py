"""How long LIS2/3 takes, in half-years: a gamma beyond the shortest time, laid on the grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc

from ..study.world import Training

Floats = NDArray[np.float64]
NONE = 1e-12
"""Years: a scale this small is that of no spread, all take the shortest."""


def durations(training: Training, mean: Floats) -> Floats:
    """Return the share who take 1, 2, … half-years, [n, duration], by `mean` [n] years.

    The duration is a gamma beyond the shortest time. Either each is taken to the nearest half-year,
    or it is shared between its two neighbours so that the mean is kept (`half_years`).
    """
    if training.half_years == "split":
        return _split(training, mean)
    return _nearest(training, mean)


def _nearest(training: Training, mean: Floats) -> Floats:
    """Return the shares with each duration taken to the nearest half-year."""
    shortest, spread = training.shortest_years.value, training.spread.value
    edges = (np.arange(1, training.most_half_years) + 0.5) / 2.0
    scale = np.maximum(spread * spread * (mean - shortest), NONE)
    below = gammainc(1.0 / spread**2, np.maximum(edges - shortest, 0.0) / scale[:, None])
    ends = np.zeros((len(mean), 1)), np.ones((len(mean), 1))
    cumulative = np.concatenate([ends[0], below, ends[1]], axis=1)
    return np.asarray(cumulative[:, 1:] - cumulative[:, :-1])


def _split(training: Training, mean: Floats) -> Floats:
    """Return the shares with each duration X (half-years) split between its neighbours.

    A duration between d and d + 1 is d + 1 with its fraction as the chance, else d. With the
    expected excess H(d) = E[max(X − d, 0)] the share still in training after d half-years is

        F[d] = H(d) − H(d + 1),

    and Σ_d F[d] = E[X]: nothing is lost but what lies beyond the longest time L. That is given back
    by the part of all doctors, s, who take L:

        F[d] + s · (1 − F[d]),   s = (E[X] − Σ_d F[d]) / (L − Σ_d F[d]).
    """
    longest, mean = training.most_half_years, 2.0 * mean
    beyond = _excess(training, mean, np.arange(longest + 1.0))
    still = beyond[:, :-1] - beyond[:, 1:]
    here = still.sum(axis=1)
    lacking = np.maximum(mean - here, 0.0) / np.maximum(longest - here, NONE)
    still = still + lacking[:, None] * (1.0 - still)
    after = np.concatenate([still[:, 1:], np.zeros((len(mean), 1))], axis=1)
    return np.asarray(np.maximum(still - after, 0.0))


def _excess(training: Training, mean: Floats, longer: Floats) -> Floats:
    """Return E[max(X − d, 0)], [n, d], for `longer` [d]; all in half-years.

    With G = X − shortest a gamma of mean m, shape k and scale θ, g = max(d − shortest, 0) and the
    upper tail Q:  m Q(k + 1, g/θ) − g Q(k, g/θ) + max(shortest − d, 0).
    """
    shortest, shape = 2.0 * training.shortest_years.value, 1.0 / training.spread.value**2
    over = (mean - shortest)[:, None]
    reach = np.maximum(longer - shortest, 0.0)
    scaled = reach / np.maximum(over / shape, 2.0 * NONE)
    tail = over * gammaincc(shape + 1.0, scaled) - reach * gammaincc(shape, scaled)
    return np.asarray(np.maximum(tail, 0.0) + np.maximum(shortest - longer, 0.0))
