"""Every plan of tiny studies with earmarked posts: bound, plan and refusal are true of them all.

Four hundred studies at night, a tenth in `make thorough` (tests/helpers/amount.py). In some LIS2/3
posts are limited, too; earmarked posts help some limits and hurt others.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.system.arrays import system_of

from ..helpers.amount import amount
from ..helpers.decided_tracks import tiny_tracks_study
from ..helpers.enumerated import (
    Enumerated,
    enumerate_plans,
    require_cuts,
    require_fewest_earmarked,
    require_floors,
    require_right,
    settled,
)

pytestmark = [pytest.mark.thorough, pytest.mark.random]

Floats = NDArray[np.float64]
SEEDS = range(amount(400))
SOME = range(40)


@cache
def enumerated(seed: int) -> Enumerated | None:
    """A tiny study with all it has; None where it is refused before any search."""
    return enumerate_plans(tiny_tracks_study(seed), seed)


def known(seed: int) -> Enumerated:
    """The same; skipped where it is refused."""
    this = enumerated(seed)
    if this is None:
        pytest.skip("refused before any search")
    return this


@pytest.mark.parametrize("seed", SEEDS)
def test_the_optimiser_is_right_about_every_plan_there_is(seed: int) -> None:
    require_right(known(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_has_less_risk_than_the_floor(seed: int) -> None:
    require_floors(known(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_lies_below_a_cut_or_the_least(seed: int) -> None:
    require_cuts(known(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_more_is_earmarked_than_the_limits_ask_for(seed: int) -> None:
    """Of plans that open the same LIS1 posts; where neither chance nor a price leads."""
    this = known(seed)
    if not settled(this):
        pytest.skip("no plan, or not settled")
    require_fewest_earmarked(this)


def test_the_tiny_studies_are_hard_enough() -> None:
    """Posts are opened and earmarked; earmarking helps and hurts; newcomers are too few in some."""
    those = [this for this in map(enumerated, SOME) if this is not None]
    opened = [np.nan_to_num(this.solution.slots) for this in those]
    tracks = [system_of(this.study).tracks for this in those]
    own = [plan[each.rows] for plan, each in zip(opened, tracks, strict=True) if each is not None]
    shares = {
        "a plan": np.mean([bool(this.certainly.any()) for this in those]),
        "no plan": np.mean([not this.certainly.any() for this in those]),
        "slots": np.mean([plan[:2].any() for plan in opened]),
        "tracks": np.mean([plan.any() for plan in own]),
        "limited": np.mean([this.study.specialist_posts is not None for this in those]),
        "too few newcomers": np.mean([_unfilled(this) for this in those]),
        "hurt": np.mean([_hurt(this) for this in those]),
        "proved": np.mean([this.solution.status != "stopped" for this in those]),
    }
    print(len(those), shares)
    assert min(shares["a plan"], shares["proved"]) >= 0.5
    assert min(shares[each] for each in ("slots", "limited", "hurt")) >= 0.15
    assert min(shares[each] for each in ("tracks", "no plan", "too few newcomers")) >= 0.05


def _unfilled(this: Enumerated) -> bool:
    """Return whether newcomers forbid some plan that would otherwise do."""
    system = system_of(this.study)
    return any(
        not system.bounded(plan) and all(x.keeps(plan).all() for x in system.limits if not x.lawful)
        for plan in this.plans.slots
    )


def _hurt(this: Enumerated) -> bool:
    """Return whether a plan that earmarks alone is worse for some limit than no new posts."""
    none = (this.plans.slots == 0.0).all(axis=(1, 2))
    alone = (this.plans.slots[:, :2] == 0.0).all(axis=(1, 2)) & this.plans.keeps
    more = this.risks[alone] > this.risks[none] + 1e-9
    return bool(more.any())
