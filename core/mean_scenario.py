"""The scenario of the means: one scenario in which all that is judged is at its mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .held_lanes import LocalLanes
from .oracle import Oracle, empty_lanes, fill_up, place_lanes
from .shortage_kernel import Lanes

Floats = NDArray[np.float64]


def mean_scenario(oracle: Oracle) -> Oracle:
    """Return the oracle of the mean scenario.

    Leakage, offers, applicants, baseline supply, response and demand: each its mean over scenarios,
    by their weights where they have any.
    """
    count = oracle.scenarios
    weight = np.ones(count) if oracle.weight is None else oracle.weight
    share = weight / weight.sum()

    def mean(array: Floats) -> Floats:
        weighted = array * share.reshape(-1, *[1] * (array.ndim - 1))
        return np.asarray(weighted.sum(axis=0))[None]

    every = oracle.held.take(np.arange(count))
    lanes = empty_lanes(oracle.study, 1)
    place_lanes(lanes, 0, 1, Lanes(*map(mean, every)))
    fill_up(lanes, 1)
    return Oracle(oracle.study, 1, LocalLanes(lanes, oracle.held.workers))
