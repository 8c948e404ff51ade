"""A constant intake: one number of starts a year from the first open year on; off, no trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.relaxations import least_relaxation, relaxed
from lis1plan.optimise.infeasible.words import way_in_words
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.limited_study import closing
from ...helpers.searching import searching
from ...helpers.small_study import changed, fixed, random_slots, small_study, with_limits

CONSTANT = {"nord": fixed(0), "midt": fixed(0)}


def small(**further: Any) -> Study:
    study = small_study(1, regions=2, scenarios=20, slack=0.15)
    wide = {"ramp.national": fixed(60), "ramp.regional": {"nord": fixed(30), "midt": fixed(30)}}
    return changed(study, wide | {key.replace("__", "."): each for key, each in further.items()})


def asked(study: Study, fraction: float) -> Search:
    """A search at a fraction of the attainable interval of the study."""
    pool = CutPool(prepare(study, sample_of(study), Workers(1)))
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    limits = low + fraction * (high - low)
    return searching(pool, with_limits(study, limits), limits, Clock(60.0))


def test_intake_is_constant_and_dearer_than_a_free_one() -> None:
    free = small()
    search = asked(free, 0.4)
    before = find_plan(search)
    study = changed(free, {"limits.intake_change": CONSTANT})
    after = find_plan(search.under(study, search.limits))
    assert before.status == after.status == "optimal"
    assert (np.abs(before.slots[:, 1:]) > 0.5).any()
    assert (after.slots[:, 1:] == 0.0).all()
    assert (after.slots[:, 0] > 0.0).any()
    assert after.cost >= before.lower_bound
    assert system_of(study).keeps_limits(after.slots)
    assert not system_of(study).keeps_limits(before.slots)


def test_after_a_lead_time_the_intake_is_that_of_the_first_open_year() -> None:
    study = small(limits__intake_change=CONSTANT, ramp__lead_time_years={"midt": fixed(2)})
    system = system_of(study)
    found = find_plan(asked(study, 0.3))
    assert (found.slots[0, 1:] == 0.0).all()
    assert (np.delete(found.slots[1], 2) == 0.0).all()
    late = system.no_slots
    late[1, 2] = 5.0
    assert system.keeps_limits(late)
    late[1, 3] = 1.0
    assert not system.limit("intake_change.midt").keeps(late).all()


def test_closing_is_a_change_of_intake_too() -> None:
    study = small(limits__closing=closing({"nord": 3}), limits__intake_change={"nord": fixed(2)})
    limit, slots = system_of(study).limit("intake_change.nord"), system_of(study).no_slots
    slots[0] = [4.0, -1.0, -1.0, 3.0, 0.0]
    assert limit.used(slots)[:5].tolist() == [0.0, 1.0, 2.0, 1.0, 1.0]
    assert limit.keeps(slots).all()
    slots[0, 2] = -2.0
    assert limit.excess(slots)[:5].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]
    found = find_plan(asked(study, 1.2))
    starts = np.cumsum(found.slots[0])
    assert (found.slots[0] < 0.0).any()
    assert (np.abs(starts - starts[0]) <= 2.0).all()


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_that_keeps_it_exceeds_the_levels_of_the_certificate(seed: int) -> None:
    lead = {"nord": fixed(seed % 2)}
    change = {"nord": fixed(seed % 3), "midt": fixed(0)}
    system = system_of(small(limits__intake_change=change, ramp__lead_time_years=lead))
    free, plain = system_of(small(ramp__lead_time_years=lead)), small()
    highest = highest_levels(system)
    assert (highest <= highest_levels(free)).all()
    assert (highest < highest_levels(free)).any()
    tried = 0
    for n in range(200):
        slots = random_slots(plain, 200 * seed + n)
        if n % 2:
            slots[:, seed % 2 + 1 :] = 0.0
            slots[0, seed % 2 + 1] = seed % 3 if n % 4 == 1 else 0.0
        if system.keeps_limits(slots):
            tried += 1
            assert (system.levels(slots) <= highest + 1e-9).all()
    assert tried > 5


def test_no_level_is_higher_than_that_of_the_first_open_year_and_what_may_change() -> None:
    narrow = {"ramp.regional": {"nord": fixed(4), "midt": fixed(4)}, "ramp.national": fixed(60)}
    free = changed(small_study(1, regions=2, scenarios=20, slack=9.0), narrow)
    study = changed(free, {"limits.intake_change": {"nord": fixed(2)}})
    system, decisions = system_of(study), slice(study.first, study.first + 5)
    above = highest_levels(system)[:2, decisions] - system.level0[:, None]
    assert above.tolist() == [[4.0, 6.0, 6.0, 6.0, 6.0], [4.0, 8.0, 12.0, 16.0, 20.0]]
    slots = system.no_slots
    slots[0, :2] = [4.0, 2.0]
    assert system.keeps_limits(slots)


def test_what_must_give_is_said_in_words_and_is_enough() -> None:
    """A ramp too narrow for the whole step in the first year."""
    narrow = {"ramp.regional": {"nord": fixed(4), "midt": fixed(4)}}
    free = asked(changed(small(), narrow), 0.3)
    study = changed(small(), narrow | {"limits.intake_change": CONSTANT})
    search = free.under(study, free.limits)
    assert find_plan(search).status == "infeasible"
    changes = [search.system.limit(f"intake_change.{region}") for region in CONSTANT]
    way = least_relaxation(search, changes)
    assert way.status == "enough"
    assert "a yearly intake that may differ by" in way_in_words(search.system, way)
    assert find_plan(relaxed(search, way)).status == "optimal"


def test_off_it_leaves_no_trace_in_the_study_or_the_master() -> None:
    study = small_study(1)
    assert "intake_change" not in study.canonical_text
    assert "intake_change" in small(limits__intake_change=CONSTANT).canonical_text
    assert not [limit for limit in system_of(study).limits if limit.kind == "intake_change"]


def test_an_unknown_region_and_a_change_below_none_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"limits\.intake_change: unknown label 'north'"):
        small(limits__intake_change={"north": fixed(0)})
    with pytest.raises(ValidationError, match=r"limits\.intake_change\.nord: can be -1; must be 0"):
        small(limits__intake_change={"nord": fixed(-1)})
