"""The course of a start, from the values it needs alone: any month, any order of stages."""

from __future__ import annotations

import numpy as np
import pytest

from lis1plan.core.study.cost import ComponentRow
from lis1plan.core.system.course import need, place_years, start_profile, stay, yearly_cost

STAGES = ("hospital", "hospital", "municipality")
TIMINGS = [
    "start",
    "stay:hospital",
    "stay_start:municipality",
    "stay:municipality",
    "autumn_after:municipality",
]
ITEMS = tuple(
    ComponentRow.model_validate(
        {
            "item": timing,
            "payer": "state" if n % 2 else "hospital",
            "timing": timing,
            "amount_nok": 10.0**n,
            "in_report": n != 3,
            "in_gross": True,
            "assumption": "test",
        }
    )
    for n, timing in enumerate(TIMINGS)
)


def test_months_of_a_spring_and_an_autumn_start() -> None:
    assert stay(STAGES, 3, "hospital") == list(range(2, 14))
    assert stay(STAGES, 9, "municipality") == list(range(20, 26))
    assert stay(STAGES, 3, "elsewhere") == []


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("stages", [STAGES, STAGES[::-1], STAGES + STAGES])
def test_nothing_of_a_start_is_lost(month: int, stages: tuple[str, ...]) -> None:
    gross, report = start_profile(ITEMS, stages, month)
    assert gross.sum(axis=1) == pytest.approx([10_101.0, 1_010.0])
    assert report.sum() == pytest.approx(10_111.0)
    by_payer, total = yearly_cost(ITEMS, stages, [(month, 2.0)])
    assert by_payer.sum(axis=1) == pytest.approx([20_202.0, 2_020.0])
    assert total.sum() == pytest.approx(20_222.0)
    for arena in ("hospital", "municipality"):
        busy = place_years(stages, [(month, 3.0)], arena)
        assert busy.sum() == pytest.approx(1.5 * stages.count(arena))


def test_grant_is_paid_in_the_first_autumn_after_the_stay() -> None:
    grant = ITEMS[4:]
    for month, paid in ((1, 3), (3, 3), (4, 5), (9, 4)):  # half-years since the starting one
        _, report = start_profile(grant, STAGES, month)
        assert np.flatnonzero(report).tolist() == [paid], month


def test_need_takes_the_first_level_for_those_before() -> None:
    level = np.array([[10.0, 20.0, 40.0]])
    busy = np.array([0.5, 0.25, 0.25])
    assert need(4.0, busy, level).tolist() == [[40.0, 60.0, 110.0]]
    for years in (1, 2):  # fewer years than a start takes
        assert need(4.0, busy, level[:, :years]).tolist() == [[40.0, 60.0][:years]]
