"""Plans projected a few at a time: what is told of them is the same, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.workers import Workers
from lis1plan.core.files import summary
from lis1plan.core.files.summary import Told, project_and_tell
from lis1plan.core.flow.projection import Request, kept_of_a_plan, project_plans
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels

PLANS = 5


def told(study: Study, plans: int, done: list[tuple[int, int]]) -> Told:
    """What is told of so many plans, one slot more a year in each than in the one before."""
    slots = system_of(study).no_slots
    by_name = {f"plan {n}": levels(study, slots + n) for n in range(plans)}
    asked = Request(study, sample_of(study), by_name, ensemble=True)
    return project_and_tell(asked, Workers(1), lambda _, so_far, of: done.append((so_far, of)))


@pytest.mark.parametrize("name", ["tutorial", "norway-2027"])
def test_turns_show_in_no_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = load_study(name, ["sampling.scenarios=20"])
    done, at_once = list[tuple[int, int]](), list[tuple[int, int]]()
    together = told(study, PLANS, at_once)
    asked = Request(study, sample_of(study), {"given": study.given_levels})
    kept = project_plans(asked, Workers(1))
    one_plan = sum(part.nbytes for part in (kept.supply, kept.counted) if part is not None)
    assert one_plan == 4 * 20 * kept_of_a_plan(study)
    monkeypatch.setattr(summary, "MOST_BYTES", 2 * one_plan)
    by_turns = told(study, PLANS, done)
    assert at_once == [(20, 20)]
    assert done == [(20, 60), (40, 60), (60, 60)]
    assert by_turns.scenarios == together.scenarios == 20
    assert np.array_equal(by_turns.training, together.training)
    for one, two in ((together.summary, by_turns.summary), (together.drawn, by_turns.drawn)):
        assert one.keys() == two.keys()
        for key, values in one.items():
            assert np.array_equal(np.asarray(values), np.asarray(two[key])), key


def test_what_is_without_plans_is_so_whatever_their_number() -> None:
    """Its shape does not change with the plans; that of all else does."""
    study = load_study("norway-2027", ["sampling.scenarios=8"])
    one, two = (told(study, plans, []).summary for plans in (1, 2))
    same = {key for key, values in one.items() if values.shape == two[key].shape}
    assert same == set(summary.WITHOUT_PLANS)
