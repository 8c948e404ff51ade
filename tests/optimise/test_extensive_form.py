"""The optimiser by cuts finds what the extensive form finds, built from the naive oracle alone.

Seven chosen cases, then random studies, two thousand at night; their plans are checked again by
code that knows nothing of the program.
"""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity, need
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.attainable import Attainable
from lis1plan.optimise.search.convex import LP_TOLERANCE, relaxed_plan
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import tolerance
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.program import Plan
from lis1plan.optimise.system.feasible import overfull

from ..helpers import independent_check as check
from ..helpers import naive
from ..helpers.amount import amount
from ..helpers.naive_decision import World, binds, concavity_excess, decision, naive_z, world
from ..helpers.searching import attained, searching, solve
from ..helpers.small_study import naive_scenarios, one_limit, small_study, with_limits

pytestmark = [pytest.mark.thorough, pytest.mark.random]

Floats = NDArray[np.float64]

BOTH, THREE = ["nord", "midt"], ["nord", "midt", "vest"]
CASES: dict[str, dict[str, Any]] = {
    "queue binds": {"seed": 0, "applicants": 1.0},
    "room is short": {"seed": 7, "regions": 3, "slack": 0.0},
    "queue and room": {"seed": 14, "applicants": 1.0, "slack": 0.0},
    "two groups": {"seed": 11, "groups": 2, "slack": 0.02},
    "worst year, and few leave the queue": {
        "seed": 4,
        "applicants": 1.0,
        "leakage": (0.06, 0.09),
        "changes": {
            "risk": {
                "country": one_limit(BOTH, statistic="max", confidence=0.7),
                "region": one_limit(BOTH[1:], statistic="max", confidence=0.0),
            }
        },
    },
    "summed over regions": {
        "seed": 6,
        "regions": 3,
        "applicants": 1.1,
        "slack": 0.02,
        "changes": {
            "risk": {
                "sum": one_limit(THREE, scope="summed", confidence=0.55),
                "region": one_limit(THREE[2:], confidence=0.9),
            }
        },
    },
    "groups that cannot stand in for each other": {
        "seed": 11,
        "groups": 2,
        "slack": 0.02,
        "changes": {
            "risk": {
                "groups": one_limit(BOTH, scope="summed_over_groups", confidence=0.55),
                "both": one_limit(BOTH, scope="summed_over_both", statistic="max", confidence=0.8),
            }
        },
    },
    "in full-time equivalents": {
        "seed": 15,
        "applicants": 1.05,
        "slack": 0.02,
        "changes": {
            "risk": {
                "sum": one_limit(BOTH, measure="absolute", statistic="sum", confidence=0.4),
                "two": one_limit(BOTH, measure="absolute", scope="summed", confidence=0.8),
            }
        },
    },
}
FRACTION = 0.25
INTEGER_GAP = 1e-3
SEEDS = range(amount(2000))
SOME = range(200)
CHECKS = (
    check.whole_slots,
    check.consistent_levels,
    check.ramps,
    check.supervision_kept,
    check.discounted_cost,
    check.bounds,
    check.shortfalls,
    check.risks,
    check.limits_kept,
)


class Solved(NamedTuple):
    """A study with its limits, solved by cuts; and its scenarios by the naive oracle."""

    study: Study
    oracle: Oracle
    attainable: Attainable
    limits: Floats
    relaxed: Plan
    solution: Solution
    worlds: list[World]

    def binds(self) -> bool:
        """Whether applicants run out in a scenario."""
        slots = self.relaxed.slots.tolist()
        return any(binds(self.study, one, slots) for one in self.worlds)

    def both_active(self) -> bool:
        """Whether a limit on risk and one on room are both reached, by the plan in fractions."""
        first = self.study.first
        level = levels(self.study, self.relaxed.slots)
        spare = (capacity(self.study) - need(self.study, level))[:, :, first:]
        reached = np.abs(self.oracle.risk(level) - self.limits) < 1e-6 * self.limits
        return bool((spare < 1e-6).any() and reached.any())


@cache
def solved(case: str) -> Solved:
    """One study with every limit at the same fraction of its interval."""
    return solved_study(small_study(**{"scenarios": 20, **CASES[case]}), FRACTION)


