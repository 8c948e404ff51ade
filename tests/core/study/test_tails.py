"""Risk: CVaR is the naive one, lies between mean and worst case, and its interval covers."""

from __future__ import annotations

import doctest
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lis1plan.core.study import risk_rules
from lis1plan.core.study import tails as risk
from lis1plan.core.study.risk_rules import RULES
from lis1plan.core.study.tails import cvar, cvar_interval, cvar_weights

from ...helpers import naive

laws = settings(derandomize=True, deadline=None, max_examples=100)
numbers = st.floats(-1e3, 1e6, allow_nan=False)
some_values = st.lists(numbers, min_size=1, max_size=40)
with_ties = st.lists(st.integers(0, 3).map(float), min_size=1, max_size=40)
confidences = st.floats(0.0, 0.999)


def test_examples_in_the_docstrings() -> None:
    found = doctest.testmod(risk)
    assert found.attempted >= 2
    assert found.failed == 0


@laws
@given(values=some_values | with_ties, confidence=confidences)
def test_cvar_is_the_naive_one(values: list[float], confidence: float) -> None:
    largest = max(map(abs, values))
    got = cvar(np.array(values), confidence)
    assert got == pytest.approx(naive.cvar(values, confidence), rel=1e-9, abs=1e-9 * largest)


@laws
@given(values=some_values)
def test_between_mean_and_worst_case(values: list[float]) -> None:
    array, near = np.array(values), 1e-9 * (1.0 + max(map(abs, values)))
    assert cvar(array, 0.0) == pytest.approx(array.mean(), abs=near)
    assert cvar(array, 1.0 - 1e-12) == pytest.approx(array.max(), abs=near)
    assert cvar(array, 1e-6) == pytest.approx(array.mean(), abs=1e-5 * np.ptp(array) + near)
    ladder = [cvar(array, alpha) for alpha in np.linspace(0.0, 0.99, 34)]
    assert (np.diff(ladder) >= -near).all()


@laws
@given(values=some_values | with_ties, confidence=confidences)
def test_weights_are_shares_of_the_tail(values: list[float], confidence: float) -> None:
    weights, tail = cvar_weights(np.array(values), confidence), (1.0 - confidence) * len(values)
    assert math.fsum(weights) == pytest.approx(1.0)
    assert (weights >= 0.0).all()
    assert weights.max() <= (1.0 + 1e-6) / tail or tail < 1.0
    order = sorted(range(len(values)), key=lambda i: (values[i], i))
    assert (np.diff(weights[order]) >= -1e-12).all()  # by (Z, number), worse weighs no less


def test_tail_is_fractional_at_the_quantile() -> None:
    values = np.array([4.0, 1.0, 3.0, 2.0])
    assert cvar_weights(values, 0.375) * 2.5 == pytest.approx([1.0, 0.0, 1.0, 0.5])
    assert cvar(values, 0.375) == pytest.approx((4.0 + 3.0 + 0.5 * 2.0) / 2.5)
    assert cvar(values, 0.9) == 4.0  # a tail of less than one scenario is its worst


def test_ties_are_ordered_by_number() -> None:
    values = np.array([7.0, 1.0, 7.0, 7.0])
    assert cvar_weights(values, 0.5).tolist() == [0.0, 0.0, 0.5, 0.5]
    assert cvar_weights(values, 0.375) * 2.5 == pytest.approx([0.5, 0.0, 1.0, 1.0])


@pytest.mark.parametrize("count", [3, 7, 10, 49, 1000, 4096])
@pytest.mark.parametrize("confidence", [0.1, 0.3, 0.5, 0.7, 0.9, 0.95])
def test_whole_tails_are_whole(count: int, confidence: float) -> None:
    """(1 - 0.9) 10 is 0.9999999999999998 in doubles: one scenario, no weight left over."""
    weights = cvar_weights(np.arange(float(count)), confidence)
    exact = round((1.0 - confidence) * count, 9)
    assert np.count_nonzero(weights > 1e-9 / count) == math.ceil(exact)


@laws
@given(values=some_values, factor=st.floats(0.1, 10.0), shift=numbers, confidence=confidences)
def test_moves_with_the_values(
    values: list[float], factor: float, shift: float, confidence: float
) -> None:
    array = np.array(values)
    moved = factor * cvar(array, confidence) + shift
    near = 1e-9 * (1.0 + abs(shift) + factor * max(map(abs, values)))
    assert cvar(factor * array + shift, confidence) == pytest.approx(moved, abs=near)


@laws
@given(data=st.data(), count=st.integers(1, 30), confidence=confidences)
def test_of_a_sum_is_at_most_the_sum(data: st.DataObject, count: int, confidence: float) -> None:
    lists = st.lists(numbers, min_size=count, max_size=count).map(np.array)
    one, other = data.draw(lists), data.draw(lists)
    apart = cvar(one, confidence) + cvar(other, confidence)
    assert cvar(one + other, confidence) <= apart + 1e-9 * (1.0 + abs(apart) + 1e6)


@pytest.mark.parametrize(("confidence", "count"), [(0.0, 400), (0.5, 400), (0.9, 2000)])
def test_interval_covers_the_truth_about_19_times_in_20(confidence: float, count: int) -> None:
    """Exponential losses, whose CVaR is 1 - ln(1 - confidence): 1 000 seeded samples."""
    truth = 1.0 - math.log(1.0 - confidence)
    samples = np.random.default_rng(17).exponential(size=(1000, count))
    intervals = np.array([cvar_interval(sample, confidence) for sample in samples])
    covered = ((intervals[:, 0] <= truth) & (truth <= intervals[:, 1])).mean()
    assert 0.925 <= covered <= 0.975  # 0.95 and three standard errors of 0.007, and some skewness


@pytest.mark.parametrize(
    ("count", "confidence"), [(200, 0.99), (500, 0.99), (1000, 0.99), (200, 0.9), (50, 0.5)]
)
@pytest.mark.parametrize(
    "losses", [stats.norm(), stats.expon(), stats.lognorm(0.5), stats.lognorm(1.0), stats.uniform()]
)
def test_interval_of_few_scenarios_in_the_tail_is_wide_enough(
    count: int, confidence: float, losses: Any
) -> None:
    """Two to 25 scenarios in the tail; 600 seeded samples. A normal interval held 63 to 92 %."""
    inside = (np.arange(200_000) + 0.5) / 200_000
    truth = losses.ppf(confidence + (1.0 - confidence) * inside).mean()
    samples = losses.rvs((600, count), random_state=np.random.default_rng(29))
    intervals = np.array([cvar_interval(sample, confidence) for sample in samples])
    covered = ((intervals[:, 0] <= truth) & (truth <= intervals[:, 1])).mean()
    assert covered >= 0.92


def test_interval_is_wider_at_a_higher_level() -> None:
    sample = np.random.default_rng(3).normal(size=500)
    narrow, usual = cvar_interval(sample, 0.5, level=0.5), cvar_interval(sample, 0.5)
    assert usual[0] < narrow[0] < cvar(sample, 0.5) < narrow[1] < usual[1]
    assert usual[1] - cvar(sample, 0.5) >= cvar(sample, 0.5) - usual[0]  # losses are skewed upwards


def test_the_rules_examples_and_codes() -> None:
    """Every rule shows what it makes of four scenarios; codes in files are theirs for good."""
    found = doctest.testmod(risk_rules)
    assert found.attempted >= len(RULES)
    assert found.failed == 0
    codes = {"cvar": 1, "mean": 2, "worst": 3, "chance": 4, "price": 5}
    assert {name: rule.code for name, rule in RULES.items()} == codes
