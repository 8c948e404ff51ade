"""What a plan pays for supervision and lacks beyond it, price and maximum being uncertain.

Scenarios draw neither, and a plan buys at their means; the sensitivity analysis moves both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TINY = 1e-300
"""Use of today at least: an endless maximum of nothing is endless."""


class Wanted(NamedTuple):
    """What a plan needs beyond what is free of charge, in the units of each capacity."""

    lacking: Floats  # [capacity, region, year watched]
    used: Floats  # [capacity, region] use of today, which maxima are shares of
    worth: Floats  # [year watched] discounted value of a krone of the price year, with real growth


def bought_and_lacking(wanted: Wanted, price: Floats, most: Floats) -> Floats:
    """Return what is paid in NOK and what is lacking as a share of today's use, [2, n].

    With price p_c a unit and maximum m_c (a share of today's use U_{c,r}) of capacity c,
    [n, capacity] each, and its lack L,

        paid = sum_c p_c sum_{r,y} worth_y min(L_{c,r,y}, m_c U_{c,r})
        lacking = max(0, max_{c,r,y} L_{c,r,y} / U_{c,r} - m_c),

    of regions that use something of it today.
    """
    used = wanted.used[:, :, None]
    bought = np.minimum(wanted.lacking, most[:, :, None, None] * np.maximum(used, TINY))
    paid = (price * (bought.sum(axis=2) @ wanted.worth)).sum(axis=1)
    none = np.zeros_like(wanted.lacking)
    share = np.divide(wanted.lacking, used, out=none, where=used > 0.0).max(axis=(1, 2))
    return np.stack([paid, np.maximum(share - most, 0.0).max(axis=1)])
