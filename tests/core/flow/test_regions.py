"""Regions weighed by sourced counts: shares stand still, posts act no earlier than filled."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.configs.loader import load_study
from lis1plan.core.flow.calibration import around, calibrated
from lis1plan.core.flow.demand import build_demand
from lis1plan.core.flow.intake import build_origins
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.flow.regions import choice
from lis1plan.core.kernels.loops import Ensemble, ensemble
from lis1plan.core.scenarios.draws import Figures, dimensions, draw, draws_of
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.study import Study

from ...helpers import naive_regions
from ...helpers.small_study import changed, fixed, small_study

Floats = NDArray[np.float64]
DOCTORS_2001 = {"nord": 1556.0, "midt": 1911.0, "vest": 2667.0, "sor_ost": 8654.0}
"""Tidsskriftet 2001 no. 6, Legefakta."""
INHABITANTS = {"nord": 464_328.0, "midt": 633_118.0, "vest": 916_018.0, "sor_ost": 2_465_033.0}


def weighing(study: Study, field: str, weights: dict[str, float]) -> Study:
    data = study.model_dump()
    for name, weight in weights.items():
        data["regions"][name][field] = fixed(weight)
    return Study.model_validate(data)


@cache
def norway(name: str = "norway-2019") -> Study:
    return load_study(name)


def shares(values: dict[str, float]) -> Floats:
    return np.array(list(values.values())) / sum(values.values())


def flows(study: Study, count: int) -> Ensemble:
    draws = draw(study, Sample("sobol", 5, count), 0, count)
    rates = build_rates(study, draws)
    return ensemble(rates, build_origins(study, draws, rates), study.given_levels)


# --- the routine ----------------------------------------------------------------------------

inside = st.floats(0.05, 0.95)


@st.composite
def countries(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Retention, posts (of some regions none) and doctors of one to five regions."""
    count = draw(st.integers(1, 5))
    several = st.lists(inside, min_size=count, max_size=count)
    posts = np.array(draw(several)) * draw(
        st.lists(st.sampled_from([0.0, 1.0, 1.0]), min_size=count, max_size=count)
    )
    posts[0] += 0.1
    doctors = np.array(draw(several))
    return np.array(draw(several)), posts / posts.sum(), doctors / doctors.sum()


