"""Calibration: a choice of region under which the regional shares of specialists stand still.

Posts and doctors are not spread alike: a region with 18 % of the posts and 11 % of the doctors
must lose most of those it trains. Of all matrices that take new doctors from the shares of posts
to the shares of doctors, this is the one closest (in relative entropy) to the stated retention.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CLOSE = 1e-14
"""How far column sums may be off, added up; rounding alone makes some 1e-16 in each."""


def calibrated(retention: Floats, posts: Floats, doctors: Floats) -> Floats:
    """Return the share of LIS1 completers of region r who train on in t, [r, t].

    T = diag(p)·M0 is scaled to columns s and rows p in turn until both hold (iterative
    proportional fitting); M0[r, r] = retention[r], M0[r, t] = (1 − retention[r])·s_t / (1 − s_r);
    the answer is T / p. It exists whatever p and s are, since no entry of M0 is 0.

    Parameters
    ----------
    retention : [region], between 0 and 1, as stated
    posts : [region] share of each region in LIS1 posts, p; a region without any spreads by s
    doctors : [region] share of each region in doctors, s; above 0
    """
    if len(doctors) == 1:
        return np.ones((1, 1))
    flow = posts[:, None] * stated(retention, doctors)
    error = np.inf
    while True:
        flow = flow * (doctors / flow.sum(axis=0))
        rows = flow.sum(axis=1)
        flow = flow * np.divide(posts, rows, out=np.zeros_like(posts), where=rows > 0)[:, None]
        before, error = error, float(np.abs(flow.sum(axis=0) - doctors).sum())
        if error <= CLOSE or error >= before:  # it never grows but by rounding
            break
    choice = np.tile(doctors, (len(doctors), 1))
    np.divide(flow, posts[:, None], out=choice, where=posts[:, None] > 0)
    return choice


def stated(retention: Floats, doctors: Floats) -> Floats:
    """Return [r, t]: those not retained go to the others in proportion to their doctors."""
    choice = (1.0 - retention)[:, None] * doctors / (1.0 - doctors)[:, None]
    np.fill_diagonal(choice, retention)
    return choice


def around(choice: Floats, drawn: Floats, mean: Floats, bounds: Floats) -> Floats:
    """Return a scenario's choice [n, r, t]: the stated uncertainty around the calibrated mean.

    With m_r = choice[r, r], retention is m_r + c_r·(drawn_r − mean_r), where
    c_r = min(1, (1 − m_r) / (high_r − mean_r), m_r / (mean_r − low_r)) keeps it a share, and those
    who leave go where the calibrated ones go.

    Parameters
    ----------
    drawn : [n, region] retention as drawn; `mean` [region] its mean, `bounds` [2, region]
    """
    if len(choice) == 1:
        return np.ones((len(drawn), 1, 1))
    kept = np.diag(choice)
    below, above = mean - bounds[0], bounds[1] - mean
    scale = np.minimum(1.0, np.minimum(_ratio(1.0 - kept, above), _ratio(kept, below)))
    retained = np.clip(kept + scale * (drawn - mean), 0.0, 1.0)
    leaving = (choice / (1.0 - kept)[:, None]) * (1.0 - retained)[:, :, None]
    places = np.arange(len(choice))
    leaving[:, places, places] = retained
    return np.asarray(leaving)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, 1 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.ones_like(numerator), where=denominator > 0)
