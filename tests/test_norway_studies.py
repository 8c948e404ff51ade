"""The two Norwegian studies and their pages agree with each other and with the tables."""

from __future__ import annotations

from itertools import accumulate

from lis1plan.configs.loader import load_study


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
