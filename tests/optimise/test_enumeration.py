"""Every plan of tiny studies, listed: the optimiser's bound, plan and refusal are true of them all.

Two thousand studies at night, a tenth in `make thorough` (tests/helpers/amount.py).
"""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.risk.weight import NoWeightError
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.cuts.certificate import highest_levels, lowest_levels
from lis1plan.optimise.search.attainable import Attainable
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import overfull

from ..helpers import naive
from ..helpers.amount import amount
from ..helpers.limited_training import with_posts
from ..helpers.naive_decision import naive_risk, naive_z
from ..helpers.searching import attained, searching
from ..helpers.small_study import naive_scenarios
from ..helpers.tiny import Listed, every_plan, limits_among, of_few_decisions, tiny_study

pytestmark = [pytest.mark.thorough, pytest.mark.random]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SEEDS = range(amount(2000))
SOME = range(200)
NAIVE = range(0, len(SEEDS), 4)
FEW = range(1, len(SEEDS), 4)
POSTED = range(0, len(SEEDS), 4)
SECONDS = 60.0


class Enumerated(NamedTuple):
    """A tiny study, all its plans with their risks, and what the optimiser says of it."""

    study: Study
    oracle: Oracle
    plans: Listed
    risks: Floats  # [plan, limit]
    limits: Floats  # [limit]
    attainable: Attainable
    solution: Solution

    def within(self, share: float) -> Flags:
        """Return which plans keep every limit on risk but for a share of it, [plan]."""
        finite = np.where(np.isfinite(self.limits), self.limits, 0.0)
        return np.asarray((self.risks <= self.limits + share * np.maximum(finite, 1.0)).all(axis=1))

    @property
    def certainly(self) -> Flags:
        """Return which plans keep every limit."""
        return self.plans.keeps & self.within(0.0)

    @property
    def perhaps(self) -> Flags:
        """Return which plans keep every limit but for the tolerance of solvers."""
        return self.plans.may_keep & self.within(2e-9)

    @property
    def total(self) -> Floats:
        """Return what is minimised, [plan] NOK: cost of the slots and price of shortage."""
        prices = [limit.price or 0.0 for limit in self.study.risk.values()]
        return np.asarray(self.plans.cost + self.risks @ np.array(prices))

    @property
    def failures(self) -> int:
        """Return the scenarios in which the concavity condition fails."""
        return self.attainable.certificate.failures

    @property
    def number(self) -> int:
        """Return the number of the optimiser's plan in the list."""
        same = (self.plans.slots == self.solution.slots).all(axis=(1, 2))
        assert same.sum() == 1, "the plan is not among all there are"
        return int(np.argmax(same))


@cache
def enumerated(seed: int) -> Enumerated | None:
    """A tiny study with all it has; None where it is refused: posts too many, or no weight."""
    return listed(tiny_study(seed), seed)


@cache
def enumerated_with_posts(seed: int) -> Enumerated | None:
    """The same with LIS2/3 posts as stated, now scarce, now not."""
    choose = random.Random(seed)
    study = tiny_study(seed)
    # who waits for LIS2/3 must not be lost faster than who waits for LIS1
    people, leakage = study.specialists, study.queue.leakage.bounds[0]
    exposed = sum(row.persons_below(people.other_exits_below_age) for row in people.stock)
    many_leave = people.other_exits_per_year.bounds[1] > leakage * exposed
    lost = leakage < 0.03
    posted = with_posts(
        study,
        exits="none" if lost or many_leave or choose.random() < 0.3 else None,
        giving_up=None if lost else (0.0, 0.02),
        waiting=choose.choice((0.0, 8.0, 60.0)),
        room=choose.choice((0.0, 0.02, 0.3)),
        growth=choose.choice((0.0, 0.01, 0.04)),
    )
    return listed(posted, seed)


@cache
def enumerated_of_few_decisions(seed: int) -> Enumerated | None:
    """The same where plans are of few decisions, or in multiples."""
    return listed(of_few_decisions(seed), seed)


def listed(study: Study, seed: int) -> Enumerated | None:
    """A tiny study with all it has; None where it is refused: posts too many, or no weight."""
    plans = every_plan(study)
    if overfull(system_of(study)):
        assert not plans.keeps.any()
        return None
    try:
        oracle = prepare(study, sample_of(study), Workers(1))
    except NoWeightError:
        return None
    risks = np.array([oracle.risk(level) for level in plans.level])
    limits = np.array(limits_among(study, risks, plans.keeps, random.Random(seed)))
    attainable, pool = attained(oracle, SECONDS)
    solution = find_plan(searching(pool, study, limits, Clock(SECONDS)))
    return Enumerated(study, oracle, plans, risks, limits, attainable, solution)


def found(seed: int) -> Enumerated:
    """The same, for studies whose posts today can stay."""
    this = enumerated(seed)
    if this is None:
        pytest.skip("refused: today's posts alone break the limits, or no scenario has weight")
    return this


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimiser_is_right_about_every_plan_there_is(seed: int) -> None:
    right_about_every_plan(found(seed))


@pytest.mark.parametrize("seed", POSTED)
def test_it_is_where_lis23_posts_are_limited(seed: int) -> None:
    this = enumerated_with_posts(seed)
    if this is None:
        pytest.skip("refused: today's posts alone break the limits, or no scenario has weight")
    right_about_every_plan(this)
    no_plan_below_the_floor(this)


