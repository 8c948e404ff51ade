"""Seven specialties: a few posts more do not close the gaps, as many posts elsewhere do."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.search.attainable import Attainable
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.solvers.clock import Clock

from ..helpers.searching import attained, searching
from ..helpers.seven import inside, seven
from ..helpers.small_study import fixed

LIMIT, SECONDS = 0.07, 60.0
SIX_MORE: dict[str, Any] = {"total": fixed(6.0)}
REMIX: dict[str, Any] = {"total": fixed(0.0), "closing": True}


@cache
def found(remix: bool) -> tuple[Study, Attainable, Solution]:
    """The study, its intervals, and the cheapest plan within the limit."""
    study = inside(seven(**(REMIX if remix else SIX_MORE)), LIMIT)
    intervals, pool = attained(prepare(study, sample_of(study), Workers(1)), SECONDS)
    limits = np.array(study.risk_at_most)
    return study, intervals, find_plan(searching(pool, study, limits, Clock(SECONDS)))


def test_six_posts_more_cannot_close_the_gaps() -> None:
    """Proved twice: no plan is found, and the least risk of any lies above the limit."""
    _, intervals, solution = found(remix=False)
    assert solution.status == "infeasible"
    assert not intervals.stopped[0]
    assert intervals.floors[0] > LIMIT + 0.02
    assert intervals.ceilings[0] > intervals.floors[0]


def test_as_many_posts_elsewhere_close_them() -> None:
    study, intervals, solution = found(remix=True)
    assert solution.status == "optimal"
    assert intervals.floors[0] <= solution.risk[0] <= LIMIT
    assert solution.cost - solution.lower_bound <= study.solve.relative_gap * abs(solution.cost)
    posts = solution.slots[1:]
    assert (np.cumsum(posts.sum(axis=0)) <= 0.0).all()
    assert posts.min() < 0.0 < posts.max()
    short = posts[4:].sum()  # the three whose stock is large for their posts
    assert short > 0.0 > posts[:4].sum()
    assert system_of(study).keeps_limits(solution.slots)
