"""Plans in fractions of slots end where only rounding is left, however large the risks are."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.optimise.analysis import wait_and_see as hindsight
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.convex import relaxed_plan
from lis1plan.optimise.search.fractional import cheapest_fractions
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.searching import searching
from ...helpers.small_study import small_study

Floats = NDArray[np.float64]
LARGE, ROUNDED = 1e5, 2e-7
"""FTE-years beside which a risk is judged, and what the sum is rounded by, each time more."""


class LargePool(CutPool):
    """Risks are as much larger as a large country's; no two sums of one are quite the same."""

    def evaluate(self, slots: Floats) -> tuple[Floats, Floats]:
        cuts, self.cuts = self.cuts, []  # they are of larger risks, and not to be checked
        risk, z = super().evaluate(slots)
        self.cuts = cuts
        return risk + LARGE + self.evaluations * ROUNDED, z


def asked(seed: int) -> tuple[Study, CutPool, Floats]:
    study = small_study(seed, scenarios=12)
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    return study, pool, low + 0.4 * (high - low)


@pytest.mark.parametrize("seed", range(3))
def test_rounding_of_large_risks_ends_the_search(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, pool, limits = asked(seed)
    large = LargePool(pool.oracle)
    small = cheapest_fractions(searching(pool, study, limits, Clock(60.0)))
    found = cheapest_fractions(searching(large, study, limits + LARGE, Clock(60.0)))
    assert found.status == "optimal"
    assert found.objective == pytest.approx(small.objective, rel=0.05)
    assert large.evaluations < 100
    monkeypatch.setattr(hindsight, "CutPool", LargePool)
    cost = hindsight.cost_in_hindsight(searching(pool, study, limits + LARGE, Clock(60.0)))
    assert cost <= found.objective * 1.05


@pytest.mark.parametrize("seed", range(3))
def test_fractions_are_those_found_on_the_way_to_whole_slots(seed: int) -> None:
    study, pool, limits = asked(seed)
    found = cheapest_fractions(searching(pool, study, limits, Clock(60.0)))
    other = CutPool(pool.oracle, pool.certificate)
    relaxed, _ = relaxed_plan(searching(other, study, limits, Clock(60.0)))
    assert found.objective == pytest.approx(relaxed.objective, rel=1e-6)
    held = cheapest_fractions(searching(pool, study, limits, Clock(60.0)), found.slots[:, :2])
    assert held.slots[:, :2] == pytest.approx(found.slots[:, :2], abs=1e-9)
    assert held.objective == pytest.approx(found.objective, rel=1e-6)
    none = cheapest_fractions(searching(pool, study, limits, Clock(60.0)), np.zeros((2, 2)))
    assert none.status == "infeasible" or none.objective >= found.objective * (1.0 - 1e-9)
    assert cheapest_fractions(searching(pool, study, limits, Clock(0.0))).status in (
        "optimal",
        "stopped",
    )
