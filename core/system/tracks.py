"""Earmarked LIS1 posts as a decision: how many may be earmarked, and what they cost beyond LIS1.

Their rows are the last of every plan: by track, then by region.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from ..study.tracks import Track

Floats = NDArray[np.float64]


def track_prices(tracks: Collection[Track], payers: tuple[str, ...], factor: Floats) -> Floats:
    """Return what a newly earmarked post costs beyond LIS1, [track, payer, year] real NOK a year.

    `factor` [year] is the real growth of costs since the price year.
    """
    yearly = np.zeros((len(tracks), len(payers), len(factor)))
    for e, track in enumerate(tracks):
        for row in () if track.new is None else track.new.prices:
            yearly[e, payers.index(row.payer)] += row.amount_nok * factor
    return yearly


def most_earmarked(tracks: Collection[Track], regions: tuple[str, ...], decisions: int) -> Floats:
    """Return the most posts that can be earmarked anew, [row, decision year]."""
    most = np.zeros((len(tracks), len(regions), decisions))
    for e, track in enumerate(tracks):
        rows = () if track.new is None else track.new.most
        for row in sorted(rows, key=lambda row: row.region is not None):  # its own last
            most[e, slice(None) if row.region is None else regions.index(row.region)] = row.most
    return most.reshape(-1, decisions)
