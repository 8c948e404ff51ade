"""LIS2/3 posts that close: none that anybody holds, what they save, what is limited, and files."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.configs.plan_file import read_plan
from lis1plan.core.compute.workers import Workers
from lis1plan.core.errors import InputError
from lis1plan.core.flow.rates import build_rates, training_exits
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study, with_kinds_alone
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost, yearly_cost
from lis1plan.core.system.limit import Taken
from lis1plan.core.system.posts import levels, no_slots
from lis1plan.core.verify.arithmetic import costs_of
from lis1plan.core.verify.evidence import leaving_for_sure
from lis1plan.optimise.cuts.certificate import highest_levels, lowest_levels
from lis1plan.optimise.cuts.pool import CutPool

from ...helpers.decided_posts import decided_study, prices
from ...helpers.limited_study import budget
from ...helpers.limited_training import naive_admission, with_posts
from ...helpers.naive import flow
from ...helpers.small_study import (
    WHY,
    changed,
    fixed,
    naive_scenarios,
    random_slots,
    small_study,
)

Floats = NDArray[np.float64]


def closing_study(seed: int, **given: Any) -> Study:
    """A small study that may close posts; posts of the start are full, and grow or do not."""
    study = decided_study(seed, regions=1 + seed % 2, closing=True, **given)
    full = with_posts(study, room=0.0, growth=0.01 * (seed % 2), waiting=40.0)
    return changed(full, {"specialist_posts.new": study.model_dump()["specialist_posts"]["new"]})


def all_closed(study: Study) -> Floats:
    """The plan that closes all it may in every year."""
    system, plan = system_of(study), no_slots(study)
    plan[len(study.regions) :] = np.ceil(system.least_slots[len(study.regions) :])
    if not system.whole.all():
        plan[len(study.regions) :] = system.least_slots[len(study.regions) :]
    return plan


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_nobody_in_training_is_ever_without_a_post(seed: int, whole: bool) -> None:
    """In the naive flow of every scenario, under the plan that closes most."""
    study = closing_study(seed, whole=whole)
    plan = all_closed(study)
    assert plan.min() < 0.0
    assert system_of(study).keeps_limits(plan)
    sample, level = sample_of(study)._replace(scenarios=12), levels(study, plan)
    draws = draw(study, sample, 0, 12)
    exits = training_exits(study, Figures(study, draws))
    regions, groups = len(study.regions), len(study.groups)
    posts = level[regions:].reshape(groups, regions, -1)
    for i, one in enumerate(naive_scenarios(study, sample)[0]):
        admission = naive_admission(study, draws, i, float(exits[i]))
        admission["posts"] = np.moveaxis(posts, -1, 0).tolist()
        held = np.array(flow(one, level[:regions].tolist(), admission=admission)["trainees"])
        for h, there in enumerate(held[:-1], start=1):  # those in training as h begins
            assert (there <= posts[:, :, h // 2] + 1e-9).all()


@pytest.mark.parametrize("seed", range(4))
def test_room_never_falls_faster_than_doctors_leave(seed: int) -> None:
    """Condition (c) of the cuts' proof, worked out cohort by cohort in every scenario."""
    study = closing_study(seed)
    system, level = system_of(study), levels(study, all_closed(study))
    rates = build_rates(study, draw(study, sample_of(study), 0, sample_of(study).scenarios))
    regions = len(study.regions)
    for k, t in np.ndindex(len(study.groups), regions):
        posts = np.repeat(level[regions + k * regions + t], 2)
        for i in range(len(rates.leakage)):
            early, late = (still(x[i, :, k]) for x in (rates.historic_outcome, rates.outcome))
            there = [sum(early[h + 1 :]) / sum(early[1:]) for h in range(len(posts))]
            room = posts - rates.trainees[k, t] * np.array(there)
            stays = max(b / a for a, b in pairwise(late) if a > 0.0)
            assert room[0] >= -1e-9
            assert (room[1:] >= stays * room[:-1] - 1e-9).all()
    assert (level >= lowest_levels(system) - 1e-9).all()
    assert (level <= highest_levels(system) + 1e-9).all()


