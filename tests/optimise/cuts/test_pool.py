"""The pool of cuts: what is known of the last plans is not worked out again, and is the same."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.lanes import Bound
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.optimise.cuts.pool import REMEMBERED, SLACK, Cut, CutPool, InvalidCutError

from ...helpers.small_study import one_limit, random_slots, small_study

Floats = NDArray[np.float64]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The plans of which oracles are asked for Z, in their order."""
    found, judged = list[bytes](), Oracle.shortfall

    def counted(self: Oracle, level: Floats) -> Floats:
        found.append(level.tobytes())
        return judged(self, level)

    monkeypatch.setattr(Oracle, "shortfall", counted)
    return found


def test_the_last_plans_are_judged_once_and_to_the_same_bits(asked: list[bytes]) -> None:
    study = small_study(3, scenarios=20)
    oracle = prepare(study, sample_of(study), Workers(1))
    plans = [random_slots(study, n) for n in range(REMEMBERED + 1)]
    fresh = [CutPool(oracle).evaluate(plan) for plan in plans]
    asked.clear()
    pool = CutPool(oracle)
    order = [0, 1, 0, 2, 3, 0]  # all of them among the last ones
    for n in order:
        risk, z = pool.evaluate(plans[n])
        assert risk.tobytes() == fresh[n][0].tobytes()
        assert z.tobytes() == fresh[n][1].tobytes()
    assert len(asked) == len(set(asked)) == len(set(order))
    assert pool.evaluations == len(pool.seen) == len(order)
    pool.evaluate(plans[4])  # one more than are kept: plan 1 was asked about longest ago
    pool.evaluate(plans[0])
    assert len(asked) == 5
    pool.evaluate(plans[1])
    assert len(asked) == 6


def test_plans_alike_in_all_years_that_count_are_one(asked: list[bytes]) -> None:
    """Those that open more posts than any year judged can see."""
    study = small_study(3, scenarios=20, changes={"time.window": (2024, 2025)})
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    early = pool.oracle.years_that_count - pool.system.first
    slots = random_slots(study, 1)
    assert 0 < early < slots.shape[1]
    more = slots.copy()
    more[:, early:] += 3.0
    one = pool.evaluate(slots)
    assert not pool.at_hand(slots + 1.0)
    assert pool.at_hand(more)
    other = pool.evaluate(more)
    assert [part.tobytes() for part in one] == [part.tobytes() for part in other]
    assert len(asked) == 1
    more[:, early - 1] += 1.0
    assert not pool.at_hand(more)


def test_one_limit_alone_has_the_bits_it_has_among_all(asked: list[bytes]) -> None:
    """And a cut above its risk is a defect as elsewhere; one of another limit is not looked at."""
    study = small_study(3, scenarios=20)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    slots = random_slots(study, 1)
    alone = [pool.evaluate_one(slots, limit) for limit in range(len(study.risk))]
    assert asked == []
    assert pool.seen == []
    risk, z = pool.evaluate(slots)
    for limit, found in enumerate(alone):
        assert found[0] == {limit: risk[limit]}
        assert found[1][limit].tobytes() == z[limit].tobytes()
    pool.cuts = [Cut(0, float(risk[0]) + 3.0 * SLACK, np.zeros_like(slots))]
    pool.evaluate_one(slots, 1)
    with pytest.raises(InvalidCutError):
        pool.evaluate_one(slots, 0)


