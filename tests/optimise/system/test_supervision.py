"""Supervision that grows with the specialists: its Z, its slope, the plans it allows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity
from lis1plan.core.verify.evidence import Evidence
from lis1plan.core.verify.relaxations import ways_out
from lis1plan.jobs.infeasible import refused
from lis1plan.jobs.options import RunOptions
from lis1plan.jobs.request import JobRequest
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.explain import explain
from lis1plan.optimise.job import InfeasibleError, run_study
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import limits_of
from lis1plan.optimise.solvers.clock import Clock

from ...helpers import naive
from ...helpers.searching import searching
from ...helpers.small_study import (
    changed,
    fixed,
    naive_scenarios,
    one_limit,
    random_slots,
    small_study,
)

Floats = NDArray[np.float64]
ONE = Workers(1)
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (2, 3))]
STATISTICS = ("max", "mean", "sum")


def watched(limit: float, regions: tuple[str, ...], statistic: str = "max") -> dict[str, Any]:
    """A limit on hospital supervision that grows with the specialists."""
    shortage = one_limit(regions, limit, statistic=statistic)
    name = f"Supervision, {shortage['name']}"
    return shortage | {"name": name, "supervises": "hospital_supervision"}


@cache
def study_of(seed: int, limit: float = 0.0, slack: float = 0.1) -> Study:
    """Two regions; supervision watched region by region and in both, by every statistic."""
    study = small_study(seed, scenarios=20, slack=slack, applicants=1.4)
    both = tuple(study.regions)
    risk = {"country": one_limit(both, 0.9)}
    risk |= {f"{name}_{how}": watched(limit, (name,), how) for name in both for how in STATISTICS}
    risk |= {f"all_{how}": watched(limit, both, how) for how in STATISTICS}
    return changed(study, {"risk": risk})


@cache
def oracle_of(seed: int) -> Oracle:
    return prepare(study_of(seed), sample_of(study_of(seed)), ONE)


def places_busy(study: Study, level: Floats, region: int, year: int) -> float:
    """Hospital places kept busy in a year, month by month: twelve from each of two intakes."""
    spring = study.posts.spring_share.value
    months = 0.0
    for share, first in ((spring, 2), (1.0 - spring, 8)):
        for started in (year - 1, year):
            inside = sum((first + passed) // 12 == year - started for passed in range(12))
            months += share * level[region, max(started, 0)] * inside
    return months / 12.0


def naive_gap(study: Study, name: str, level: Floats) -> Floats:
    """Z [realization] of one limit on supervision, from the naive flow and month by month."""
    limit = study.risk[name]
    members = [list(study.regions).index(each) for each in limit.regions]
    slack = {r.region: r.slack for r in study.supervision if r.limit == limit.supervises}
    today = sum(
        study.regions[each].posts_in_use.value * (1.0 + slack[each]) for each in limit.regions
    )
    years = range(study.first, len(study.years))
    found = []
    for rates, _ in zip(*naive_scenarios(study, sample_of(study)), strict=True):
        supply = naive.flow(rates, level.tolist())["supply"]
        present = sum(
            rates["specialists"][k][r][a] * rates["fte"][k][a]
            for k in range(len(rates["specialists"]))
            for r in members
            for a in range(len(rates["fte"][k]))
        )
        gaps = []
        for y in years:
            needed = sum(places_busy(study, level, r, y) for r in members) / today
            growing = sum(supply[y][k][r] for k in range(len(supply[y])) for r in members)
            gaps.append(needed - growing / present)
        how = {"max": max(gaps), "sum": sum(gaps), "mean": sum(gaps) / len(gaps)}
        found.append(how[limit.statistic])
    return np.array(found)


def plans(study: Study) -> Iterator[Floats]:
    yield np.zeros((len(study.regions), len(study.decision_years)))
    for seed in (1, 2):
        yield random_slots(study, seed)
        yield random_slots(study, seed + 10, fractional=True)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_z_is_need_over_capacity_less_specialists_over_those_at_the_start(seed: int) -> None:
    study, oracle = study_of(seed), oracle_of(seed)
    above = 0.0
    for slots in plans(study):
        level = levels(study, slots)
        z = oracle.shortfall(level)
        for c, (name, limit) in enumerate(study.risk.items()):
            if limit.supervises:
                assert z[c] == pytest.approx(naive_gap(study, name, level), rel=1e-9, abs=1e-9)
                above += float((z[c] > 0.0).mean())
    assert 1.0 < above < 44.0  # neither always kept nor always broken


@pytest.mark.parametrize("seed", SEEDS)
def test_slope_bounds_every_other_plan(seed: int) -> None:
    study, oracle = study_of(seed), oracle_of(seed)
    assert not oracle.concavity_excess(highest_levels(system_of(study))).any()
    judged = [levels(study, slots) for slots in plans(study)]
    for here in judged:
        z = oracle.shortfall(here)
        for c in range(len(z)):
            each = oracle.each_bound(here, c).slope
            for there in judged:
                bound = z[c] + (each * (there - here)).sum(axis=(1, 2))
                assert (oracle.shortfall(there)[c] >= bound - 1e-9).all()
            together = oracle.slope(here, c, z[c])
            for there in judged:
                risk = oracle.risk(there)[c]
                assert risk >= oracle.risk(here)[c] + (together * (there - here)).sum() - 1e-9


def test_slope_is_that_of_small_steps() -> None:
    study, oracle = study_of(1), oracle_of(1)
    here = levels(study, random_slots(study, 5, fractional=True))
    step = 1e-6
    for name in ("nord_max", "all_sum", "midt_mean"):
        c = list(study.risk).index(name)
        slope = oracle.slope(here, c, oracle.shortfall(here)[c])
        assert (slope > 0.0).any()  # a slot needs supervision before it gives any
        for place in np.ndindex(slope.shape):
            if place[1] < study.first:
                continue  # no plan changes those years
            more = here.copy()
            more[place] += step
            found = (oracle.risk(more)[c] - oracle.risk(here)[c]) / step
            assert found == pytest.approx(slope[place], abs=1e-5)


def test_levels_of_all_years_count_where_supervision_is_watched() -> None:
    """What slots need themselves counts to the end of the projection, whatever the window."""
    study = changed(study_of(1), {"time.window": (2027, 2028)})
    oracle = prepare(study, sample_of(study), ONE)
    level = levels(study, random_slots(study, 5))
    assert oracle.years_that_count == level.shape[1]
    more = level.copy()
    more[:, -1] += 1.0
    assert (oracle.shortfall(more) != oracle.shortfall(level)).any()


def tight(seed: int) -> Study:
    """Few years, slots worth having, supervision that binds: small enough to try every plan."""
    study = study_of(seed, slack=0.02)
    regional = {name: fixed(3.0) for name in study.regions}
    time = study.time.model_dump() | {"last_decision": study.time.first_decision + 1}
    time["window"] = tuple(time["window"])
    bare = changed(study, {"ramp.regional": regional, "ramp.national": fixed(6.0), "time": time})
    oracle = prepare(bare, sample_of(bare), ONE)
    nothing = oracle.risk(levels(bare, np.zeros((2, 2))))
    some = oracle.risk(levels(bare, np.array([[2.0, 0.0], [1.0, 2.0]])))
    risk = {
        "country": one_limit(tuple(study.regions), float(0.3 * nothing[0] + 0.7 * some[0])),
    }
    for name in study.regions:
        c = list(bare.risk).index(f"{name}_max")
        limit = max(float(0.5 * nothing[c] + 0.5 * some[c]), 0.0)
        risk[f"supervision_{name}"] = watched(limit, (name,))
    return changed(bare, {"risk": risk})


@pytest.mark.parametrize("seed", SEEDS)
def test_cheapest_of_all_plans_is_found(seed: int) -> None:
    study = tight(seed)
    pool = CutPool(prepare(study, sample_of(study), ONE))
    limits, best, held_back = limits_of(study), np.inf, 0
    for opened in itertools.product(range(4), repeat=4):
        slots = np.array(opened, dtype=float).reshape(2, 2)
        if not system_of(study).keeps_limits(slots):
            continue
        risk, _ = pool.evaluate(slots)
        kept = risk <= limits + 1e-9
        held_back += bool(kept[0] and not kept.all())
        if kept.all():
            best = min(best, plan_cost(study, slots))
    found = find_plan(searching(pool, study, limits, Clock(60.0)))
    assert held_back > 0  # supervision forbids plans that shortage allows
    if np.isinf(best):
        assert found.status == "infeasible"
        said = explain(searching(pool, study, limits, Clock(60.0)))
        assert any("supervis" in line or "nord" in line for line in said.lines)
    else:
        assert found.cost == pytest.approx(best, rel=2e-4)
        assert found.lower_bound <= best * (1.0 + 1e-9)


def test_ways_out_of_watched_supervision_are_verified() -> None:
    """A study whose supervision stands in the way, as file and as what `verify` makes of it."""
    study = tight(1)
    study = changed(study, {f"risk.{name}.limit": 0.0 for name in study.risk if name != "country"})
    with pytest.raises(InfeasibleError) as caught:
        run_study(study, ONE)
    held = refused(JobRequest(study, RunOptions()), caught.value, 0.0)
    assert held is not None
    evidence = Evidence(held.assign_attrs(study_json=study.model_dump_json()))
    names = evidence.labels("constraint")
    asked = [n for n, name in enumerate(names) if name.startswith("risk.supervision")]
    assert (evidence.values("way_amount")[:, :, asked] > 0.0).any()
    assert list(ways_out(evidence)) == []


def test_a_watched_capacity_is_not_given_as_well() -> None:
    study = study_of(1)
    room = capacity(study)
    c = list(study.capacity).index("hospital_supervision")
    assert np.isinf(room[c]).all()
    others = [n for n in range(len(room)) if n != c]
    assert np.isfinite(room[others]).all()


def test_whole_run_with_watched_supervision() -> None:
    study = changed(tight(3), {"solve.frontier_points": 3})
    answer = run_study(study, ONE)
    risk = answer.evaluation.in_sample[0]
    assert (risk <= limits_of(study) + 1e-9).all()
    assert all(point.limits[1:] == pytest.approx(limits_of(study)[1:]) for point in answer.frontier)
    assert answer.solution.slots.sum() > 0.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"supervises": "nowhere"}, "unknown label 'nowhere'"),
        ({"rule": "chance"}, 'rule = "chance" with `supervises`'),
        ({"measure": "absolute"}, 'measure = "absolute" with `supervises`'),
        ({"scope": "summed"}, 'scope = "summed" with `supervises`'),
        ({"counts": "doctors"}, 'counts = "doctors" with `supervises`'),
    ],
)
def test_what_does_not_fit_is_said(change: dict[str, str], said: str) -> None:
    study = study_of(1)
    risk = {name: limit.model_dump() for name, limit in study.risk.items()}
    risk["nord_max"] |= change
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        changed(study, {"risk": risk})


def test_first_limit_is_one_on_shortage() -> None:
    study = study_of(1)
    with pytest.raises(ValueError, match="the first limit must be one on shortage"):
        changed(study, {"risk": {"nord": watched(0.0, ("nord",))}})
