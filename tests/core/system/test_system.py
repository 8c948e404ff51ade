"""The system: prices reproduce the published tables, need and capacity are those worked by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.configs.loader import load_study
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import (
    discount_factor,
    payers,
    plan_cost,
    price_factor,
    prices_of,
    slot_cost,
    slot_price,
    start_profile,
    yearly_cost,
)
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity, need, place_years
from lis1plan.optimise.system.feasible import overfull

from ...helpers.small_study import changed, fixed, random_slots, small_study, unsold

Floats = NDArray[np.float64]

SPRING = [529_500, 750_000, 522_000, 260_000]
AUTUMN = [529_500, 750_000, 522_000, 125_000, 135_000]


@pytest.fixture(scope="module")
def norway() -> Study:
    """The preset by its free room: what can be bought has tests of its own."""
    return unsold(load_study("norway-2019"))


# --- what a start costs --------------------------------------------------------------------


@pytest.mark.parametrize(("autumn", "printed"), [(False, SPRING), (True, AUTUMN)])
def test_start_profile_is_table_9(norway: Study, autumn: bool, printed: list[int]) -> None:
    _, report = start_profile(norway, autumn)
    assert report[: len(printed)] == pytest.approx(printed)
    assert report[len(printed) :] == pytest.approx(0.0)


def test_cohorts_add_up_to_table_9(norway: Study) -> None:
    """Seven cohorts, the first in spring, one each half-year (published C7, which lacks C8)."""
    total = np.zeros(12)
    for cohort in range(7):
        _, report = start_profile(norway, autumn=cohort % 2 == 1)
        total[cohort : cohort + len(report)] += report
    printed = [529_500, 1_279_500, 1_801_500, 2_061_500, 1_926_500, 2_196_500, 1_926_500, 1_667_000]
    assert total[:8] == pytest.approx(printed)


@pytest.mark.parametrize("autumn", [False, True])
def test_start_costs_what_the_report_adds_up_and_gross(norway: Study, autumn: bool) -> None:
    gross, report = start_profile(norway, autumn)
    assert report.sum() == pytest.approx(2_061_500)
    assert gross.sum() == pytest.approx(2_183_000)


@pytest.mark.parametrize("autumn", [False, True])
def test_payers_bear_their_net(norway: Study, autumn: bool) -> None:
    """Published C12: every payer's expenditure less income, 2 183 000 in all."""
    gross, _ = start_profile(norway, autumn)
    assert dict(zip(payers(norway), gross.sum(axis=1), strict=True)) == pytest.approx(
        {
            "state": 186_500,
            "hospital": 1_471_500,
            "municipality": 375_000,
            "helfo": 100_000,
            "patients": 50_000,
        }
    )


def test_hundred_starts_a_year_cost_appendix_20(norway: Study) -> None:
    """50 starts on 1 March and 50 on 1 September, every year (published C9 to C11), million NOK."""
    gross, report = slot_cost(norway)
    assert 100 * np.cumsum(report)[:3] / 1e6 == pytest.approx([90.45, 193.15, 206.15])
    assert 100 * report.sum() / 1e6 == pytest.approx(206.15)
    assert gross.sum() == pytest.approx(2_183_000)


@pytest.mark.parametrize(
    ("items", "printed"),
    [
        (["hospital_pay", "hospital_training"], [87.5, 150.0, 150.0]),
        (["municipality_net_cost"], [0.0, 31.25, 37.5]),
        (
            [
                "travel_grant",
                "hospital_guidance_grant",
                "county_governor_course_grant",
                "municipal_guidance_grant",
            ],
            [2.95, 11.9, 18.65],
        ),
    ],
)
def test_parts_of_appendix_20(norway: Study, items: list[str], printed: list[float]) -> None:
    """Tables 2 and 3: hospitals, municipalities and grants by themselves, cumulated years."""
    rows = [row.model_dump() for row in norway.cost.components if row.item in items]
    _, report = slot_cost(
        changed(norway, {"cost.components": tuple(rows), "cost.specialist_training": None})
    )
    assert 100 * np.cumsum(report)[:3] / 1e6 == pytest.approx(printed)


def test_all_in_autumn_costs_53_million_in_the_first_year(norway: Study) -> None:
    _, report = slot_cost(changed(norway, {"posts.spring_share": fixed(0.0)}))
    assert 100 * report[0] / 1e6 == pytest.approx(52.95)


# --- places kept busy, need, capacity ------------------------------------------------------


