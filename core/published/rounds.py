"""Published calculations of application rounds and surveys (rows A)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..study.distributions import Lognormal, Normal
from .row import PER_CENT, Floats, Formula, Inputs, flat

ORIGINS = ("norway", "eu_eea", "outside")
SHARE_UNIT = 0.1  # the table prints shares with one decimal
TOLERANCE = 1e-9  # of decimals in binary
SUBJECT = "fitted to the bounds of a survey"


def _sums_differ(given: Inputs) -> list[NDArray[np.bool_]]:
    """Compare appointed + not appointed with applicants, and the groups' sums with the total.

    The first is the identity of the model's queue: who waits is appointed or goes on waiting.
    """
    kinds = ("appointed", "not_appointed", "applicants")
    of = {(g, k): given[f"{g}_{k}"] for g in ("all", *ORIGINS) for k in kinds}
    rows = [
        of[g, "appointed"] + of[g, "not_appointed"] != of[g, "applicants"]
        for g in ("all", *ORIGINS)
    ]
    groups = [sum(of[g, k] for g in ORIGINS) != of["all", k] for k in kinds]
    return [*rows, *map(np.asarray, groups)]


def _share_differs(part: Floats, whole: Floats, printed: Floats) -> NDArray[np.bool_]:
    """Compare part / whole in per cent with what is printed, to its last decimal."""
    return np.asarray(np.abs(PER_CENT * part / whole - printed) > 0.5 * SHARE_UNIT + TOLERANCE)


def rounds_checked(given: Inputs) -> list[float]:
    """Cells of the table checked, and cells that differ from their sum or share."""
    cells = _sums_differ(given)
    for g in ("all", *ORIGINS):
        printed = given[f"{g}_share_appointed"]
        cells.append(_share_differs(given[f"{g}_appointed"], given[f"{g}_applicants"], printed))
    for g in ORIGINS:
        printed = given[f"{g}_share_of_applicants"]
        cells.append(_share_differs(given[f"{g}_applicants"], given["all_applicants"], printed))
    differ = np.concatenate(cells)
    return flat(differ.size, differ.sum())


def answers(given: Inputs) -> list[float]:
    """Sums over counties, of all, and shares of all."""
    sums = np.array([column.sum() for column in given.values()])
    return flat(sums, sums.sum(), PER_CENT * sums / sums.sum())


def answer_shares(given: Inputs) -> list[float]:
    """Sum of the shares by year."""
    return flat(np.sum(list(given.values()), axis=0))


def missing_doctors(given: Inputs) -> list[float]:
    """Mean of a lognormal and of a normal through the bounds of a two-sided interval.

    The distributions are those of a study (`core.study.distributions`).
    """
    upper = 0.5 * (1.0 + given["confidence"] / PER_CENT)
    standard = Normal(distribution="normal", mean=0.0, sd=1.0, assumption=SUBJECT)
    half = float(standard.quantile(upper)[0])
    low, high = np.log(given["general_practitioners"])
    lognormal = Lognormal(
        distribution="lognormal",
        median=float(np.exp(0.5 * (low + high))),
        sigma=float(high - low) / (2.0 * half),
        assumption=SUBJECT,
    )
    low, high = given["specialists"]
    normal = Normal(
        distribution="normal",
        mean=float(low + high) / 2.0,
        sd=float(high - low) / (2.0 * half),
        assumption=SUBJECT,
    )
    return flat(lognormal.median * np.exp(0.5 * lognormal.sigma**2), normal.central)


FORMULAS: dict[str, Formula] = {
    "A1": rounds_checked,
    "A2": answers,
    "A3": answer_shares,
    "A4": missing_doctors,
}
