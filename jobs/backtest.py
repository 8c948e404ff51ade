"""The job behind `backtest`: a projection beside what was counted since, as dataset and file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..configs.observed import observed_in
from ..core.backtest.compare import (
    FORMS,
    PROJECTION,
    Compared,
    compared,
    names_of_forecasts,
)
from ..core.backtest.naive import NAIVE, published_growth
from ..core.backtest.observed import Scope
from ..core.backtest.paths import path_of
from ..core.backtest.scores import BANDS, coverage, probability_integral_transform, width
from ..core.compute.place import Progress, Where
from ..core.files.labels import labelled
from ..core.files.variables import SERIES
from ..core.flow.others import counted_at_start
from ..core.flow.projection import Request, project_plans
from ..core.scenarios.draws import sample_of
from .job import Job, write_with_report
from .options import BacktestOptions
from .request import JobRequest, Seeks, at_work

Floats = NDArray[np.float64]
SCORES = ("bias", "mape", "crps", "pinball")


def backtested(
    request: JobRequest[BacktestOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return a study's projection without new slots beside each observed series, and its scores."""
    study, scope = request.study, scope_of(request)
    observed = observed_in(request.options.observed, scope)
    with at_work(study, where, progress, Seeks.NOTHING) as work:
        asked = Request(study, sample_of(study), {"none": study.given_levels}, ensemble=True)
        projection = project_plans(asked, work.workers, progress)
    others = study.without_speciality
    started = None if others is None else counted_at_start(study, others)
    found = []
    for each in observed:
        path = path_of(scope, projection, each, started)
        published = published_growth(study.demand.alternatives, each.series)
        found.append(compared(scope, each, path, published))
    dataset = _described(request, scope, found)
    return dataset.assign_attrs(request.attributes(work.seconds))


def scope_of(request: JobRequest[BacktestOptions]) -> Scope:
    """Return what a projection of the study of a request tells of."""
    study = request.study
    everybody = study.without_speciality is not None
    ahead = study.lis1.half_years_to_start > 0
    limited = study.specialist_posts is not None
    regions, groups = tuple(study.regions), tuple(study.groups)
    return Scope(regions, groups, study.years, everybody, ahead, limited)


def _described(
    request: JobRequest[BacktestOptions], scope: Scope, found: Sequence[Compared]
) -> xr.Dataset:
    study, names = request.study, names_of_forecasts(found)
    data = _by_year(scope, found, names) | _by_form(scope, found, names) | _of_series(found)
    places = {"": ""} | {key: each.name for key, each in study.regions.items()}
    groups = {"": ""} | {key: each.name for key, each in study.groups.items()}
    named = {PROJECTION: "The projection", **NAIVE}
    named |= {row.id: row.name for row in study.demand.alternatives}
    titles = {}
    for seen in (each.observed for each in found):
        words = SERIES[seen.series].long_name, places[seen.region], groups[seen.group], seen.vintage
        titles[seen.identifier] = ", ".join(filter(None, words))
    more = {
        "form": FORMS,
        "series": titles,
        "forecast": {name: named[name] for name in names},
        "band": {f"{p:g}": f"central band of {p:.0%}" for p in BANDS},
    }
    return labelled(study, data, more=more)


def _by_year(scope: Scope, found: Sequence[Compared], names: Sequence[str]) -> dict[str, Any]:
    """Return counts and forecasts, [time, series, ...]."""
    years, count = len(scope.years), len(found)
    data: dict[str, Floats] = {
        "backtest_observed": np.full((years, count), np.nan),
        "backtest_mean": np.empty((years, count)),
        "backtest_median": np.empty((years, count)),
        "backtest_low": np.empty((years, count, len(BANDS))),
        "backtest_high": np.empty((years, count, len(BANDS))),
        "backtest_forecast": np.full((years, count, len(names)), np.nan),
    }
    for s, each in enumerate(found):
        forecast = each.path.forecast(list(range(years)))
        data["backtest_mean"][:, s], data["backtest_median"][:, s] = (
            forecast.mean,
            forecast.quantile(0.5),
        )
        for b, probability in enumerate(BANDS):
            low, high = forecast.band(probability)
            data["backtest_low"][:, s, b], data["backtest_high"][:, s, b] = low, high
        for year, value in each.observed.values.items():
            if year in scope.years:
                data["backtest_observed"][scope.years.index(year), s] = value
        data["backtest_forecast"][:, s, 0] = forecast.mean
        places = [scope.years.index(year) for year in each.years]
        for name, values in each.naive.items():
            data["backtest_forecast"][places, s, names.index(name)] = values
    return data | {
        "backtest_counted": np.isfinite(data["backtest_observed"]),
        "backtest_made": np.isfinite(data["backtest_forecast"]),
    }


def _by_form(scope: Scope, found: Sequence[Compared], names: Sequence[str]) -> dict[str, Any]:
    """Return the scores, [form, series, forecast, ...]."""
    shape = (len(FORMS), len(found), len(names))
    data: dict[str, Floats] = {f"backtest_{name}": np.full(shape, np.nan) for name in SCORES}
    data |= {
        f"backtest_{name}": np.full((*shape, len(BANDS)), np.nan) for name in ("coverage", "width")
    }
    pit = np.full((len(scope.years), *shape[:2]), np.nan)
    for s, each in enumerate(found):
        for name, scored in each.forms.items():
            f = list(FORMS).index(name)
            places = [scope.years.index(year) for year in each.years]
            projection = scored.forecasts[PROJECTION]
            pit[places, f, s] = probability_integral_transform(projection, scored.observed)
            for forecast, made in scored.forecasts.items():
                at = (f, s, names.index(forecast))
                for score, value in scored.score(forecast).items():
                    data[f"backtest_{score}"][at] = value
                bands = data["backtest_coverage"], data["backtest_width"]
                bands[0][at] = [coverage(made, scored.observed, p) for p in BANDS]
                bands[1][at] = [width(made, p) for p in BANDS]
    return data | {
        "backtest_pit": pit,
        "backtest_scored_year": np.isfinite(pit),
        "backtest_scored": np.isfinite(data["backtest_crps"]),
    }


def _of_series(found: Sequence[Compared]) -> dict[str, Any]:
    """Return what is said of each series, [series]."""
    return {
        "backtest_origin": [each.origin for each in found],
        "backtest_years": [len(each.years) for each in found],
        "backtest_base": [each.observed.values[each.origin] for each in found],
        "backtest_flow": [each.observed.series for each in found],
        "backtest_region": [each.observed.region for each in found],
        "backtest_group": [each.observed.group for each in found],
        "backtest_vintage": [each.observed.vintage for each in found],
        "backtest_counts": [SERIES[each.observed.series].counts for each in found],
        "backtest_source": [each.observed.source for each in found],
        "backtest_fitted": [each.observed.fitted for each in found],
    }


JOB = Job(BacktestOptions, backtested, write=write_with_report)
