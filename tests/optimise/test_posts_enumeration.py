"""Every plan of tiny studies with both needle's eyes: bound, plan and refusal are true of them all.

Four hundred studies at night, a tenth in `make thorough` (tests/helpers/amount.py): with clipped
cuts a search takes seconds. Every fourth may close LIS2/3 posts, too. Of studies that decide on
LIS1 alone, test_enumeration tries thousands.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from ..helpers.amount import amount
from ..helpers.enumerated import (
    Enumerated,
    enumerate_plans,
    require_cuts,
    require_floors,
    require_right,
)
from ..helpers.tiny_posts import tiny_posts_study, tiny_remix_study

pytestmark = [pytest.mark.thorough, pytest.mark.random]

Floats = NDArray[np.float64]
SEEDS, REMIX = range(amount(400)), 4
SOME = range(40)


@cache
def enumerated(seed: int) -> Enumerated | None:
    """A tiny study with all it has; None where it is refused before any search."""
    make = tiny_remix_study if seed % REMIX == REMIX - 1 else tiny_posts_study
    return enumerate_plans(make(seed), seed)


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


def test_the_tiny_studies_are_hard_enough() -> None:
    """Posts and slots are opened, for themselves and together; some have no plan."""
    those = [this for this in map(enumerated, SOME) if this is not None]
    regions = [len(this.study.regions) for this in those]
    opened = [np.nan_to_num(this.solution.slots) for this in those]
    lis1 = np.array([plan[:r].any() for plan, r in zip(opened, regions, strict=True)])
    posts = np.array([(plan[r:] > 0).any() for plan, r in zip(opened, regions, strict=True)])
    closes = np.array([this.study.closes_posts for this in those])
    closed = np.array([(plan < 0).any() for plan in opened])
    shares = {
        "a plan": np.mean([bool(this.certainly.any()) for this in those]),
        "no plan": np.mean([not this.certainly.any() for this in those]),
        "slots": lis1.mean(),
        "posts": posts.mean(),
        "both": (lis1 & posts).mean(),
        "closed": closed[closes].mean(),
        "swapped": (closed & posts)[closes].mean(),
        "proved": np.mean([this.solution.status != "stopped" for this in those]),
    }
    print(len(those), shares)
    assert shares["a plan"] >= 0.5
    assert shares["no plan"] >= 0.05
    assert min(shares["slots"], shares["proved"]) >= 0.2
    assert shares["posts"] >= 0.08
    assert shares["both"] > 0.0
