"""Shortage where LIS2/3 posts are limited: the naive one, and cuts that no plan lies below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.demand import build_demand, build_doctors_demand
from lis1plan.core.flow.rates import all_levels, training_exits
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels

from ...helpers.amount import amount
from ...helpers.limited_training import limited_study, naive_admission, with_posts
from ...helpers.naive import flow, shortfall
from ...helpers.small_study import (
    AUTUMN_STARTS,
    WHY,
    between,
    changed,
    fixed,
    naive_scenarios,
    one_limit,
    random_slots,
    small_study,
)

Floats = NDArray[np.float64]
EVERYWHERE = ("nord", "midt")
LIMITS: dict[str, Any] = {
    "country": one_limit(EVERYWHERE),
    "summed": one_limit(EVERYWHERE, scope="summed", measure="absolute", statistic="max"),
    "apart": one_limit(EVERYWHERE, scope="summed_over_groups"),
    "all_apart": one_limit(EVERYWHERE, scope="summed_over_both", statistic="max"),
    "nord": one_limit(EVERYWHERE[:1], statistic="sum"),
    "practice": one_limit(EVERYWHERE) | {"name": "Practice", "groups": ("general_practice",)},
    "doctors": one_limit(EVERYWHERE) | {"name": "Doctors", "counts": "doctors"},
}
LASTING: Mapping[str, Any] = {
    "specialists.retirement_scale": fixed(0.0),
    "specialists.fte_per_head_senior": fixed(0.9),
    "specialists.fte_per_head": fixed(0.9),
}
"""Specialists who only leave work as those in training do: the country's supply is concave."""


def several(seed: int, changes: Mapping[str, Any] | None = None, **given: Any) -> Study:
    """A study judged in five ways."""
    study = limited_study(seed, **({"room": 0.0, "growth": 0.005} | given))
    return changed(study, {"risk": LIMITS} | dict(changes or {}))


def prepared(study: Study) -> tuple[Oracle, Floats]:
    """Its oracle, and levels [row, year] of a plan."""
    oracle = prepare(study, sample_of(study), Workers(1))
    return oracle, all_levels(study, levels(study, random_slots(study, 1)))


def others(study: Study, level: Floats, seed: int, count: int) -> Floats:
    """Levels of other plans, [plan, row, year]: more or fewer LIS1 posts, more LIS2/3 posts."""
    choose, regions = np.random.default_rng(seed), len(study.regions)
    found = np.repeat(level[None], count, axis=0)
    found[:, :regions, 2:] += choose.integers(-15, 25, found[:, :regions, 2:].shape)
    posts = choose.integers(0, 6, found[:, regions:, 2:].shape) * choose.integers(
        0, 2, (count, 1, 1)
    )
    found[:, regions:, 2:] += posts.cumsum(axis=2)
    return np.asarray(found.clip(0.0))


@pytest.mark.parametrize("seed", range(3))
def test_shortfall_is_the_naive_one(seed: int) -> None:
    study = several(seed, AUTUMN_STARTS if seed == 2 else None)
    sample = sample_of(study)._replace(scenarios=3)
    draws = draw(study, sample, 0, 3)
    level = levels(study, random_slots(study, seed))
    z = prepare(study, sample, Workers(1)).shortfall(level)
    demands = {"specialists": build_demand(study, draws)}
    demands["doctors"] = build_doctors_demand(study, draws)
    exits, fte = training_exits(study, Figures(study, draws)), study.training.trainee_fte.value
    names, years = list(study.regions), range(9, 13)
    for i, one in enumerate(naive_scenarios(study, sample)[0]):
        admission = naive_admission(study, draws, i, float(exits[i]))
        record = flow(one, level.tolist(), admission=admission)
        for c, limit in enumerate(study.risk.values()):
            counted = [k for k, g in enumerate(study.groups) if g in (limit.groups or study.groups)]
            supply = np.array(record["supply"])
            if limit.counts == "doctors":
                supply = supply + fte * np.array(record["training"])
            wanted = shortfall(
                supply[:, counted].tolist(),
                demands[limit.counts][i][:, counted].tolist(),
                [names.index(name) for name in limit.regions],
                years,
                limit.scope,
                limit.measure,
                limit.statistic,
            )
            assert z[c, i] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.thorough
