"""Laws of the uncertain figures: quantiles, bounds, means, refusals."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from lis1plan.core.study.distributions import Quantity, choose

READ: TypeAdapter[Any] = TypeAdapter(Quantity)
CENTRES = (np.arange(200_000) + 0.5) / 200_000  # midpoint rule over the probabilities

numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 6))
positive = st.floats(1e-3, 1e3)
LEAST = 2.0**-53  # what the samplers keep away from 0 and 1
probabilities = st.lists(
    st.floats(LEAST, 1 - LEAST) | st.sampled_from([LEAST, 1 - LEAST]), min_size=2, max_size=30
)


def figure(**keys: Any) -> Any:
    return READ.validate_python({"assumption": "for the test", **keys})


def _ascending(count: int) -> st.SearchStrategy[list[float]]:
    return st.lists(numbers, min_size=count, max_size=count, unique=True).map(sorted)


@st.composite
def figures(draw: st.DrawFn) -> Any:
    """Any valid figure of any kind."""
    kind = draw(st.sampled_from(["fixed", "empirical", "discrete", "beta", "interval", "cut"]))
    low, mode, high = draw(_ascending(3))
    values = draw(st.lists(numbers, min_size=2, max_size=6))
    if kind == "fixed":
        return figure(value=mode)
    if kind == "empirical":
        return figure(distribution=kind, values=values)
    if kind == "discrete":
        weights = draw(st.lists(positive, min_size=len(values), max_size=len(values)))
        return figure(distribution=kind, values=values, weights=weights)
    if kind == "beta":
        return figure(distribution=kind, a=draw(positive), b=draw(positive), low=low, high=high)
    if kind == "interval":
        name = draw(st.sampled_from(["uniform", "triangular", "pert"]))
        middle = {} if name == "uniform" else {"mode": draw(st.sampled_from([low, mode, high]))}
        return figure(distribution=name, low=low, high=high, **middle)
    # cut anywhere within seven s.d. of the centre, so on one side far into the tail
    below, above = draw(
        st.lists(st.integers(-7, 7), min_size=2, max_size=2, unique=True).map(sorted)
    )
    spread, centre = draw(st.floats(0.01, 2)), draw(st.floats(0.1, 100))
    sides = draw(st.sampled_from([("low",), ("high",), ("low", "high"), ()]))
    if draw(st.booleans()):
        ends = {"low": centre + below * spread, "high": centre + above * spread}
        start: dict[str, Any] = {"distribution": "normal", "mean": centre, "sd": spread}
    else:
        ends = {"low": centre * np.exp(below * spread), "high": centre * np.exp(above * spread)}
        ends = {side: float(end) for side, end in ends.items()}
        start = {"distribution": "lognormal", "median": centre, "sigma": spread}
    return figure(**start, **{side: ends[side] for side in sides})


@settings(derandomize=True, deadline=None, max_examples=300)
@given(figures(), probabilities)
def test_quantiles_never_fall_and_stay_within_bounds(one: Any, u: list[float]) -> None:
    values = one.quantile(np.sort(u))
    low, high = one.bounds
    assert np.all(np.isfinite(values))
    assert low <= values.min()
    assert values.max() <= high
    assert np.all(np.diff(values) >= -1e-12 * np.abs(values[1:]))
    assert np.clip(one.central, low, high) == pytest.approx(one.central, rel=1e-12)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize(
    "keys",
    [
        {"value": 2.0},
        {"distribution": "normal", "mean": 0.0, "sd": 1.0, "low": -1.0},
        {"distribution": "discrete", "values": [1.0, 2.0], "weights": [1.0, 1.0]},
        {"distribution": "empirical", "values": [1.0, 2.0]},
    ],
)
def test_quantiles_have_the_shape_of_the_probabilities(
    keys: dict[str, Any], shape: tuple[int, ...]
) -> None:
    assert np.shape(figure(**keys).quantile(np.full(shape, 0.3))) == shape


@pytest.mark.parametrize(
    ("low", "high"),
    [(-1.0, 2.0), (0.0, None), (None, 1.5), (7.0, 12.0), (-12.0, -7.0), (9.0, None)],
)
def test_truncated_normal_is_scipys(low: float | None, high: float | None) -> None:
    u = np.linspace(0.001, 0.999, 101)
    mean, sd = 0.5, 1.25
    found = figure(distribution="normal", mean=mean, sd=sd, low=low, high=high).quantile(u)
    a = -np.inf if low is None else (low - mean) / sd
    b = np.inf if high is None else (high - mean) / sd
    np.testing.assert_allclose(found, stats.truncnorm.ppf(u, a, b, mean, sd), rtol=1e-9, atol=1e-12)


def test_truncated_lognormal_is_the_exponential_of_the_normal() -> None:
    u = np.linspace(0.001, 0.999, 101)
    found = figure(distribution="lognormal", median=2.0, sigma=0.5, low=1.0, high=9.0).quantile(u)
    a, b = np.log([0.5, 4.5]) / 0.5
    np.testing.assert_allclose(found, np.exp(stats.truncnorm.ppf(u, a, b, np.log(2), 0.5)))


def _mean(one: Any) -> float:
    return float(np.mean(one.quantile(CENTRES)))


@pytest.mark.parametrize("mode", [1.0, 2.5, 7.0])
def test_means_follow_the_textbook(mode: float) -> None:
    ends = {"low": 1.0, "high": 7.0}
    assert _mean(figure(distribution="pert", mode=mode, **ends)) == pytest.approx(
        (1 + 4 * mode + 7) / 6, rel=1e-6
    )
    assert _mean(figure(distribution="triangular", mode=mode, **ends)) == pytest.approx(
        (1 + mode + 7) / 3, rel=1e-6
    )
    assert _mean(figure(distribution="uniform", **ends)) == pytest.approx(4)
    beta = figure(distribution="beta", a=2.0, b=mode, **ends)
    assert _mean(beta) == pytest.approx(beta.central, rel=1e-6)


def test_lognormal_has_its_median_and_its_spread() -> None:
    one = figure(distribution="lognormal", median=3.0, sigma=0.4)
    below, middle, above = one.quantile(stats.norm.cdf([-1.0, 0.0, 1.0]))
    assert middle == pytest.approx(one.central) == pytest.approx(3)
    assert np.log(above / below) == pytest.approx(0.8)


def test_discrete_frequencies_are_the_weights() -> None:
    one = figure(distribution="discrete", values=[9, 2, 5], weights=[1, 3, 0])
    values, counts = np.unique(one.quantile(CENTRES), return_counts=True)
    assert values.tolist() == [2, 9]
    assert counts.tolist() == [150_000, 50_000]
    assert one.central == pytest.approx((9 + 3 * 2) / 4)


def test_choose_counts_in_the_order_of_the_weights() -> None:
    picked = choose(CENTRES, [2.0, 0.0, 1.0, 1.0])
    assert np.bincount(picked).tolist() == [100_000, 0, 50_000, 50_000]


def test_empirical_runs_through_the_order_statistics() -> None:
    one = figure(distribution="empirical", values=[4, 1, 2])
    u: NDArray[np.float64] = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert one.quantile(u).tolist() == [1, 1.5, 2, 3, 4]
    assert one.central == 2


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"distribution": "uniform", "low": 2, "high": 1}, ["low = 2", "high = 1"]),
        ({"distribution": "uniform", "low": 1, "high": 1}, ["low < high", "low = 1, high = 1"]),
        ({"distribution": "pert", "low": 1, "mode": 0, "high": 2}, ["low = 1", "mode = 0"]),
        ({"distribution": "triangular", "low": 1, "mode": 3, "high": 2}, ["mode = 3", "high = 2"]),
        (
            {"distribution": "normal", "mean": 0, "sd": 0},
            ["normal.sd", "greater than 0", "input_value=0"],
        ),
        (
            {"distribution": "normal", "mean": 0, "sd": 1, "low": 3, "high": 2},
            ["low = 3, high = 2"],
        ),
        ({"distribution": "normal", "mean": 0, "sd": 1, "low": 99}, ["no probability between 99"]),
        ({"distribution": "lognormal", "median": 1, "sigma": 1, "high": -2}, ["between 0 and -2"]),
        (
            {"distribution": "lognormal", "median": -1, "sigma": 1},
            ["lognormal.median", "input_value=-1"],
        ),
        ({"distribution": "beta", "a": -3, "b": 1}, ["beta.a", "greater than 0", "input_value=-3"]),
        (
            {"distribution": "discrete", "values": [1, 2], "weights": [1]},
            ["2 values but 1 weights"],
        ),
        ({"distribution": "discrete", "values": [1, 2], "weights": [1, -1]}, ["got 1, -1"]),
        ({"distribution": "discrete", "values": [1, 2], "weights": [0, 0]}, ["got 0, 0"]),
        ({"distribution": "empirical", "values": [1]}, ["at least 2 items", "not 1"]),
        ({"distribution": "gauss", "mean": 1}, ["'gauss'", "'normal'"]),
        ({"value": float("nan")}, ["finite number", "nan"]),
        ({"value": float("inf")}, ["finite number", "inf"]),
        ({"value": "5"}, ["valid number", "'5'"]),
        ({"value": True}, ["valid number", "True"]),
        ({"value": 1, "vlaue": 2}, ["vlaue", "not permitted"]),
        ({"value": 1, "assumption": " "}, ["`source`", "`assumption`"]),
        ({"value": 1, "assumption": "", "source": ""}, ["`source`", "`assumption`"]),
        ({}, ["fixed.value", "required"]),
    ],
)
def test_refusals_name_what_was_found(keys: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        figure(**keys)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("bare", [5, "five", None, [1, 2]])
def test_a_bare_value_without_its_origin_is_refused(bare: Any) -> None:
    with pytest.raises(ValidationError, match="valid dictionary or instance of Fixed"):
        READ.validate_python(bare)


def test_a_single_observation_is_a_fixed_figure_not_an_empirical_one() -> None:
    with pytest.raises(ValidationError, match="at least 2 items"):
        figure(distribution="empirical", values=[1.0])
    assert figure(value=1.0).bounds == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "value = 5",
        "distribution = 'fixed'\nvalue = 5",
        "distribution = 'pert'\nlow = 1\nmode = 2\nhigh = 3",
        "distribution = 'normal'\nmean = 1\nsd = 2\nlow = 0",
        "distribution = 'discrete'\nvalues = [1, 2]\nweights = [1, 3]",
        "distribution = 'empirical'\nvalues = [1, 2.5, 3]",
    ],
)
def test_whole_numbers_of_toml_are_read_as_floats(text: str) -> None:
    one = figure(**tomllib.loads(text))
    listed = getattr(one, "values", (one.central, *one.bounds))
    assert all(type(value) is float for value in listed)


def test_figures_are_frozen_and_hashable() -> None:
    one = figure(value=5)
    with pytest.raises(ValidationError, match="frozen"):
        one.value = 6
    assert hash(one) == hash(figure(value=5.0))
    assert READ.validate_python(one) == one


@settings(derandomize=True, deadline=None, max_examples=100)
@given(figures())
def test_expected_is_the_mean_of_the_quantiles(one: Any) -> None:
    values = one.quantile(CENTRES)
    grid = np.abs(values).max() / 1e5  # a value of little weight may lie between two midpoints
    assert one.expected == pytest.approx(values.mean(), rel=1e-5, abs=0.01 * values.std() + grid)
