"""Processes: how a yearly quantity may wander in a scenario, and how draws may go together."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat
from scipy.special import ndtr, ndtri

from .distributions import Figure

Floats = NDArray[np.float64]
ALTERNATIVE = "demand.alternative"
"""The key under which correlations name the choice of a demand alternative."""


class Autoregressive(Figure):
    """A yearly factor 1 + noise, AR(1) with the same s.d. in every year; never below zero."""

    process: Literal["autoregressive"]
    sd: FiniteFloat = Field(ge=0, description="s.d. of the factor in every year")
    correlation: FiniteFloat = Field(gt=-1, lt=1, description="of a year with the next")

    def factors(self, u: Floats) -> Floats:
        """Return the factor by year, [n, year], from probabilities `u` [n, year]."""
        return np.maximum(1.0 + autoregression(ndtri(u), self.sd, self.correlation), 0.0)


class Regimes(Figure):
    """A yearly factor, 1 at first, that now and then jumps to one of `factors`, equally likely."""

    process: Literal["regimes"]
    yearly_probability: FiniteFloat = Field(ge=0, le=1, description="chance of a jump in a year")
    factors_reached: tuple[Annotated[FiniteFloat, Field(ge=0)], ...] = Field(
        strict=False, min_length=1, description="what a jump may lead to, times the first level"
    )

    def factors(self, u: Floats) -> Floats:
        """Return the factor by year, [n, year]: below the chance, `u` also says where to."""
        reached = np.asarray(self.factors_reached)
        place = np.divide(u, self.yearly_probability, out=np.ones_like(u), where=self._jumps(u))
        target = reached[np.minimum((place * len(reached)).astype(np.int64), len(reached) - 1)]
        factor = np.ones(u.shape)
        for y in range(u.shape[1]):
            before = factor[:, y - 1] if y > 0 else 1.0
            factor[:, y] = np.where(self._jumps(u[:, y]), target[:, y], before)
        return factor

    def _jumps(self, u: Floats) -> NDArray[np.bool_]:
        return np.asarray(u < self.yearly_probability)


Process = Annotated[Autoregressive | Regimes, Field(discriminator="process")]


class Correlation(Figure):
    """Two figures that go together: Spearman's rank correlation under a Gaussian copula."""

    keys: tuple[str, str] = Field(strict=False, description="dotted keys of two uncertain figures")
    rank: FiniteFloat = Field(gt=-1, lt=1)

    @property
    def pearson(self) -> float:
        """The correlation of the two normals behind: 2 sin(pi rank / 6)."""
        return float(2.0 * np.sin(np.pi * self.rank / 6.0))


def copula_factor(keys: list[str], correlations: tuple[Correlation, ...]) -> Floats:
    """Return the lower triangular factor [key, key] of the correlations of the named figures.

    Cholesky's, element by element: a row has the same bits whatever keys come after it.

    Raises
    ------
    ValueError
        If no joint distribution has these correlations.
    """
    rest = np.eye(len(keys))
    for pair in correlations:
        i, j = keys.index(pair.keys[0]), keys.index(pair.keys[1])
        rest[i, j] = rest[j, i] = pair.pearson
    factor = np.zeros_like(rest)
    for j in range(len(keys)):
        if rest[j, j] <= 0.0:
            raise ValueError(
                "correlation: no distribution has all these correlations at once (the matrix is "
                "not positive definite); lower some of them"
            )
        factor[j:, j] = rest[j:, j] / rest[j, j] ** 0.5
        rest -= factor[:, j, None] * factor[None, :, j]
    return factor


def coupled(u: Floats, factor: Floats) -> Floats:
    """Return probabilities [n, key] with the dependence of `factor`; each column stays uniform.

    Added up key by key: the same bits on every numpy and for every size of block. A key that goes
    together with none before it keeps its bits.
    """
    normals = ndtri(u)
    result = u.copy()
    for i in range(len(factor)):
        if not factor[i, :i].any():
            continue
        mixed = factor[i, 0] * normals[:, 0]
        for j in range(1, i + 1):
            mixed = mixed + factor[i, j] * normals[:, j]
        result[:, i] = ndtr(mixed)
    return np.clip(result, np.finfo(float).tiny, np.nextafter(1.0, 0.0))


def autoregression(normals: Floats, sd: float, correlation: float) -> Floats:
    """Return AR(1) noise [n, year] with s.d. `sd` in every year from independent normals."""
    noise = np.empty_like(normals)
    noise[:, 0] = normals[:, 0]
    for y in range(1, normals.shape[1]):
        fresh = (1.0 - correlation * correlation) ** 0.5 * normals[:, y]
        noise[:, y] = correlation * noise[:, y - 1] + fresh
    return sd * noise
