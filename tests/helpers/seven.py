"""A country of seven specialties in one region, whose posts do not follow their needs."""

from __future__ import annotations

from typing import Any

from lis1plan.core.study.study import Study

from .decided_posts import prices
from .small_study import AGES, WHY, between, changed, fixed, one_limit, small_data

GROUPS = ("surgery", "medicine", "radiology", "anaesthesia", "psychiatry", "oncology", "practice")
STOCK = (30.0, 34.0, 38.0, 42.0, 100.0, 110.0, 120.0)
"""Specialists at the start: as many posts train all of them, so the last three run short."""
SHARE = 1.0 / len(GROUPS)


def seven(scenarios: int = 8, seed: int = 27, trainees: float = 150.0, **new: Any) -> Study:
    """The study; LIS1 stands still, LIS2/3 posts alone are decided. `new`: of the decision."""
    data = small_data(seed, 1, 1, scenarios, 2.0)
    data["groups"] = {
        group: {"name": group.title(), "foreign_share": fixed(SHARE), "direct_share": fixed(SHARE)}
        | ({} if group == GROUPS[-1] else {"choice": fixed(SHARE)})
        for group in GROUPS
    }
    data["demand"] |= {"need": {}, "noise_sd": fixed(0.0), "normalisation_per_year": fixed(0.0)}
    for path, growth in zip(data["demand"]["alternatives"], (-6.0, 0.0, 6.0), strict=True):
        path["doctors_per_year"] = growth
    data["demand"]["unmet"] = {
        group: {"missing": fixed(0.0), "counts": "specialists"} for group in GROUPS
    }
    rows = [
        (group, persons, age) for group, persons in zip(GROUPS, STOCK, strict=True) for age in AGES
    ]
    data["specialists"] |= {
        "stock": tuple(
            {"group": g, "age": a, "persons": n / len(AGES), "assumption": WHY} for g, n, a in rows
        ),
        "retirement": tuple(
            {"group": g, "age": a, "yearly_share": 0.0, "assumption": WHY} for g, _, a in rows
        ),
        "other_exits_per_year": between(1.0, 12.0),
        "foreign_per_year": fixed(0.0),
        "fte_per_head": fixed(0.9),
        "fte_per_head_senior": fixed(0.9),
        "retirement_scale": fixed(0.0),
        "other_exits_below_age": max(AGES) + 40,
    }
    data["training"] |= {
        "trainees_at_start": fixed(trainees), "historic_until": 2018, "exits": "specialists",
    }  # fmt: skip
    data["correlation"] = ()
    data["ramp"]["national"] = fixed(0.0)
    data["limits"]["trainees"] = {}
    data["risk"] = {
        "country": one_limit(list(data["regions"]), scope="summed_over_groups", confidence=0.5)
    }
    posts = tuple(
        {"year": 2018, "group": group, "posts": trainees * SHARE, "assumption": WHY}
        for group in GROUPS
    )
    most = tuple({"group": group, "most": 4.0, "assumption": WHY} for group in GROUPS)
    data["specialist_posts"] = {
        "posts": posts,
        "waiting_at_start": fixed(140.0),
        "giving_up_per_year": fixed(0.0),
        "on_leave": fixed(0.0),
        "locums": fixed(0.0),
        "new": {"most": most, "prices": prices()} | new,
    }
    return Study.model_validate(data)


def own_prices() -> tuple[dict[str, Any], ...]:
    """Of each group its own, so that one plan alone is cheapest."""
    paid = {"payer": "hospital", "assumption": WHY}
    yearly = (
        {"item": f"training {g}", "group": g, "timing": "yearly", "amount_nok": 9e5 + 3.7e4 * n * n}
        for n, g in enumerate(GROUPS)
    )
    once = {"item": "office", "timing": "once", "amount_nok": 2.5e5}
    return tuple(row | paid for row in (*yearly, once))


def inside(study: Study, limit: float) -> Study:
    """The study with another limit on its risk."""
    return changed(study, {"risk.country.limit": limit})
