"""Small studies that decide on LIS2/3 posts beside LIS1."""

from __future__ import annotations

from typing import Any

from lis1plan.core.study.study import Study

from .limited_training import with_posts
from .small_study import WHY, changed, small_study


def prices(
    yearly: float = 1e6, once: float = 2e5, payers: tuple[str, str] = ("hospital", "state")
) -> tuple[dict[str, Any], ...]:
    """What a post costs: every year, in two parts, and once."""
    one, other = payers
    return (
        {"item": "training", "payer": one, "timing": "yearly", "amount_nok": 0.75 * yearly,
         "assumption": WHY},
        {"item": "pay", "payer": other, "timing": "yearly", "amount_nok": 0.25 * yearly,
         "assumption": WHY},
        {"item": "office", "payer": one, "timing": "once", "amount_nok": once,
         "assumption": WHY},
    )  # fmt: skip


def decided(study: Study, **given: Any) -> Study:
    """The study with LIS2/3 posts, of which new ones may be opened in every group and region."""
    rows = tuple({"group": group, "most": 4.0, "assumption": WHY} for group in study.groups)
    new = {"most": rows, "prices": prices()} | given
    return changed(with_posts(study), {"specialist_posts.new": new})


def decided_study(seed: int, regions: int = 2, groups: int = 2, **given: Any) -> Study:
    """A small study that decides on both families of posts."""
    return decided(small_study(seed, regions=regions, groups=groups), **given)