def test_posts_without_limit_are_judged_as_today() -> None:
    plain = small_study(4, groups=2, changes={"training.exits": "specialists", "risk": LIMITS})
    plain = changed(plain, {"training.historic_until": 2018})
    posts = ({"year": 2018, "group": g, "posts": 1e6, "assumption": WHY} for g in plain.groups)
    plenty = with_posts(plain, waiting=0.0, posts=tuple(posts))
    level = levels(plain, random_slots(plain, 3))
    one, other = (prepare(each, sample_of(each), Workers(1)) for each in (plain, plenty))
    z = one.shortfall(level)
    assert other.shortfall(level) == pytest.approx(z, rel=1e-9, abs=1e-9)
    for c in range(len(LIMITS)):
        slopes, bounds = one.each_bound(level, c).slope, other.each_bound(level, c)
        free = bounds.drop < 1e-12
        found, wanted = (each[free][:, :, plain.first :] for each in (bounds.slope, slopes))
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        assert free.any()


@pytest.mark.parametrize("seed", range(3))
def test_no_plan_lies_below_a_cut(seed: int) -> None:
    """Cuts of plans in which conditions fail, too: those lie below the risk of their own plan."""
    study = several(seed)
    oracle, level = prepared(study)
    plans = others(study, level, seed, 12)
    z, judged = oracle.shortfall(level), [oracle.shortfall(each) for each in plans]
    dropped = 0
    for c in range(len(z)):
        each, together = oracle.each_bound(level, c), oracle.bound(level, c, z[c])
        assert (each.drop >= 0.0).all()
        dropped += int((each.drop > 1e-9).sum())
        for plan, there in zip(plans, judged, strict=True):
            step = plan - level
            cut = z[c] - each.drop + (each.slope * step).sum(axis=(1, 2))
            fine = 1e-9 * max(1.0, float(np.abs(there[c]).max()))
            assert (cut <= there[c] + fine).all()
            risk = oracle.risk_of(z)[c] - together.drop + float((together.slope * step).sum())
            assert risk <= oracle.risk_of(there)[c] + fine
    assert dropped > 0


@pytest.mark.thorough
@pytest.mark.random
def test_no_plan_lies_below_a_cut_of_many_studies() -> None:
    for seed in range(10, 10 + amount(300)):
        study = several(seed, room=0.01 * (seed % 3), growth=0.004 * (seed % 5))
        oracle, level = prepared(study)
        plans = others(study, level, seed + 1, 6)
        for base in others(study, level, seed, 2):
            z = oracle.shortfall(base)
            for c in range(len(z)):
                each = oracle.each_bound(base, c)
                for plan in plans:
                    cut = z[c] - each.drop + (each.slope * (plan - base)).sum(axis=(1, 2))
                    there = oracle.shortfall(plan)[c]
                    assert (cut <= there + 1e-9 * max(1.0, float(np.abs(there).max()))).all()


def test_where_nothing_is_clipped_the_cut_is_the_slope() -> None:
    """There are more ways to count supply than years judged: neither stands for the other."""
    oracle, level = prepared(several(0, {"time.window": (2028, 2030)}))
    assert oracle.judgement.counted.shape[1] > 3
    step, checked = 1e-5, 0
    bounds = [oracle.each_bound(level, c) for c in range(len(oracle.limits))]
    for row in range(len(level)):
        more, fewer = level.copy(), level.copy()
        more[row, 4] += step
        fewer[row, 4] -= step
        ends = oracle.shortfall(more) - oracle.shortfall(fewer)
        for each, wanted in zip(bounds, ends / (2.0 * step), strict=True):
            free = each.drop < 1e-12
            found, scale = each.slope[:, row, 4], max(1.0, float(np.abs(wanted).max()))
            assert found[free] == pytest.approx(wanted[free], abs=1e-6 * scale)
            checked += int((np.abs(wanted[free]) > 1e-7).sum())
    assert checked > 50


