"""The two intakes of a year in whole posts: what the report's tables by round show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .study import Study, largest_remainder

Floats = NDArray[np.float64]


def intakes(study: Study, level: Floats) -> tuple[Floats, Floats]:
    """Return posts in spring and autumn, each [region, year], for whole `level` [region, year].

    The country's spring posts are the nearest whole number to the spring share of its level, a half
    rounded up; regions get the whole part of theirs, and what is left goes by largest remainder.
    With equal shares a region's intakes differ by one where its level is odd, else by none.
    """
    share = study.posts.spring_share.value
    spring = np.floor(share * level + 1e-9)
    for y in range(level.shape[1]):
        left = int(np.floor(share * level[:, y].sum() + 0.5 + 1e-9) - spring[:, y].sum())
        rest = share * level[:, y] - spring[:, y]
        if left > 0 and rest.sum() > 1e-9:
            spring[:, y] += largest_remainder(left, rest)
    return spring, level - spring
