"""The look-ahead rule: what it opens keeps every limit, least shares of several regions too."""

from __future__ import annotations

import numpy as np
import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.optimise.analysis.look_ahead import look_ahead

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