@pytest.mark.parametrize("seed", FEW)
def test_it_is_where_plans_are_of_few_decisions(seed: int) -> None:
    this = enumerated_of_few_decisions(seed)
    if this is None:
        pytest.skip("refused: today's posts alone break the limits, or no scenario has weight")
    right_about_every_plan(this)
    no_plan_below_the_floor(this)
    system, n = system_of(this.study), len(this.plans.slots)
    highest, lowest = highest_levels(system), lowest_levels(system)
    assert (this.plans.level[this.plans.keeps] <= highest + 1e-6).all()
    assert (this.plans.level[this.plans.keeps] >= lowest - 1e-6).all()
    choose = np.random.default_rng(seed)
    some = np.append(
        choose.choice(n, min(60, n), replace=False), np.flatnonzero(this.plans.keeps)[:60]
    )
    for each in some.tolist():
        kept = system.keeps_limits(this.plans.slots[each])
        assert this.plans.keeps[each] <= kept <= this.plans.may_keep[each]


def right_about_every_plan(this: Enumerated) -> None:
    """The bound is none too high, the plan one of all, and "no plan" is true."""
    solution, certain = this.solution, this.certainly
    best = float(this.total[certain].min(initial=np.inf))
    unit = max(float(np.abs(this.total).max()), 1e-300)
    assert solution.lower_bound <= best + 1e-9 * unit
    if solution.status == "infeasible":
        assert not certain.any()
    if np.isnan(solution.cost):
        return
    assert this.perhaps[this.number]
    assert solution.cost == pytest.approx(float(this.total[this.number]), rel=1e-9, abs=1e-9 * unit)
    if solution.status == "optimal":
        gap = this.study.solve.relative_gap
        assert solution.cost - solution.lower_bound <= gap * abs(solution.cost) + 1e-9 * unit
    assert this.solution.risk == pytest.approx(this.risks[this.number], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_has_less_risk_than_the_floor(seed: int) -> None:
    no_plan_below_the_floor(found(seed))


def no_plan_below_the_floor(this: Enumerated) -> None:
    """Of a limit that cuts bound, no plan inside the system has less risk than its floor."""
    rules = [limit.rule for limit in this.study.risk.values()]
    for c, rule in enumerate(rules):
        least = float(this.risks[this.plans.keeps, c].min(initial=np.inf))
        if rule != "chance":
            assert this.attainable.floors[c] <= least + 1e-7 * max(1.0, abs(least))
    nothing = (this.plans.slots == 0.0).all(axis=(1, 2))
    if this.plans.keeps[nothing].any():
        assert (this.attainable.floors <= this.attainable.ceilings + 1e-9).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_function_says_whether_a_plan_keeps_the_system(seed: int) -> None:
    this = found(seed)
    choose = np.random.default_rng(seed)
    for n in choose.choice(len(this.plans.slots), min(60, len(this.plans.slots)), replace=False):
        kept = system_of(this.study).keeps_limits(this.plans.slots[n])
        assert kept >= this.plans.keeps[n]
        assert kept <= this.plans.may_keep[n]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_exceeds_the_highest_levels(seed: int) -> None:
    this = found(seed)
    highest = highest_levels(system_of(this.study))
    assert (this.plans.level[this.plans.keeps] <= highest + 1e-6).all()


@pytest.mark.parametrize("seed", NAIVE)
def test_the_naive_model_judges_some_plans_alike(seed: int) -> None:
    this = found(seed)
    pairs = list(zip(*naive_scenarios(this.study, sample_of(this.study)), strict=True))
    limits = [limit for limit in this.study.risk.values() if limit.counts == "specialists"]
    weight = [1.0] * len(pairs) if this.oracle.weight is None else this.oracle.weight.tolist()
    where = [c for c, limit in enumerate(this.study.risk.values()) if limit in limits]
    for n in {0, len(this.plans.slots) - 1}:
        level = this.plans.level[n].tolist()
        flows = [(naive.flow(rates, level), demand) for rates, demand in pairs]
        for c, limit in zip(where, limits, strict=True):
            z = [naive_z(this.study, limit, flow, demand) for flow, demand in flows]
            expected = naive_risk(limit, z, weight)
            assert this.risks[n, c] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_those_of_few_decisions_are_hard_enough() -> None:
    """Many plans are ruled out by it, and something is opened by those that are left."""
    those = [
        this
        for seed in range(1, len(SOME), 4)
        if (this := enumerated_of_few_decisions(seed)) is not None
    ]
    opened = [bool((this.solution.slots != 0).any()) for this in those]
    tied = [bool(system_of(this.study).decisions.runs) for this in those]
    stepped = [(system_of(this.study).decisions.step > 1.0).any() for this in those]
    assert min(np.mean(tied), np.mean(stepped)) >= 0.3
    assert np.mean(opened) >= 0.2
    assert np.mean([bool(this.certainly.any()) for this in those]) >= 0.4


def test_the_tiny_studies_are_hard_enough() -> None:
    """Most have a plan, some have none, in some the condition fails; limits bind."""
    all_found = [enumerated(seed) for seed in SOME]
    those = [this for this in all_found if this is not None]
    shares = {
        "a plan": np.mean([bool(this.certainly.any()) for this in those]),
        "no plan": np.mean([not this.certainly.any() for this in those]),
        "the condition fails": np.mean([this.failures > 0 for this in those]),
        "the system binds": np.mean([not this.plans.keeps.all() for this in those]),
        "something is opened": np.mean([bool((this.solution.slots > 0).any()) for this in those]),
        "proved": np.mean([this.solution.status != "stopped" for this in those]),
    }
    print(len(all_found), len(those), shares)
    assert shares["a plan"] >= 0.5
    assert min(shares["no plan"], shares["the condition fails"]) >= 0.05
    assert min(shares["proved"], shares["something is opened"]) >= 0.3
    assert shares["the system binds"] >= 0.5
