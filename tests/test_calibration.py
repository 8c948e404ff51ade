"""The flow against counts it was not fitted to: from 2010 to 2017, and the rounds of 2021-23."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.projection import Request, project_plans
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.kernels.cohorts import new_flow, project
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.study import Study

SCENARIOS = 256


@cache
def national(preset: str) -> tuple[Study, dict[str, dict[int, float]]]:
    """The mean of every flow of a preset without new posts, all regions and groups, by year."""
    study = load_study(preset, [f"sampling.scenarios={SCENARIOS}"])
    levels = {"none": study.given_levels}
    means = project_plans(Request(study, sample_of(study), levels), Workers(1)).means
    totals = {
        name: values[0].sum(axis=tuple(range(1, values[0].ndim))) for name, values in means.items()
    }
    return study, {
        name: dict(zip(study.years, map(float, values), strict=True))
        for name, values in totals.items()
    }


@cache
def applicants(preset: str) -> dict[tuple[int, str], float]:
    """The mean number of applicants of each round, by year and season."""
    study = load_study(preset, ["sampling.scenarios=64"])
    rates = build_rates(study, draw(study, sample_of(study), 0, 64))
    groups, regions, ages = rates.specialists.shape
    half_years = rates.newcomers.shape[1]
    flow = new_flow(half_years, len(rates.occupants), groups, regions, ages)
    total = np.zeros(half_years)
    for i in range(64):
        project(rates, i, study.given_levels, flow)
        total += flow.queue.sum(axis=1) / 64
    return {
        (year, season): float(total[2 * y + half])
        for y, year in enumerate(study.years)
        for half, season in enumerate(("spring", "autumn"))
    }


def test_specialists_of_2017_within_five_per_cent() -> None:
    """Helsedirektoratet 2019, app. 3 table 1: 12 276 in 2010, 15 229 in 2017 (labour force)."""
    _, flows = national("norway-2010")
    started = flows["specialists"][2011] + flows["exits"][2011]
    started -= flows["qualified"][2011] + flows["arrived"][2011]
    assert started == pytest.approx(12276, abs=1)
    assert flows["specialists"][2017] == pytest.approx(15229, rel=0.05)


def test_new_specialists_and_exits_of_2014_to_2017() -> None:
    """App. 5 table 1: 774 a year, 670 without 2017; table 7: 350-500 exits, retirement included."""
    _, flows = national("norway-2010")
    years = range(2014, 2018)
    assert 0.95 * 670 <= np.mean([flows["qualified"][y] for y in years]) <= 1.05 * 774
    assert all(350 <= flows["exits"][y] <= 1.05 * 500 for y in years)
    assert all(887 <= flows["appointed"][y] <= 907 for y in (2013, 2017))


def test_no_rate_of_the_hindcast_belongs_to_a_single_year() -> None:
    study, _ = national("norway-2010")
    assert study.posts.history == ()
    assert all(not origin.added_from for origin in study.applicants.values())


@pytest.mark.parametrize(
    ("year", "season", "counted"),
    [
        (2021, "spring", 1240),
        (2021, "autumn", 916),
        (2022, "spring", 1193),
        (2023, "spring", 1184),
        (2023, "autumn", 913),
    ],
)
def test_applicants_of_the_rounds(year: int, season: str, counted: int) -> None:
    """Helsedirektoratet, quarterly and annual reports 2021-2023."""
    assert applicants("norway-2027")[year, season] == pytest.approx(counted, rel=0.10)


def test_starts_and_completions_after_2020() -> None:
    """1 081 appointed in 2021 (Helsedirektoratet, Q4 2021); 1 106 completed LIS1 in 2023."""
    study, flows = national("norway-2027")
    assert flows["appointed"][2021] == pytest.approx(1081, rel=0.05)
    direct = study.direct_entry.per_year_after.central
    assert flows["entered"][2023] - direct == pytest.approx(1106, rel=0.10)
