"""The least risk of all plans: proved, or it is said that the search for it was stopped."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from lis1plan.benchmarks.optimise_scaling import FROZEN
from lis1plan.cli import main
from lis1plan.configs.loader import load_study
from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.lanes import Bound
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search import attainable
from lis1plan.optimise.search.attainable import ceiling, floors, least_seen
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.small_study import small_study
from ..test_corners import FEW_LEAVE_THE_QUEUE

Floats = NDArray[np.float64]


@pytest.mark.parametrize("seed", range(3))
def test_a_floor_stopped_by_the_clock_says_so(seed: int) -> None:
    study = small_study(seed, scenarios=40)

    def found(seconds: float) -> attainable.Floors:
        pool = CutPool(prepare(study, sample_of(study), Workers(1)))
        ceiling(pool)
        return floors(pool, Clock(seconds))

    met, stopped = found(60.0), found(0.0)
    assert met.stopped == [False] * len(study.risk)
    assert stopped.stopped == [True] * len(study.risk)
    assert (stopped.least <= met.least + 1e-9).all()
    assert np.isfinite(stopped.least).all()


def test_a_floor_that_a_clipped_cut_does_not_reach_is_not_met() -> None:
    """Neither clock nor rounds ended it: the cut of the last plan lies below that plan's risk."""
    study = small_study(0, scenarios=20, **FEW_LEAVE_THE_QUEUE)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    ceiling(pool)
    least = floors(pool, Clock(60.0))
    assert pool.evaluations < attainable.ROUNDS  # of both limits
    assert least.stopped == [True, True]
    assert (least.least <= least_seen(pool)).all()


@pytest.mark.parametrize("name", ["norway-2019", "norway-2027", "tutorial"])
def test_floors_are_met_in_few_rounds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One slot lessens a risk by some 0.0001: a solver's 1e-7 counts in slots, not in risk.

    In units of the risk, masters came back with one plan until the rounds were used up.
    """
    monkeypatch.setattr(attainable, "_judged_alone", lambda *_: False)  # so that all are seen
    study = load_study(name, ["sampling.scenarios=128"])
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    ceiling(pool)
    least = floors(pool, Clock(60.0))
    assert not any(least.stopped)
    assert pool.evaluations <= 20 * len(study.risk)
    assert (least.least <= least_seen(pool) + 1e-12).all()
    assert least.least == pytest.approx(least_seen(pool), rel=1e-6)


def test_least_risks_at_one_plan_take_one_judgement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of five limits: without new slots, and with as many as can be, in what the window sees."""
    judged, taught = list[bytes](), list[int]()
    shortfall, bounds = Oracle.shortfall, Oracle.bounds

    def count_plan(self: Oracle, level: Floats) -> Floats:
        judged.append(level.tobytes())
        return shortfall(self, level)

    def count_pass(self: Oracle, level: Floats, limits: list[int], z: Floats) -> list[Bound]:
        taught.append(len(limits))
        return bounds(self, level, limits, z)

    monkeypatch.setattr(Oracle, "shortfall", count_plan)
    monkeypatch.setattr(Oracle, "bounds", count_pass)
    study = load_study(FROZEN, ["sampling.scenarios=128"])
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    ceiling(pool)
    floors(pool, Clock(60.0))
    assert len(study.risk) == 5
    assert len(judged) == 2 < pool.evaluations
    assert taught == [5, 1, 4]


@pytest.mark.parametrize("leakage", [(0.08, 0.2), (0.001, 0.01)])
def test_plans_judged_by_one_limit_alone_lead_to_the_same_floors(
    leakage: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the bit; where cuts may be loose no plan is, since all that is known of it counts."""
    study = small_study(1, regions=3, applicants=0.9, scenarios=60, leakage=leakage)
    alone, found = list[int](), list[tuple[bytes, bytes]]()
    judged = CutPool.evaluate_one

    def counted(self: CutPool, slots: Floats, limit: int) -> object:
        alone.append(limit)
        return judged(self, slots, limit)

    monkeypatch.setattr(CutPool, "evaluate_one", counted)
    for some in (attainable._judged_alone, lambda *_: False):
        monkeypatch.setattr(attainable, "_judged_alone", some)
        pool = CutPool(prepare(study, sample_of(study), Workers(1)))
        ceiling(pool)
        least = floors(pool, Clock(60.0)).least
        found.append((least.tobytes(), b"".join(cut.slope.tobytes() for cut in pool.cuts)))
    assert found[0] == found[1]
    of_some = [c for c, limit in enumerate(study.risk.values()) if len(limit.regions) < 3]
    assert of_some
    assert set(alone) == (set(of_some) if pool.certificate.tight else set())
    assert pool.certificate.tight == (leakage[0] > 0.01)


@pytest.mark.parametrize("rounds", [1, 200])
def test_validate_says_where_a_floor_was_not_met(
    rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attainable, "ROUNDS", rounds)
    asked = ["validate", "tutorial", "--scenarios", "16"]
    lines = CliRunner().invoke(main, asked).stdout.splitlines()
    said = [line for line in lines if "floor not met, it may lie higher" in line]
    rows = json.loads(CliRunner().invoke(main, [*asked, "--json"]).stdout)["risk"]
    assert len(said) == sum(row["floor_stopped"] for row in rows)
    assert bool(said) == (rounds == 1)
