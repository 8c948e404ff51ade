"""The certificate: whose condition fails is told, and levels are as low as capacity makes them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.cuts.certificate import (
    NO_EXCESS,
    Certificate,
    certify,
    highest_levels,
    in_words,
)

from ...helpers.decided_tracks import most, tracks_study
from ...helpers.limited_training import limited_study
from ...helpers.small_study import between, changed, fixed, small_study, unsold


@pytest.mark.parametrize("fails", [False, True])
def test_scenarios_in_which_the_condition_fails_are_counted(fails: bool) -> None:
    leaving = {"specialists.other_exits_per_year": between(0.0, 40.0)} if fails else {}
    leakage = (0.0, 0.02) if fails else (0.3, 0.4)
    study = small_study(1, applicants=1.0, leakage=leakage, scenarios=12, changes=leaving)
    oracle, highest = prepare(study, sample_of(study), Workers(1)), highest_levels(system_of(study))
    found, excess = certify(oracle, highest), oracle.concavity_excess(highest)
    assert found == Certificate(int((excess > NO_EXCESS).sum()), float(excess.max()))
    assert (found.failures > 0) == fails == (not found.tight)
    assert (f"fails in {found.failures} of 12" in in_words(found, 12)) == fails


def test_the_condition_of_one_queue_is_not_asked_of_two() -> None:
    study = limited_study(1, room=0.0, growth=0.005)
    oracle = prepare(study, sample_of(study), Workers(1))
    found = certify(oracle, highest_levels(system_of(study)))
    assert found == Certificate(0, 0.0, asked=False)
    assert not found.tight


@pytest.mark.parametrize("scarce", [None, 0, 1, 3])
@pytest.mark.parametrize("seed", range(2))
def test_a_level_of_one_open_year_is_the_highest_that_capacity_allows(
    seed: int, scarce: int | None
) -> None:
    """One region, one decision: to the last bit of room, in any year since, or in one alone."""
    wide = {"ramp.regional": {"nord": fixed(9000)}, "ramp.national": fixed(9000)}
    study = unsold(small_study(seed, regions=1, slack=0.3))
    study = changed(study, wide | {"time.last_decision": study.time.first_decision})
    system = system_of(study)
    if scarce is not None:
        room = np.full(system.capacity.shape, 1e4) * system.capacity.max(axis=2, keepdims=True)
        year = study.first + scarce
        room[:, :, year] = system.capacity[:, :, year]
        system = replace(system, capacity=room)
    slots = np.array([[highest_levels(system)[0, study.first] - system.level0[0]]])
    assert 0.0 < slots[0, 0] < 9000.0
    left = system.capacity - system.need(system.levels(slots))
    assert left.min() == pytest.approx(0.0, abs=1e-9 * float(system.capacity[0].max()))
    assert (system.capacity < system.need(system.levels(slots + 0.01))).any()


def test_after_the_last_decision_no_level_is_higher_than_then() -> None:
    study = unsold(small_study(1, slack=0.1))
    system, end = system_of(study), study.first + len(study.decision_years)
    highest = highest_levels(system)
    assert (highest[:, end:] == highest[:, end - 1 : end]).all()
    assert (highest[:, : study.first] == system.given_levels[:, : study.first]).all()
    assert (highest[:, end:] < system.levels(system.most_slots)[:, end:]).any()


def test_no_more_is_earmarked_than_there_is() -> None:
    """Of posts on offer, less those given to other tracks, and of newcomers who could fill them."""
    study = tracks_study(1, most=most((None, 500.0)))
    system, highest = system_of(study), highest_levels(system_of(study))
    assert system.tracks is not None
    rows, after = system.tracks.rows, slice(study.first, None)
    own = highest[rows].reshape(2, 2, -1)[:, :, after]
    given = system.given_levels[rows].reshape(2, 2, -1)[:, :, after]
    on_offer = highest[:2, after]
    others = given.sum(axis=0) - given
    assert given.sum() > 0.0
    assert (own + others <= on_offer + 1e-9).all()
    newcomers = [each for each in system.limits if each.kind == "newcomers"]
    for r, limit in enumerate(newcomers):
        least = np.minimum(limit.room, on_offer[r])
        assert own[:, r] == pytest.approx(given[:, r] + np.maximum(least - given[:, r].sum(0), 0.0))
    assert len(newcomers) == 2
