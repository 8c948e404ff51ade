"""Frontier, shadow prices, regret and ways out where LIS2/3 posts open and close.

What they say of seven specialties is what an integer program of its own says (posts_program.py).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.analysis.frontier import trace
from lis1plan.optimise.analysis.regret import regrets
from lis1plan.optimise.analysis.shadow_prices import shadow_prices
from lis1plan.optimise.infeasible.relaxations import least_relaxation, relaxed
from lis1plan.optimise.infeasible.words import way_in_words
from lis1plan.optimise.search.attainable import Attainable
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.posts_program import Best, cheapest_posts
from ...helpers.searching import attained, searching
from ...helpers.seven import inside, own_prices, seven
from ...helpers.small_study import changed, fixed

Floats = NDArray[np.float64]
SECONDS, LIMIT, GAP = 120.0, 0.085, 1e-6


def remix(limit: float = LIMIT, total: float = 0.0) -> Study:
    """As many posts elsewhere, decided in two years."""
    study = seven(scenarios=3, prices=own_prices(), total=fixed(total), closing=True)
    decided = {
        "time.last_decision": study.time.first_decision + 1,
        "solve.relative_gap": GAP,
        "solve.frontier_points": 3,
    }
    return changed(inside(study, limit), decided)


@cache
def searched() -> tuple[Attainable, Search]:
    study = remix()
    intervals, pool = attained(prepare(study, sample_of(study), Workers(1)), SECONDS)
    return intervals, searching(pool, study, np.array(study.risk_at_most), Clock(SECONDS))


def program(study: Study) -> Best:
    """The integer program's cheapest posts."""
    return cheapest_posts(study, np.ceil(system_of(study).least_slots[1:]))


def test_the_frontier_costs_what_the_program_says() -> None:
    intervals, search = searched()
    points = trace(search, intervals.floors, intervals.ceilings)
    solved = [point for point in points if np.isfinite(point.solution.cost)]
    assert len(solved) >= 2
    for point in solved:
        best = program(remix(float(point.limits[0]))).cost
        solution = point.solution
        assert solution.lower_bound <= best + 1e-9 * abs(best)
        assert solution.cost >= best - 1e-9 * abs(best)
        assert search.system.keeps_limits(solution.slots)
        assert solution.cost - best <= 0.003 * abs(best)  # as a comparison is searched
    cost = [point.solution.cost for point in solved]
    limits = [float(point.limits[0]) for point in solved]
    order = np.argsort(limits)
    assert (np.diff(np.array(cost)[order]) <= 1e-6 * abs(min(cost))).all()


def test_a_post_more_net_saves_what_the_program_says() -> None:
    _, search = searched()
    solution = find_plan(search)
    found = {each.limit.identifier: each for each in shadow_prices(search, solution, 9)}
    assert not [name for name in found if name.startswith("specialist_held")]  # never gives way
    net = found["specialist_net"]
    assert net.step == 1.0
    saved = program(remix()).cost - program(remix(total=1.0)).cost
    slack = 4.0 * GAP * abs(solution.cost)
    if np.isfinite(net.saved):
        assert net.saved_low - slack <= saved <= net.saved_high + slack
        assert net.saved == pytest.approx(saved, abs=slack)
    else:
        assert saved == pytest.approx(0.0, abs=slack)
        assert net.dual == pytest.approx(0.0, abs=slack)


def test_regret_of_a_plan_is_what_it_wastes() -> None:
    _, search = searched()
    system = search.system
    plan = system.no_slots
    plan[1:3, 0], plan[5:7, 0] = -1.0, 1.0
    held = system.no_slots
    held[1, 0] = system.least_slots[1, 0] - 1.0  # somebody may hold that post
    plans = {"some": plan, "held": held}
    risks = np.array([search.pool.evaluate(each)[0] for each in plans.values()])
    some, beyond = regrets(search, plans, risks)
    best = program(remix(float(risks[0, 0]) + 1e-9)).cost
    wasted = system.prices.plan(plan) - best
    assert some.regret == pytest.approx(wasted, abs=0.003 * abs(best))
    assert np.isnan(beyond.regret)
    assert beyond.status == 0


@pytest.mark.parametrize("tight", [0.03])
def test_so_many_posts_more_net_are_enough_and_one_fewer_is_not(tight: float) -> None:
    """No plan within the limit at a net total of 0; the way out says how many more are needed."""
    study = remix(tight)
    _, before = searched()
    assert program(study).cost == np.inf
    search = before.under(study, np.array([tight]))
    assert find_plan(search).status == "infeasible"
    net = system_of(study).limit("specialist_net")
    way = least_relaxation(search, [net])
    assert way.status == "enough"
    more = round(float(way.reliefs[0].amounts.max()))
    assert more >= 1
    words = way_in_words(search.system, way)
    assert f"{more} more LIS2/3 posts opened, less those closed, than may be" in words
    lax = relaxed(search, way).pool.oracle.study
    assert lax.specialist_posts is not None
    assert lax.specialist_posts.new is not None
    assert program(remix(tight, total=float(more))).cost < np.inf
    assert program(remix(tight, total=float(more - 1))).cost == np.inf
