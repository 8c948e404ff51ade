"""Yearly processes and correlations: what they promise about every year and every pair."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from scipy.stats import kstest, spearmanr

from lis1plan.configs.loader import load_study
from lis1plan.core.scenarios.columns import Stream
from lis1plan.core.scenarios.draws import Draws, draw
from lis1plan.core.scenarios.sampling import Sample, uniforms
from lis1plan.core.study.processes import (
    Correlation,
    Process,
    autoregression,
    copula_factor,
    coupled,
)
from lis1plan.core.study.study import Study

from ...helpers.small_study import WHY, changed, small_study

Floats = NDArray[np.float64]
MANY, YEARS = 40_000, 12


def process(**given: Any) -> Any:
    return TypeAdapter(Process).validate_python({**given, "assumption": WHY})


def numbers(seed: int, dimensions: int, count: int = MANY) -> Floats:
    streams = [Stream(f"number {n}", None) for n in range(dimensions)]
    return uniforms(Sample("monte_carlo", seed, count), streams, 0, count)


# --- regimes --------------------------------------------------------------------------------


@pytest.mark.parametrize("chance", [0.0, 0.1, 0.5, 1.0])
def test_regimes_jump_as_often_as_said_and_stay_in_between(chance: float) -> None:
    reached = (0.5, 2.0, 3.0)
    given = process(process="regimes", yearly_probability=chance, factors_reached=reached)
    factors = given.factors(numbers(1, YEARS))
    assert set(np.unique(factors)) <= {1.0, *reached}
    never = (1.0 - chance) ** np.arange(1, YEARS + 1)
    unchanged = (factors == 1.0).mean(axis=0)
    assert unchanged == pytest.approx(never, abs=0.01)
    for value in reached:  # equally likely once left
        assert (factors == value).mean(axis=0) == pytest.approx((1.0 - never) / 3.0, abs=0.01)
    moves = (factors[:, 1:] != factors[:, :-1]).mean(axis=0)
    seen = np.array([chance * (n + (1.0 - n) * 2.0 / 3.0) for n in never[:-1]])
    assert moves == pytest.approx(seen, abs=0.01)


def test_first_year_is_the_first_level_or_a_jump() -> None:
    given = process(process="regimes", yearly_probability=0.2, factors_reached=(0.5, 2.0))
    u = np.array([[0.05, 0.9], [0.15, 0.9], [0.2, 0.9], [0.9, 0.15]])
    assert given.factors(u).tolist() == [[0.5, 0.5], [2.0, 2.0], [1.0, 1.0], [1.0, 2.0]]


# --- autoregression -------------------------------------------------------------------------


@pytest.mark.parametrize("correlation", [-0.6, 0.0, 0.3, 0.9])
def test_autoregression_has_one_spread_and_one_memory(correlation: float) -> None:
    normals = np.random.default_rng(3).standard_normal((MANY, YEARS))
    noise = autoregression(normals, 110.0, correlation)
    assert noise.std(axis=0) == pytest.approx(np.full(YEARS, 110.0), rel=0.02)
    assert noise.mean(axis=0) == pytest.approx(np.zeros(YEARS), abs=3.0)
    for lag in (1, 3):
        pairs = [np.corrcoef(noise[:, y], noise[:, y + lag])[0, 1] for y in range(YEARS - lag)]
        assert pairs == pytest.approx(np.full(YEARS - lag, correlation**lag), abs=0.025)


def test_autoregressive_factor_is_one_in_the_mean_and_never_negative() -> None:
    calm = process(process="autoregressive", sd=0.1, correlation=0.5).factors(numbers(4, YEARS))
    assert calm.mean(axis=0) == pytest.approx(np.ones(YEARS), abs=0.005)
    assert calm.std(axis=0) == pytest.approx(np.full(YEARS, 0.1), rel=0.02)
    wild = process(process="autoregressive", sd=2.0, correlation=0.5).factors(numbers(4, YEARS))
    assert wild.min() == 0.0
    assert (wild == 0.0).mean() == pytest.approx(0.3085, abs=0.01)  # P(Z < -1/2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"process": "regimes", "yearly_probability": 1.2, "factors_reached": [1]}, "less than or"),
        ({"process": "regimes", "yearly_probability": 0.1, "factors_reached": []}, "at least 1"),
        (
            {"process": "regimes", "yearly_probability": 0.1, "factors_reached": [-1]},
            "greater than",
        ),
        ({"process": "autoregressive", "sd": -1, "correlation": 0}, "greater than or equal"),
        ({"process": "autoregressive", "sd": 1, "correlation": 1}, "less than 1"),
        ({"process": "walk", "sd": 1}, "does not match any of the expected tags"),
    ],
)
def test_impossible_process_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        process(**given)


# --- correlations ---------------------------------------------------------------------------


def pair(one: str, other: str, rank: float) -> Correlation:
    return Correlation.model_validate({"keys": (one, other), "rank": rank, "assumption": WHY})


@pytest.mark.parametrize("rank", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_rank_correlation_is_reached(rank: float) -> None:
    factor = copula_factor(["a", "b", "c"], (pair("a", "c", rank), pair("b", "c", 0.1)))
    u = coupled(numbers(5, 3), factor)
    assert spearmanr(u[:, 0], u[:, 2]).statistic == pytest.approx(rank, abs=0.015)
    assert spearmanr(u[:, 1], u[:, 2]).statistic == pytest.approx(0.1, abs=0.015)
    assert spearmanr(u[:, 0], u[:, 1]).statistic == pytest.approx(0.0, abs=0.015)
    for column in u.T:
        assert kstest(column, "uniform").pvalue > 1e-3
        assert 0.0 < column.min() < column.max() < 1.0


def test_extreme_probabilities_stay_inside() -> None:
    factor = copula_factor(["a", "b"], (pair("a", "b", 0.99),))
    u = coupled(np.array([[1e-300, 1e-300], [1.0 - 2.0**-53, 1.0 - 2.0**-53]]), factor)
    assert (u > 0.0).all()
    assert (u < 1.0).all()


def test_coupling_is_row_by_row() -> None:
    factor = copula_factor(["a", "b", "c"], (pair("a", "b", 0.4), pair("b", "c", -0.6)))
    u = numbers(6, 3, 100)
    parts = [coupled(u[first : first + 7], factor) for first in range(0, 100, 7)]
    assert np.concatenate(parts).tobytes() == coupled(u, factor).tobytes()


def test_impossible_correlations_are_named() -> None:
    pairs = (pair("a", "b", 0.9), pair("b", "c", 0.9), pair("a", "c", -0.9))
    with pytest.raises(ValueError, match=r"^correlation: no distribution has all these"):
        copula_factor(["a", "b", "c"], pairs)


PAIRS = (
    {"keys": ("queue.leakage", "queue.fill_rate"), "rank": -0.5, "assumption": WHY},
    {"keys": ("demand.alternative", "queue.leakage"), "rank": 0.7, "assumption": WHY},
)


@cache
def studies() -> tuple[Study, Study]:
    """A study without correlations and the same with them."""
    alone = changed(small_study(1, groups=2), {"correlation": ()})
    return alone, changed(alone, {"correlation": PAIRS})


def drawn(study: Study, count: int = MANY) -> Draws:
    return draw(study, Sample("monte_carlo", 7, count), 0, count)


def test_correlated_figures_of_a_study_keep_their_distributions() -> None:
    before, after = (drawn(study) for study in studies())
    for key in ("queue.leakage", "queue.fill_rate"):
        quantiles = [np.quantile(d.figures[key], np.linspace(0, 1, 21)) for d in (before, after)]
        assert quantiles[0] == pytest.approx(quantiles[1], rel=0.02)
    shares = [np.bincount(d.alternative, minlength=3) / MANY for d in (before, after)]
    assert shares[0] == pytest.approx(shares[1], abs=0.01)
    rank = spearmanr(after.figures["queue.leakage"], after.figures["queue.fill_rate"]).statistic
    assert rank == pytest.approx(-0.5, abs=0.015)


def test_what_is_not_correlated_keeps_its_bits() -> None:
    alone, both = studies()
    one, other = drawn(alone, 50), drawn(both, 50)
    touched = {"queue.leakage", "queue.fill_rate"}  # the alternative comes first in the table
    for key in set(one.figures) - touched:
        assert np.array_equal(one.figures[key], other.figures[key]), key
    assert np.array_equal(one.noise, other.noise)
    assert np.array_equal(one.normalised, other.normalised)
    assert np.array_equal(one.alternative, other.alternative)
    assert all(np.array_equal(one.factors[key], other.factors[key]) for key in one.factors)


def test_a_correlation_more_changes_nothing_before_it_in_the_table() -> None:
    """The factor is filled row by row: a key that comes later leaves the rows above alone."""
    _, both = studies()
    later = {"keys": ("lis1.leave", "queue.fill_rate"), "rank": 0.4, "assumption": WHY}
    more = changed(both, {"correlation": (*PAIRS, later)})
    turned = changed(both, {"correlation": PAIRS[::-1]})
    one = drawn(both, 50)
    for other in (drawn(more, 50), drawn(turned, 50)):
        assert np.array_equal(one.alternative, other.alternative)
        for key in ("queue.leakage", "queue.fill_rate"):
            assert np.array_equal(one.figures[key], other.figures[key]), key
    assert not np.array_equal(one.figures["lis1.leave"], drawn(more, 50).figures["lis1.leave"])
    keys = [f"k{n}" for n in range(40)]
    pairs = tuple(pair(keys[n], keys[n + 1], 0.4) for n in range(39))
    whole = copula_factor(keys, pairs)
    for n in (2, 7, 33):
        assert copula_factor(keys[:n], pairs[: n - 1]).tobytes() == whole[:n, :n].tobytes()
    matrix = np.eye(40) + np.diag([pairs[0].pearson] * 39, 1) + np.diag([pairs[0].pearson] * 39, -1)
    np.testing.assert_allclose(whole @ whole.T, matrix, atol=1e-14)


def test_stronger_growth_goes_with_a_higher_figure() -> None:
    """The alternatives stand in the order of their growth, whatever their order in the study."""
    _, both = studies()
    draws = drawn(both)
    growth = np.array([each.doctors_per_year for each in both.demand.alternatives])
    assert spearmanr(growth[draws.alternative], draws.figures["queue.leakage"]).statistic > 0.6
    data = both.model_dump()
    data["demand"]["alternatives"] = data["demand"]["alternatives"][::-1]
    turned = drawn(Study.model_validate(data))
    assert np.array_equal(growth[draws.alternative], growth[::-1][turned.alternative])


@pytest.mark.parametrize("name", ["norway-2019"])
def test_built_in_correlations_are_reached(name: str) -> None:
    study = load_study(name)
    draws = drawn(study)
    known = draws.figures | {
        "demand.alternative": np.array([a.doctors_per_year for a in study.demand.alternatives])[
            draws.alternative
        ]
    }
    assert study.correlation
    for each in study.correlation:
        found = spearmanr(*(known[key] for key in each.keys)).statistic
        assert found == pytest.approx(each.rank, abs=0.04), each.keys


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("queue.leakge", "queue.fill_rate", 0.1)], "'queue.leakge' is not a figure"),
        (
            [("capacity.hospital_supervision.need_per_place_year", "queue.leakage", 0.1)],
            "'capacity.hospital_supervision.need_per_place_year' is not drawn",
        ),
        ([("queue.leakage", "queue.leakage", 0.1)], "twice the same"),
        ([("queue.leakage", "queue.fill_rate", 0.1)] * 2, "twice the same"),
        (
            [
                ("queue.leakage", "queue.fill_rate", 0.9),
                ("queue.fill_rate", "lis1.leave", 0.9),
                ("queue.leakage", "lis1.leave", -0.9),
            ],
            "no distribution has all these correlations",
        ),
    ],
)
def test_correlation_that_cannot_be_is_refused(
    pairs: list[tuple[str, str, float]], said: str
) -> None:
    given = tuple({"keys": (a, b), "rank": rank, "assumption": WHY} for a, b, rank in pairs)
    with pytest.raises(ValidationError, match=re.escape(said)):
        changed(small_study(1), {"correlation": given})
