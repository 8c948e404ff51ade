"""Which assumptions move the answer: shares of the spread of shortage over the plan's scenarios."""

from __future__ import annotations

import numpy as np

from ....core.files.variables import variable_of
from ....core.scenarios.draws import NORMALISED, keys_drawn
from ....core.scenarios.factors import NORMALISATION
from ...reading import Floats, Reading

PARTS = 12
"""Groups of scenarios, alike in size, by the value that a figure was drawn with."""


def moved_most(reading: Reading) -> list[tuple[str, float]]:
    """Return keys of the study with their share of the variance of shortage, the most first.

    The share is the correlation ratio, adjusted for the number of groups: the variance between
    groups of scenarios in which a figure was drawn alike, as a share of the whole. Figures go
    together in no group; it is that of the figure alone, not of what it does beside others.
    """
    if not reading.has("shortfall_z"):
        return []
    z = reading.values("shortfall_z", plan=0, limit=reading.national)
    found = []
    for key in [key for keys in keys_drawn(reading.study) for key in keys]:
        name = variable_of(key)
        if not reading.has(name):
            continue
        drawn = reading.values(name)
        value = drawn if drawn.ndim == 1 else drawn.reshape(len(z), -1).mean(axis=1)
        told = NORMALISATION if key == NORMALISED else key
        found.append((told, between_groups(value, z)))
    return sorted(found, key=lambda row: -row[1])


def between_groups(value: Floats, z: Floats) -> float:
    """Return the adjusted correlation ratio of z with groups of alike values, at least zero.

    Few different values are a group each; others are cut into `PARTS` groups of the same size.

    >>> between_groups(np.array([0.0, 0, 0, 1, 1, 1]), np.array([1.0, 1, 1, 2, 2, 2]))
    1.0
    """
    whole = float(((z - z.mean()) ** 2).sum())
    if whole == 0.0:
        return 0.0
    values, group = np.unique(value, return_inverse=True)
    if len(values) > PARTS:
        rank = np.argsort(np.argsort(value, kind="stable"), kind="stable")
        group = rank * PARTS // len(value)
    count = int(group.max()) + 1
    if count < 2 or len(z) <= count:
        return 0.0
    inside = sum(float(((z[group == g] - z[group == g].mean()) ** 2).sum()) for g in range(count))
    return max(0.0, 1.0 - inside / whole * (len(z) - 1) / (len(z) - count))
