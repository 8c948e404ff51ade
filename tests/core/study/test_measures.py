"""Measures: off they leave no trace, in force an ordinary study, and nothing acts twice."""

from __future__ import annotations

import doctest
import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.core.study.checks.measures import problems_of
from lis1plan.core.study.distributions import KINDS
from lis1plan.core.study.measures import change
from lis1plan.core.study.measures.measure import RATED, Measure
from lis1plan.core.study.measures.moved import moved
from lis1plan.core.study.study import Study
from lis1plan.core.system.costs import discounted, measure_cost, measure_price, slot_cost
from lis1plan.core.system.supervision import capacity, need

from ...helpers.small_study import WHY, between, changed, fixed, small_study

Data = dict[str, Any]


def measure(*effects: Data, **said: Any) -> Data:
    """A measure as it stands in a study, all of it one unit unless said otherwise."""
    known = {"name": "M", "unit": "all", "most": 1.0, "first_year": 2020, "assumption": WHY}
    return known | {"effects": effects} | said


def effect(lever: str, key: str = "", amount: Data | float | None = None, **said: Any) -> Data:
    """An effect; a number is a certain amount."""
    given = fixed(amount) if isinstance(amount, int | float) else amount
    return {"lever": lever, "key": key, "amount": given} | said


def study_with(**measures: Data) -> Study:
    return changed(small_study(3, groups=2), {"measure": measures})


LEAVE = effect("factor", "lis1.leave", between(0.4, 0.8))
LEVERS = {
    "capacity": effect("capacity", "municipal_places", 3.0),
    "posts": effect("posts", amount=4.0),
    "arrivals": effect("arrivals", "applicants.norway.net_per_year", 0.9),
    "stages": effect("stages", stages=("hospital", "municipality")),
    "add": effect("add", "specialists.retirement_shift_years", between(0.1, 0.5)),
    "factor": LEAVE,
}


def test_the_examples_hold() -> None:
    assert doctest.testmod(change).failed == 0


def test_without_measures_a_study_says_nothing_of_them() -> None:
    study = small_study(3)
    assert study.in_force is study
    said = json.loads(study.canonical_text)
    assert not {"measure", "change"} & set(said)
    assert "converted" not in said["posts"]
    assert "added_capacity" not in said["limits"]


@pytest.mark.parametrize("lever", LEVERS)
def test_a_measure_that_is_off_leaves_the_ordinary_study(lever: str) -> None:
    off, bare = study_with(m=measure(LEVERS[lever])), small_study(3, groups=2)
    assert off.in_force == bare
    assert off.in_force.canonical_text == bare.canonical_text
    assert off.with_alone() == bare


@pytest.mark.parametrize("lever", LEVERS)
def test_in_force_nothing_acts_twice(lever: str) -> None:
    """The study in force has no measures: loaded again and worked in again it is the same."""
    found = study_with(m=measure(LEVERS[lever], decision="on")).in_force
    assert found.measure == {}
    assert found != small_study(3, groups=2)
    again = Study.model_validate_json(found.canonical_text)
    assert again == found
    assert again.in_force == found


@pytest.mark.parametrize("lever", LEVERS)
def test_the_study_as_written_reads_back_and_comes_to_the_same(lever: str) -> None:
    written = study_with(m=measure(LEVERS[lever], use=1.0))
    again = Study.model_validate_json(written.canonical_text)
    assert again == written
    assert again.in_force == written.in_force


def test_by_hand_comes_before_the_decision() -> None:
    for said, units in (
        ({"decision": "on"}, 1.0),
        ({"decision": "on", "use": 0.25}, 0.25),
        ({"decision": "choose"}, 0.0),
        ({"decision": "choose", "use": 0.5}, 0.5),
        ({"decision": "on", "use": 0.0}, 0.0),
        ({}, 0.0),
    ):
        assert Measure.model_validate(measure(LEAVE, **said)).units == units, said


def test_use_rises_evenly_and_by_no_more_than_can_come() -> None:
    evenly = measure(LEAVE, most=100.0, use=80.0, years_to_full=4, lead_years=2)
    found = Measure.model_validate(evenly)
    assert [found.units_in(y) for y in range(2021, 2028)] == [0, 20, 40, 60, 80, 80, 80]
    slowly = Measure.model_validate(evenly | {"years_to_full": 1, "most_per_year": 30.0})
    assert [slowly.units_in(y) for y in range(2021, 2027)] == [0, 30, 60, 80, 80, 80]


