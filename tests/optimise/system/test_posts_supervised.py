"""LIS2/3 posts that need supervision count beside LIS1 wherever a plan is made or told."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.place import silent
from lis1plan.core.flow.rates import training_posts
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost
from lis1plan.core.system.limits import Capacity
from lis1plan.core.system.posts import levels, no_slots
from lis1plan.core.system.supervision import capacity, need, use_at_start
from lis1plan.core.verify.arithmetic import bought_of, capacity_of, costs_of, need_of
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.master.build import build_master, minimise_cost
from lis1plan.optimise.result.run import _some_opened
from lis1plan.optimise.system.feasible import overfull
from lis1plan.report.pages.html import render_report

from ...helpers.decided_posts import decided_study
from ...helpers.limited_training import limited_study
from ...helpers.searching import solve
from ...helpers.small_study import WHY, between, changed, fixed, random_slots, small_study

Floats = NDArray[np.float64]
NAME = "hospital_supervision"
KEY = f"capacity.{NAME}.need_per_specialist_post"
NEED = 40.0


def supervised(seed: int = 1, **given: Any) -> Study:
    """A study in which a LIS2/3 post takes 40 hours of hospital supervision a year, or so."""
    return changed(decided_study(seed, **given), {KEY: between(0.5 * NEED, 1.5 * NEED)})


def with_slack(study: Study, slack: float, growth: float = 0.0) -> Study:
    """The study with so much room beyond today's use everywhere, growing."""
    told = {"slack": slack, "growth_per_year": growth}
    rows = tuple(row.model_copy(update=told) for row in study.supervision)
    return changed(study, {"supervision": rows})


def plan_of(study: Study, seed: int) -> Floats:
    plan, regions = no_slots(study), len(study.regions)
    plan[:regions] = random_slots(study, seed)
    plan[regions:] = np.random.default_rng(seed).integers(0, 4, plan[regions:].shape)
    return plan


@pytest.mark.parametrize("seed", range(3))
def test_need_is_that_of_places_and_posts(seed: int) -> None:
    study = supervised(seed, regions=1 + seed, groups=2)
    plan = plan_of(study, seed)
    level, regions = levels(study, plan), len(study.regions)
    found = system_of(study).need(level)
    posts = level[regions:].reshape(2, regions, -1).sum(axis=0)
    c = list(study.capacity).index(NAME)
    alone = need(study, level[:regions])
    assert found[c] == pytest.approx(alone[c] + NEED * posts, rel=1e-12)
    assert np.delete(found, c, axis=0) == pytest.approx(np.delete(alone, c, axis=0))
    assert found == pytest.approx(need_of(study, level), rel=1e-12)  # month by month
    for limit in system_of(study).of_kind(Capacity):
        place = limit.place
        assert limit.used(plan) == pytest.approx(found[place][study.first :], rel=1e-12)


def test_posts_as_stated_need_it_too() -> None:
    """A study that limits posts and decides on none: the row holds a number, no variable."""
    study = changed(limited_study(2), {KEY: fixed(NEED)})
    level = levels(study, no_slots(study))
    stated = training_posts(study).sum(axis=0)
    c = list(study.capacity).index(NAME)
    used = system_of(study).need(level)[c]
    assert used == pytest.approx(need(study, level)[c] + NEED * stated, rel=1e-12)
    assert used == pytest.approx(need_of(study, level)[c], rel=1e-12)
    model = build_master(system_of(study))
    assert model.find_component("posts_added") is None


def test_levels_of_lis1_alone_need_it_for_posts_as_stated() -> None:
    study = supervised(1)
    purchases = system_of(study).prices.purchases
    level = levels(study, no_slots(study))
    assert purchases.posts_needed(level[: len(study.regions)]).any()
    whole = purchases.posts_needed(level)
    assert purchases.posts_needed(level[: len(study.regions)]) == pytest.approx(whole)


def test_only_what_can_be_opened_or_closed_is_dear() -> None:
    study = decided_study(1)
    prices, most = system_of(study).prices, np.zeros(no_slots(study).shape)
    prices = replace(prices, slot=0.1 * prices.slot)
    slot = float(np.abs(prices.slot).max())
    assert prices.dearest(most) == slot
    (posts,) = prices.beside
    dear = np.abs(posts.by_row(most.shape[1]))
    for row, number in enumerate(range(posts.rows.start, posts.rows.stop)):
        one = most.copy()
        one[number, 0] = 1.0
        assert prices.dearest(one) == max(slot, float(dear[row, 0]))
    assert dear.max() > slot


def test_one_slot_more_costs_what_it_adds_whether_posts_are_decided_or_stated() -> None:
    for study in (supervised(1), changed(limited_study(2), {KEY: fixed(NEED)})):
        prices, plan = system_of(study).prices, no_slots(study)
        more = prices.one_more(plan)
        assert more.shape == plan.shape
        for place in np.argwhere(more > 0.0):
            another = plan.copy()
            another[tuple(place)] += 1.0
            added = prices.plan(another) - prices.plan(plan)
            assert more[tuple(place)] == pytest.approx(added)
        assert (more[: len(study.regions)] > 0.0).all()


