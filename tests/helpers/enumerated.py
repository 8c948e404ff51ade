"""Every plan of a tiny study with posts beside LIS1, and what the optimiser must say of them."""

from __future__ import annotations

import random
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
from lis1plan.core.system.limits import MILLION
from lis1plan.optimise.cuts.certificate import highest_levels, lowest_levels
from lis1plan.optimise.cuts.pool import Cut
from lis1plan.optimise.search.attainable import Attainable
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import overfull

from .searching import attained, searching
from .tiny import limits_among
from .tiny_posts import ListedPosts, every_posts_plan

Floats = NDArray[np.float64]
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


def oracle_of(study: Study) -> Oracle | None:
    """What answers for every plan; None where the study is refused before any search."""
    if overfull(system_of(study)):
        return None
    try:
        return prepare(study, sample_of(study), Workers(1))
    except NoWeightError:
        return None


def enumerate_plans(
    study: Study, seed: int, seconds: float = SECONDS, tight: bool = False
) -> Enumerated | None:
    """A tiny study with all it has; None where it is refused before any search.

    `seconds` for each of two searches; `tight`: within limits that few plans keep.
    """
    oracle = oracle_of(study)
    if oracle is None:
        return None
    plans = every_posts_plan(study)
    z = np.stack([oracle.shortfall(level) for level in plans.level])
    risks = np.array([oracle.risk_of(each) for each in z])
    limits = np.array(limits_among(study, risks, plans.keeps, random.Random(seed), tight))
    attainable, pool = attained(oracle, seconds)
    solution = find_plan(searching(pool, study, limits, Clock(seconds)))
    system = system_of(study)
    least = oracle.least_within(highest_levels(system), lowest_levels(system))
    return Enumerated(study, plans, risks, limits, attainable, solution, pool.cuts, least, z)


def require_right(this: Enumerated) -> None:
    """The bound, the plan and "no plan" are true of all plans there are."""
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


def require_floors(this: Enumerated) -> None:
    """No plan has less risk than the floor."""
    for c, limit in enumerate(this.study.risk.values()):
        least = float(this.risks[this.plans.keeps, c].min(initial=np.inf))
        if limit.rule != "chance":
            assert this.attainable.floors[c] <= least + 1e-7 * max(1.0, abs(least))


def require_cuts(this: Enumerated) -> None:
    """No plan inside every limit lies below a cut learned on the way, or below the least of all."""
    risks, z = this.risks[this.plans.keeps], this.z[this.plans.keeps]
    for cut in this.cuts:
        said = cut.constant + (this.plans.slots[this.plans.keeps] * cut.slope).sum(axis=(1, 2))
        size = np.maximum(np.abs(risks[:, cut.limit]), 1.0)
        assert (said <= risks[:, cut.limit] + 1e-8 * size).all()
    assert (this.least <= z + 1e-9 * np.maximum(np.abs(z), 1.0)).all()


def settled(this: Enumerated) -> bool:
    """Whether a plan was proved best, and neither chance nor a price led to it."""
    rules = {limit.rule for limit in this.study.risk.values()}
    return this.solution.status == "optimal" and not rules & {"chance", "price"}


def require_fewest_earmarked(this: Enumerated) -> None:
    """Of plans that open the same posts none that keeps all limits earmarks fewer, in years."""
    tracks = system_of(this.study).tracks
    assert tracks is not None
    first = tracks.first
    plans = this.plans.slots[this.certainly]
    alike = (plans[:, :first] == this.solution.slots[:first]).all(axis=(1, 2))
    years = np.cumsum(plans[alike][:, first:], axis=2).sum(axis=(1, 2))
    own = np.cumsum(this.solution.slots[first:], axis=1).sum()
    assert own <= years.min(initial=np.inf) + 1e-9