def test_alone_means_all_of_it_or_what_is_used_by_hand() -> None:
    both = study_with(
        a=measure(effect("posts", amount=1.0), name="A", most=9.0),
        b=measure(effect("posts", amount=1.0), name="B", most=9.0, use=4.0),
    )
    none = both.with_alone().given_levels.sum(axis=0)
    for names, posts in ((("a",), 9.0), (("b",), 4.0), (("a", "b"), 13.0)):
        more = both.with_alone(*names).given_levels.sum(axis=0) - none
        assert more[both.first :].tolist() == [posts] * (len(both.years) - both.first)
    assert both.in_force.given_levels[:, -1].sum() - none[-1] == 4.0


def test_posts_go_to_their_region_or_as_posts_are() -> None:
    study = study_with(m=measure(effect("posts", amount=5.0), decision="on"))
    base = small_study(3, groups=2).given_levels[:, -1]
    more = study.in_force.given_levels[:, -1] - base
    assert more.sum() == 5.0
    assert (more >= np.floor(5.0 * base / base.sum())).all()
    there = effect("posts", amount=5.0, region=list(study.regions)[1])
    only = study_with(m=measure(there, decision="on"))
    assert (only.in_force.given_levels[:, -1] - base).tolist() == [0.0, 5.0]


@pytest.mark.parametrize("history", [False, True])
def test_posts_leave_the_room_of_today_what_it_is(history: bool) -> None:
    row = {"year": 2019, "region": "nord", "posts": 41, "assumption": WHY}
    told = {"posts.history": (row,) * history}
    study = study_with(m=measure(effect("posts", amount=5.0), decision="on"))
    bare = changed(small_study(3, groups=2), told)
    assert np.array_equal(capacity(changed(study, told).in_force), capacity(bare))


def test_added_room_comes_on_top_from_its_year_on() -> None:
    room = effect("capacity", "municipal_places", 3.0, region="midt")
    said = measure(room, use=2.0, most=2.0, first_year=2022, years_to_full=2, delay_years=1)
    study = study_with(m=said)
    more = capacity(study.in_force) - capacity(small_study(3, groups=2))
    c, r = list(study.capacity).index("municipal_places"), list(study.regions).index("midt")
    expected = np.zeros(more.shape)
    expected[c, r, 2023 - 2018 :] = 3.0
    expected[c, r, 2024 - 2018 :] = 6.0
    assert np.allclose(more, expected, atol=1e-9)


def test_a_place_that_needs_less_leaves_the_room_there_is() -> None:
    """Room is told in shares of today's use: it must not shrink with the need of a place."""
    less = effect("factor", "capacity.municipal_places.need_per_place_year", 0.8)
    study, bare = study_with(m=measure(less, decision="on")), small_study(3, groups=2)
    assert np.allclose(capacity(study.in_force), capacity(bare), rtol=1e-12)
    c, level = list(bare.capacity).index("municipal_places"), bare.given_levels
    assert np.allclose(need(study.in_force, level)[c], 0.8 * need(bare, level)[c], rtol=1e-12)


# ------------------------------------------------------------------------------ LIS1 of 12 months


SHORT = measure(effect("stages", stages=("hospital", "municipality")), decision="on")


def test_twelve_months_by_measure_is_what_changing_the_stages_by_hand_gives() -> None:
    bare = small_study(3, groups=2)
    begun, given = bare.lis1.appointed_before_start, bare.stated_levels[:, -1]
    half = {"stay:hospital": 0.5}
    rows = tuple(
        row.model_dump() | {"amount_nok": row.amount_nok * half.get(row.timing, 1.0)}
        for row in bare.cost.components
    )
    arenas = {name: limit.arena for name, limit in bare.capacity.items()}
    room = tuple(  # as wide as it was, in shares of what today's posts would use
        row.model_dump() | {"slack": 2.0 * (1.0 + row.slack) - 1.0}
        if arenas[row.limit] == "hospital"
        else row.model_dump()
        for row in bare.supervision
    )
    more = study_with(m=SHORT).in_force.posts.converted
    assert sum(row.posts for row in more) == round(0.5 * given.sum())
    by_hand = changed(
        bare,
        {
            "posts.stages": ("hospital", "municipality"),
            "posts.converted": tuple(row.model_dump() for row in more),
            "lis1.appointed_before_start": (begun[0], begun[1] + begun[2]),
            "cost.stay_months": {"hospital": 6, "municipality": 6},
            "cost.components": rows,
            "supervision": room,
        },
    )
    assert study_with(m=SHORT).in_force.canonical_text == by_hand.canonical_text


