"""Regions that no limit on risk tells apart: their sums in whole slots, and plans made even."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import System, system_of
from lis1plan.core.system.limits import Capacity
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search import convex, masters
from lis1plan.optimise.search.even import alike, even_plan, even_whole_plan
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.sums import paths_of, sums_of
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ...helpers.searching import attained
from ...helpers.small_study import changed, fixed, one_limit, small_study

Floats = NDArray[np.float64]
SEEDS = range(4)
RAMP = 3


@cache
def study_of(seed: int) -> Study:
    """Four regions of different size, little room, and one limit on all of them."""
    study = small_study(seed, regions=4, scenarios=20, slack=0.04)
    own = {"all": one_limit(list(study.regions))}
    ramps = dict.fromkeys(study.regions, fixed(float(RAMP)))
    room = {"ramp.regional": ramps, "ramp.national": fixed(8.0), "time.last_decision": 2023}
    return changed(study, room | {"risk": own})


def search_of(study: Study) -> Search:
    return Search.of(CutPool(prepare(study, sample_of(study), Workers(1))), Clock(60.0))


def whole_paths(system: System, region: int) -> Floats:
    """All that one region may have opened by each year, [path, decision year], by listing plans."""
    limits = [each for each in system.of_kind(Capacity) if each.place[1] == region]
    found, slots = [], system.no_slots
    for opened in itertools.product(range(RAMP + 1), repeat=len(system.decision_years)):
        slots[region] = opened
        if all(limit.keeps(slots).all() for limit in limits):
            found.append(np.cumsum(opened))
    return np.array(found, dtype=float)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_path_is_the_best_of_all_there_are(seed: int) -> None:
    system, draw = system_of(study_of(seed)), np.random.default_rng(seed)
    highest, cut_short = highest_levels(system), 0
    for region in range(len(system.regions)):
        listed, paths = whole_paths(system, region), paths_of(system, region, highest)
        assert paths is not None
        cut_short += len(listed) < (RAMP + 1) ** len(system.decision_years)
        for worth in draw.normal(size=(20, len(system.decision_years))):
            most, path = paths.best(worth)
            assert most == pytest.approx(float((listed @ worth).max()), abs=1e-9)
            assert most == pytest.approx(float(path @ worth), abs=1e-9)
            assert (listed == path).all(axis=1).any()
    assert cut_short, "capacity forbids nothing: the paths are not tried"


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_of_sums_hold_for_every_sum_and_are_broken_by_what_is_none(seed: int) -> None:
    system, draw = system_of(study_of(seed)), np.random.default_rng(seed)
    regions = np.arange(len(system.regions))
    sums, listed = sums_of(system, regions), [whole_paths(system, r) for r in regions.tolist()]
    assert sums is not None
    for _ in range(20):
        inside = sum(paths[draw.integers(len(paths))] for paths in listed)
        assert sums.row(np.asarray(inside)) is None
        outside = sum(paths[draw.integers(len(paths))] for paths in listed) + draw.integers(0, 5, 4)
        row = sums.row(np.asarray(outside, dtype=float))
        if row is not None:
            assert float(row.worth @ outside) > row.most
            most = sum(float((paths @ row.worth).max()) for paths in listed)
            assert most <= row.most + 1e-9
    over = sum(paths[:, -1].max() for paths in listed) + 1.0
    assert sums.row(np.full(len(system.decision_years), over)) is not None


def unevenness(system: System, slots: Floats) -> float:
    level = system.level0[:, None] + np.cumsum(slots, axis=1)
    target = np.outer(system.level0 / system.level0.sum(), level.sum(axis=0))
    return float(((level - target) ** 2 / system.level0[:, None]).sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_an_even_plan_opens_as_many_and_keeps_the_limits(seed: int) -> None:
    search = search_of(study_of(seed))
    system, slots = search.system, search.system.no_slots
    slots[0, 0] = slots[1, 2] = 1.0  # a plan at a corner
    assert system.keeps_limits(slots)
    fractions = even_plan(search, search.program, slots, np.inf)
    whole = even_whole_plan(search, search.program, slots, np.inf)
    assert fractions is not None
    assert whole is not None
    for plan in (fractions, whole):
        assert plan.sum(axis=0) == pytest.approx(slots.sum(axis=0), abs=1e-7)
        assert system.keeps_limits(plan)
        assert unevenness(system, plan) <= unevenness(system, slots) + 1e-9
    assert system.is_whole(whole)
    share = np.outer(system.level0 / system.level0.sum(), slots.sum(axis=0))
    if system.keeps_limits(share):
        assert fractions == pytest.approx(share, abs=0.05)


def test_regions_are_alike_where_no_limit_tells_them_apart() -> None:
    study = study_of(0)
    every, first = list(study.regions), next(iter(study.regions))
    priced = one_limit(every, measure="absolute", statistic="sum") | {
        "rule": "price",
        "price": 1e6,
        "limit": None,
        "confidence": None,
    }
    risks = {
        "pooled": {"all": one_limit(every)},
        "summed": {"all": one_limit(every, scope="summed")},
        "apart": {"all": one_limit(every), "own": one_limit([first])},
        "priced": {"all": priced},
    }
    groups = {
        name: [rows.tolist() for rows in alike(search_of(changed(study, {"risk": risk})))]
        for name, risk in risks.items()
    }
    assert groups == {"pooled": [[0, 1, 2, 3]], "summed": [], "apart": [[1, 2, 3]], "priced": []}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [0.3, 0.9, 0.97])
def test_the_bound_of_sums_is_one_of_every_plan(
    seed: int, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is none too high for the plan that masters of every region's own slots find."""
    study = study_of(seed)
    search = search_of(study)
    known, _ = attained(search.pool.oracle)
    limits = known.ceilings - share * (known.ceilings - known.floors)
    together = find_plan(search.with_limits(limits))
    for module in (convex, masters):
        monkeypatch.setattr(module, "alike", lambda _search: ())
    plain = find_plan(search_of(study).with_limits(limits))
    assert together.status == plain.status
    if together.status == "infeasible":
        return
    assert together.lower_bound <= plain.cost * (1.0 + 1e-9)
    assert plain.lower_bound <= together.cost * (1.0 + 1e-9)


def test_the_plan_is_the_same_for_any_workers_and_each_time() -> None:
    study = study_of(1)
    known, _ = attained(search_of(study).pool.oracle)
    limits = known.ceilings - 0.6 * (known.ceilings - known.floors)
    found = []
    for workers in (1, 2, 1):
        oracle = prepare(study, sample_of(study), Workers(workers), block=7)
        search = Search.of(CutPool(oracle), Clock(60.0), limits)
        answer = find_plan(search)
        found.append(
            (answer.slots.tobytes(), answer.lower_bound, answer.cost, len(search.pool.cuts))
        )
    assert len(set(found)) == 1
