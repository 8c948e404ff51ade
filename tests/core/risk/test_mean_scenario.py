"""The scenario of the means: everything judged at its mean, however many are taken at once."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.mean_scenario import mean_scenario
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of

from ...helpers.small_study import small_study


@pytest.mark.parametrize("at_once", [3, 7, 20])
@pytest.mark.parametrize("weighted", [False, True])
def test_all_that_is_judged_is_at_its_mean(
    at_once: int, weighted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lis1plan.core.risk.mean_scenario.AT_ONCE", at_once)
    study = small_study(3, scenarios=20)
    oracle = prepare(study, sample_of(study), Workers(1))
    weight: NDArray[np.float64] = np.ones(20)
    if weighted:
        weight = np.arange(20) % 4 + 1.0
        oracle = Oracle(study, 20, oracle.held, weight)
    one, moved = mean_scenario(oracle), 0
    for mean, each in zip(
        one.held.take(np.array([0])), oracle.held.take(np.arange(20)), strict=True
    ):
        wanted = np.tensordot(weight, each, 1) / weight.sum()
        assert mean[0] == pytest.approx(wanted, rel=1e-12, abs=1e-12)
        moved += int(np.ptp(each, axis=0).any())
    assert moved > 3


def test_scenarios_that_weigh_as_much_as_others_do_not_make_all_weigh_the_same() -> None:
    study = small_study(3, scenarios=3)
    held, weight = prepare(study, sample_of(study), Workers(1)).held, np.array([1.0, 4.0, 1.0])
    assert Oracle(study, 3, held, np.ones(3)).weight is None
    mean_one = Oracle(study, 3, held, weight).weight
    assert mean_one is not None
    assert mean_one == pytest.approx([0.5, 2.0, 0.5])