def test_twelve_months_of_the_report_by_hand() -> None:
    """950 starts of 18 months are 1 425 of 12; each costs 750 000 NOK less in hospital pay."""
    from lis1plan.configs.loader import load_study

    written = load_study("norway-2019")
    bare, short = written.with_alone(), written.with_alone("twelve_months")
    assert bare.given_levels[:, -1].sum() == 950.0
    assert short.given_levels[:, -1].sum() == 1425.0 == 950.0 * 18 / 12
    assert slot_cost(bare)[0].sum() == pytest.approx(2_183_000.0)
    assert slot_cost(short)[0].sum() == pytest.approx(2_183_000.0 - 0.5 * 1_500_000.0)
    old, new = (need(each, each.given_levels).sum(axis=1)[:, -1] for each in (bare, short))
    per_start = 1425.0 / 950.0
    names = list(bare.capacity)
    for name, stay in (("hospital_supervision", 0.5), ("municipal_places", 1.0)):
        c = names.index(name)
        assert new[c] == pytest.approx(old[c] * stay * per_start)
    assert new[names.index("municipal_places")] == pytest.approx(712.5)
    later = measure_cost(written, "twelve_months").sum(axis=0)[10]
    real = 1.01 ** (written.years[10] - 2018)
    assert later == pytest.approx((1425 * 1_433_000.0 - 950 * 2_183_000.0) * real)


def test_nobody_in_lis1_is_lost_where_it_becomes_shorter() -> None:
    study = study_with(m=SHORT)
    begun = study.in_force.lis1.appointed_before_start
    assert sum(begun) == pytest.approx(sum(small_study(3, groups=2).lis1.appointed_before_start))


# ------------------------------------------------------------------------------------------- costs


def test_what_begins_is_paid_for_as_long_as_it_is() -> None:
    price = {"payer": "state", "nok": 100.0, "nok_once": 7.0, "years": 3}
    nothing = effect("add", "lis1.leave", 0.0)
    said = measure(nothing, most=10.0, use=10.0, first_year=2026, years_to_full=2, prices=(price,))
    study = changed(study_with(m=said), {"cost.real_growth": fixed(0.0)})
    paid = measure_cost(study, "m")
    row = paid[list(dict.fromkeys(r.payer for r in study.cost.components)).index("state")]
    units = [0.0] * 8 + [5.0] + [10.0] * 4  # 2018 to 2030
    assert np.allclose(row[:8], 0.0)
    assert row[8] == 5.0 * 100.0 + 5.0 * 7.0
    assert row[9] == (5.0 + 10.0) * 100.0 + 5.0 * 7.0
    assert row[10] == (5.0 + 10.0 + 10.0) * 100.0
    assert row[-2:].tolist() == [2 * 1000.0, 1000.0]  # begun in the last two years
    assert paid.sum() == pytest.approx(3 * 100.0 * sum(units) + 7.0 * 10.0)
    assert np.delete(paid, list(paid.sum(axis=1)).index(row.sum()), axis=0).sum() == 0.0


def test_costs_are_discounted_to_the_first_decision() -> None:
    said = measure(LEAVE, use=1.0, first_year=2020, prices=({"payer": "state", "nok": 1000.0},))
    study = changed(study_with(m=said), {"cost.real_growth": fixed(0.0)})
    rate = study.cost.discount_rate.value
    expected = sum(1000.0 * (1 + rate) ** -(y - 2020) for y in range(2020, 2031))
    assert discounted(study, measure_cost(study, "m")).sum() == pytest.approx(expected)
    assert measure_price(study, "m") == pytest.approx(expected)


def test_other_stages_are_priced_as_posts_are_counted() -> None:
    """Gross where all payers' costs count; the Directorate's way where the report's do."""
    gross = changed(study_with(m=SHORT), {"cost.basis": "gross"})
    told = discounted(gross, measure_cost(gross, "m")).sum()
    assert measure_price(gross, "m") == pytest.approx(told)
    other = measure_price(changed(gross, {"cost.basis": "report"}), "m")
    assert abs(other - told) > 1e-3 * abs(told)


# ----------------------------------------------------------------------------------- what is moved


@pytest.mark.parametrize("kind", KINDS)
def test_a_moved_figure_has_moved_quantiles(kind: str) -> None:
    from pydantic import TypeAdapter

    from lis1plan.core.study.distributions import Quantity

    said: dict[str, Data] = {
        "fixed": {"value": 3.0},
        "uniform": {"low": 1.0, "high": 4.0},
        "triangular": {"low": 1.0, "mode": 2.0, "high": 4.0},
        "pert": {"low": 1.0, "mode": 2.0, "high": 4.0},
        "normal": {"mean": 2.0, "sd": 0.5, "low": 1.0, "high": 4.0},
        "lognormal": {"median": 2.0, "sigma": 0.4, "low": 0.5, "high": 9.0},
        "beta": {"a": 2.0, "b": 3.0, "low": 1.0, "high": 4.0},
        "discrete": {"values": (1.0, 2.0, 4.0), "weights": (1.0, 2.0, 1.0)},
        "empirical": {"values": (1.0, 2.0, 2.5, 4.0)},
    }
    read = TypeAdapter(Quantity).validate_python
    figure = read({"distribution": kind, "assumption": WHY} | said[kind])
    u, shift = np.linspace(0.01, 0.99, 23), 0.0 if kind == "lognormal" else 0.7
    after = read(moved(figure, 1.5, shift, "a measure"))
    assert np.allclose(after.quantile(u), 1.5 * figure.quantile(u) + shift, rtol=1e-9)
    assert after.assumption.endswith("moved by a measure")


