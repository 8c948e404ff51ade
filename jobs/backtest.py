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
from ..core.backtest.naive import NAIVE
from ..core.backtest.scores import BANDS, coverage, probability_integral_transform, width
from ..core.compute.place import Progress, Where
from ..core.files.labels import labelled
from ..core.files.variables import SERIES
from ..core.flow.projection import Request, project_plans
from ..core.scenarios.draws import sample_of
from ..core.study.study import Study
from .job import Job, write_with_report
from .options import BacktestOptions
from .request import JobRequest, Seeks, at_work

Floats = NDArray[np.float64]
SCORES = ("bias", "mape", "crps", "pinball")


def backtested(
    request: JobRequest[BacktestOptions], where: Where, progress: Progress
) -> xr.Dataset:
    """Return a study's projection without new slots beside each observed series, and its scores."""
    study = request.study
    observed = observed_in(request.options.observed, study)
    with at_work(study, where, progress, Seeks.NOTHING) as work:
        asked = Request(study, sample_of(study), {"none": study.given_levels}, ensemble=True)
        projection = project_plans(asked, work.workers, progress)
    found = [compared(study, projection, each) for each in observed]
    dataset = _described(study, found)
    return dataset.assign_attrs(request.attributes(work.seconds))


def _described(study: Study, found: Sequence[Compared]) -> xr.Dataset:
    names = names_of_forecasts(found)
    data = _by_year(study, found, names) | _by_form(study, found, names) | _of_series(found)
    more = {
        "form": FORMS,
        "series": {each.observed.identifier: _title(study, each) for each in found},
        "forecast": {name: _name(study, name) for name in names},
        "band": {f"{p:g}": f"central band of {p:.0%}" for p in BANDS},
    }
    return labelled(study, data, more=more)


def _title(study: Study, found: Compared) -> str:
    """Return what a series is, in words."""
    seen = found.observed
    parts = [SERIES[seen.series].long_name]
    parts += [r.name for key, r in study.regions.items() if key == seen.region]
    parts += [g.name for key, g in study.groups.items() if key == seen.group]
    return ", ".join(filter(None, [*parts, seen.vintage]))


def _name(study: Study, forecast: str) -> str:
    named = {row.id: row.name for row in study.demand.alternatives}
    return {PROJECTION: "The projection", **NAIVE, **named}[forecast]


def _by_year(study: Study, found: Sequence[Compared], names: Sequence[str]) -> dict[str, Any]:
    """Return counts and forecasts, [time, series, ...]."""
    years, count = len(study.years), len(found)
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
            if year in study.years:
                data["backtest_observed"][study.years.index(year), s] = value
        data["backtest_forecast"][:, s, 0] = forecast.mean
        places = [study.years.index(year) for year in each.years]
        for name, values in each.naive.items():
            data["backtest_forecast"][places, s, names.index(name)] = values
    return data | {
        "backtest_counted": np.isfinite(data["backtest_observed"]),
        "backtest_made": np.isfinite(data["backtest_forecast"]),
    }


def _by_form(study: Study, found: Sequence[Compared], names: Sequence[str]) -> dict[str, Any]:
    """Return the scores, [form, series, forecast, ...]."""
    shape = (len(FORMS), len(found), len(names))
    data: dict[str, Floats] = {f"backtest_{name}": np.full(shape, np.nan) for name in SCORES}
    data |= {
        f"backtest_{name}": np.full((*shape, len(BANDS)), np.nan) for name in ("coverage", "width")
    }
    pit = np.full((len(study.years), *shape[:2]), np.nan)
    for s, each in enumerate(found):
        for name, scored in each.forms.items():
            f = list(FORMS).index(name)
            places = [study.years.index(year) for year in each.years]
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