def still(outcome: Floats) -> list[float]:
    """The share of a cohort in training after 0, 1, ... half-years; none after the longest."""
    left = [1.0]
    for ended in outcome.sum(axis=0):
        left.append(max(0.0, left[-1] - float(ended)))
    return [*left[:-1], 0.0]


def test_where_nobody_else_leaves_the_bound_is_the_largest_there_is() -> None:
    """All complete, none leave work: it is what leave in the scenario in which fewest do."""
    full = with_posts(small_study(2, groups=1), room=0.0, growth=0.0, exits="none")
    rows = ({"group": "hospital", "most": 4.0, "assumption": WHY},)
    new = {"most": rows, "prices": prices(), "closing": True, "whole": False}
    study = changed(full, {"training.completion_share": fixed(1.0), "specialist_posts.new": new})
    system, regions = system_of(study), len(study.regions)
    rates = build_rates(study, draw(study, sample_of(study), 0, sample_of(study).scenarios))
    y = study.first
    gone = []
    for i in range(len(rates.leakage)):
        early = still(rates.historic_outcome[i, :, 0])
        gone.append(early[2 * y] / sum(early[1:]))
    most = rates.trainees[0] * min(gone)
    assert -system.least_slots[regions:, 0] == pytest.approx(most, rel=1e-4, abs=1e-4)
    assert (-system.least_slots[regions:, 0] <= most).all()


@pytest.mark.parametrize("seed", range(2))
def test_cuts_bound_plans_that_close(seed: int) -> None:
    """Learned at some plans that open and close, checked at others."""
    study = closing_study(seed)
    system, choose = system_of(study), np.random.default_rng(seed)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    low, high = np.ceil(system.least_slots), np.floor(system.most_slots)
    for number in range(14):
        plan = np.floor(choose.uniform(low, high + 1.0, low.shape)) if number else low
        assert system.bounded(plan)
        risk, z = pool.evaluate(plan)  # raises where a cut lies above
        if number < 8:
            pool.learn(plan, list(range(len(risk))), risk, z)
    assert len(pool.cuts) > 8


def test_nothing_is_learned_where_posts_close_under_doctors() -> None:
    study = closing_study(1)
    system, plan = system_of(study), all_closed(study)
    row = len(study.regions)
    plan[row, 0] -= 1.0
    assert not system.bounded(plan)
    assert not system.keeps_limits(plan)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    risk, z = pool.evaluate(plan)
    pool.learn(plan, [0], risk, z)
    assert pool.cuts == []


