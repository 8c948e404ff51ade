"""The naive oracle's demand: docs/model.md, section 5, in plain Python, slow and obvious.

Written from the page alone, like ``naive.py``: of one scenario, for published growths only. The
letters y, k, r are the page's; groups and alternatives are told by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Table = Mapping[str, float]
Cube = list[list[list[float]]]


class Scenario(NamedTuple):
    """What one scenario knows of demand."""

    start: Table  # group -> FTE at the start, unmet need included
    part: Table  # group -> its share of the base year's supply
    key: Sequence[float]  # [R] regional key, where the study gives no stock by region
    alternative: Mapping[str, Any]  # the row drawn: id, doctors_per_year, hours_on_top
    growth_error: float
    noise: Sequence[float]  # [H/2] doctor FTE
    normalised: bool
    normal_hours: float  # doctors a year while working hours are brought to normal
    until: int  # years in which they are
    share: float  # of growth that must be specialists
    own_share: Table  # the same of a group, where it has its own
    by_group: Mapping[tuple[str, str], float] | None  # (alternative, group) -> doctors a year


def demand(scenario: Scenario) -> Cube:
    """Demand for specialists [H/2][K][R], FTE."""
    answer: Cube = []
    common = 0.0
    for y, noise in enumerate(scenario.noise):
        common += scenario.share * (noise + normal_hours(scenario, y))
        answer.append([])
        for group, start in scenario.start.items():
            grown = scenario.part[group] * common + (y + 1) * growth(scenario, group)
            answer[-1].append([max(0.0, key * (start + grown)) for key in scenario.key])
    return answer


def normal_hours(scenario: Scenario, y: int) -> float:
    """Doctors added in a year to bring working hours to normal, if the growth lacks them."""
    if not scenario.normalised or not scenario.alternative["hours_on_top"]:
        return 0.0
    return scenario.normal_hours if y < scenario.until else 0.0


def growth(scenario: Scenario, group: str) -> float:
    """Specialists a year the alternative adds in a group: by the table, else as supply is split."""
    name, error = scenario.alternative["id"], 1.0 + scenario.growth_error
    if scenario.by_group is None:
        doctors = float(scenario.alternative["doctors_per_year"]) * scenario.part[group]
        return scenario.share * doctors * error
    share = scenario.own_share.get(group, scenario.share)
    return share * scenario.by_group[name, group] * error
