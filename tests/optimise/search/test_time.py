"""The time that several searches share: none may take it all."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.optimise.analysis import frontier
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import FAIR, Search
from lis1plan.optimise.solvers import clock
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.small_study import small_study

SECONDS = 600.0


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time that goes on by what searches are said to take alone."""
    taken = [0.0]
    stopped = SimpleNamespace(monotonic=lambda: taken[0], perf_counter=time.perf_counter)
    monkeypatch.setattr(clock, "time", stopped)
    return taken


def search_of(seconds: float) -> Search:
    study = small_study(1, scenarios=8)
    return Search.of(CutPool(prepare(study, sample_of(study), Workers(1))), Clock(seconds))


@pytest.mark.parametrize("left", [1, 2, 3, 6, 30])
@pytest.mark.usefixtures("spent")
def test_of_many_left_each_gets_a_fair_part_and_the_last_all(left: int) -> None:
    part = search_of(SECONDS).among(left).clock.left
    assert part == pytest.approx(SECONDS * min(1.0, FAIR / left))


def test_points_of_the_frontier_that_take_all_they_may_leave_time_for_the_rest(
    spent: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    search, given = search_of(SECONDS), list[float]()

    def greedy(asked: Search) -> Solution:
        given.append(asked.clock.left)
        found = find_plan(asked)
        spent[0] += given[-1]
        return found

    monkeypatch.setattr(frontier, "find_plan", greedy)
    frontier.trace(search, floor(search.pool, search.clock), ceiling(search.pool))
    assert len(given) > FAIR
    assert given[0] == pytest.approx(SECONDS * FAIR / len(given))
    assert all(each > 0.0 for each in given[: -int(FAIR)])
    assert sum(given) <= SECONDS + 1e-6
