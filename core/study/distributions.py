"""Distributions: what an uncertain figure of a study may be, and its quantiles.

Each is a small frozen value with three questions: `quantile(u)` for probabilities `u`, `central`,
the single value used where a limit is deterministic, and `expected`, the mean of what is drawn.
Every figure names its source or the assumption behind it. Quantiles never fall as `u` grows and
never leave `bounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Discriminator, Field, FiniteFloat, Tag, model_validator
from scipy import stats

Floats = NDArray[np.float64]
EQUAL_PARTS = 65_536
"""Probabilities whose quantiles make up the mean of a distribution cut at its ends."""
ON_COMMAND_LINE = "set on the command line"
"""How the assumption behind a figure begins that `--set` gave."""


class Figure(BaseModel):
    """A figure of the study with its origin: at least one of `source` and `assumption`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    source: str = Field(default="", description="document and page, chapter or table")
    assumption: str = Field(default="", description="the reasoning, where no source gives it")

    @model_validator(mode="after")
    def _has_origin(self) -> Self:
        if not (self.source.strip() or self.assumption.strip()):
            raise ValueError("give `source` (document, chapter or table) or `assumption` (why)")
        return self


def _increasing(figure: Figure, *names: str) -> None:
    """Raise unless the named values do not fall and the first lies below the last."""
    values = [getattr(figure, name) for name in names]
    if any(b < a for a, b in pairwise(values)) or values[0] == values[-1]:
        found = ", ".join(f"{n} = {v:g}" for n, v in zip(names, values, strict=True))
        wanted = f"{' <= '.join(names)} with {names[0]} < {names[-1]}"
        raise ValueError(f"expected {wanted}, got {found}")


class Fixed(Figure):
    """A figure without uncertainty."""

    distribution: Literal["fixed"] = "fixed"
    value: FiniteFloat

    @property
    def central(self) -> float:
        """The value."""
        return self.value

    @property
    def expected(self) -> float:
        """The value."""
        return self.value

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        return self.value, self.value

    def quantile(self, u: Floats) -> Floats:
        """Return the value for every probability."""
        return np.full(u.shape, self.value)


class _Interval(Figure):
    ascending: ClassVar[tuple[str, ...]] = ("low", "high")
    low: FiniteFloat
    high: FiniteFloat

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _increasing(self, *self.ascending)
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        return self.low, self.high

    def _stretch(self, share: Floats) -> Floats:
        """Return low + (high - low) share, which rounding must not carry past `high`."""
        return np.clip(self.low + (self.high - self.low) * share, self.low, self.high)


class Uniform(_Interval):
    """Equally likely between `low` and `high`."""

    distribution: Literal["uniform"]

    @property
    def central(self) -> float:
        """The midpoint."""
        return 0.5 * (self.low + self.high)

    @property
    def expected(self) -> float:
        """The mean."""
        return self.central

    def quantile(self, u: Floats) -> Floats:
        """Return the value at each probability `u`."""
        return self._stretch(u)


class _ThreePoint(_Interval):
    ascending: ClassVar[tuple[str, ...]] = ("low", "mode", "high")
    mode: FiniteFloat

    @property
    def central(self) -> float:
        """The mode."""
        return self.mode


class Triangular(_ThreePoint):
    """Density a triangle over `low`, `mode`, `high`."""

    distribution: Literal["triangular"]

    @property
    def expected(self) -> float:
        """The mean."""
        return (self.low + self.mode + self.high) / 3.0

    def quantile(self, u: Floats) -> Floats:
        """Return the value at each probability `u`."""
        peak = (self.mode - self.low) / (self.high - self.low)
        return self._stretch(stats.triang.ppf(u, peak))


class Pert(_ThreePoint):
    """Beta-PERT: the smooth cousin of the triangle, mean (low + 4 mode + high) / 6."""

    distribution: Literal["pert"]

    @property
    def expected(self) -> float:
        """The mean."""
        return (self.low + 4.0 * self.mode + self.high) / 6.0

    def quantile(self, u: Floats) -> Floats:
        """Return the value at each probability `u`."""
        width = self.high - self.low
        a = 1.0 + 4.0 * (self.mode - self.low) / width
        b = 1.0 + 4.0 * (self.high - self.mode) / width
        return self._stretch(stats.beta.ppf(u, a, b))


class _Truncated(Figure):
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.low is not None and self.high is not None:
            _increasing(self, "low", "high")
        _, start, end = _cut(self._uncut(), *self.bounds)
        if start == end:
            raise ValueError("no probability between {:g} and {:g}".format(*self.bounds))
        return self

    def _uncut(self) -> Any:  # noqa: ANN401
        raise NotImplementedError

    @property
    def central(self) -> float:
        """The median before cutting (of a normal also its mode), or the bound next to it."""
        return float(np.clip(self._uncut().median(), *self.bounds))

    @property
    def expected(self) -> float:
        """The mean of what the bounds leave, by the midpoint rule over probabilities."""
        return float(self.quantile((np.arange(EQUAL_PARTS) + 0.5) / EQUAL_PARTS).mean())

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        least, most = self._uncut().support()
        low = least if self.low is None else max(self.low, least)
        return float(low), float(most if self.high is None else self.high)

    def quantile(self, u: Floats) -> Floats:
        """Return the value at each probability `u`, rescaled to what the bounds leave."""
        inverse, start, end = _cut(self._uncut(), *self.bounds)
        inside = sorted((np.nextafter(start, end), np.nextafter(end, start)))  # never infinite
        return np.clip(inverse(np.clip(start + u * (end - start), *inside)), *self.bounds)