def test_today_is_today_with_the_posts_of_today() -> None:
    plain, study = decided_study(1), supervised(1)
    c, slack = list(study.capacity).index(NAME), {}
    for row in study.supervision:
        slack[row.limit, row.region] = row.slack
    today = training_posts(study).sum(axis=0)[:, 0]  # no history: the first projected year
    more = use_at_start(study)[c] - use_at_start(plain)[c]
    assert more == pytest.approx(NEED * today)
    grown = capacity(study)[c, :, 0] - capacity(plain)[c, :, 0]
    share = np.array([1.0 + slack[NAME, region] for region in study.regions])
    assert grown == pytest.approx(NEED * today * share)
    assert capacity(study) == pytest.approx(capacity_of(study), rel=1e-12)


def test_the_master_keeps_it_with_as_many_posts_as_fit() -> None:
    """As many posts as possible: the last that fit do, and the next breaks the limit."""
    study = with_slack(supervised(1), 0.12)
    system = system_of(study)
    model = build_master(system)
    first = len(study.regions)
    for r, y in model.slots:
        if r < first:
            model.slots[r, y].fix(0.0)
    minimise_cost(model, system)
    model.objective.set_value(-sum(model.slots[r, y] for r in model.rows for y in model.years))
    plan = system.rounded(solve(model, 1e-9, 30.0).slots)
    assert system.keeps_limits(plan)
    assert 0.0 < plan[first:].sum() < system.most_slots[first:].sum()
    more = [(r, y) for r, y in np.argwhere(plan < system.most_slots).tolist() if r >= first]
    for r, y in more:
        trial = plan.copy()
        trial[r, y] += 1.0
        assert not system.keeps_capacity(trial)
    # what posts take is not left to LIS1
    free = changed(study, {KEY: None})
    assert highest_levels(system)[:first].sum() != highest_levels(system_of(free))[:first].sum()


def test_where_posts_alone_are_too_many_it_is_said_before_any_work() -> None:
    study = supervised(1)
    assert overfull(system_of(with_slack(study, 0.0, growth=-0.05)))
    assert not overfull(system_of(study))


def test_posts_make_a_region_buy() -> None:
    sold = {"price": fixed(500.0), "at_most": None, "payer": "hospital"}
    study = changed(with_slack(supervised(1), 0.0), {f"capacity.{NAME}.purchase": sold})
    system, plan = system_of(study), plan_of(study, 3)
    level, c = levels(study, plan), list(study.capacity).index(NAME)
    bought = system.prices.purchases.bought(level)
    assert bought == pytest.approx(bought_of(study, level), rel=1e-9, abs=1e-9)
    assert bought[c].max() > 0.0
    assert plan_cost(study, plan) == pytest.approx(costs_of(study, plan)[2], rel=1e-12)
    row, y = len(study.regions), 2
    more = plan.copy()
    more[row, y] += 1.0
    price = system.prices.one_more(plan)[row, y]
    assert price == pytest.approx(plan_cost(study, more) - plan_cost(study, plan), rel=1e-9)


def words_of(page: str) -> str:
    """The text of a page, without what marks its terms."""
    return re.sub(r"<[^>]+>", "", page)


def test_it_is_told_where_it_counts_and_nowhere_else() -> None:
    study = supervised(3)
    result = projected(JobRequest(study, ProjectOptions(), {PLAN: plan_of(study, 3)}), 1, silent)
    level = levels(study, plan_of(study, 3))[len(study.regions) :]
    posts = level.reshape(2, len(study.regions), -1).sum(axis=0)
    c = list(study.capacity).index(NAME)
    told = result["supervision_need_posts"].isel(plan=0, capacity=c).transpose("region", "time")
    assert told.values == pytest.approx(NEED * posts, rel=1e-6)
    assert "LIS2/3 posts are supervised, too" in words_of(render_report(result))
    plain = decided_study(3)
    other = projected(JobRequest(plain, ProjectOptions(), {PLAN: plan_of(plain, 3)}), 1, silent)
    assert "supervision_need_posts" not in other
    assert "LIS2/3 posts are supervised, too" not in words_of(render_report(other))


def test_what_cannot_stand_together_is_refused() -> None:
    with pytest.raises(ValueError, match=f"{KEY}: the study counts no LIS2/3 posts"):
        changed(small_study(1), {KEY: fixed(NEED)})
    watched = {
        "name": "Supervision", "supervises": NAME, "groups": ("hospital",), "regions": ("nord",),
        "confidence": 0.5, "statistic": "max", "limit": 0.0, "assumption": WHY,
    }  # fmt: skip
    study = supervised(1)
    risk = study.model_dump()["risk"] | {"watch": watched}
    with pytest.raises(ValueError, match=rf"{KEY}: cannot stand beside risk\.watch"):
        changed(study, {"risk": risk})


def test_a_full_capacity_binds_where_posts_alone_fill_it() -> None:
    """LIS2/3 posts opened up to the last that fits, and no LIS1: the capacity is told."""
    study = with_slack(supervised(1), 0.12)
    system, plan = system_of(study), no_slots(study)
    first = len(study.regions)
    for row in range(first, len(plan)):
        for y in range(plan.shape[1]):
            while plan[row, y] < system.most_slots[row, y]:
                plan[row, y] += 1.0
                if not system.keeps_capacity(plan):
                    plan[row, y] -= 1.0
                    break
    assert plan.sum() > 0.0
    found = _some_opened(system, plan, posts=True)
    assert (found == (plan[first:].reshape(-1, *found.shape).sum(axis=0).cumsum(axis=1) > 0)).all()
    assert not _some_opened(system, plan, posts=False).any()
