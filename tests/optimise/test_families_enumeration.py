"""Every plan of tiny studies in which slots, LIS2/3 posts and tracks are free at once.

A hundred and sixty studies at night, a tenth in `make thorough` (tests/helpers/amount.py). Of
studies that decide on one family or two, test_enumeration, test_posts_enumeration and
test_tracks_enumeration try more.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from lis1plan.core.system.arrays import system_of

from ..helpers.amount import amount
from ..helpers.enumerated import (
    Enumerated,
    enumerate_plans,
    require_cuts,
    require_fewest_earmarked,
    require_floors,
    require_right,
    settled,
)
from ..helpers.tiny_families import tiny_families_study

pytestmark = [pytest.mark.thorough, pytest.mark.random]

SEEDS = range(amount(160))
SOME = range(16)
SECONDS = 4.0
"""For each of two searches: enough for most, and what is proved until then is asked of all."""


@cache
def enumerated(seed: int) -> Enumerated | None:
    """A tiny study with all it has; None where it is refused before any search."""
    return enumerate_plans(tiny_families_study(seed), seed, SECONDS, tight=True)


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
    """Of plans that open the same posts of both kinds; where neither chance nor a price leads."""
    this = known(seed)
    if not settled(this):
        pytest.skip("no plan, or not settled")
    require_fewest_earmarked(this)


def test_all_three_families_are_free() -> None:
    """In every study: each family has a row in which a plan that is listed opens something."""
    for this in filter(None, map(enumerated, SEEDS)):
        families = {each.variable: each.rows for each in system_of(this.study).families}
        assert list(families) == ["slots", "posts", "tracks"]
        for rows in families.values():
            assert this.plans.slots[:, rows].any()


def test_the_tiny_studies_are_hard_enough() -> None:
    """Each family is opened in some, by twos and all three in some; some have no plan."""
    those = [this for this in map(enumerated, SOME) if this is not None]
    opened = np.array([_opened(this) for this in those])
    shares = {
        "a plan": np.mean([bool(this.certainly.any()) for this in those]),
        "no plan": np.mean([not this.certainly.any() for this in those]),
        "slots": opened[:, 0].mean(),
        "posts": opened[:, 1].mean(),
        "tracks": opened[:, 2].mean(),
        "two or more": (opened.sum(axis=1) >= 2).mean(),
        "all three": opened.all(axis=1).mean(),
        "proved": np.mean([this.solution.status != "stopped" for this in those]),
        "tight": np.mean([_tight(this) for this in those]),
    }
    print(len(those), shares)
    assert min(shares["a plan"], shares["proved"]) >= 0.3  # of what is proved the clock has a say
    assert min(shares[each] for each in ("slots", "posts", "tight")) >= 0.2
    assert min(shares["two or more"], shares["tracks"]) >= 0.1
    assert shares["no plan"] >= 0.03


def _opened(this: Enumerated) -> list[bool]:
    """Return of which families the plan opens posts."""
    slots = np.nan_to_num(this.solution.slots)
    return [bool(slots[each.rows].any()) for each in system_of(this.study).families]


def _tight(this: Enumerated) -> bool:
    """Return whether the cheapest plan of all is proved to within the gap, or none is there."""
    best = float(this.total[this.certainly].min(initial=np.inf))
    if np.isinf(best):
        return this.solution.status == "infeasible"
    bound, gap = this.solution.lower_bound, this.study.solve.relative_gap
    return bound >= best - gap * abs(best) - 1e-9
