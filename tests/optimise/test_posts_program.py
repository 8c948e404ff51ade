"""Seven specialties, LIS2/3 posts alone free: the plan of an independent integer program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.solvers.clock import Clock

from ..helpers.posts_program import Best, cheapest_posts
from ..helpers.searching import searching
from ..helpers.seven import inside, own_prices, seven
from ..helpers.small_study import changed, fixed

CASES: dict[str, dict[str, Any]] = {
    "opened": {},
    "closed and opened, none more": {"closing": True, "total": fixed(0.0)},
    "closed, opened, two more, five a year": {
        "closing": True, "total": fixed(2.0), "national": fixed(5.0),
    },
}  # fmt: skip
LIMITS = {"opened": 0.085, "closed and opened, none more": 0.085}
SECONDS = 60.0


def study_of(case: str) -> Study:
    study = seven(scenarios=3, prices=own_prices(), **CASES[case])
    decided = {"time.last_decision": study.time.first_decision + 1}
    return changed(inside(study, LIMITS.get(case, 0.08)), decided)


def both(study: Study) -> tuple[Solution, Best]:
    """The optimiser's answer to a gap of nothing, and the integer program's."""
    system, sample = system_of(study), sample_of(study)
    study = changed(study, {"solve.relative_gap": 1e-10})
    pool = CutPool(prepare(study, sample, Workers(1)))
    solution = find_plan(searching(pool, study, np.array(study.risk_at_most), Clock(SECONDS)))
    return solution, cheapest_posts(study, np.ceil(system.least_slots[1:]))


@pytest.mark.parametrize("case", CASES)
def test_the_cheapest_posts_are_those_of_the_integer_program(case: str) -> None:
    study = study_of(case)
    solution, best = both(study)
    assert solution.status == "optimal"
    assert solution.cost == pytest.approx(best.cost, rel=1e-9)
    assert solution.lower_bound <= best.cost + 1e-9 * abs(best.cost)
    assert (solution.slots[1:] == best.posts).all()
    assert (best.posts < 0.0).any() == study.closes_posts
    assert (best.posts > 0.0).any()
