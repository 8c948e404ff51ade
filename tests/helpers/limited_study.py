"""A small study with every further limit of the system set, each so that it can bind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lis1plan.core.study.study import Study

from .small_study import WHY, changed, fixed, small_study

Data = dict[str, Any]


def tiny(**limits: Any) -> Study:
    """Two regions, two years of decision, one capacity, judged in 2024; with further limits."""
    study = small_study(3, scenarios=4)
    time = {
        "first_year": 2018,
        "last_year": 2024,
        "first_decision": 2020,
        "last_decision": 2021,
        "window": (2024, 2024),
    }
    capacity = {"municipal_places": study.capacity["municipal_places"].model_dump()}
    rows = tuple(r.model_dump() for r in study.supervision if r.limit == "municipal_places")
    given = {"time": time, "capacity": capacity, "supervision": rows}
    return changed(study, given | {f"limits.{key}": value for key, value in limits.items()})


def budget(rows: Mapping[int, float], payer: str = "report") -> tuple[Data, ...]:
    """Yearly budgets of one payer, year -> NOK."""
    return tuple(
        {"payer": payer, "year": y, "nok": nok, "assumption": WHY} for y, nok in rows.items()
    )


def places(rows: Mapping[tuple[str, str, int], float]) -> tuple[Data, ...]:
    """Capacities, (limit, region, year) -> in the limit's unit."""
    return tuple(
        {"limit": limit, "region": region, "year": year, "capacity": room, "assumption": WHY}
        for (limit, region, year), room in rows.items()
    )


def purchase(price: Data, at_most: Data | None = None, payer: str = "hospital") -> Data:
    """More of a capacity at a price; without `at_most` as much as anybody likes."""
    return {"price": price, "at_most": at_most, "payer": payer}


def trainees(regions: tuple[str, ...], most: float) -> Data:
    """A limit on the stock of LIS2/3."""
    return {"all": {"name": "LIS2/3", "regions": regions, "most": most, "assumption": WHY}}


def closing(most: Mapping[str, int], saved: float = 0.5) -> Data:
    """Closing allowed."""
    return {
        "most_per_year": {region: fixed(number) for region, number in most.items()},
        "saved_share": fixed(saved),
    }
