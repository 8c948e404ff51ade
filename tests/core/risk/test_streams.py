"""Lanes: how large a scenario is, and how many half-years of those who begin LIS2/3 count."""

from __future__ import annotations

import pytest

from lis1plan.core.compute.workers import Workers
from lis1plan.core.kernels.state import LANES
from lis1plan.core.risk.lanes import LocalLanes
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.risk.streams import entering_half_years, lane_mb
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study

from ...helpers.limited_training import limited_study
from ...helpers.small_study import changed, one_limit, small_study


@pytest.mark.parametrize("study", [small_study(1), limited_study(1)], ids=["one", "two"])
def test_what_is_said_of_a_scenario_is_what_is_held(study: Study) -> None:
    held = prepare(study, sample_of(study), Workers(1)).held
    assert isinstance(held, LocalLanes)
    size = sum(array.nbytes for array in held.lanes) / (held.blocks * LANES)
    assert lane_mb(study) == pytest.approx(size / 1e6)


def test_doctors_count_from_their_first_day_in_training_specialists_after_it() -> None:
    """The last who can still complete in the window begin as much earlier as training lasts."""
    limit = one_limit(("nord", "midt"))
    plain = changed(limited_study(1), {"risk": {"all": limit}})
    doctors = changed(plain, {"risk": {"all": limit | {"counts": "doctors"}}})
    both = changed(
        plain, {"risk": {"all": limit, "too": limit | {"name": "Too", "counts": "doctors"}}}
    )
    window = 2 * (plain.time.window[1] - plain.time.first_year + 1)
    shortest = plain.training.fewest_half_years
    assert entering_half_years(plain) == window - (shortest - 1) < window
    assert entering_half_years(doctors) == entering_half_years(both) == window
