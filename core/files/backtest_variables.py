"""The vocabulary of backtests: what was counted, what was forecast of it, and the scores."""

from __future__ import annotations

from .variable import CODE, FLAG, PERSONS, SHARE, TEXT, Flow, Missing, along

AS_THE_SERIES = "as the series"
HEAD_COUNTS = (
    Flow("all_doctors", PERSONS, "all doctors", False),
    Flow("all_with_waiting", PERSONS, "all doctors, with those who wait for LIS1", False),
    Flow("without_speciality", PERSONS, "doctors without a speciality, whatever they do", False),
)
"""Series of the whole country, of studies that count the doctors without a speciality."""
_SCORED = Missing(
    "nothing to score: backtest_scored is not 1 (no such forecast could be made, or the form "
    "needs a level that is not known)",
    status="backtest_scored",
)

BACKTEST_VARIABLES = (
    *along(
        "time series",
        AS_THE_SERIES,
        Missing("nothing was counted: backtest_counted is not 1", status="backtest_counted"),
        backtest_observed="what was counted",
    ),
    *along("time series", FLAG, backtest_counted="1 where there is a count of the year"),
    *along(
        "time series",
        AS_THE_SERIES,
        backtest_mean="projection, mean over scenarios",
        backtest_median="projection, median over scenarios",
    ),
    *along(
        "time series band",
        AS_THE_SERIES,
        backtest_low="projection, lower end of the central band",
        backtest_high="projection, upper end of the central band",
    ),
    *along(
        "time series forecast",
        AS_THE_SERIES,
        Missing("no such forecast of the year", status="backtest_made"),
        backtest_forecast="what was forecast; of the projection its mean",
    ),
    *along(
        "time series forecast", FLAG, backtest_made="1 where there is such a forecast of the year"
    ),
    *along(
        "time form series",
        SHARE,
        Missing("not scored: backtest_scored_year is not 1", status="backtest_scored_year"),
        backtest_pit="probability integral transform of what was counted: uniform if the "
        "projection is calibrated",
    ),
    *along(
        "time form series",
        FLAG,
        backtest_scored_year="1 where the year is scored",
    ),
    *along(
        "form series forecast",
        AS_THE_SERIES,
        _SCORED,
        backtest_bias="mean forecast less what was counted, mean over years",
        backtest_crps="continuous ranked probability score, mean over years; of a single value "
        "its absolute error",
        backtest_pinball="pinball loss of the quantiles 0.05 to 0.95, mean over both and years",
    ),
    *along(
        "form series forecast",
        SHARE,
        Missing("nothing was scored, or what was counted is zero in a year"),
        backtest_mape="absolute error of the median as a share of what was counted, mean over "
        "years",
    ),
    *along("form series forecast", FLAG, backtest_scored="1 where the forecast is scored"),
    *along(
        "form series forecast band",
        SHARE,
        _SCORED,
        backtest_coverage="share of years in which the count lies in the central band",
    ),
    *along(
        "form series forecast band",
        AS_THE_SERIES,
        _SCORED,
        backtest_width="width of the central band, mean over years",
    ),
    *along(
        "series",
        CODE,
        backtest_origin="calendar year that forecasts start from: growth counts from here",
        backtest_years="number of years scored",
    ),
    *along("series", AS_THE_SERIES, backtest_base="what was counted in that year"),
    *along(
        "series",
        TEXT,
        backtest_flow="name of the flow",
        backtest_region="identifier of the region; empty: all together",
        backtest_group="identifier of the specialty group; empty: all together",
        backtest_vintage="when and by whom the series was told",
        backtest_counts="what the series counts",
        backtest_source="where the counts are from",
        backtest_fitted="figures of the study that rest on these very counts; empty: none",
    ),
)
"""Errors of the form `relative` are shares; of the others they count what the series does."""
