"""The look-ahead rule: what it opens keeps every limit, least shares of several regions too."""

from __future__ import annotations

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.demand import build_demand
from lis1plan.core.risk.tree import Tree
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.analysis.look_ahead import SCENARIOS, look_ahead, look_ahead_reviewed

from ...helpers.limited_study import closing, places
from ...helpers.small_study import changed, fixed, small_study

ONE = Workers(1)


def with_shares(study: Study, *shares: float) -> Study:
    least = {name: fixed(share) for name, share in zip(study.regions, shares, strict=False)}
    return changed(study, {"limits.least_share": least})


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 7, 13])  # shortage to order for, room to share out
def test_least_shares_of_two_regions_are_kept_by_opening_slots(seed: int) -> None:
    free = small_study(seed, regions=2 + seed % 2, scenarios=20)
    ordered = look_ahead(free, ONE)
    assert ordered.sum() > 10.0
    study = with_shares(free, 0.3, 0.4)
    slots = look_ahead(study, ONE)
    assert system_of(study).keeps_limits(slots)
    assert (slots == np.round(slots)).all()
    assert (slots >= 0.0).all()
    assert slots.sum() >= 0.75 * ordered.sum()


@pytest.mark.parametrize("seed", range(3))
def test_least_shares_that_are_kept_anyway_change_nothing(seed: int) -> None:
    free = small_study(seed, regions=2, scenarios=20)
    slots = look_ahead(free, ONE)
    years = np.cumsum(slots, axis=1)
    share = (years / np.maximum(years.sum(axis=0), 1.0)).min(axis=1)
    again = look_ahead(with_shares(free, *(0.5 * share)), ONE)
    assert (again == slots).all()


def test_nothing_is_opened_where_posts_have_to_close_first() -> None:
    study = small_study(1, regions=2, scenarios=20, slack=0.3)
    posts = study.level0[0]
    study = changed(
        study,
        {
            "limits.capacity": places({("municipal_places", "nord", 2022): 0.45 * posts}),
            "limits.closing": closing({"nord": 9}),
        },
    )
    assert not system_of(study).keeps_limits(np.zeros((2, 5)))
    assert not look_ahead(study, ONE).any()


def reviewed(study: Study, branch: np.ndarray, branches: int = 2) -> np.ndarray:
    """Plans of the rule applied anew in the third year, [branch, row, year]."""
    years = len(study.decision_years)
    tree = Tree(branches, (2,), years, (np.zeros((1, branches - 1)),))
    return look_ahead_reviewed(study, tree, branch, np.ones(len(branch)))


def test_a_review_that_tells_nothing_apart_changes_no_order() -> None:
    study = small_study(2, regions=2, scenarios=20)
    (plan,) = reviewed(study, np.zeros(20, dtype=np.int64), branches=1)
    assert (plan == look_ahead(study, ONE)).all()
    assert plan.sum() > 10.0


def test_branches_share_the_years_before_and_order_by_their_own_futures() -> None:
    """Where need is greater no fewer are opened; each plan keeps every limit of the system."""
    study = small_study(2, regions=2, scenarios=2 * SCENARIOS)
    sample = sample_of(study)
    need = build_demand(study, draw(study, sample, 0, sample.scenarios)).sum(axis=(2, 3))[:, -1]
    low, high = reviewed(study, (need > np.median(need)).astype(np.int64))
    assert (low[:, :2] == high[:, :2]).all()
    assert low.sum() < high.sum()
    for plan in (low, high):
        assert system_of(study).keeps_limits(plan)