@pytest.mark.parametrize("seed", range(3))
def test_what_checks_say_may_fall_is_what_masters_let_fall(seed: int) -> None:
    for whole in (True, False):
        study = closing_study(seed, whole=whole)
        system, regions = system_of(study), len(study.regions)
        own = leaving_for_sure(study.canonical_text)[:, :, study.first :]
        own = own[..., : len(study.decision_years)].reshape(-1, len(study.decision_years))
        assert -system.least_slots[regions:] == pytest.approx(own, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_a_post_closed_saves_what_it_costs_by_year(seed: int) -> None:
    study = closing_study(seed, prices=prices(1e6, 3e5))
    plan, regions = no_slots(study), len(study.regions)
    plan[:regions] = random_slots(study, seed)
    plan[regions:, 0], plan[regions, 1], plan[-1, 2] = -2.0, 3.0, -1.0
    by_payer, report, discounted = costs_of(study, plan)
    assert plan_cost(study, plan) == pytest.approx(discounted, rel=1e-12)
    gross, total = yearly_cost(study, levels(study, plan))
    years = len(study.years)
    assert total[:years] == pytest.approx(report, rel=1e-12)
    assert gross[:, :years] == pytest.approx(np.stack(list(by_payer.values())), rel=1e-12)
    system = system_of(study)
    for row, y in ((regions, 0), (regions, 1), (-1, 3)):
        more, less = plan.copy(), plan.copy()
        more[row, y] += 1.0
        less[row, y] -= 1.0
        cost = plan_cost(study, plan)
        saved = system.prices.one_less(plan)[row, y]
        assert saved == pytest.approx(cost - plan_cost(study, less))
        if plan[row, y] >= 0.0:
            assert system.prices.one_more(plan)[row, y] == pytest.approx(
                plan_cost(study, more) - cost
            )


def test_a_budget_counts_what_closing_saves_and_no_more() -> None:
    study = closing_study(0, prices=prices(1e6, 3e5))
    plan, regions = no_slots(study), len(study.regions)
    plan[regions, 0], plan[regions + 1, 0] = -2.0, 3.0
    year = study.decision_years[0]
    paid = yearly_cost(study, levels(study, plan))[1][study.first]
    real = float(system_of(study).prices.factor[study.first])
    assert paid == pytest.approx((3.0 - 2.0) * 1e6 * real + 3.0 * 3e5 * real)
    for nok, kept in ((paid * 1.001, True), (paid * 0.999, False)):
        limited = changed(study, {"limits.budget": budget({year: float(nok)})})
        assert system_of(limited).keeps_limits(plan) == kept


def test_the_total_is_net_and_kept_up_to_each_year() -> None:
    study = closing_study(0, total=fixed(1.0), national=fixed(4.0))
    system, plan, row = system_of(study), no_slots(study), len(study.regions)
    names = [limit.identifier for limit in system.limits]
    assert "specialist_net" in names
    assert "specialist_total" not in names
    plan[row, 0], plan[row + 1, 0] = -2.0, 3.0
    assert system.keeps_limits(plan)
    net = system.limit("specialist_net")
    assert net.used(plan).tolist() == [1.0] * len(system.watched_years)
    later = plan.copy()
    later[row, 0], later[row, 1] = 0.0, -2.0  # in the first year there are three more
    assert net.used(later)[:2].tolist() == [3.0, 1.0]
    assert not net.keeps(later).all()
    assert net.keeps(later)[1:].all()
    many = plan.copy()
    many[row + 1, 0], many[row, 0] = 5.0, -5.0  # none net, five opened
    assert not system.limit("specialist_national").keeps(many).all()
    data = study.model_dump()
    over = net.excess(later)
    net.relax(data, Taken(over, later))
    lax = system_of(Study.model_validate(data))
    assert lax.limit("specialist_net").keeps(later).all()


def test_a_plan_file_closes_posts_where_the_study_lets_it(tmp_path: Path) -> None:
    study, file = closing_study(1), tmp_path / "plan.csv"
    year = study.decision_years[0]
    file.write_text(f"year,group,region,slots\n{year},hospital,nord,-3\n")
    plan = read_plan(file, study).slots
    assert plan[len(study.regions), 0] == -3.0
    with pytest.raises(InputError, match="a whole number, 0 to"):
        read_plan(file, decided_study(1))
    file.write_text(f"year,group,region,slots\n{year},,nord,-3\n")
    with pytest.raises(InputError, match="a whole number, 0 to"):
        read_plan(file, study)


def test_without_new_posts_none_is_closed() -> None:
    alone = with_kinds_alone(closing_study(1), ("lis1",))
    assert not system_of(alone).least_slots.any()


def test_off_it_leaves_no_trace_in_the_text_of_a_study() -> None:
    text = decided_study(1).canonical_text
    assert "closing" not in text.replace('"closing":null', "")
    assert "need_per_specialist_post" not in text


def test_posts_that_earn_once_cannot_be_closed() -> None:
    earning = (
        {"item": "pay", "payer": "hospital", "timing": "yearly", "amount_nok": 1e6,
         "assumption": WHY},
        {"item": "grant", "payer": "hospital", "timing": "once", "amount_nok": -1e5,
         "assumption": WHY},
    )  # fmt: skip
    decided_study(1, prices=earning)
    with pytest.raises(ValueError, match="once; with closing = true it must be 0 or more"):
        decided_study(1, prices=earning, closing=True)
