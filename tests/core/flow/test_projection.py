"""Some scenarios of a sample projected alone: as they are among all the others."""

from __future__ import annotations

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow import projection
from lis1plan.core.flow.projection import Request, project_plans, project_some
from lis1plan.core.flow.sound import UnsoundError
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.system.posts import levels, no_slots

from ...helpers.small_study import small_study

SOME = np.array([3, 4, 11, 17])


def asked() -> Request:
    study = small_study(1, regions=2, scenarios=20)
    more = no_slots(study)
    more[0, 1] = 5.0
    plans = {"none": levels(study, no_slots(study)), "more": levels(study, more)}
    return Request(study, sample_of(study), plans)


def test_some_scenarios_are_as_among_all() -> None:
    every, some = project_plans(asked(), Workers(1)), project_some(asked(), SOME)
    assert (some.supply == every.supply[:, SOME]).all()
    assert (some.demand == every.demand[SOME]).all()
    supplied = every.supply[:, SOME].astype(np.float64).mean(axis=1)
    assert np.allclose(some.means["supply"], supplied, rtol=1e-6)


def test_what_cannot_be_is_told_of_the_scenario_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsound(*_: object) -> None:
        raise UnsoundError(2, "made up")

    monkeypatch.setattr(projection, "require_conserved", unsound)
    with pytest.raises(UnsoundError, match="scenario 11 of seed"):
        project_some(asked(), SOME)
