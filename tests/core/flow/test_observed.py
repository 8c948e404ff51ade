"""What reviews see: known by then, the same whatever the plan, with an error of its own name."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study
from lis1plan.core.flow.demand import build_demand
from lis1plan.core.flow.intake import newcomers_by_origin
from lis1plan.core.flow.observed import MEANINGS, drawn_to_count, last_known, observed
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.distributions import Fixed
from lis1plan.core.study.settings import OBSERVABLES, Review
from lis1plan.core.study.study import Study

from ...helpers.small_study import WHY

COUNT = 64


@cache
def study() -> Study:
    return load_study("norway-2027", ["sampling.scenarios=64"]).in_force


def seen(observes: str, error: float = 0.0, lag: int = 1) -> NDArray[np.float64]:
    review = Review(
        years=(2029, 2031),
        branches=2,
        observes=observes,
        lag_years=lag,
        observation_error=Fixed(value=error, assumption=WHY),
    )
    return seen_in(review, 0, COUNT)


def seen_in(review: Review, first: int, count: int) -> NDArray[np.float64]:
    reviewed, sample = study().model_copy(update={"review": review}), sample_of(study())
    return observed(reviewed, sample, draw(reviewed, sample, first, count), first)


def test_growth_is_that_of_demand_until_the_last_year_known() -> None:
    wanted = build_demand(study(), draw(study(), sample_of(study()), 0, COUNT)).sum(axis=(2, 3))
    first = study().time.first_year
    found = seen("demand.growth")
    for r, last in enumerate((2027, 2029)):
        mean = (wanted[:, last - first] - wanted[:, 0]) / (last - first)
        assert np.allclose(found[:, r], mean, rtol=1e-12)
    later = seen("demand.growth", lag=0)
    assert not np.allclose(later, found)


def test_newcomers_are_of_all_origins_and_graduates_of_the_country() -> None:
    figures = Figures(study(), draw(study(), sample_of(study()), 0, COUNT))
    joining = newcomers_by_origin(study(), figures)
    until = 2 * (2027 - study().time.first_year + 1)
    home = [not origin.abroad for origin in study().applicants.values()]
    assert 0 < sum(home) < len(home)
    for name, origins in (("newcomers", slice(None)), ("graduates", home)):
        mean = joining[:, :until, origins].sum(axis=(1, 2)) / (until / 2)
        assert np.allclose(seen(name)[:, 0], mean, rtol=1e-12)


def test_exits_are_of_the_size_that_sources_count() -> None:
    """350-500 specialists left a year (Helsedirektoratet 2019, table 7)."""
    found = seen("exits")
    assert (found[:, 0] == found[:, 1]).all()
    assert 300.0 < found.mean() < 600.0
    assert found.std() > 1.0


def test_the_error_has_the_deviation_stated_and_a_draw_for_each_review() -> None:
    error = seen("newcomers", 30.0) - seen("newcomers")
    assert np.abs(error.std(axis=0) - 30.0).max() < 4.0
    assert abs(np.corrcoef(error.T)[0, 1]) < 0.4
    twice = seen("newcomers", 60.0) - seen("newcomers")
    assert np.allclose(twice, 2.0 * error)


def test_a_block_sees_what_the_whole_sample_sees() -> None:
    review = Review(years=(2029,), branches=2, observation_error=Fixed(value=9.0, assumption=WHY))
    whole = seen_in(review, 0, COUNT)
    parts = [seen_in(review, first, 16) for first in range(0, COUNT, 16)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_each_scenario_counts_in_one_branch_alone() -> None:
    """At a threshold it is in the branch below; in its branch it weighs what it weighs in all."""
    review = Review(years=(2029,), branches=2, observation_error=Fixed(value=9.0, assumption=WHY))
    reviewed, sample = study().model_copy(update={"review": review}), sample_of(study())
    draws, values = draw(reviewed, sample, 0, COUNT), seen_in(review, 0, COUNT)[:, 0]
    at = float(np.sort(values)[COUNT // 3])
    below, above = (
        drawn_to_count(reviewed, sample._replace(only=(ends,)), 0, COUNT).weight
        for ends in ((-np.inf, at), (at, np.inf))
    )
    assert (below == np.where(values <= at, draws.weight, 0.0)).all()
    assert (above == np.where(values > at, draws.weight, 0.0)).all()
    assert (drawn_to_count(reviewed, sample, 0, COUNT).weight == draws.weight).all()


def test_every_observable_says_what_it_is() -> None:
    assert sorted(MEANINGS) == sorted(OBSERVABLES)


@pytest.mark.parametrize("lag", [0, 1, 3])
def test_what_happens_in_the_review_year_is_not_known(lag: int) -> None:
    error = Fixed(value=0.0, assumption=WHY)
    review = Review(years=(2029,), branches=2, lag_years=lag, observation_error=error)
    assert last_known(review, study()) == [2029 - 1 - lag - study().time.first_year]