def random_study(seed: int) -> Study:
    """One to three regions, any limits of CVaR; where applicants or room run out, and where not."""
    choose = random.Random(seed)
    while overfull(system_of(study := _tried(choose))):  # today's posts alone are too many
        pass
    return study


def _tried(choose: random.Random) -> Study:
    regions = choose.choice([1, 2, 2, 3])
    names, risk = THREE[:regions], {}
    for n in range(choose.randint(1, 2)):
        risk[f"limit_{n}"] = one_limit(
            names[: choose.randint(1, regions)] if n else names,
            scope=choose.choice(["pooled", "summed"]),
            measure=choose.choice(["relative", "absolute"]),
            statistic=choose.choice(["mean", "max", "sum"]),
            confidence=choose.choice([0.0, 0.5, 0.75, 0.9]),
        ) | {"name": f"limit {n}"}
    return small_study(
        choose.randint(0, 10**6),
        regions=regions,
        groups=choose.randint(1, 2),
        scenarios=choose.choice([1, 4, 8]),
        applicants=choose.choice([0.95, 1.0, 1.05, 1.3]),
        slack=choose.choice([0.0, 0.0, 0.0, 0.02]),
        leakage=choose.choice([(0.06, 0.09), (0.08, 0.2)]),
        changes={"risk": risk},
    )


@cache
def solved_seed(seed: int) -> Solved:
    """One random study, its limits anywhere inside their intervals."""
    return solved_study(random_study(seed), random.Random(seed).uniform(0.05, 0.4))


def solved_study(study: Study, fraction: float) -> Solved:
    """A study with every limit at the same fraction of its interval."""
    oracle = prepare(study, sample_of(study), Workers(1))
    attainable, pool = attained(oracle, 600.0)
    limits = attainable.floors + fraction * (attainable.ceilings - attainable.floors)
    relaxed, _ = relaxed_plan(searching(CutPool(oracle), study, limits, Clock(60.0)))
    solution = find_plan(searching(pool, study, limits, Clock(60.0)))
    pairs = zip(*naive_scenarios(study, sample_of(study)), strict=True)
    worlds = [world(study, rates, demand) for rates, demand in pairs]
    return Solved(study, oracle, attainable, limits, relaxed, solution, worlds)


