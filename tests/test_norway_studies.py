"""The two Norwegian studies and their pages agree with each other and with the tables."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import pytest

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.files.store import read_result, write_result
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import no_slots
from lis1plan.core.system.supervision import use_at_start
from lis1plan.core.verify.laws import verify_dataset
from lis1plan.jobs.options import ProjectOptions
from lis1plan.jobs.project import projected
from lis1plan.jobs.request import PLAN, JobRequest
from lis1plan.optimise.analysis.fixed_plans import fixed_plans

from .helpers.small_study import unsold


def test_posts_opened_afterwards_are_those_of_the_history() -> None:
    """What norway-2019 calls done is what norway-2027 starts from: 1 060 in 2020, 1 185 in 2024."""
    then, now = load_study("norway-2019"), load_study("norway-2027")
    done = then.comparison["as_done"].slots_per_year
    levels = accumulate(done.values(), initial=then.level0.sum())
    national: dict[int, int] = {}
    for row in now.posts.history:
        national[row.year] = national.get(row.year, 0) + row.posts
    assert dict(zip([2019, *map(int, done)], levels, strict=True)) == {
        year: posts for year, posts in national.items() if year <= 2024
    }


def test_growth_that_the_pace_of_2027_rests_on_is_that_of_the_history() -> None:
    study = load_study("norway-2027")
    totals = [
        sum(row.posts for row in study.posts.history if row.year == year) for year in (2019, 2020)
    ]
    assert f"{totals[1] - totals[0]} more in 2020" in study.ramp.national.source


def test_regional_limits_say_how_far_they_lie_above_the_national_one() -> None:
    for name in ("norway-2019", "norway-2027"):
        risk = load_study(name).risk
        for key, limit in risk.items():
            if key != "national":
                assert limit.limit is not None
                assert risk["national"].limit is not None
                beyond = 100 * (limit.limit - risk["national"].limit)
                assert f"{100 * limit.limit:.4g} %" in limit.assumption
                assert f"{beyond:.1f} points above" in limit.assumption


def test_what_was_done_is_inside_the_limits_with_at_most_15_percent_bought() -> None:
    """History opened more than the free room allowed; the page says at what price it fits."""
    study = load_study("norway-2019")
    system, free = system_of(study), system_of(unsold(study))
    done = fixed_plans(system, {"as_done": study.comparison["as_done"]})["as_done"]
    assert system.keeps_capacity(done)
    assert not free.keeps_capacity(done)
    bought = system.prices.purchases.bought(system.levels(done))
    share = (bought / use_at_start(study)[:, :, None]).max()
    assert 0.08 < share < 0.09
    page = (Path(__file__).parents[1] / "docs" / "norway-2019.md").read_text("utf-8")
    assert f"no region needs more than {100 * share:.1f} % of today's use" in page
    million = (system.prices.plan(done) - free.prices.plan(done)) / 1e6
    assert f"for {million:.0f} million NOK" in page


def test_both_presets_sell_all_supervision_at_the_same_mean_price() -> None:
    for name in ("norway-2019", "norway-2027"):
        sold = {key: limit.purchase for key, limit in load_study(name).capacity.items()}
        price = {key: each.price.expected for key, each in sold.items() if each is not None}
        assert price["hospital_supervision"] == price["municipal_supervision"] == 500.0
        assert price["municipal_places"] == pytest.approx(2 * (80_000 + 165_000) / 3, rel=1e-3)
        most = [each.at_most.expected for each in sold.values() if each and each.at_most]
        assert most == [0.2, 0.2, 0.2]


@pytest.mark.parametrize(
    "preset",
    [
        "norway-2027",
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in ("norway-2010", "norway-2019", "norway-2027-specialties", "tutorial")
        ),
    ],
)
def test_a_projection_of_every_preset_is_verified(preset: str, tmp_path: Path) -> None:
    """Posts that are not published, and are offered by a factor drawn, among them."""
    study = load_study(preset, ["sampling.scenarios=16"])
    asked = JobRequest(study, ProjectOptions(), {PLAN: no_slots(study.in_force)})
    data = projected(asked, 1, silent)
    path = write_result(data, tmp_path / "projection.nc", data.attrs)
    checks = verify_dataset(read_result(path).load())
    assert [check for check in checks if check.passed is False] == []
