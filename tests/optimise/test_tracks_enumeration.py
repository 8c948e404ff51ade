"""Every plan of tiny studies with earmarked posts: bound, plan and refusal are true of them all.

Four hundred studies at night, a tenth in `make thorough` (tests/helpers/amount.py). In some LIS2/3
posts are limited, too; earmarked posts help some limits and hurt others.
"""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import NoWeightError, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.limits import MILLION
from lis1plan.optimise.cuts.certificate import highest_levels, lowest_levels
from lis1plan.optimise.cuts.pool import Cut
from lis1plan.optimise.job import Attainable
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import overfull

from ..helpers.amount import amount
from ..helpers.decided_tracks import tiny_tracks_study
from ..helpers.searching import attained, searching
from ..helpers.tiny import limits_among
from ..helpers.tiny_posts import ListedPosts, every_posts_plan

pytestmark = pytest.mark.thorough

Floats = NDArray[np.float64]
SEEDS = range(amount(400))
SECONDS = 15.0
REDUCED_COST = 1e-7 * MILLION
"""What a slot may cost, NOK, that the solver takes for nothing: its tolerance, in million NOK."""


class Enumerated(NamedTuple):
    """A tiny study, all its plans with their risks, and what the optimiser says of it."""

    study: Study
    plans: ListedPosts
    risks: Floats  # [plan, limit]
    limits: Floats  # [limit]
    attainable: Attainable
    solution: Solution
    cuts: list[Cut]
    least: Floats  # [limit, realization] Z that no plan is said to lie below
    z: Floats  # [plan, limit, realization]

    @property
    def certainly(self) -> NDArray[np.bool_]:
        """Return which plans keep every limit, [plan]."""
        return self.plans.keeps & (self.risks <= self.limits).all(axis=1)

    @property
    def total(self) -> Floats:
        """Return what is minimised, [plan] NOK."""
        prices = [limit.price or 0.0 for limit in self.study.risk.values()]
        return np.asarray(self.plans.cost + self.risks @ np.array(prices))