# -------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            measure(effect("capacity", "beds", 1.0)),
            r"effects\.0\.key: unknown capacity",
        ),
        (
            measure(effect("posts", amount=1.0, region="moon")),
            r"unknown label 'moon'; known",
        ),
        (
            measure(effect("posts", amount=between(1.0, 2.0))),
            r"is uncertain; lever \"posts\"",
        ),
        (
            measure(effect("posts", amount=1.0), lead_years=1),
            r"from the first decision on",
        ),
        (
            measure(effect("arrivals", "lis1.leave", 1.0)),
            r"'lis1\.leave' is no flow of persons",
        ),
        (
            measure(effect("arrivals", "specialists.foreign_per_year", -1.0)),
            r"takes 1 a year from specialists\.foreign_per_year, of whom there may be only 0",
        ),
        (measure(effect("add", "lis1.leaves", 0.1)), r"'lis1\.leaves' is no figure of the study"),
        (measure(effect("add", "lis1.leave", 0.95)), r"must lie within 0 to 1"),
        (measure(effect("factor", "queue.fill_rate", 1.5)), r"must lie within 0 to 1"),
        (
            measure(effect("factor", "cost.discount_rate", between(0.5, 1.0))),
            r"cost\.discount_rate is certain in every scenario",
        ),
        (measure(effect("add", "training.mean_years", -2.0)), r"must lie within 2 to 5"),
        (measure(effect("stages", stages=("hospital",))), r"give each of hospital, municipality"),
        (measure(LEAVE, use=2.0), r"measure\.m\.use: 2 units; at most 1 \(measure\.m\.most\)"),
        (
            measure(LEAVE, prices=({"payer": "nobody", "nok": 1.0},)),
            r"measure\.m\.prices\.0\.payer: unknown label 'nobody'; known: .*state",
        ),
        (measure(LEAVE, ratings={"beauty": "pos"}), r"unknown column 'beauty'; known: general_"),
        (measure(effect("posts", "x", 1.0)), r'lever "posts" takes no `key`'),
        (measure(effect("factor", "", 1.0)), r'lever "factor" needs `key`'),
        (measure(effect("stages", amount=1.0)), r"takes `stages` and nothing beside it"),
    ],
)
def test_what_cannot_be_is_refused_with_key_and_what_is_allowed(said: Data, told: str) -> None:
    wanted = {"decision": "choose"} | said
    with pytest.raises(ValidationError, match=told):
        study_with(m=wanted)


def test_what_is_off_may_speak_of_another_study() -> None:
    """A study based on a preset with regions or payers of its own keeps the preset's measures."""
    elsewhere = effect("posts", amount=1.0, region="moon")
    study = study_with(m=measure(elsewhere, prices=({"payer": "nobody", "nok": 1.0},)))
    found = list(problems_of(study, "m"))
    assert [line.partition(": ")[0] for line in found] == [
        "measure.m.prices.0.payer",
        "measure.m.effects.0.region",
    ]
    assert study.in_force == small_study(3, groups=2)


def test_measures_that_only_together_leave_no_study_are_refused() -> None:
    more = effect("add", "groups.general_practice.choice", 0.4)
    twice = {name: measure(more, name=name, decision="on") for name in "ab"}
    one = study_with(a=twice["a"])
    assert one.in_force.change
    with pytest.raises(ValidationError, match=r"measure: once in force: change: all changes"):
        study_with(**twice)


def test_more_than_all_doctors_cannot_choose_among_groups() -> None:
    from lis1plan.configs.loader import load_study

    data = load_study("norway-2027-specialties").in_force.model_dump()
    chosen = [name for name, group in data["groups"].items() if group["choice"] is not None][:2]
    more = {"name": "M", "how": "add", "amount": fixed(0.4)}
    data["change"] = {name: more | {"key": f"groups.{name}.choice"} for name in chosen}
    with pytest.raises(ValidationError, match=r"change: choices of groups can add up to 1\."):
        Study.model_validate(data)


def test_ratings_are_the_columns_of_the_tables() -> None:
    assert len(RATED) == 8
