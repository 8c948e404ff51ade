"""Rates from a study: posts before the decision, leave and late withdrawal, stock, exits, FTE."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.core.flow.intake import added_by_year, leave_by_stage, newcomers_by_origin
from lis1plan.core.flow.rates import (
    ages,
    build_rates,
    fte_by_age,
    initial_specialists,
    retirement_table,
)
from lis1plan.core.flow.regions import regional_key
from lis1plan.core.kernels import cohorts as kernel
from lis1plan.core.kernels.cohorts import Rates
from lis1plan.core.scenarios.draws import Draws, Figures, draw
from lis1plan.core.scenarios.sampling import Sample
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity, need

from ...helpers.rates_of import close, projected
from ...helpers.small_study import WHY, between, changed, fixed, random_slots, small_study

Floats = NDArray[np.float64]
COUNT = 30


def drawn(study: Study) -> tuple[Draws, Figures]:
    draws = draw(study, Sample("monte_carlo", 9, COUNT), 0, COUNT)
    return draws, Figures(study, draws)


def rates_of(study: Study) -> Rates:
    return build_rates(study, drawn(study)[0])


# --- posts before the first decision --------------------------------------------------------


def history(*rows: tuple[int, str, int, bool]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"year": year, "region": region, "posts": posts, "published": known, "assumption": WHY}
        for year, region, posts, known in rows
    )


def test_levels_are_the_history_and_then_the_last_year() -> None:
    study = changed(
        small_study(1, regions=2),
        {
            "posts.unused": fixed(0.0),
            "posts.history": history((2019, "nord", 77, True), (2018, "midt", 40, True)),
        },
    )
    nord = study.regions["nord"].posts_in_use.value
    assert study.given_levels[:, :4].tolist() == [[nord, 77, 77, 77], [40, 40, 40, 40]]
    assert study.level0.tolist() == [77, 40]
    slots = random_slots(study, 1)
    first = study.first
    path = levels(study, slots)
    assert np.array_equal(path[:, :first], study.given_levels[:, :first])
    opened = np.cumsum(slots, axis=1)
    assert np.array_equal(path[:, first : first + slots.shape[1]], opened + study.level0[:, None])
    assert np.array_equal(path[:, -1], opened[:, -1] + study.level0)


def test_todays_room_is_that_of_the_last_year_of_history() -> None:
    study = changed(small_study(1, regions=2), {"posts.history": history((2019, "nord", 77, True))})
    today = [need(study, np.tile(study.level0[:, None], (1, 30)))[:, :, -1], capacity(study)]
    rows = {(row.limit, row.region): row.slack for row in study.supervision}
    for c, limit in enumerate(study.capacity):
        for r, region in enumerate(study.regions):
            room = today[0][c, r] * (1.0 + rows[limit, region])
            assert today[1][c, r, 2019 - 2018] == pytest.approx(room)


def test_unpublished_posts_are_uncertain_in_their_years_alone() -> None:
    rows = history((2018, "nord", 50, True), (2019, "nord", 60, False))
    factor = {"posts.unpublished_factor": between(0.8, 1.1)}
    study = changed(small_study(1), {"posts.history": rows} | factor)
    share, spring = rates_of(study).offer_share, study.posts.spring_share.value
    both = np.array([spring, 1.0 - spring])
    drawn_factor = drawn(study)[0].figures["posts.unpublished_factor"]
    assert np.ptp(drawn_factor) > 0.1
    assert share[:, 2:4] == pytest.approx(drawn_factor[:, None] * both)
    certain = [0, 1, *range(4, share.shape[1])]
    years = len(certain) // 2
    assert np.array_equal(share[:, certain], np.tile(both, (COUNT, years)))
    known = history((2018, "nord", 50, True), (2019, "nord", 60, True))
    published = changed(small_study(1), {"posts.history": known} | factor)
    assert np.array_equal(rates_of(published).offer_share, np.tile(both, (COUNT, 13)))


# --- applicants -----------------------------------------------------------------------------


def test_added_applicants_come_from_their_year_on() -> None:
    study = small_study(1)
    by_year = added_by_year(study, {"2020": 30.0, "2025": -10.0, "2010": 1.0})
    assert by_year.tolist() == [1, 1, 31, 31, 31, 31, 31, 21, 21, 21, 21, 21, 21]
    more = changed(study, {"applicants.norway.added_from": {"2020": 30.0}})
    (_, one), (_, other) = drawn(study), drawn(more)
    gain = newcomers_by_origin(more, other) - newcomers_by_origin(study, one)
    spring = study.applicants["norway"].spring_share.value
    origin = list(study.applicants).index("norway")
    wanted = np.repeat([0.0, 0.0, *[30.0] * 11], 2) * np.tile([spring, 1.0 - spring], 13)
    assert gain[:, :, origin] == pytest.approx(np.tile(wanted, (COUNT, 1)))
    assert not np.delete(gain, origin, axis=2).any()


def test_a_process_moves_all_of_an_origin() -> None:
    """Its yearly factor times newcomers, added ones included, not those who come back."""
    wild = {
        "process": "regimes",
        "yearly_probability": 1.0,
        "factors_reached": (3.0,),
        "assumption": WHY,
    }
    quiet = {f"queue.reference_unplaced_{half}": fixed(0.0) for half in ("spring", "autumn")}
    added = {"applicants.norway.added_from": {"2021": 7.0}}
    study = changed(small_study(1), quiet | added | {"applicants.norway.process": wild})
    draws, figures = drawn(study)
    origin = list(study.applicants).index("norway")
    before = newcomers_by_origin(study, Figures(study, draws._replace(factors={})))
    after = newcomers_by_origin(study, figures)
    assert after[:, :, origin] == pytest.approx(3.0 * before[:, :, origin])
    assert np.array_equal(np.delete(after, origin, axis=2), np.delete(before, origin, axis=2))


# --- leave and late withdrawal --------------------------------------------------------------


def late(share: float) -> dict[str, Any]:
    return {"lis1.late_withdrawal": {"municipality": fixed(share)}}


def test_withdrawal_adds_to_leave_in_its_arena() -> None:
    study = changed(small_study(1), late(0.2))
    _, figures = drawn(study)
    leave = figures["lis1.leave"]
    found = leave_by_stage(study, figures)
    assert found[:, :2] == pytest.approx(np.stack([leave, leave], axis=1))
    assert found[:, 2] == pytest.approx(1.0 - (1.0 - leave) * 0.8)
    assert leave_by_stage(small_study(1), figures)[:, 2] != pytest.approx(leave)  # the preset's


def test_withdrawal_delays_and_loses_nobody() -> None:
    """One intake: the same number completes LIS1, later, and keeps a place the while."""
    alone = {"lis1.drop_out": fixed(0.0), "lis1.leave": fixed(0.0)}
    finished, occupied = {}, {}
    for share in (0.0, 0.5):
        study = changed(small_study(1, regions=1), alone | late(share))
        rates = rates_of(study)
        for name in ("occupants", "direct_entry", "unplaced"):
            getattr(rates, name)[:] = 0.0
        rates.newcomers[:] = 0.0
        rates.newcomers[0, 0, 0] = 8.0
        flow = projected(kernel, rates, 0, np.full((1, 13), 1000.0))
        finished[share] = flow["entry"][:, 0].sum(axis=0)
        occupied[share] = flow["occupants"][:, 2, 0]
        assert flow["appointed"].sum() == pytest.approx(8.0)
    assert finished[0.0][3] == pytest.approx(8.0)
    assert finished[0.5][3:8] == pytest.approx([4.0, 2.0, 1.0, 0.5, 0.25])
    assert finished[0.5].sum() == pytest.approx(8.0, abs=1e-5)
    assert occupied[0.0].tolist() == pytest.approx([0, 0, 8, *[0] * 23])
    assert occupied[0.5][2:6] == pytest.approx([8.0, 4.0, 2.0, 1.0])


# --- specialists ----------------------------------------------------------------------------


def test_stock_by_region_equals_the_key_when_spread_by_it() -> None:
    study = small_study(2, regions=3, groups=2)
    key = dict(zip(study.regions, regional_key(study.regions, study.posts_at_start), strict=True))
    data = study.model_dump()
    data["specialists"]["stock"] = tuple(
        row | {"region": region, "persons": row["persons"] * share}
        for row in data["specialists"]["stock"]
        for region, share in key.items()
    )
    placed = Study.model_validate(data)
    assert close(initial_specialists(placed), initial_specialists(study))
    one, other = rates_of(study), rates_of(placed)
    for name, value in one._asdict().items():
        assert close(np.asarray(getattr(other, name)), np.asarray(value)), name


def test_stock_stands_in_the_region_that_is_named() -> None:
    study = small_study(2, regions=3)
    data = study.model_dump()
    data["specialists"]["stock"] = tuple(
        row | {"region": "midt"} for row in data["specialists"]["stock"]
    )
    stock = initial_specialists(Study.model_validate(data))
    assert not stock[:, [0, 2]].any()
    assert stock[:, 1] == pytest.approx(initial_specialists(study).sum(axis=1))


def of_ages(study: Study, stock: list[tuple[str, float]], exits: list[dict[str, Any]]) -> Study:
    data = study.model_dump()
    data["specialists"]["stock"] = tuple(
        {"group": "hospital", "age": age, "persons": persons, "assumption": WHY}
        for age, persons in stock
    )
    data["specialists"]["retirement"] = tuple(
        {"group": "hospital", "assumption": WHY} | row for row in exits
    )
    data["specialists"] |= {"other_exits_below_age": 62}
    return Study.model_validate(data)


def test_a_band_of_ages_is_spread_evenly_over_its_years() -> None:
    study = of_ages(
        small_study(1, regions=1),
        [("40-44", 50.0), ("45", 7.0), ("46-47", 9.0)],
        [{"age": "40-47", "yearly_share": 0.1}],
    )
    assert ages(study).tolist() == list(range(40, 48))
    assert initial_specialists(study)[0, 0].tolist() == [10.0] * 5 + [7.0, 4.5, 4.5]


def test_exits_over_several_years_leave_the_same_share_over_them() -> None:
    study = of_ages(
        small_study(1, regions=1),
        [("40-60", 100.0)],
        [
            {"age": "40-44", "share": 0.3, "over_years": 5},
            {"age": "45-46", "yearly_share": 0.2},
            {"age": "47-60", "yearly_share": 0.0},
        ],
    )
    table = retirement_table(study)[0]
    assert (1.0 - table[:5]).prod() == pytest.approx(0.7)
    assert len(set(table[:5])) == 1
    assert table[5:8].tolist() == [0.2, 0.2, 0.0]


def test_other_exits_are_shared_by_all_below_the_age() -> None:
    """Whole bands or parts of them: those asked for a year are those who leave."""
    study = of_ages(
        small_study(1, regions=1),
        [("40-49", 500.0), ("60-64", 100.0)],
        [{"age": "62-64", "yearly_share": 0.0}],
    )
    study = changed(study, {"correlation": (), "specialists.other_exits_per_year": fixed(54.0)})
    rates = rates_of(study)
    leaving = (1.0 - rates.survival[0, 0] ** 2) * rates.specialists[0, 0]
    assert leaving.sum() == pytest.approx(54.0)
    assert not leaving[ages(study) >= 62].any()


def test_fte_per_head_may_differ_by_group() -> None:
    study = small_study(1, groups=2)
    common = study.specialists
    assert np.array_equal(*fte_by_age(study))
    data = study.model_dump()
    data["groups"]["hospital"]["fte_per_head"] = fixed(0.65)
    data["groups"]["general_practice"]["fte_per_head_senior"] = fixed(0.4)
    fte = fte_by_age(Study.model_validate(data))
    young = ages(study) < common.senior_age
    hospital, practice = (list(study.groups).index(g) for g in ("hospital", "general_practice"))
    assert set(fte[hospital, young]) == {0.65}
    assert set(fte[hospital, ~young]) == {common.fte_per_head_senior.value}
    assert set(fte[practice, young]) == {common.fte_per_head.value}
    assert set(fte[practice, ~young]) == {0.4}


def test_fte_per_head_may_differ_by_age() -> None:
    study = small_study(1, groups=2)
    before, years = fte_by_age(study), ages(study)
    data = study.model_dump()
    rows = (
        ("hospital", f"{years[2]}-{years[4]}", 0.7),
        ("hospital", int(years[-1]), 0.1),
        ("hospital", "1-20", 2),
    )
    data["specialists"]["fte_by_age"] = tuple(
        {"group": group, "age": age, "fte_per_head": fte, "assumption": "x"}
        for group, age, fte in rows
    )
    changed = Study.model_validate(data)
    after, hospital = fte_by_age(changed), list(study.groups).index("hospital")
    middle = np.isin(years, years[2:5])
    assert set(after[hospital, middle]) == {0.7}
    assert after[hospital, -1] == 0.1
    rest = ~middle
    rest[-1] = False
    assert np.array_equal(after[hospital, rest], before[hospital, rest])
    assert np.array_equal(np.delete(after, hospital, 0), np.delete(before, hospital, 0))
    assert "fte_by_age" in changed.canonical_text
    assert "fte_by_age" not in study.canonical_text


def test_two_rows_of_working_hours_for_one_age_are_refused() -> None:
    data = small_study(1, groups=2).model_dump()
    row = {"group": "hospital", "age": "40-44", "fte_per_head": 0.7, "assumption": "x"}
    data["specialists"]["fte_by_age"] = (row, row | {"age": 44})
    with pytest.raises(ValidationError, match="two rows for group 'hospital', age 44"):
        Study.model_validate(data)
    data["specialists"]["fte_by_age"] = (row | {"group": "nobody"},)
    with pytest.raises(ValidationError, match="unknown label 'nobody'"):
        Study.model_validate(data)
