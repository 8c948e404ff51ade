"""Scores against their definitions, worked out by hand or by plain loops over all scenarios."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lis1plan.core.backtest.scores import (
    BANDS,
    LEVELS,
    Forecast,
    bias,
    continuous_ranked_probability_score,
    coverage,
    mean_absolute_percentage_error,
    one_value,
    pinball,
    probability_integral_transform,
    width,
)

SAMPLE = Forecast(np.array([[1.0], [2.0], [4.0], [8.0]]), np.full(4, 0.25))
NUMBERS = st.floats(-1e4, 1e4).map(lambda x: round(x, 3))


@st.composite
def samples(draw: st.DrawFn) -> tuple[Forecast, np.ndarray]:
    """Weighted scenarios of two years, some of the same value, and what was counted."""
    count = draw(st.integers(1, 9))
    rows = draw(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=count, max_size=count))
    weight = np.array(draw(st.lists(st.integers(1, 5), min_size=count, max_size=count)), float)
    counted = draw(st.tuples(NUMBERS, NUMBERS))
    return Forecast(np.array(rows), weight / weight.sum()), np.array(counted)


def test_by_hand() -> None:
    """Four scenarios 1, 2, 4, 8; counted 3.

    E|X - x| = (2 + 1 + 1 + 5) / 4; E|X - X'| = 2 (1 + 3 + 7 + 2 + 6 + 4) / 16.
    """
    counted = np.array([3.0])
    assert bias(SAMPLE, counted) == pytest.approx(3.75 - 3.0)
    assert mean_absolute_percentage_error(SAMPLE, counted) == pytest.approx(1.0 / 3.0)
    crps = continuous_ranked_probability_score(SAMPLE, counted)
    assert crps == pytest.approx(9.0 / 4.0 - 0.5 * 46.0 / 16.0)
    assert probability_integral_transform(SAMPLE, counted).tolist() == [0.5]
    assert [SAMPLE.quantile(p).item() for p in (0.25, 0.26, 0.5, 0.75, 1.0)] == [1, 2, 2, 4, 8]
    assert (width(SAMPLE, 0.5), width(SAMPLE, 0.8)) == (3.0, 7.0)
    assert [coverage(SAMPLE, np.array([x]), 0.5) for x in (0.9, 1.0, 4.0, 4.1)] == [0, 1, 1, 0]


def test_percentage_of_nothing_is_not_told() -> None:
    assert math.isnan(mean_absolute_percentage_error(SAMPLE, np.array([0.0])))


@given(samples())
def test_against_the_definitions(found: tuple[Forecast, np.ndarray]) -> None:
    forecast, counted = found
    scenarios, weight = forecast.values.tolist(), forecast.weight.tolist()
    crps, losses, below = [], [], []
    for y, x in enumerate(counted.tolist()):
        away = sum(w * abs(row[y] - x) for row, w in zip(scenarios, weight, strict=True))
        apart = sum(
            w * v * abs(one[y] - two[y])
            for one, w in zip(scenarios, weight, strict=True)
            for two, v in zip(scenarios, weight, strict=True)
        )
        crps.append(away - apart / 2.0)
        below.append(
            sum(
                w * (1.0 if row[y] < x else 0.5 if row[y] == x else 0.0)
                for row, w in zip(scenarios, weight, strict=True)
            )
        )
        for level in LEVELS:
            q = _quantile([row[y] for row in scenarios], weight, level)
            losses.append(max(level * (x - q), (level - 1.0) * (x - q)))
    scale = 1e-9 * max(1.0, float(np.abs(forecast.values).max()), float(np.abs(counted).max()))
    score = continuous_ranked_probability_score(forecast, counted)
    assert score == pytest.approx(sum(crps) / 2.0, abs=scale)
    assert pinball(forecast, counted) == pytest.approx(sum(losses) / len(losses), abs=scale)
    assert probability_integral_transform(forecast, counted) == pytest.approx(below, abs=1e-12)
    for probability in BANDS:
        tail = (1.0 - probability) / 2.0
        ends = [
            [_quantile([row[y] for row in scenarios], weight, p) for p in (tail, 1.0 - tail)]
            for y in range(2)
        ]
        inside = [low <= x <= high for (low, high), x in zip(ends, counted, strict=True)]
        assert coverage(forecast, counted, probability) == sum(inside) / 2.0


def _quantile(values: list[float], weight: list[float], level: float) -> float:
    reached = 0.0
    for value, w in sorted(zip(values, weight, strict=True)):
        reached += w
        if reached >= level - 1e-12:
            return value
    raise AssertionError


@given(samples())
def test_a_single_value_is_scored_by_its_absolute_error(found: tuple[Forecast, np.ndarray]) -> None:
    forecast, counted = found
    single = one_value(forecast.mean)
    errors = np.abs(forecast.mean - counted)
    assert continuous_ranked_probability_score(single, counted) == pytest.approx(errors.mean())
    assert pinball(single, counted) == pytest.approx(errors.mean() / 2.0)
    assert continuous_ranked_probability_score(forecast, counted) >= -1e-9


@given(samples(), st.integers(-1000, 1000), st.integers(1, 50))
def test_scores_move_and_grow_with_their_unit(
    found: tuple[Forecast, np.ndarray], moved: int, factor: int
) -> None:
    forecast, counted = found
    other = Forecast(forecast.values * factor + moved, forecast.weight)
    shifted = counted * factor + moved
    for score in (bias, pinball, continuous_ranked_probability_score):
        assert score(other, shifted) == pytest.approx(factor * score(forecast, counted), abs=1e-6)


def test_a_calibrated_forecast_covers_what_its_bands_say() -> None:
    """Counts drawn as the scenarios are: coverage, and a PIT that is uniform."""
    rng = np.random.default_rng(5)
    forecast = Forecast(rng.normal(size=(4000, 400)), np.full(4000, 1 / 4000))
    counted = rng.normal(size=400)
    for probability in BANDS:
        assert coverage(forecast, counted, probability) == pytest.approx(probability, abs=0.06)
    shares = np.histogram(probability_integral_transform(forecast, counted), 4, (0, 1))[0] / 400
    assert shares == pytest.approx(0.25, abs=0.07)
