"""A projection made as of an earlier year beside what was counted since, and naive forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import scores
from .naive import naive_forecasts
from .observed import Observed, Scope
from .paths import STOCKS, Path
from .scores import Forecast, one_value

Floats = NDArray[np.float64]
FORMS = {
    "level": "Level",
    "growth": "Growth since the year it starts from",
    "relative": "Relative growth since then",
}
PROJECTION = "projection"
SAME_LEVEL = 0.01
"""A stock counted more than this share beside what is projected of the same year is of another
vintage or population, or was missed already: only its growth is scored."""


@dataclass(frozen=True, eq=False)
class Compared:
    """One observed series, what was forecast of it by year, and the scores of every form."""

    observed: Observed
    origin: int
    """The last year that naive forecasts know; growth counts from here."""
    path: Path
    years: tuple[int, ...]
    """Scored: counted after `origin`, and projected."""
    naive: dict[str, Floats]
    """Forecasts without a model, name -> [year scored]."""
    forms: dict[str, Scored]
    """Of those in `FORMS` that can be scored."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Forecasts of one form, the projection first, and what they are scored against."""

    observed: Floats  # [year scored]
    forecasts: dict[str, Forecast]

    def score(self, name: str) -> dict[str, float]:
        """Return bias, MAPE, pinball loss and CRPS of one forecast."""
        forecast, observed = self.forecasts[name], self.observed
        return {
            "bias": scores.bias(forecast, observed),
            "mape": scores.mean_absolute_percentage_error(forecast, observed),
            "pinball": scores.pinball(forecast, observed),
            "crps": scores.continuous_ranked_probability_score(forecast, observed),
        }


def origin_of(scope: Scope, observed: Observed) -> int:
    """Return the last year counted before the projection begins, or else the first counted."""
    known = observed.known_by(scope.years[0] - 1)
    return max(known) if known else min(observed.values)


def years_scored(scope: Scope, observed: Observed) -> tuple[int, ...]:
    """Return the years counted after the origin that are projected."""
    return tuple(y for y in observed.since(origin_of(scope, observed)) if y in scope.years)


def compared(
    scope: Scope, observed: Observed, path: Path, published: Mapping[str, float]
) -> Compared:
    """Return what is projected of one observed series beside it, and forecasts without a model."""
    origin, years = origin_of(scope, observed), years_scored(scope, observed)
    naive = naive_forecasts(observed, origin, years, published)
    return Compared(observed, origin, path, years, naive, _forms(scope, observed, path, naive))


def _forms(
    scope: Scope, observed: Observed, path: Path, naive: dict[str, Floats]
) -> dict[str, Scored]:
    origin, years = origin_of(scope, observed), years_scored(scope, observed)
    places = [scope.years.index(y) for y in years]
    counts, base = np.array([observed.values[y] for y in years]), observed.values[origin]
    start = _at(scope, path, origin) if observed.series in STOCKS else None
    found = {}
    if start is None or _same(start, path.weight, base):
        found["level"] = Scored(
            counts, {PROJECTION: path.forecast(places)} | _certain(naive, 0.0, 1.0)
        )
    if start is None:
        return found
    grown = path.forecast(places, start)
    found["growth"] = Scored(counts - base, {PROJECTION: grown} | _certain(naive, base, 1.0))
    if base > 0.0 and (start > 0.0).all():
        relative = Forecast(grown.values / start[:, None], path.weight)
        found["relative"] = Scored(
            counts / base - 1.0, {PROJECTION: relative} | _certain(naive, base, base)
        )
    return found


def _at(scope: Scope, path: Path, origin: int) -> Floats | None:
    """Return the projected value at the origin, [scenario]; None where it is not known."""
    if origin in scope.years:
        return path.values[:, scope.years.index(origin)]
    return path.start if origin == scope.years[0] - 1 else None


def _same(start: Floats, weight: Floats, base: float) -> bool:
    return bool(abs(float((start * weight).sum()) - base) <= SAME_LEVEL * abs(base))


def _certain(naive: dict[str, Floats], less: float, unit: float) -> dict[str, Forecast]:
    return {name: one_value((values - less) / unit) for name, values in naive.items()}


def names_of_forecasts(found: Sequence[Compared]) -> list[str]:
    """Return the names of all forecasts made, the projection first."""
    return list(dict.fromkeys([PROJECTION, *(name for each in found for name in each.naive)]))