@lru_cache(maxsize=1024)  # scipy takes longer to make one than to ask it for a block
def _frozen(family: Any, *figures: float) -> Any:  # noqa: ANN401
    """Return a distribution of scipy with its shape, place and size."""
    return family(*figures)


@lru_cache(maxsize=1024)
def _cut(
    uncut: Any,  # noqa: ANN401
    low: float,
    high: float,
) -> tuple[Callable[[Floats], Floats], float, float]:
    """Return an inverse distribution function and its arguments at two bounds."""
    if uncut.cdf(low) > 0.5:  # far up, cdf rounds to one where sf keeps its digits
        return uncut.isf, *uncut.sf((low, high))
    return uncut.ppf, *uncut.cdf((low, high))


class Normal(_Truncated):
    """Normal, cut to `low` and `high` where these are given."""

    distribution: Literal["normal"]
    mean: FiniteFloat
    sd: FiniteFloat = Field(gt=0)

    def _uncut(self) -> Any:  # noqa: ANN401
        return _frozen(stats.norm, self.mean, self.sd)


class Lognormal(_Truncated):
    """Lognormal by its median and the s.d. `sigma` of its logarithm, cut where bounds are given."""

    distribution: Literal["lognormal"]
    median: FiniteFloat = Field(gt=0)
    sigma: FiniteFloat = Field(gt=0)

    def _uncut(self) -> Any:  # noqa: ANN401
        return _frozen(stats.lognorm, self.sigma, 0.0, self.median)


class Beta(_Interval):
    """Beta(a, b) stretched over `low` to `high`."""

    distribution: Literal["beta"]
    a: FiniteFloat = Field(gt=0)
    b: FiniteFloat = Field(gt=0)
    low: FiniteFloat = 0.0
    high: FiniteFloat = 1.0

    @property
    def central(self) -> float:
        """The mean."""
        return self.low + (self.high - self.low) * self.a / (self.a + self.b)

    @property
    def expected(self) -> float:
        """The mean."""
        return self.central

    def quantile(self, u: Floats) -> Floats:
        """Return the value at each probability `u`."""
        return self._stretch(stats.beta.ppf(u, self.a, self.b))


class _Listed(Figure):
    values: tuple[FiniteFloat, ...] = Field(min_length=1, strict=False)

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        return min(self.values), max(self.values)


class Discrete(_Listed):
    """One of `values` with the given `weights`, which need not sum to one."""

    distribution: Literal["discrete"]
    weights: tuple[FiniteFloat, ...] = Field(min_length=1, strict=False)

    @model_validator(mode="after")
    def _matching(self) -> Self:
        if len(self.values) != len(self.weights):
            raise ValueError(f"{len(self.values)} values but {len(self.weights)} weights")
        if min(self.weights) < 0 or sum(self.weights) <= 0:
            found = ", ".join(f"{weight:g}" for weight in self.weights)
            raise ValueError(f"weights must not be negative and not all zero, got {found}")
        return self

    @property
    def central(self) -> float:
        """The weighted mean."""
        return float(np.average(self.values, weights=self.weights))

    @property
    def expected(self) -> float:
        """The weighted mean."""
        return self.central

    def quantile(self, u: Floats) -> Floats:
        """Return the value at each probability `u`, from the smallest value up."""
        order = np.argsort(self.values, kind="stable")
        return np.asarray(self.values)[order][choose(u, np.asarray(self.weights)[order])]


class Empirical(_Listed):
    """Observed `values`, equally likely, linear between the order statistics."""

    distribution: Literal["empirical"]
    values: tuple[FiniteFloat, ...] = Field(min_length=2, strict=False)

    @property
    def central(self) -> float:
        """The median."""
        return float(np.median(self.values))

    @property
    def expected(self) -> float:
        """The mean of the lines between the order statistics."""
        ordered = np.sort(np.asarray(self.values))
        return float(((ordered[1:] + ordered[:-1]) / 2.0).mean())

    def quantile(self, u: Floats) -> Floats:
        """Return the value at each probability `u`."""
        ordered = np.sort(np.asarray(self.values))
        result: Floats = np.interp(u, np.linspace(0.0, 1.0, len(ordered)), ordered)
        return result


def choose(u: Floats, weights: Sequence[float] | Floats) -> NDArray[np.int64]:
    """Return for each probability the index of the alternative it falls on (by inverse CDF)."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(edges[:-1] / edges[-1], u, side="right").astype(np.int64)


def _kind(found: object) -> str:
    kind = found.get if isinstance(found, dict) else partial(getattr, found)
    return str(kind("distribution", "fixed"))


KINDS = (
    "fixed", "uniform", "triangular", "pert", "normal", "lognormal", "beta", "discrete", "empirical"
)  # fmt: skip

Quantity = Annotated[
    Annotated[Fixed, Tag("fixed")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Triangular, Tag("triangular")]
    | Annotated[Pert, Tag("pert")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[Lognormal, Tag("lognormal")]
    | Annotated[Beta, Tag("beta")]
    | Annotated[Discrete, Tag("discrete")]
    | Annotated[Empirical, Tag("empirical")],
    Discriminator(_kind),
]
QUANTITIES = (Fixed, Uniform, Triangular, Pert, Normal, Lognormal, Beta, Discrete, Empirical)
