"""What measures do alone: same futures, slots that do the same, signs beside ratings."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.projection import Projection, Request, project_plans
from lis1plan.core.risk import measure_effects
from lis1plan.core.risk.evaluation import judge_plans
from lis1plan.core.risk.measure_effects import MeasureEffects, effects_of
from lis1plan.core.risk.measure_table import described, differs
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.measures.measure import RATED
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels, no_slots

from ...helpers.small_study import between, one_limit, small_study
from ..study.test_measures import effect, measure

WORKERS = Workers(1)
STATE = {"payer": "state", "nok": 1e6}


@cache
def study() -> Study:
    """Posts bind (many apply), so that posts and rates count, and applicants do not."""
    data = small_study(4, groups=2, applicants=1.6, scenarios=48).model_dump()
    arrivals = effect("arrivals", "specialists.foreign_per_year", between(0.5, 1.5))
    graduates = effect("arrivals", "applicants.norway.net_per_year", 1.0)
    more = {"most": 5.0, "first_year": 2020}
    data["measure"] = {
        "nothing": measure(effect("factor", "lis1.leave", 1.0), name="Nothing"),
        "slots": measure(effect("posts", amount=1.0), name="Slots", most=6.0, prices=(STATE,)),
        "leave": measure(effect("factor", "lis1.leave", between(0.3, 0.8)), name="Leave"),
        "abroad": measure(arrivals, name="Abroad", prices=(STATE,), **more),
        "fewer": measure(effect("add", "specialists.retirement_shift_years", -0.5), name="Fewer"),
        "graduates": measure(graduates, name="Graduates", **more),
        "kept": measure(effect("add", "regions.nord.retention", 0.1), name="Kept", prices=(STATE,)),
        "room": measure(effect("capacity", "municipal_places", 9.0), name="Room"),
    }
    return Study.model_validate(data)


@cache
def found() -> MeasureEffects:
    asked = Request(study(), sample_of(study()), {})
    return effects_of(asked, no_slots(study()), WORKERS)


def at(name: str) -> int:
    return list(study().measure).index(name)


def test_what_does_nothing_does_nothing() -> None:
    n = at("nothing")
    assert (found().fte[:, n], found().avoided[:, n]) == (pytest.approx(0.0), pytest.approx(0.0))
    assert found().mean[n] == 0.0
    assert found().slots[n] == pytest.approx(0.0)
    assert np.nan_to_num(found().sign[n]).tolist() == [0.0] * 8


def test_effects_are_those_of_the_study_projected_with_the_measure() -> None:
    """Judged FTE by a projection of its own, scenario by scenario; shortage by hand from it."""
    last, window = study().time.window[1] - 2018, slice(2027 - 2018, 2031 - 2018)
    flows = []
    for each in (study().with_alone(), study().with_alone("abroad")):
        asked = Request(each, sample_of(each), {"plan": each.given_levels})
        flows.append(project_plans(asked, WORKERS))
    supply = [flow.supply[0].astype(float).sum(axis=(2, 3)) for flow in flows]
    demand = flows[0].demand.astype(float).sum(axis=(2, 3))
    short = [np.maximum(demand - each, 0.0)[:, window].sum(axis=1) for each in supply]
    gained, avoided = (supply[1] - supply[0])[:, last], short[0] - short[1]
    n = at("abroad")
    assert found().mean[n] == pytest.approx(avoided.mean(), rel=1e-4)
    ordered = np.sort(gained)
    assert ordered[0] <= found().fte[0, n] <= found().fte[1, n] <= found().fte[2, n] <= ordered[-1]
    assert (gained <= found().fte[1, n] + 1e-3).mean() == pytest.approx(0.5, abs=0.03)
    assert (avoided <= found().avoided[2, n] + 1e-3).mean() == pytest.approx(0.9, abs=0.03)


def test_arrivals_never_raise_shortage() -> None:
    assert found().avoided[:, at("abroad")].min() >= 0.0
    assert found().avoided[:, at("graduates")].min() >= -1e-6
    assert found().mean[at("fewer")] < 0.0


def test_slots_replaced_avoid_as_much() -> None:
    """Judged directly at the number found, on the study without measures."""
    none = study().with_alone()
    seen = none.model_dump()
    limit = one_limit(list(none.regions), measure="absolute", statistic="sum", confidence=0.0)
    seen["risk"] = {"all": limit | {"rule": "mean", "confidence": None, "limit": 0.0}}
    seen = Study.model_validate(seen)
    share = none.posts_at_start / none.posts_at_start.sum()
    for name in ("slots", "leave", "abroad"):
        more = no_slots(none)
        more[:, 0] = found().slots[at(name)] * share
        level = [levels(none, plan) for plan in (no_slots(none), more)]
        z = judge_plans(seen, sample_of(none), level, WORKERS).z[:, 0].mean(axis=1)
        assert z[0] - z[1] == pytest.approx(found().mean[at(name)], rel=0.01), name


def test_posts_for_nothing_replace_as_many_slots() -> None:
    assert found().slots[at("slots")] == pytest.approx(6.0, rel=0.05)
    assert np.isnan(found().slots[at("fewer")])


def test_nok_and_break_even_follow_from_cost() -> None:
    n, cost = at("abroad"), found().cost.sum(axis=1)
    assert found().nok[1, n] == pytest.approx(cost[n] / found().avoided[1, n])
    own = found().slots[n] * float(system_of(study().with_alone()).prices.slot[0])
    assert found().break_even[n] == pytest.approx(cost[n] / own)
    assert np.isnan(found().nok[:, at("fewer")]).all()
    assert np.isnan(found().break_even[at("nothing")])
    table = described(study().measure, found())
    assert table["measure_nok_low"][n] <= table["measure_nok_median"][n]


def test_what_is_kept_in_a_region_is_lost_elsewhere() -> None:
    gained, r = found().by_region[at("kept")], list(study().regions).index("nord")
    assert gained[r] > 0.5
    assert np.delete(gained, r).max() < 0.0
    assert abs(gained.sum()) < 0.1 * gained[r]
    assert np.allclose(found().by_region[at("nothing")], 0.0)
    for name in ("abroad", "fewer"):
        assert np.sign(found().by_region[at(name)]).sum() == np.sign(found().fte[1, at(name)]) * 2


def test_a_slot_adds_where_it_is_opened() -> None:
    """As a projection of its own says, twenty slots in one region."""
    none = study().with_alone()
    more = no_slots(none)
    more[1, 0] = 20.0
    plans = {"none": none.given_levels, "more": levels(none, more)}
    flow = project_plans(Request(none, sample_of(none), plans), WORKERS)
    last = none.time.window[1] - none.years[0]
    supply = flow.supply[:, :, last].astype(float).sum(axis=2).mean(axis=1)
    assert found().slot_there[1] == pytest.approx((supply[1] - supply[0])[1] / 20.0, rel=1e-3)


def test_signs_say_what_is_better() -> None:
    sign = {name: dict(zip(RATED, found().sign[at(name)], strict=True)) for name in study().measure}
    assert sign["slots"]["more_lis1"] == 1.0
    assert sign["slots"]["supervision"] == -1.0
    assert sign["slots"]["economy"] == -1.0
    assert sign["room"]["supervision"] == 1.0
    assert sign["room"]["specialists"] == 0.0
    assert sign["abroad"]["specialists"] == 1.0
    assert sign["abroad"]["more_lis1"] == 0.0
    for each in sign.values():
        assert np.isnan(each["quality"])
        assert np.isnan(each["administration"])


def test_a_change_has_a_sign_from_the_least_that_is_told_on() -> None:
    signs = [measure_effects._sign(change, 2.0) for change in (-2.0, -1.9, 0.0, 1.9, 2.0)]
    assert signs == [-1.0, 0.0, 0.0, 0.0, 1.0]


def test_regions_that_want_little_are_as_short_as_they_are() -> None:
    """Half of what is wanted is missing in one region, nothing in the others; one wants nothing."""
    demand = np.array([[[[0.5, 40.0, 0.0]]]])
    flow = Projection(0.5 * demand[None] * [1.0, 2.0, 1.0], demand, {}, {}, {})
    assert measure_effects._spread(flow, 0) == 0.5


def test_slots_of_four_hundred_are_looked_for_before_twice_as_many() -> None:
    """Where twice as many avoid no more, as applicants are too few, nothing is known beyond."""
    ladder = np.array(measure_effects.LADDER)
    assert (np.diff(ladder) > 0.0).all()
    worth = np.minimum(ladder, 400.0)
    assert measure_effects._between(np.array([300.0]), ladder, worth) == pytest.approx(300.0)


def test_a_rating_differs_where_it_allows_another_sign() -> None:
    ratings = [["pos", "neutral/pos", "neutral", "neutral/neg", "neg", "", "pos", "neg"]]
    for sign, expected in (
        ([1, 1, 0, -1, -1, 1, np.nan, np.nan], [0, 0, 0, 0, 0, 0, 0, 0]),
        ([1, 0, 0, 0, -1, 0, 1, -1], [0, 0, 0, 0, 0, 0, 0, 0]),
        ([0, -1, 1, 1, 0, 0, -1, 1], [1, 1, 1, 1, 1, 0, 1, 1]),
    ):
        assert differs(ratings, np.array([sign], dtype=float))[0].astype(int).tolist() == expected


@pytest.mark.parametrize("name", ["room"])
def test_room_never_worsens_any_plan(name: str) -> None:
    """Whatever keeps every limit keeps it with more room, too."""
    without, with_it = system_of(study().with_alone()), system_of(study().with_alone(name))
    rng = np.random.default_rng(1)
    kept = 0
    for _ in range(60):
        slots = np.floor(rng.uniform(0.0, 1.0, without.most_slots.shape) * 3.0)
        slots *= rng.uniform(size=slots.shape) < 0.3
        if without.keeps_limits(slots):
            kept += 1
            assert with_it.keeps_limits(slots)
    assert kept > 5
    assert (with_it.capacity >= without.capacity).all()
