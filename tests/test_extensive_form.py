"""The optimiser by cuts finds what the extensive form finds, built from the naive oracle alone."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute import Workers
from lis1plan.core.oracle import Oracle, prepare
from lis1plan.core.scenarios import sample_of
from lis1plan.core.study import Study
from lis1plan.core.system import capacity, levels, need
from lis1plan.optimise.attainable import highest_levels
from lis1plan.optimise.clock import Clock
from lis1plan.optimise.convex import relaxed_plan
from lis1plan.optimise.cuts import CutPool
from lis1plan.optimise.highs import Answer, solve
from lis1plan.optimise.job import Attainable, attain
from lis1plan.optimise.solve import Solution, find_plan

from .naive_decision import World, binds, concavity_excess, decision, world
from .small_study import naive_scenarios, one_limit, small_study

pytestmark = pytest.mark.thorough

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


class Solved(NamedTuple):
    """A study with its limits, solved by cuts; and its scenarios by the naive oracle."""

    study: Study
    oracle: Oracle
    attainable: Attainable
    limits: Floats
    relaxed: Answer
    solution: Solution
    worlds: list[World]


@cache
def solved(case: str) -> Solved:
    """One study with every limit at the same fraction of its interval."""
    study = small_study(**{"scenarios": 20, **CASES[case]})
    oracle = prepare(study, sample_of(study), Workers(1))
    attainable, pool = attain(study, oracle)
    limits = attainable.floors + FRACTION * (attainable.ceilings - attainable.floors)
    relaxed, _ = relaxed_plan(study, CutPool(study, oracle), limits, Clock(60.0))
    solution = find_plan(study, pool, limits, Clock(60.0))
    pairs = zip(*naive_scenarios(study, sample_of(study)), strict=True)
    worlds = [world(study, rates, demand) for rates, demand in pairs]
    return Solved(study, oracle, attainable, limits, relaxed, solution, worlds)


@pytest.mark.parametrize("case", CASES)
def test_relaxation_costs_what_the_extensive_form_costs(case: str) -> None:
    this = solved(case)
    highest = highest_levels(this.study).tolist()
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
    queue = both = 0
    for this in map(solved, CASES):
        first = this.study.time.first_decision - this.study.time.first_year
        slots = this.relaxed.slots
        spare = capacity(this.study) - need(this.study, levels(this.study, slots))
        risk = this.oracle.risk(levels(this.study, slots))
        queue += any(binds(this.study, one, slots.tolist()) for one in this.worlds)
        both += bool(
            (spare[:, :, first:] < 1e-6).any() and (np.abs(risk / this.limits - 1.0) < 1e-6).any()
        )
    assert queue >= 0.3 * len(CASES)
    assert both >= 0.3 * len(CASES)
