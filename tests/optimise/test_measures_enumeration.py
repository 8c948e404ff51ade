"""Every way to act in tiny studies that leave measures open: the choice is right about them all.

Five hundred studies at night, a tenth in `make thorough` (tests/helpers/amount.py). Each way is an
ordinary study with its measures in force by hand: no column and no bound takes part.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.projection import Request
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.measures.choice import by_columns
from lis1plan.optimise.analysis.choice import Choice, choose
from lis1plan.optimise.solvers.clock import Clock

from ..helpers.amount import amount
from ..helpers.tiny_measures import ALL, Enumerated, enumerated

pytestmark = [pytest.mark.thorough, pytest.mark.random]

SEEDS = range(amount(500))
SOME = range(50)
SECONDS = 20.0


class Known(NamedTuple):
    """All ways to act, and what was chosen."""

    ways: Enumerated
    choice: Choice


@cache
def known(seed: int) -> Known | None:
    ways = enumerated(seed)
    if ways is None:
        return None
    asked = Request(ways.study, sample_of(ways.study), {})
    return Known(ways, choose(asked, Workers(1), Clock(SECONDS)))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_choice_is_right_about_all_there_is(seed: int) -> None:
    """Its bound lies below every way that keeps all limits, its plan is one, and costs that."""
    this = known(seed)
    if this is None:
        pytest.skip("no scenario counts")
    ways, choice = this
    best = float(ways.cost[ways.keeps].min(initial=np.inf))
    unit = max(float(np.abs(ways.cost).max()), 1.0)
    assert choice.bound <= best + 1e-9 * unit
    if choice.best is None:
        assert choice.stopped or not ways.keeps.any()
        return
    found = {
        name: _begun(ways, steps) if by_columns(ways.study, name) else ALL
        for name, steps in choice.best.use.items()
    }
    assert choice.best.slots is not None
    same = [
        n
        for n, (used, slots) in enumerate(zip(ways.used, ways.slots, strict=True))
        if used == found and np.array_equal(slots, choice.best.slots)
    ]
    assert len(same) == 1
    assert ways.keeps[same[0]] or _at_the_limit(ways, same[0])
    assert choice.best.cost == pytest.approx(ways.cost[same[0]], rel=1e-9, abs=1e-9 * unit)
    if not choice.stopped:
        gap = ways.study.solve.relative_gap
        assert choice.best.cost - choice.bound <= gap * abs(choice.best.cost) + 1e-9 * unit


def _begun(ways: Enumerated, steps: dict[str, float]) -> tuple[float, ...]:
    """Units that come into use in each decision year."""
    years = ways.study.decision_years
    path = [max((u for y, u in steps.items() if int(y) <= year), default=0.0) for year in years]
    return tuple(np.diff([0.0, *path]))


def _at_the_limit(ways: Enumerated, way: int) -> bool:
    """Whether a way that breaks a limit does so by less than a solver's tolerance."""
    return bool(ways.nearly[way])


def test_the_tiny_studies_are_hard_enough() -> None:
    """Columns and wholes are used, alone and with slots; portfolios are left unsolved."""
    those = [this for this in map(known, SOME) if this is not None]
    best = [(this.ways.study, this.choice.best) for this in those if this.choice.best is not None]
    column = [any(by_columns(study, name) for name in one.use) for study, one in best]
    whole = [any(not by_columns(study, name) for name in one.use) for study, one in best]
    slots = [one.slots is not None and bool(one.slots.any()) for _, one in best]
    unsolved = [any(p.known == "untried" for p in this.choice.portfolios) for this in those]
    shares = {
        "a plan": len(best) / len(those),
        "columns": np.mean(column),
        "wholes": np.mean(whole),
        "slots": np.mean(slots),
        "all": np.mean(np.array(column) & np.array(slots)),
        "unsolved": np.mean(unsolved),
        "priced": np.mean([any(x.price for x in this.ways.study.risk.values()) for this in those]),
        "proved": np.mean([not this.choice.stopped for this in those]),
    }
    print(len(those), shares)
    assert min(shares["a plan"], shares["proved"]) >= 0.5
    assert shares["priced"] >= 0.1
    assert min(shares["columns"], shares["wholes"], shares["slots"], shares["unsolved"]) >= 0.1
    assert shares["all"] > 0.0
