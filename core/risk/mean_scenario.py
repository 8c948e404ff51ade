"""The scenario of the means: one scenario in which all that is judged is at its mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..compute.place import split
from .blocks import lanes_of
from .lanes import LocalLanes
from .oracle import Oracle
from .streams import in_lanes

Floats = NDArray[np.float64]
AT_ONCE = 4096


def mean_scenario(oracle: Oracle) -> Oracle:
    """Return the oracle of the mean scenario.

    Leakage, fill rates, shares on offer, applicants, baseline supply, regions chosen, response and
    demand: each its mean over scenarios, by their weights where they have any.
    """
    weight = np.ones(oracle.scenarios) if oracle.weight is None else oracle.weight
    share = weight / weight.sum()
    means: list[Floats] = []
    for first, count in split(oracle.scenarios, AT_ONCE):  # all at once would not fit into memory
        place = slice(first, first + count)
        some = oracle.held.take(np.arange(first, first + count))
        parts = [_weighted(array, share[place]) for array in some]
        means = parts if not means else [a + b for a, b in zip(means, parts, strict=True)]
    lanes = in_lanes(oracle.study, lanes_of(means))
    return Oracle(oracle.study, 1, LocalLanes(lanes, oracle.held.workers))


def _weighted(array: Floats, share: Floats) -> Floats:
    weighted = array * share.reshape(-1, *[1] * (array.ndim - 1))
    return np.asarray(weighted.sum(axis=0))[None]