@pytest.mark.parametrize(
    ("spring", "arena", "months"),
    [
        (1.0, "hospital", [10, 2, 0, 0]),
        (0.0, "hospital", [4, 8, 0, 0]),
        (0.5, "hospital", [7, 5, 0, 0]),
        (1.0, "municipality", [0, 6, 0, 0]),
        (0.0, "municipality", [0, 4, 2, 0]),
        (0.5, "municipality", [0, 5, 1, 0]),
    ],
)
def test_place_years_are_appendix_20s_months(
    norway: Study, spring: float, arena: str, months: list[int]
) -> None:
    study = changed(norway, {"posts.spring_share": fixed(spring)})
    assert 12 * place_years(study, arena)[:4] == pytest.approx(months)


def test_950_starts_keep_950_hospital_and_475_municipal_places(norway: Study) -> None:
    assert 950 * place_years(norway, "hospital").sum() == pytest.approx(950)
    assert 950 * place_years(norway, "municipality").sum() == pytest.approx(475)


def test_need_and_capacity_of_one_region_by_hand(norway: Study) -> None:
    """Helse Nord: 172 posts on offer, 12 more in 2020 and 6 in 2022."""
    slots = np.zeros((4, len(norway.decision_years)))
    slots[0, 0], slots[0, 2] = 12, 6
    level = levels(norway, slots)
    assert level[0, :6].tolist() == [172, 172, 184, 184, 190, 190]
    assert level[0, -1] == 190
    used, room = need(norway, level)[:, 0], capacity(norway)[:, 0]
    hospital, municipal, places = range(3)
    # 160 hours a place; 7 months in the year of the start, 5 in the next
    assert used[hospital, :4] == pytest.approx([160 * 172, 160 * 172, 160 * 179, 160 * 184])
    assert used[hospital, 4] == pytest.approx(160 * (7 * 190 + 5 * 184) / 12)
    # 130 hours a place; 5 months in the year after the start, 1 in the second
    assert used[municipal, 2:5] == pytest.approx(
        [130 * 86, 130 * (5 * 184 + 172) / 12, 130 * 184 / 2]
    )
    assert used[places, 2:5] == pytest.approx([86, (5 * 184 + 172) / 12, 92])
    # today's use is that of the 170 posts in use; slack 0.20 and 0.10, 2 % a year from 2018
    assert room[hospital, :3] == pytest.approx([32640, 32640 * 1.02, 32640 * 1.02**2])
    assert room[municipal, 0] == pytest.approx(130 * 85 * 1.1)
    assert room[places, -1] == pytest.approx(85 * 1.1 * 1.02**27)


def test_need_is_linear_and_never_before_the_first_slot(norway: Study) -> None:
    one, other = (levels(norway, random_slots(norway, seed)) for seed in (1, 2))
    base = need(norway, levels(norway, np.zeros((4, 16))))
    both = need(norway, one + other - norway.level0[:, None])
    assert both + base == pytest.approx(need(norway, one) + need(norway, other))
    assert np.array_equal(need(norway, one)[:, :, :2], base[:, :, :2])


def test_posts_of_the_first_projected_year_are_never_decided() -> None:
    """They stand for those of all years before it, whose places are still kept busy."""
    study = small_study(1)
    time = study.time.model_dump()
    with pytest.raises(ValidationError, match=r"let first_year be a year earlier, or .* 2021 on"):
        changed(study, {"time": time | {"first_year": 2020}})
    least = changed(study, {"time": time | {"first_year": 2019}})
    before = np.zeros((2, 5))
    many = need(least, levels(least, before + 9.0)) - need(least, levels(least, before))
    by_offset = np.array([place_years(least, limit.arena) for limit in least.capacity.values()])
    one = np.array([limit.need_per_place_year.central for limit in least.capacity.values()])
    assert many[:, :, 1] == pytest.approx((9.0 * one * by_offset[:, 0])[:, None].repeat(2, axis=1))


def test_todays_posts_fit_unless_slack_is_taken_away(norway: Study) -> None:
    assert overfull(system_of(norway)) == []
    rows = tuple(
        row.model_dump() | {"slack": -0.1, "growth_per_year": 0.0} for row in norway.supervision
    )
    lines = overfull(system_of(changed(norway, {"supervision": rows})))
    assert len(lines) == 3 * 4 * 26
    assert "Helse Nord 2020: hospital supervision lacks 3040 hours per year" in lines[0]