@pytest.mark.parametrize("seed", range(3))
def test_where_all_leave_alike_supply_is_concave_and_more_never_hurts(seed: int) -> None:
    """The condition holds by construction: no cut is clipped, midpoints are no worse."""
    study = several(seed, LASTING)
    oracle, level = prepared(study)
    plans = others(study, level, seed, 8)
    assert oracle.each_bound(level, 0).drop.max() < 1e-12
    for one, other in zip(plans[::2], plans[1::2], strict=True):
        ends = 0.5 * (oracle.shortfall(one)[0] + oracle.shortfall(other)[0])
        assert (oracle.shortfall(0.5 * (one + other))[0] <= ends + 1e-12).all()
        more = np.maximum(one, other)
        assert (oracle.shortfall(more)[0] <= oracle.shortfall(one)[0] + 1e-12).all()


def test_same_bits_in_any_blocks() -> None:
    study = several(2)
    oracle, level = prepared(study)
    other = prepare(study, sample_of(study), Workers(1), block=7)
    z = oracle.shortfall(level)
    assert np.array_equal(z, other.shortfall(level))
    for c in range(len(z)):
        one, same = oracle.bound(level, c, z[c]), other.bound(level, c, z[c])
        assert np.array_equal(one.slope, same.slope)
        assert one.drop == same.drop
    some = oracle.only(np.array([3, 20]))
    assert np.array_equal(some.shortfall(level), z[:, [3, 20]])


def test_limits_asked_together_get_the_bits_of_each_alone() -> None:
    oracle, level = prepared(several(2))
    z, asked = oracle.shortfall(level), [4, 0, 2]
    for c, found in zip(asked, oracle.bounds(level, asked, z), strict=True):
        alone = oracle.bound(level, c, z[c])
        assert found.slope.tobytes() == alone.slope.tobytes()
        assert found.drop == alone.drop


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("last", [2027, 2030])
def test_levels_of_later_years_than_count_change_no_bit(seed: int, last: int) -> None:
    """Of LIS1 and of LIS2/3 posts; those of the last year that counts do."""
    oracle, level = prepared(several(seed, {"time.window": (2027, last)}))
    found, later = oracle.shortfall(level), oracle.years_that_count
    changes = level.copy()
    changes[:, later:] += np.random.default_rng(1).integers(1, 9, changes[:, later:].shape)
    assert oracle.shortfall(changes).tobytes() == found.tobytes()
    changes = level.copy()
    changes[len(oracle.study.regions) :, later - 1] = 0.0
    assert (oracle.shortfall(changes) != found).any()


def test_lis1_posts_are_worth_nothing_where_lis23_posts_are_all_taken() -> None:
    study = several(1, room=0.0, growth=0.0, waiting=2000.0)
    oracle, level = prepared(study)
    slope = oracle.bound(level, 0, oracle.shortfall(level)[0]).slope
    assert np.abs(slope[:2]).max() < 1e-9
    assert slope[2:].min() < -1e-6
    assert oracle.slope(level[:2], 0, oracle.shortfall(level)[0]) == pytest.approx(slope[:2])


@pytest.mark.thorough
def test_no_plan_within_the_highest_levels_has_less_shortage_than_is_said() -> None:
    """Where the condition fails the highest levels are not the best: more slots can hurt."""
    hurts = 0.0
    stay: dict[str, Any] = {"training.exits": "none", "queue.leakage": between(0.0, 0.001)}
    stay["specialists.other_exits_per_year"] = fixed(25.0)  # as specialists do not
    for seed in range(1, 3):
        study = several(seed, stay, growth=0.0, giving_up_per_year=fixed(0.0))
        oracle, regions = prepare(study, sample_of(study), Workers(1)), len(study.regions)
        choose, given = np.random.default_rng(seed), study.given_levels
        opened = np.zeros((regions, len(study.decision_years)))
        highest = levels(study, opened + 12.0)
        least, most = oracle.least_within(highest, highest), oracle.shortfall(highest)
        for _ in range(12):
            share = choose.random((regions, 1)) * (choose.random(given.shape) < 0.7)
            plan = np.maximum.accumulate(given + share * (highest - given), axis=1)
            z = oracle.shortfall(plan)
            assert (z >= least - 1e-9 * np.maximum(1.0, np.abs(z))).all()
            hurts = max(hurts, float((most - z).max()))
    assert hurts > 0.1
