"""Shortage with earmarked posts: the naive one; cuts that no plan lies below; slopes of tracks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.demand import build_demand, build_doctors_demand
from lis1plan.core.flow.rates import all_levels, training_exits
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import Figures, draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.posts import levels, no_slots
from lis1plan.optimise.cuts.certificate import highest_levels, lowest_levels

from ...helpers.decided_tracks import decided_tracks, most
from ...helpers.limited_training import limited_study, naive_admission
from ...helpers.naive import flow, shortfall
from ...helpers.small_study import changed, naive_scenarios, random_slots, small_study
from ...helpers.tracked import naive_tracks, tracked
from .test_two_queues import LIMITS

Floats = NDArray[np.float64]


def study_with(limited: bool, seed: int) -> Study:
    """Two regions and groups, judged in many ways, with two tracks; LIS2/3 posts limited or not."""
    plain = (
        limited_study(seed, room=0.0, growth=0.005)
        if limited
        else small_study(seed, regions=2, groups=2)
    )
    return tracked(changed(plain, {"risk": LIMITS}), posts=5.0)


def prepared(study: Study) -> tuple[Oracle, Floats]:
    """Its oracle, and levels [row, year] of a plan, tracks included."""
    oracle = prepare(study, sample_of(study), Workers(1))
    return oracle, all_levels(study, levels(study, random_slots(study, 1)))


@pytest.mark.parametrize(("limited", "seed"), [(False, 0), (False, 2), (True, 1)])
def test_shortfall_is_the_naive_one(limited: bool, seed: int) -> None:
    study = study_with(limited, seed)
    _naive_alike(study, levels(study, random_slots(study, seed)))


def test_shortfall_is_the_naive_one_where_there_are_more_regions_than_groups() -> None:
    plain = limited_study(1, regions=3, room=0.0, growth=0.005)
    study = tracked(changed(plain, {"risk": LIMITS}), posts=5.0)
    assert len(study.groups) < 3
    _naive_alike(study, levels(study, random_slots(study, 1)))


@pytest.mark.parametrize("limited", [False, True])
def test_shortfall_of_a_plan_that_earmarks_posts_is_the_naive_one(limited: bool) -> None:
    study = decided_tracks(study_with(limited, 2), most=most((None, 9.0)))
    plan = no_slots(study)
    plan[:2], plan[-4:] = random_slots(study, 2), np.arange(20).reshape(4, 5) % 6
    _naive_alike(study, levels(study, plan))


def _naive_alike(study: Study, level: Floats) -> None:
    """Z of three scenarios is what the naive model makes of the levels."""
    sample = sample_of(study)._replace(scenarios=3)
    draws, limited = draw(study, sample, 0, 3), study.specialist_posts is not None
    z = prepare(study, sample, Workers(1)).shortfall(level)
    demands: dict[str, Any] = {"specialists": build_demand(study, draws)}
    demands["doctors"] = build_doctors_demand(study, draws)
    exits, fte = training_exits(study, Figures(study, draws)), study.training.trainee_fte.value
    names, years = list(study.regions), range(9, 13)
    for i, one in enumerate(naive_scenarios(study, sample)[0]):
        admission = naive_admission(study, draws, i, float(exits[i])) if limited else None
        tracks = naive_tracks(study, level)
        record = flow(one, level.tolist(), admission=admission, tracks=tracks)
        for c, limit in enumerate(study.risk.values()):
            counted = [k for k, g in enumerate(study.groups) if g in (limit.groups or study.groups)]
            supply = np.array(record["supply"])
            if limit.counts == "doctors":
                supply = supply + fte * np.array(record["training"])
            wanted = shortfall(
                supply[:, counted].tolist(),
                demands[limit.counts][i][:, counted].tolist(),
                [names.index(name) for name in limit.regions],
                years,
                limit.scope,
                limit.measure,
                limit.statistic,
            )
            assert z[c, i] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("limited", [False, True])
def test_no_plan_lies_below_a_cut(limited: bool) -> None:
    """Of plans that open and earmark more or less, as long as newcomers fill what is earmarked."""
    study = study_with(limited, 1)
    oracle, level = prepared(study)
    choose, regions, tracks = np.random.default_rng(1), 2, len(level) - 4
    z = oracle.shortfall(level)
    bounds = [oracle.each_bound(level, c) for c in range(len(z))]
    moved = 0.0
    for _ in range(12):
        plan = level.copy()
        plan[:regions, 2:] += choose.integers(-10, 25, plan[:regions, 2:].shape)
        plan[tracks:, 2:] += choose.integers(-2, 9, plan[tracks:, 2:].shape)
        plan = plan.clip(0.0)
        there, step = oracle.shortfall(plan), plan - level
        for c, each in enumerate(bounds):
            assert (each.drop >= 0.0).all()
            cut = z[c] - each.drop + (each.slope * step).sum(axis=(1, 2))
            assert (cut <= there[c] + 1e-9 * max(1.0, float(np.abs(there[c]).max()))).all()
            together = oracle.bound(level, c, z[c])
            risk = oracle.risk_of(z)[c] - together.drop + float((together.slope * step).sum())
            assert risk <= oracle.risk_of(there)[c] + 1e-9 * max(1.0, float(there[c].max()))
            moved += float(np.abs(each.slope[:, tracks:]).sum())
    assert moved > 0.0


@pytest.mark.parametrize("limited", [False, True])
def test_slopes_of_tracks_are_differences(limited: bool) -> None:
    """Of either sign: what general practice gains others lose."""
    study = study_with(limited, 1)
    oracle, level = prepared(study)
    z, tracks = oracle.shortfall(level), len(level) - 4
    names, signs = list(study.risk), set[float]()
    for c in (names.index("practice"), names.index("apart"), names.index("nord")):
        each = oracle.each_bound(level, c)
        for row in range(tracks, len(level)):
            step, small = np.zeros(level.shape), 1e-3
            step[row, 2:] = small
            up, down = oracle.shortfall(level + step)[c], oracle.shortfall(level - step)[c]
            smooth = np.abs(up + down - 2.0 * z[c]) < 1e-11 * max(1.0, float(z[c].max()))
            smooth &= each.drop < 1e-12
            slope = each.slope[:, row, 2:].sum(axis=1)
            assert (up - down)[smooth] / (2.0 * small) == pytest.approx(slope[smooth], abs=1e-6)
            assert smooth.any()
            signs |= set(np.sign(slope).tolist())
    assert {1.0, -1.0} <= signs


@pytest.mark.parametrize("limited", [False, True])
def test_no_plan_within_the_levels_lies_below_the_least(limited: bool) -> None:
    """Whichever way earmarked posts act: of some limits more help, of others they hurt."""
    study = decided_tracks(study_with(limited, 1), most=most((None, 6.0)))
    system, oracle = system_of(study), prepare(study, sample_of(study), Workers(1))
    highest, lowest = highest_levels(system), lowest_levels(system)
    least, choose = oracle.least_within(highest, lowest), np.random.default_rng(1)
    monotone, below = oracle.shortfall(highest), 0  # the least of all, if more never hurt
    assert system.tracks is not None
    first, second = system.tracks.first, system.tracks.first + 2
    for number in range(24):
        level = lowest + choose.uniform(0.0, 1.0, (len(lowest), 1)) * (highest - lowest)
        level[:first] = highest[:first]
        still = (second, first, first)[number % 3]  # of one track no more: newcomers fill the other
        level[still : still + 2] = lowest[still : still + 2]
        z = oracle.shortfall(level)
        assert (least <= z + 1e-9 * np.maximum(np.abs(z), 1.0)).all()
        below += int((z < monotone - 1e-9).sum())
    assert below > 0