@cache
def enumerated(seed: int) -> Enumerated | None:
    """A tiny study with all it has; None where it is refused before any search."""
    study = tiny_tracks_study(seed)
    if overfull(system_of(study)):
        return None
    try:
        oracle = prepare(study, sample_of(study), Workers(1))
    except NoWeightError:
        return None
    plans = every_posts_plan(study)
    z = np.stack([oracle.shortfall(level) for level in plans.level])
    risks = np.array([oracle.risk_of(each) for each in z])
    limits = np.array(limits_among(study, risks, plans.keeps, random.Random(seed)))
    attainable, pool = attained(oracle, SECONDS)
    solution = find_plan(searching(pool, study, limits, Clock(SECONDS)))
    system = system_of(study)
    least = oracle.least_within(highest_levels(system), lowest_levels(system))
    return Enumerated(study, plans, risks, limits, attainable, solution, pool.cuts, least, z)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimiser_is_right_about_every_plan_there_is(seed: int) -> None:
    this = enumerated(seed)
    if this is None:
        pytest.skip("refused before any search")
    solution, certain = this.solution, this.certainly
    best = float(this.total[certain].min(initial=np.inf))
    unit = max(float(np.abs(this.total).max()), 1e-300)
    unseen = REDUCED_COST * float(this.plans.slots.sum(axis=(1, 2)).max())
    assert solution.lower_bound <= best + 1e-9 * unit + unseen
    if solution.status == "infeasible":
        assert not certain.any()
    system = system_of(this.study)
    assert (this.plans.level[this.plans.keeps] <= highest_levels(system) + 1e-6).all()
    assert (this.plans.level >= lowest_levels(system) - 1e-9).all()
    if np.isnan(solution.cost):
        return
    same = (this.plans.slots == solution.slots).all(axis=(1, 2))
    assert same.sum() == 1
    number = int(np.argmax(same))
    assert this.plans.keeps[number]
    slack = 2e-9 * np.maximum(np.where(np.isfinite(this.limits), this.limits, 0.0), 1.0)
    assert (this.risks[number] <= this.limits + slack).all()
    assert solution.cost == pytest.approx(float(this.total[number]), rel=1e-9, abs=1e-9 * unit)
    if solution.status == "optimal":
        gap = this.study.solve.relative_gap
        assert solution.cost - solution.lower_bound <= gap * abs(solution.cost) + 1e-9 * unit


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_has_less_risk_than_the_floor(seed: int) -> None:
    this = enumerated(seed)
    if this is None:
        pytest.skip("refused before any search")
    for c, limit in enumerate(this.study.risk.values()):
        least = float(this.risks[this.plans.keeps, c].min(initial=np.inf))
        if limit.rule != "chance":
            assert this.attainable.floors[c] <= least + 1e-7 * max(1.0, abs(least))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_lies_below_a_cut_or_the_least(seed: int) -> None:
    """Of those inside every limit, by newcomers filled: of all learned on the way."""
    this = enumerated(seed)
    if this is None:
        pytest.skip("refused before any search")
    risks, z = this.risks[this.plans.keeps], this.z[this.plans.keeps]
    for cut in this.cuts:
        said = cut.constant + (this.plans.slots[this.plans.keeps] * cut.slope).sum(axis=(1, 2))
        size = np.maximum(np.abs(risks[:, cut.limit]), 1.0)
        assert (said <= risks[:, cut.limit] + 1e-8 * size).all()
    assert (this.least <= z + 1e-9 * np.maximum(np.abs(z), 1.0)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_more_is_earmarked_than_the_limits_ask_for(seed: int) -> None:
    """Of plans that open the same LIS1 posts; where neither chance nor a price leads."""
    this = enumerated(seed)
    if this is None or np.isnan(this.solution.cost):
        pytest.skip("no plan")
    rules = {limit.rule for limit in this.study.risk.values()}
    if rules & {"chance", "price"} or this.solution.status != "optimal":
        pytest.skip("not settled")
    tracks = system_of(this.study).tracks
    assert tracks is not None
    first = tracks.first
    plans = this.plans.slots[this.certainly]
    alike = (plans[:, :first] == this.solution.slots[:first]).all(axis=(1, 2))
    years = np.cumsum(plans[alike][:, first:], axis=2).sum(axis=(1, 2))
    own = np.cumsum(this.solution.slots[first:], axis=1).sum()
    assert own <= years.min(initial=np.inf) + 1e-9


def test_the_tiny_studies_are_hard_enough() -> None:
    """Posts are opened and earmarked; earmarking helps and hurts; newcomers are too few in some."""
    those = [this for this in map(enumerated, SEEDS) if this is not None]
    opened = [np.nan_to_num(this.solution.slots) for this in those]
    tracks = [system_of(this.study).tracks for this in those]
    own = [plan[each.rows] for plan, each in zip(opened, tracks, strict=True) if each is not None]
    shares = {
        "a plan": np.mean([bool(this.certainly.any()) for this in those]),
        "no plan": np.mean([not this.certainly.any() for this in those]),
        "slots": np.mean([plan[:2].any() for plan in opened]),
        "tracks": np.mean([plan.any() for plan in own]),
        "limited": np.mean([this.study.specialist_posts is not None for this in those]),
        "too few newcomers": np.mean([_unfilled(this) for this in those]),
        "hurt": np.mean([_hurt(this) for this in those]),
        "proved": np.mean([this.solution.status != "stopped" for this in those]),
    }
    print(len(those), shares)
    assert min(shares["a plan"], shares["proved"]) >= 0.5
    assert min(shares[each] for each in ("slots", "limited", "hurt")) >= 0.15
    assert min(shares[each] for each in ("tracks", "no plan", "too few newcomers")) >= 0.05


def _unfilled(this: Enumerated) -> bool:
    """Return whether newcomers forbid some plan that would otherwise do."""
    system = system_of(this.study)
    return any(
        not system.bounded(plan) and all(x.keeps(plan).all() for x in system.limits if not x.lawful)
        for plan in this.plans.slots
    )


def _hurt(this: Enumerated) -> bool:
    """Return whether a plan that earmarks alone is worse for some limit than no new posts."""
    none = (this.plans.slots == 0.0).all(axis=(1, 2))
    alone = (this.plans.slots[:, :2] == 0.0).all(axis=(1, 2)) & this.plans.keeps
    more = this.risks[alone] > this.risks[none] + 1e-9
    return bool(more.any())