@settings(derandomize=True, deadline=None, max_examples=60)
@given(countries())
def test_new_doctors_come_out_by_the_shares_of_doctors(
    country: tuple[Floats, Floats, Floats],
) -> None:
    retention, posts, doctors = country
    found = calibrated(retention, posts, doctors)
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert posts @ found == pytest.approx(doctors, abs=1e-12)
    assert found[posts == 0] == pytest.approx(np.tile(doctors, ((posts == 0).sum(), 1)))
    assert (found > 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_calibration_is_the_naive_one(seed: int) -> None:
    made = np.random.default_rng(seed)
    count = int(made.integers(1, 5))
    low = made.uniform(0.3, 0.7, count)
    high = low + made.uniform(0.0, 0.3, count)
    mean, drawn = (low + high) / 2, made.uniform(low, high)
    posts, doctors = made.dirichlet(np.ones(count)), made.dirichlet(3 * np.ones(count))
    found = calibrated(mean, posts, doctors)
    wanted = naive_regions.calibrated(mean.tolist(), posts.tolist(), doctors.tolist())
    assert found == pytest.approx(np.array(wanted), abs=1e-12)
    bounds = np.array([low, high])
    if count > 1:
        one = naive_regions.around(wanted, drawn, mean, list(zip(low, high, strict=True)))
        assert around(found, drawn[None], mean, bounds)[0] == pytest.approx(
            np.array(one), abs=1e-12
        )


def test_half_of_those_trained_in_the_north_leave_it() -> None:
    """By hand (shares .105 .129 .180 .585 of 2001): every entry to four digits."""
    posts = np.array([172, 172, 184, 422]) / 950
    doctors = np.array([0.105, 0.129, 0.180, 0.585])
    mean = np.array([2.03, 2.44, 2.44, 2.44]) / 3
    found = calibrated(mean, posts, doctors / doctors.sum())
    wanted = [
        [0.4938, 0.0280, 0.0627, 0.4156],
        [0.0209, 0.6188, 0.0472, 0.3131],
        [0.0162, 0.0163, 0.7249, 0.2426],
        [0.0198, 0.0200, 0.0448, 0.9155],
    ]
    assert found == pytest.approx(np.array(wanted), abs=5.1e-5)


def test_retention_varies_around_the_calibrated_mean_and_stays_a_share() -> None:
    study, count = norway(), 4096
    draws = draw(study, Sample("sobol", 1, count), 0, count)
    every = choice(study.regions, study.posts_at_start, Figures(study, draws))
    posts, mean = np.array([172, 172, 184, 422]) / 950, np.array([2.03, 2.44, 2.44, 2.44]) / 3
    wanted = calibrated(mean, posts, shares(DOCTORS_2001))
    assert every.mean(axis=0) == pytest.approx(wanted, abs=1e-4)
    assert every.sum(axis=2) == pytest.approx(1.0, abs=1e-12)
    assert every.min() >= 0
    spread = every[:, range(4), range(4)].std(axis=0)
    assert (spread > 0.02).all()


# --- its laws on a whole country --------------------------------------------------------------


def test_shares_stand_still_at_mean_retention() -> None:
    """Without policy, to 1e-4 in 25 years, whatever else is uncertain."""
    study = norway()
    data = study.model_dump()
    for region, each in study.regions.items():
        data["regions"][region]["retention"] = fixed(each.retention.expected)
    flow = flows(Study.model_validate(data), 16)
    present = flow.specialists.sum(axis=2)
    share = present / present.sum(axis=2, keepdims=True)
    assert share[:, 25] == pytest.approx(
        np.broadcast_to(shares(DOCTORS_2001), share[:, 25].shape), abs=1e-4
    )


def test_shares_stand_still_in_the_mean_over_scenarios() -> None:
    """Within four standard errors, and by far less than 2 % of themselves, over 25 years."""
    flow = flows(norway(), 512)
    present = flow.specialists.sum(axis=2)
    share = present / present.sum(axis=2, keepdims=True)
    start, end = shares(DOCTORS_2001), share[:, 25]
    assert np.abs(share[:, 0].mean(axis=0) - start).max() < 0.01
    error = end.std(axis=0) / np.sqrt(len(end))
    assert (np.abs(end.mean(axis=0) - start) < 4 * error).all()
    assert end.mean(axis=0) == pytest.approx(start, rel=0.02)


@pytest.mark.parametrize("weighed", [True, False])
def test_posts_after_the_start_change_nothing_before_their_effect(weighed: bool) -> None:
    """A hundred posts more in Nord in 2022: bit for bit the same doctors until they are filled."""
    data = norway("norway-2027").model_dump()
    if not weighed:
        for region in data["regions"].values():
            region["stock_weight"] = None
    study = Study.model_validate(data)
    data["posts"]["history"] = tuple(
        row | {"posts": row["posts"] + 100 * (row["region"] == "nord" and row["year"] >= 2022)}
        for row in data["posts"]["history"]
    )
    more = Study.model_validate(data)
    one, other = flows(study, 8), flows(more, 8)
    year = study.years.index(2022)
    rounds = ("appointed", "appointed_abroad", "awaiting", "unplaced", "waiting_years")
    for name, values in one._asdict().items():  # the round of autumn 2021 fills those of March 2022
        same = year - (name in rounds)
        assert np.array_equal(values[:, :same], getattr(other, name)[:, :same]), name
    assert not np.array_equal(one.appointed[:, year - 1], other.appointed[:, year - 1])
    assert not np.array_equal(one.lis1[:, year], other.lis1[:, year])
    trained = year + 6  # three half-years of LIS1, ten of LIS2/3: at the end of 2028
    assert np.array_equal(one.supply[:, :trained], other.supply[:, :trained])
    assert not np.array_equal(one.supply[:, trained + 1], other.supply[:, trained + 1])
    middle = np.full((1, len(dimensions(study))), 0.5)
    demand = [build_demand(each, draws_of(each, middle)) for each in (study, more)]
    assert np.array_equal(*demand)


def test_demand_may_follow_a_weight_of_its_own() -> None:
    study = weighing(norway(), "demand_weight", INHABITANTS)
    draws = draw(study, Sample("monte_carlo", 3, 20), 0, 20)
    demand, before = build_demand(study, draws), build_demand(norway(), draws)
    share = demand.sum(axis=2) / demand.sum(axis=(2, 3))[..., None]
    assert share == pytest.approx(np.broadcast_to(shares(INHABITANTS), share.shape), rel=1e-9)
    assert demand.sum(axis=3) == pytest.approx(before.sum(axis=3))
    one, other = build_rates(study, draws), build_rates(norway(), draws)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_in", "weights", "expected"),
    [
        ("stock_weight", {"nord": 1.0}, r"regions.\*.stock_weight: missing in midt; give it in"),
        ("demand_weight", {"midt": 1.0}, r"regions.\*.demand_weight: missing in nord; give it in"),
        ("demand_weight", {"nord": 0.0, "midt": 0.0}, r"demand_weight: 0 in every region; at leas"),
        ("stock_weight", {"nord": 0.0, "midt": 1.0}, r"nord.stock_weight: can be 0; must be above"),
    ],
)
def test_weights_that_do_not_make_a_country_are_refused(
    given_in: str, weights: dict[str, float], expected: str
) -> None:
    with pytest.raises(ValidationError, match=expected):
        weighing(small_study(1), given_in, weights)


def test_retention_that_leaves_no_choice_cannot_be_calibrated() -> None:
    study = weighing(small_study(1), "stock_weight", {"nord": 1.0, "midt": 2.0})
    with pytest.raises(ValidationError, match=r"regions.midt.retention: is 1; must lie between"):
        changed(study, {"regions.midt.retention": fixed(1.0)})


def test_without_weights_posts_and_retention_decide_as_before() -> None:
    study: Any = small_study(3, regions=3)
    rates = build_rates(study, draw(study, Sample("monte_carlo", 1, 4), 0, 4))
    posts = study.posts_at_start / study.posts_at_start.sum()
    assert rates.occupants[0] / rates.occupants[0].sum() == pytest.approx(posts)
    leaving = rates.choice[:, 0, 1:]
    assert leaving[:, 0] / leaving[:, 1] == pytest.approx(np.full(4, posts[1] / posts[2]))
