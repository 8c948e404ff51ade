"""Other weights of the demand alternatives: the lanes are those of a study prepared anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.workers import Workers
from lis1plan.core.kernels.state import LANES
from lis1plan.core.risk import streams
from lis1plan.core.risk.lanes import LocalLanes
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.risk.other_demand import under_demand
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.optimise.analysis.weight_tables import weight_tables, with_weights

ROOT = Path(__file__).parents[3]
SCENARIOS = LANES + 9  # the last block of lanes is not full


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("tutorial", []),
        ("tutorial", ["sampling.proposal_table=flat"]),
        ("norway-2019", []),
        ("norway-2027", []),
        ("norway-2027-specialties", []),
        (str(ROOT / "docs" / "measures" / "mix.toml"), []),
        (str(ROOT / "docs" / "general-practice" / "posts-follow.toml"), []),
    ],
)
def test_other_weights_change_demand_alone(name: str, changes: list[str]) -> None:
    study = load_study(name, [f"sampling.scenarios={SCENARIOS}", *changes])
    own = prepare(study, sample_of(study), Workers(1))
    others = [with_weights(study, table) for table in weight_tables(study)]
    different = [require_the_same(own, other) for other in others]
    assert any(different)


def require_the_same(own: Oracle, other: Study) -> bool:
    """Return whether the other study's scenarios differ at all."""
    anew = prepare(other, sample_of(other), Workers(1))
    taken = under_demand(own, other, sample_of(other), Workers(1))
    assert isinstance(own.held, LocalLanes)
    assert isinstance(anew.held, LocalLanes)
    assert isinstance(taken.held, LocalLanes)
    found = zip(anew.held.lanes, taken.held.lanes, strict=True)
    for field, (one, two) in zip(anew.held.lanes._fields, found, strict=True):
        assert one.dtype == two.dtype
        assert np.array_equal(one, two), field
    assert np.array_equal(anew.raw_weight, taken.raw_weight)
    own_demand = np.array_equal(own.held.lanes.demand, anew.held.lanes.demand)
    return not (own_demand and np.array_equal(own.raw_weight, anew.raw_weight))


def test_many_scenarios_are_held_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SINGLE_FROM", SCENARIOS)
    study = load_study("tutorial", [f"sampling.scenarios={SCENARIOS}"])
    own = prepare(study, sample_of(study), Workers(1))
    assert isinstance(own.held, LocalLanes)
    assert own.held.lanes.demand.dtype == np.float32
    assert require_the_same(own, with_weights(study, "flat"))
