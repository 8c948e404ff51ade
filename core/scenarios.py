"""Scenarios: what scenario i of a study draws. A pure function of (study, sample, i)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from .distributions import choose
from .sampling import Method, uniforms
from .study import Study

Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """Which numbers are drawn: method, seed and the number of scenarios they belong to."""

    method: Method
    seed: int
    scenarios: int


class Draws(NamedTuple):
    """What a block of scenarios drew, a row per scenario."""

    figures: dict[str, Floats]  # dotted key of the study -> [n]
    alternative: NDArray[np.int64]  # [n] index into demand.alternatives
    normalised: NDArray[np.bool_]  # [n] are working hours brought to normal?
    noise: Floats  # [n, year] doctors FTE, added to the yearly growth of demand


def sample_of(study: Study, purpose: Literal["plan", "fresh"] = "plan") -> Sample:
    """Return the sample a plan is optimised on, or an independent one to judge it by.

    Fresh scenarios are plain Monte Carlo whatever the study's method, so that the usual
    confidence intervals hold for them.
    """
    sampling = study.sampling
    if purpose == "plan":
        return Sample(sampling.method, sampling.seed, sampling.scenarios)
    state = np.random.SeedSequence([sampling.seed, 1]).generate_state(1, np.uint64)
    return Sample("monte_carlo", int(state[0] >> np.uint64(1)), sampling.fresh_scenarios)


def drawn_figures(study: Study) -> list[str]:
    """Return the keys of the figures drawn per scenario, in the order of their dimensions.

    Supervision needs stay at their centre: limits of the system are deterministic.
    """
    return [key for key in study.uncertain() if not key.startswith("capacity.")]


def draw(study: Study, sample: Sample, first: int, count: int) -> Draws:
    """Draw scenarios `first` to `first + count - 1` by inverse CDF."""
    keys, years = drawn_figures(study), len(study.years)
    u = uniforms(sample.method, sample.seed, sample.scenarios, len(keys) + 2 + years, first, count)
    uncertain = study.uncertain()
    weights = weight_table(study)
    return Draws(
        figures={key: uncertain[key].quantile(u[:, d]) for d, key in enumerate(keys)},
        alternative=choose(u[:, len(keys)], weights),
        normalised=u[:, len(keys) + 1] < study.demand.normalisation_probability.value,
        noise=_autoregression(study, ndtri(u[:, len(keys) + 2 :])),
    )


def weight_table(study: Study) -> list[float]:
    """Return the weight of each demand alternative in the study's table, in their order."""
    table = {
        row.alternative: row.weight
        for row in study.demand.weights
        if row.table == study.demand.weight_table
    }
    return [table.get(alternative.id, 0.0) for alternative in study.demand.alternatives]


def _autoregression(study: Study, normals: Floats) -> Floats:
    """Return AR(1) noise [n, year] with the study's s.d. in every year."""
    rho, sd = study.demand.noise_correlation.value, study.demand.noise_sd.value
    noise = np.empty_like(normals)
    noise[:, 0] = normals[:, 0]
    for y in range(1, normals.shape[1]):
        noise[:, y] = rho * noise[:, y - 1] + (1.0 - rho * rho) ** 0.5 * normals[:, y]
    return sd * noise