@pytest.mark.parametrize("case", CASES)
def test_relaxation_costs_what_the_extensive_form_costs(case: str) -> None:
    this = solved(case)
    highest = highest_levels(system_of(this.study)).tolist()
    assert all(concavity_excess(this.study, one, highest) == 0.0 for one in this.worlds)
    whole = solve(decision(this.study, this.worlds, this.limits.tolist(), integer=False), 0.0, 60.0)
    assert this.relaxed.status == whole.status == "optimal"
    assert whole.objective > 1.0  # a million: the limits ask for something
    assert this.relaxed.objective == pytest.approx(whole.objective, rel=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_bounds_enclose_the_whole_number_optimum(case: str) -> None:
    """Also where the extensive form is stopped: its plan and its bound are valid then too."""
    this = solved(case)
    model = decision(this.study, this.worlds, this.limits.tolist(), integer=True)
    whole = solve(model, INTEGER_GAP, 1.5)
    assert this.solution.status == "optimal"
    assert this.solution.gap <= this.study.solve.relative_gap
    assert this.solution.lower_bound <= whole.objective * 1e6 * (1.0 + 1e-6)
    assert this.solution.cost >= whole.bound * 1e6 * (1.0 - 1e-6)
    assert this.solution.lp_bound <= this.solution.cost * (1.0 + 1e-9)


def test_the_cases_are_hard_enough() -> None:
    """At least three in ten have a queue that binds, and a risk and a room limit both active."""
    cases = [solved(case) for case in CASES]
    assert sum(this.binds() for this in cases) >= 0.3 * len(CASES)
    assert sum(this.both_active() for this in cases) >= 0.3 * len(CASES)


# --- two hundred random studies --------------------------------------------------------------


def rechecked(this: Solved) -> list[str]:
    """What the independent check finds wrong with a plan; Z comes from the naive oracle."""
    study = with_limits(this.study, this.limits)
    plans = {"chosen": this.solution.slots, "none": np.zeros_like(this.solution.slots)}
    opened = np.zeros((len(study.years), len(plans), len(study.regions)))
    first = study.first
    opened[first : first + len(study.decision_years)] = np.stack([*plans.values()]).transpose(
        2, 0, 1
    )
    result = check.Result.__new__(check.Result)
    result.study = json.loads(study.canonical_text)
    result.regions, result.plans, result.years = list(study.regions), [*plans], [*study.years]
    result.first_decision, result.last_decision = study.decision_years[0], study.decision_years[-1]
    level = np.stack([levels(study, slots).T for slots in plans.values()], axis=1)
    z, limits = naive_shortfalls(study, level), study.risk.values()
    result.attributes = {
        "lower_bound": this.solution.lower_bound,
        "upper_bound": this.solution.cost,
        "relative_gap": this.solution.gap,
        "solution_status": this.solution.status,
        "lp_bound": this.solution.lp_bound,
    }
    result._values = {
        "slots": opened,
        "level": level,
        "shortfall_z": z,
        "plan_cost": np.array([this.solution.cost, 0.0]),
        "plan_breaks_supervision": np.zeros(2),
        "risk_confidence": np.array([limit.confidence for limit in limits]),
        "risk_limit": this.limits,
        "risk_in_sample": np.array(
            [
                [check.cvar(z[:, p, c], limit.confidence or 0.0) for c, limit in enumerate(limits)]
                for p in range(len(plans))
            ]
        ),
        "frontier_cost": np.zeros(0),
    }
    result.missing = {"frontier_cost": np.zeros(0, dtype=bool)}
    assert result["risk_in_sample"][0] == pytest.approx(this.solution.risk, rel=1e-9, abs=1e-12)
    return [problem for one in CHECKS for problem in one(result)]


def naive_shortfalls(study: Study, level: Floats) -> Floats:
    """Z by the naive oracle, [realization, plan, limit], of levels [year, plan, region]."""
    pairs = zip(*naive_scenarios(study, sample_of(study)), strict=True)
    return np.array(
        [
            [
                [naive_z(study, limit, flow, demand) for limit in study.risk.values()]
                for flow in (naive.flow(rates, each.T.tolist()) for each in level.swapaxes(0, 1))
            ]
            for rates, demand in pairs
        ]
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_enclose_the_extensive_optimum_of_a_random_study(seed: int) -> None:
    this = solved_seed(seed)
    highest = highest_levels(system_of(this.study)).tolist()
    if any(concavity_excess(this.study, one, highest) > 1e-12 for one in this.worlds):
        assert this.attainable.certificate.failures > 0
        return
    eased = this.limits + tolerance(this.limits, LP_TOLERANCE)  # as far as the plan may exceed them
    ends = [
        solve(
            decision(this.study, this.worlds, limits.tolist(), integer=False), 0.0, 60.0
        ).objective
        for limits in (eased, this.limits)
    ]
    assert ends[0] * (1.0 - 1e-6) - 1e-6 <= this.relaxed.objective <= ends[1] * (1.0 + 1e-6) + 1e-6
    model = decision(this.study, this.worlds, this.limits.tolist(), integer=True)
    whole = solve(model, 1e-6, 3.0)
    if this.solution.status == "infeasible":
        assert np.isnan(whole.objective)  # found to be so, or nothing found in time
    else:
        assert this.solution.status == "optimal"
        assert whole.status != "infeasible"
        assert not this.solution.lower_bound > whole.objective * 1e6 * (1.0 + 1e-6) + 1.0
        assert this.solution.cost >= whole.bound * 1e6 * (1.0 - 1e-6) - 1.0
        assert rechecked(this) == []


def test_the_random_studies_are_hard_enough() -> None:
    """At least three in ten have a queue that binds, and a risk and a room limit both active."""
    found = [solved_seed(seed) for seed in SOME]
    shares = {
        "queue": np.mean([this.binds() for this in found]),
        "both": np.mean([this.both_active() for this in found]),
        "certified": np.mean([this.attainable.certificate.failures == 0 for this in found]),
        "a plan": np.mean([this.solution.status == "optimal" for this in found]),
        "costs": np.mean([this.relaxed.objective > 1.0 for this in found]),
    }
    print(shares)
    assert shares["queue"] >= 0.3
    assert shares["both"] >= 0.3
    assert min(shares["certified"], shares["a plan"], shares["costs"]) >= 0.8
