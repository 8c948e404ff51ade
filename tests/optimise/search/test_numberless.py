"""A solver that finds no number: no search takes it for a bound or an answer."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.optimise.cuts.scenario_rows import ScenarioRows
from lis1plan.optimise.search.chance_bound import prove
from lis1plan.optimise.search.convex import no_incumbent
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers import highs
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.program import Found

from ...helpers.searching import attained, searching
from ...helpers.small_study import one_limit, small_study

NAN = float("nan")


@cache
def ready(rule: str) -> Search:
    """A search for the cheapest plan under one limit, halfway between floor and ceiling."""
    limit = one_limit(("nord", "midt"), scope="pooled") | {"rule": rule}
    study = small_study(3, scenarios=12, changes={"risk": {"one": limit}})
    found, pool = attained(prepare(study, sample_of(study), Workers(1)))
    return searching(pool, study, (found.floors + found.ceilings) / 2, Clock(60.0))


def spoil(monkeypatch: pytest.MonkeyPatch, which: str, first: int = 0) -> None:
    """Make HiGHS tell no number for objective or bound after its first answers."""
    told, answers = highs.HeldProgram._told, list[Found]()

    def numberless(self: Any) -> Found:
        found = told(self)
        answers.append(found)
        if len(answers) <= first or found.status == "infeasible":
            return found
        return found._replace(**dict.fromkeys(which.split(), NAN))

    monkeypatch.setattr(highs.HeldProgram, "_told", numberless)


@pytest.mark.parametrize("first", [0, 1, 3])
@pytest.mark.parametrize("which", ["bound", "objective", "objective bound"])
@pytest.mark.parametrize("rule", ["cvar", "chance"])
def test_no_bound_and_no_optimum_comes_of_no_number(
    rule: str, which: str, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, true = ready(rule), find_plan(ready(rule))
    assert true.lower_bound > 0.0
    spoil(monkeypatch, which, first)
    found = find_plan(search)
    assert not np.isnan(found.lower_bound)
    assert found.lower_bound <= true.cost * (1.0 + 1e-9)
    assert found.status in ("stopped", "optimal")
    if found.status == "optimal":
        assert found.cost <= true.cost * (1.0 + search.solve.relative_gap)


def test_the_proof_of_a_chance_limit_bounds_nothing_without_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its first bound was the objective of an answer that may have none."""
    search = ready("chance")
    rows, start = ScenarioRows(search.pool), search.system.no_slots
    spoil(monkeypatch, "objective bound")
    assert prove(search, rows, no_incumbent(search), start).bound == -np.inf


def test_floors_are_no_lower_for_an_answer_that_is_no_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = ready("cvar").pool
    spoil(monkeypatch, "objective bound")
    found, _ = attained(pool.oracle)
    assert not np.isnan(found.floors).any()
