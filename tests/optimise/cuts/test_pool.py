"""The pool of cuts: what is known of the last plans is not worked out again, and is the same."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.optimise.cuts.pool import REMEMBERED, CutPool

from ...helpers.small_study import random_slots, small_study

Floats = NDArray[np.float64]


def test_the_last_plans_are_judged_once_and_to_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = small_study(3, scenarios=20)
    oracle = prepare(study, sample_of(study), Workers(1))
    plans = [random_slots(study, n) for n in range(REMEMBERED + 1)]
    fresh = [CutPool(oracle).evaluate(plan) for plan in plans]
    asked = list[bytes]()
    judged = Oracle.shortfall

    def counted(self: Oracle, level: Floats) -> Floats:
        asked.append(level.tobytes())
        return judged(self, level)

    monkeypatch.setattr(Oracle, "shortfall", counted)
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


def test_nobody_changes_what_is_kept_of_a_plan() -> None:
    study = small_study(3, scenarios=20)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    _, z = pool.evaluate(random_slots(study, 1))
    with pytest.raises(ValueError, match="read-only"):
        z += 1.0