def test_keeps_system_limits_is_ramp_and_room(norway: Study) -> None:
    slots = np.zeros((4, 16))
    assert system_of(norway).keeps_limits(slots)
    slots[0, 0] = 40  # hours: 34 more than in use, 2 % growth for two years
    assert not system_of(norway).keeps_limits(slots)
    slots[0, 0] = 10
    assert system_of(norway).keeps_limits(slots)
    narrow = changed(norway, {"ramp.national": fixed(9)})
    assert not system_of(narrow).keeps_limits(slots)
    nobody = changed(norway, {"ramp.regional.nord": fixed(9)})
    assert not system_of(nobody).keeps_limits(slots)


# --- the price of a plan -------------------------------------------------------------------


def brute_force_price(study: Study, opens: int) -> float:
    """Every start of one slot from the year it opens to the end, half-year by half-year."""
    first, spring = study.time.first_year, study.posts.spring_share.value
    total = 0.0
    for year, autumn in itertools.product(range(opens, study.time.last_year + 1), (False, True)):
        gross, report = start_profile(study, autumn)
        profile = report if study.cost.basis == "report" else gross.sum(axis=0)
        share = 1.0 - spring if autumn else spring
        for half_year, amount in enumerate(profile):
            paid = year + (half_year + autumn) // 2
            real = (1.0 + study.cost.real_growth.value) ** max(paid - study.cost.price_year, 0)
            discount = (1.0 + study.cost.discount_rate.value) ** (study.time.first_decision - paid)
            total += share * amount * real * discount
    assert first <= opens
    return total


@pytest.mark.parametrize("basis", ["report", "gross"])
@pytest.mark.parametrize("spring", [0.5, 0.2])
def test_slot_price_is_the_sum_over_all_starts(norway: Study, basis: str, spring: float) -> None:
    study = changed(norway, {"cost.basis": basis, "posts.spring_share": fixed(spring)})
    wanted = [brute_force_price(study, year) for year in study.decision_years]
    assert slot_price(study) == pytest.approx(wanted, rel=1e-12)
    assert (np.diff(slot_price(study)) < 0.0).all()


@pytest.mark.parametrize("basis", ["report", "gross"])
@pytest.mark.parametrize("seed", range(4))
def test_plan_cost_is_the_discounted_yearly_cost(seed: int, basis: str) -> None:
    study = small_study(seed, regions=1 + seed % 3, changes={"cost.basis": basis})
    slots = random_slots(study, seed, fractional=True)
    gross, report = yearly_cost(study, levels(study, slots))
    by_year = report if basis == "report" else gross.sum(axis=0)
    discounted = (by_year * discount_factor(study, len(by_year))).sum()
    assert plan_cost(study, slots) == pytest.approx(discounted, rel=1e-12)


def test_what_payers_pay_adds_up_to_what_all_pay() -> None:
    """Each pays a part of its own; the report's costs are another sum of the same starts."""
    study = small_study(3, regions=2)
    prices = prices_of(study)
    costs = prices.of_slots(np.cumsum(np.ones((2, len(study.years))), axis=1))
    each = [prices.paid_by(payer, costs) for payer in prices.payers]
    assert len(each) > 1
    assert np.sum(each, axis=0) == pytest.approx(prices.paid_by("all", costs), rel=1e-12)
    assert all((paid < prices.paid_by("all", costs)).any() for paid in each)
    assert prices.paid_by("report", costs) is costs[1]


def test_yearly_cost_of_one_slot_by_hand(norway: Study) -> None:
    slots = np.zeros((4, 16))
    slots[2, 0] = 1.0
    _, report = yearly_cost(norway, levels(norway, slots))
    assert report[:2].tolist() == [0.0, 0.0]
    assert report[2:5] == pytest.approx(
        [904_500 * 1.01**2, 1_931_500 * 1.01**3, 2_061_500 * 1.01**4]
    )
    assert len(report) == 28 + 2  # the autumn starts of 2045 are paid until 2047
    assert report[-1] == pytest.approx(0.5 * (125_000 + 135_000) * 1.01**29)


def test_factors_begin_where_they_should(norway: Study) -> None:
    assert price_factor(norway, 3) == pytest.approx([1.0, 1.01, 1.01**2])
    assert discount_factor(norway, 3) == pytest.approx([1.04**2, 1.04, 1.0])
    later = changed(norway, {"cost.price_year": 2019})
    assert price_factor(later, 3) == pytest.approx([1.0, 1.0, 1.01])


def test_levels_add_up() -> None:
    study = small_study(3, regions=3)
    slots = random_slots(study, 5)
    level = levels(study, slots)
    assert level[:, 1].tolist() == study.level0.tolist()
    assert level[:, 2] == pytest.approx(study.level0 + slots[:, 0])
    assert level[:, -1] == pytest.approx(study.level0 + slots.sum(axis=1))
