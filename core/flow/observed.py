"""What reviews see of scenarios, and which of them come to a branch: those that weigh anything."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ..scenarios.columns import stream
from ..scenarios.draws import Draws, Figures, draw
from ..scenarios.sampling import Sample, uniforms
from ..study.meaning import FTE_A_YEAR_EITHER_SIGN, PERSONS_A_YEAR
from ..study.settings import EXITS, GRADUATES, GROWTH, NEWCOMERS, Review
from ..study.study import Study
from .demand import build_demand
from .intake import newcomers_by_origin
from .rates import build_rates

Floats = NDArray[np.float64]
ERROR = "review.error"
"""The stream of the error of observation, one for each review year."""
MEANINGS = {
    GROWTH: FTE_A_YEAR_EITHER_SIGN("Yearly growth of demand for specialists so far, in FTE"),
    NEWCOMERS: PERSONS_A_YEAR("New applicants a year so far"),
    GRADUATES: PERSONS_A_YEAR("New applicants a year so far who were educated in the country"),
    EXITS: PERSONS_A_YEAR("Specialists who leave work a year, of those there were at the start"),
}
"""What each observable is, and its unit."""


def observed(study: Study, sample: Sample, draws: Draws, first: int) -> Floats:
    """Return what each review of a study sees of scenarios from number `first` on, [n, review].

    In year y the years to y - 1 - lag are known; what is seen of them is true but for a normal
    error, drawn for each review by its own name: no other draw changes by it.
    """
    review = study.review
    assert review is not None
    seen = _known(study, review, draws)
    error = review.observation_error.value
    if error > 0.0:
        streams = [stream(f"{ERROR}.{year}") for year in review.years]
        seen = seen + error * ndtri(uniforms(sample, streams, first, len(draws.weight)))
    return seen


def drawn_to_count(study: Study, sample: Sample, first: int, count: int) -> Draws:
    """Return what scenarios from number `first` on draw; weights zero of those left out.

        weight = weight drawn · 1[above_r < seen_r <= up_to_r for every review r]

    where the sample says which scenarios count.
    """
    draws = draw(study, sample, first, count)
    if not sample.only:
        return draws
    low, high = np.array(sample.only).T
    seen = observed(study, sample, draws, first)
    inside = ((low < seen) & (seen <= high)).all(axis=1)
    return draws._replace(weight=draws.weight * inside)


def last_known(review: Review, study: Study) -> list[int]:
    """Return the last year known at each review, [review] index among the projected years."""
    return [year - 1 - review.lag_years - study.time.first_year for year in review.years]


def _known(study: Study, review: Review, draws: Draws) -> Floats:
    """Return what is observed, without any error, [n, review]."""
    known = last_known(review, study)
    match review.observes:
        case "demand.growth":
            return _growth(study, draws, known)
        case "newcomers" | "graduates":
            return _joining(study, draws, known, review.observes == GRADUATES)
        case _:
            return np.repeat(_exits(study, draws)[:, None], len(known), axis=1)


def _growth(study: Study, draws: Draws, known: list[int]) -> Floats:
    """Return the mean yearly growth of demand from the first projected year on, [n, review] FTE."""
    wanted = build_demand(study, draws).sum(axis=(2, 3))
    return np.stack([(wanted[:, last] - wanted[:, 0]) / last for last in known], axis=1)


def _joining(study: Study, draws: Draws, known: list[int], at_home: bool) -> Floats:
    """Return the mean of new applicants a year, [n, review] persons."""
    origins = [not (at_home and origin.abroad) for origin in study.applicants.values()]
    joining = newcomers_by_origin(study, Figures(study, draws))[:, :, origins].sum(axis=2)
    return np.stack([joining[:, : 2 * last + 2].sum(axis=1) / (last + 1) for last in known], axis=1)


def _exits(study: Study, draws: Draws) -> Floats:
    """Return how many of the specialists at the start leave work in a year, [n] persons.

    sum over group and age of stock · (1 − survival²), survival by half-year.
    """
    rates = build_rates(study, draws)
    stock = rates.specialists.sum(axis=1)
    return np.asarray((stock * (1.0 - rates.survival**2)).sum(axis=(1, 2)))
