"""Earmarked posts as a decision: rows after all others, their price, their limits, what is off."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from lis1plan.core.flow.intake import posts_newcomers_fill
from lis1plan.core.flow.rates import build_rates, tracks_under
from lis1plan.core.kernels.tracks import earmark
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import System, system_of
from lis1plan.core.system.costs import plan_cost, yearly_cost
from lis1plan.core.system.families import Family
from lis1plan.core.system.limit import Taken
from lis1plan.core.system.posts import families, levels, no_slots
from lis1plan.core.verify.arithmetic import costs_of
from lis1plan.core.verify.evidence import filled_by_newcomers
from lis1plan.optimise.cuts.certificate import highest_levels, lowest_levels

from ...helpers.decided_posts import decided
from ...helpers.decided_tracks import decided_tracks, grant, most, tracks_study
from ...helpers.limited_training import with_posts
from ...helpers.small_study import AUTUMN_STARTS, changed, fixed, random_slots, small_study
from ...helpers.tracked import tracked

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def family(system: System) -> Family:
    """The family of tracks."""
    assert system.tracks is not None
    return system.tracks


def plan_of(study: Study, seed: int) -> Floats:
    """Some slots, some of all posts earmarked, [row, decision year]."""
    plan, tracks = no_slots(study), family(system_of(study))
    plan[: len(study.regions)] = random_slots(study, seed)
    own = plan[tracks.rows]
    own[:] = np.random.default_rng(seed).integers(0, 3, own.shape)
    return plan


def test_rows_come_after_all_others() -> None:
    plain = small_study(1, regions=2, groups=2)
    for study, first, told in (
        (plain, 2, ["slots", "tracks"]),
        (with_posts(plain), 6, ["slots", "tracks"]),  # rows of posts that nobody decides
        (decided(plain), 6, ["slots", "posts", "tracks"]),
    ):
        system = system_of(decided_tracks(study))
        assert [each.variable for each in system.families] == told
        assert family(system).rows == slice(first, first + 4)
        assert system.most_slots.shape == (first + 4, len(study.decision_years))
        assert (system.most_slots[family(system).rows] == 4.0).all()
        given = system.given_levels[family(system).rows].reshape(2, 2, -1)
        assert (given == decided_tracks(study).earmarked).all()
        if told == ["slots", "tracks"]:
            assert (system.most_slots[2:first] == 0.0).all()


def test_what_is_off_leaves_no_trace() -> None:
    """Tracks that are given alone: text, rows and limits as if there were no decision."""
    study = tracked(small_study(1, groups=2))
    assert [each.variable for each in families(study)] == ["slots"]
    assert "new" not in json.loads(study.canonical_text)["track"]["alis"]
    assert system_of(study).tracks is None
    assert not [each for each in system_of(study).limits if each.lawful]


@pytest.mark.parametrize("seed", range(3))
def test_cost_is_that_of_slots_and_grants_item_by_item(seed: int) -> None:
    plain = small_study(seed, regions=1 + seed, groups=2)
    study = decided_tracks(decided(plain) if seed else plain, prices=grant(3e5))
    plan = plan_of(study, seed)
    by_payer, report, discounted = costs_of(study, plan)  # a plain loop over items and years
    assert plan_cost(study, plan) == pytest.approx(discounted, rel=1e-12)
    gross, total = yearly_cost(study, levels(study, plan))
    years = len(study.years)
    assert total[:years] == pytest.approx(report, rel=1e-12)
    assert gross[:, :years] == pytest.approx(np.stack(list(by_payer.values())), rel=1e-12)
    more = system_of(study).prices.one_more(plan)
    tracks = family(system_of(study))
    for row, y in ((tracks.first, 0), (tracks.rows.stop - 1, 2), (0, 1)):
        trial = plan.copy()
        trial[row, y] += 1.0
        assert more[row, y] == pytest.approx(plan_cost(study, trial) - plan_cost(study, plan))


def test_without_a_grant_an_earmarked_post_costs_what_any_other_does() -> None:
    study = tracks_study(2)
    plan = plan_of(study, 2)
    only = no_slots(study)
    only[: len(study.regions)] = plan[: len(study.regions)]
    assert plan_cost(study, plan) == plan_cost(study, only)


def test_limits_are_kept_or_not() -> None:
    study = tracks_study(1, most=most((None, 4.0), ("nord", 6.0)))
    every = float(study.level0.sum())
    shares = {"least_share": fixed(8.0 / every), "most_share": fixed(20.0 / every)}
    study = decided_tracks(study, posts=4.0, most=most((None, 4.0), ("nord", 6.0)), **shares)
    system, plan = system_of(study), no_slots(study)
    first = family(system).first
    plan[first + 2, 0] = plan[first + 3, 0] = 4.0  # eight of the mixed track, eight of the other
    assert system.keeps_limits(plan)
    for row, more, broken in (
        (1, 5.0, "track_ramp.alis.midt"),
        (0, 13.0, "track_most_share.alis"),
        (2, -1.0, "track_least_share.mixed"),
        (0, 200.0, "earmarked.nord"),
        (1, 200.0, "newcomers.midt"),
    ):
        trial = plan.copy()
        trial[first + row, 0] += more
        found = [each.identifier for each in system.limits if not each.keeps(trial).all()]
        assert broken in found
        assert system.bounded(trial) == (more < 100.0)


def test_what_gives_way_is_written_into_the_study() -> None:
    every = float(tracks_study(1).level0.sum())
    shares = {"least_share": fixed(20.0 / every), "most_share": fixed(30.0 / every)}
    study = tracks_study(1, **shares)
    system = system_of(study)
    few, many = no_slots(study), no_slots(study)
    many[family(system).rows, 0] = 9.0
    for limit in system.limits:
        if limit.kind.startswith("track"):
            plan = few if "least" in limit.kind else many * 2.0
            data, over = study.model_dump(), limit.excess(plan)
            assert over.max() > 0.0, limit.identifier
            limit.relax(data, Taken(over, plan))
            lax = system_of(Study.model_validate(data))
            assert lax.limit(limit.identifier).keeps(plan).all(), limit.identifier


def test_levels_lie_between_the_lowest_and_the_highest() -> None:
    study = tracks_study(1, most=most((None, 50.0)))
    system = system_of(study)
    rows = family(system).rows
    low, high = lowest_levels(system), highest_levels(system)
    assert (low[rows] == system.given_levels[rows]).all()
    for seed in range(30):
        plan = plan_of(study, seed)
        plan[rows] *= np.random.default_rng(seed).integers(1, 12)
        if system.bounded(plan):
            assert (levels(study, plan)[rows] <= high[rows] + 1e-9).all()
    assert (high[rows, study.first :] < system.levels(system.most_slots)[rows, study.first :]).any()


@pytest.mark.parametrize("later", [False, True])
def test_newcomers_fill_so_many_posts_and_no_more(later: bool) -> None:
    """In every scenario, by the compiled flow: with one in a hundred more, in some they do not."""
    study = changed(tracks_study(4), AUTUMN_STARTS if later else {})
    sample, room = sample_of(study), posts_newcomers_fill(study)
    assert room == pytest.approx(filled_by_newcomers(study.canonical_text), rel=1e-12)
    rates = build_rates(study, draw(study, sample, 0, sample.scenarios))
    for times, filled in ((1.0 - 1e-9, True), (1.01, False)):
        level = np.concatenate([study.given_levels, room * times, np.zeros(room.shape)])
        tracks = tracks_under(study, level)
        assert tracks is not None
        found = np.empty((2, *rates.newcomers.shape[1:]))
        lacking = np.zeros(room.shape, dtype=bool)
        for i in range(sample.scenarios):
            earmark(rates, i, tracks, found)
            for h in range(found.shape[1]):
                y = min((h + len(rates.starting)) // 2, room.shape[1] - 1)
                offered = rates.fill_rate[i] * rates.offer_share[i, h] * room[:, y] * times
                lacking[:, y] |= found[0, h] < offered * (1.0 - 1e-12)
        assert not lacking.any() if filled else lacking.all()


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ({"most": most(("syd", 1.0))}, "unknown label 'syd'"),
        ({"most": most(("nord", 1.0), ("nord", 2.0))}, "two rows for region 'nord'"),
        ({"prices": grant(1.0, "nobody")}, "unknown label 'nobody'"),
        ({"least_share": fixed(0.3), "most_share": fixed(0.2)}, "must not lie above most_share"),
        ({"least_share": fixed(1.3)}, "least_share"),
        ({"most": ()}, "at least 1"),
    ],
)
def test_what_cannot_be_is_said(new: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        tracks_study(1, **new)


def test_fractions_are_of_every_track_or_of_none() -> None:
    parts = tracks_study(1, whole=False)
    plan = no_slots(parts)
    plan[:, 0] = 1.4
    assert system_of(parts).rounded(plan)[:, 0].tolist() == [1.0, 1.0, 1.4, 1.4, 1.4, 1.4]
    up = system_of(tracks_study(1)).rounded_up(plan)[:, 0].tolist()
    assert up == [2.0, 2.0, 1.0, 1.0, 1.0, 1.0]  # more earmarked posts can hurt
    with pytest.raises(ValidationError, match="the same in every track"):
        changed(parts, {"track.alis.new.whole": True})