def test_what_a_plan_teaches_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is likely to be asked next, and to the bits of each alone."""
    passes, inner = list[list[int]](), Oracle.bounds

    def counted(self: Oracle, level: Floats, limits: list[int], z: Floats) -> list[Bound]:
        passes.append(list(limits))
        return inner(self, level, limits, z)

    monkeypatch.setattr(Oracle, "bounds", counted)
    study = small_study(3, scenarios=20)
    oracle, slots = prepare(study, sample_of(study), Workers(1)), random_slots(study, 1)
    pool, apart = CutPool(oracle), CutPool(oracle)
    risk, z = pool.evaluate(slots)
    pool.learn(slots, [1], risk, z, likely=[1, 0])
    assert passes == [[1, 0]]
    assert [cut.limit for cut in pool.cuts] == [1]
    pool.learn(slots, [0], risk, z)
    slope = pool.slope(slots, 0, z)
    assert passes == [[1, 0]]
    for cut in pool.cuts:
        apart.learn(slots, [cut.limit], risk, z)
        assert apart.cuts[-1].constant == cut.constant
        assert apart.cuts[-1].slope.tobytes() == cut.slope.tobytes()
    assert slope.tobytes() == pool.cuts[-1].slope.tobytes()
    slope += 1.0  # what is handed out is the caller's own
    assert pool.slope(slots, 0, z).tobytes() == pool.cuts[-1].slope.tobytes()


def test_nobody_changes_what_is_kept_of_a_plan() -> None:
    study = small_study(3, scenarios=20)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    _, z = pool.evaluate(random_slots(study, 1))
    with pytest.raises(ValueError, match="read-only"):
        z += 1.0


def test_as_many_plans_are_kept_as_is_said(asked: list[bytes]) -> None:
    study = small_study(3, scenarios=8)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    plans = [random_slots(study, n) for n in range(REMEMBERED)]
    for plan in plans + plans:
        pool.evaluate(plan)
    assert len(asked) == REMEMBERED


def test_a_cut_of_no_drop_is_its_own_tangent() -> None:
    cut = Cut(0, 2.0, np.array([[1.0, -1.0]]))
    assert cut.tangent.at(np.array([[3.0, 1.0]])) == cut.at(np.array([[3.0, 1.0]])) == 4.0
    assert cut._replace(drop=0.5).tangent.at(np.zeros((1, 2))) == 2.5


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_a_cut_above_the_risk_of_a_plan_is_a_defect_and_rounding_is_none(
    size: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far above as sums of a million terms round by: of one, or of what is summed."""
    study = small_study(3, scenarios=8)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    slots = random_slots(study, 1)
    monkeypatch.setattr(Oracle, "risk_of", lambda self, _: np.full(len(self.limits), size))
    pool.cuts = [Cut(0, size + 0.5 * SLACK * max(size, 1.0), np.zeros_like(slots))]
    pool.evaluate(slots)
    assert 0.0 < pool.largest_violation < SLACK * max(size, 1.0)
    pool.cuts = [Cut(0, size + 3.0 * SLACK * max(size, 1.0), np.zeros_like(slots))]
    with pytest.raises(InvalidCutError):
        pool.evaluate(slots)


def test_a_plan_whose_cut_was_clipped_teaches_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Clipped by more than rounding, and whatever the sign of its zeros."""
    study = small_study(3, scenarios=8)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    slots = random_slots(study, 1)
    slots[0, 0] = 0.0
    risk, z = pool.evaluate(slots)
    nothing = pool.oracle.bound(pool.system.levels(slots), 0, z[0]).slope
    for drop, stuck in ((0.5 * SLACK, False), (3.0 * SLACK, True)):
        monkeypatch.setattr(Oracle, "bounds", lambda *_, drop=drop: [Bound(nothing, drop)])
        pool = CutPool(pool.oracle)
        pool.learn(slots, [0], risk, z)
        signed = slots.copy()
        signed[0, 0] = -0.0
        assert pool.stuck(slots) == pool.stuck(signed) == stuck
        assert not pool.stuck(slots + 1.0)


def test_one_chance_limit_among_others_is_enough_to_judge_by_tails() -> None:
    mean, chance = one_limit(("nord",)), one_limit(("nord",), confidence=0.9)
    limits = {"mean": mean, "chance": chance | {"rule": "chance", "name": "Chance"}}
    study = small_study(3, scenarios=20, changes={"risk": limits})
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    assert pool.convex.tolist() == [True, False]
    tails = pool.tails()
    assert tails is not pool
    assert tails is pool.tails()
    assert tails.convex.all()
    assert tails.tails() is tails
