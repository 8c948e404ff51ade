"""The optimiser: plans keep all limits, bounds are bounds, infeasibility names what would do."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.study.unchecked import largest_remainder
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity, need
from lis1plan.optimise.analysis.fixed_plans import ComparisonError, fixed_plans, kept_apart
from lis1plan.optimise.analysis.frontier import fraction_of, trace
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import Cut, CutPool, InvalidCutError
from lis1plan.optimise.infeasible.explain import explain
from lis1plan.optimise.infeasible.relaxations import least_relaxation as least
from lis1plan.optimise.infeasible.relaxations import limits_on_risk, relaxed
from lis1plan.optimise.job import InfeasibleError, StoppedError, run_study
from lis1plan.optimise.master.build import build_master
from lis1plan.optimise.search.attainable import Attainable
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.program import nothing_found

from ..helpers import naive
from ..helpers.searching import attained, searching, solve
from ..helpers.small_study import (
    WHY,
    between,
    changed,
    fixed,
    naive_scenarios,
    random_slots,
    small_study,
    with_limits,
)

Floats = NDArray[np.float64]

SEEDS = (0, 1, 2)
ONE = Workers(1)


class Ready(NamedTuple):
    study: Study
    oracle: Oracle
    attainable: Attainable
    pool: CutPool

    def at(self, fraction: float) -> Floats:
        """Limits at a fraction of their attainable intervals."""
        low, high = self.attainable.floors, self.attainable.ceilings
        return np.asarray(low + fraction * (high - low))

    def plan(self, limits: Floats) -> Solution:
        return find_plan(searching(self.pool, self.study, limits, Clock(60.0)))


def prepared(study: Study) -> Ready:
    oracle = prepare(study, sample_of(study), ONE)
    return Ready(study, oracle, *attained(oracle, 600.0))


@cache
def ready(seed: int) -> Ready:
    return prepared(small_study(seed, regions=2 + seed % 2, scenarios=40, slack=0.1))


def least_relaxation(study: Study, pool: CutPool, limits: Floats) -> Floats:
    """The risk limits that whole slots can meet with the least total relative relaxation."""
    search = searching(pool, study, limits, Clock(60.0))
    return relaxed(search, least(search, limits_on_risk(search))).limits


def integer_plans(study: Study, count: int) -> list[Floats]:
    """Random feasible plans in whole slots, from nothing to the brink."""
    found: list[Floats] = []
    seed = 0
    while len(found) < count:
        seed += 1
        slots = np.floor(random_slots(study, seed, fractional=True) / (1 + seed % 4))
        while not system_of(study).keeps_limits(slots):
            slots = np.floor(slots / 2.0)
        found.append(slots)
    return found


# --- the plan ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fraction", [0.3, 0.7])
def test_plan_keeps_every_limit_by_the_naive_flow(seed: int, fraction: float) -> None:
    this = ready(seed)
    limits, study = this.at(fraction), this.study
    solution = this.plan(limits)
    assert solution.status == "optimal"
    slots = solution.slots
    assert (slots == np.round(slots)).all()
    assert (slots >= 0.0).all()
    assert slots.sum() > 0.0
    ramp = [study.ramp.regional[name].value for name in study.regions]
    assert (slots <= np.array(ramp)[:, None]).all()
    assert (slots.sum(axis=0) <= study.ramp.national.value).all()
    level = levels(study, slots)
    spare = capacity(study) - need(study, level)
    assert (spare[:, :, 2:] >= -1e-6 * capacity(study)[:, :, 2:]).all()
    assert (naive_risk(study, level) <= limits + 1e-8).all()


def naive_risk(study: Study, level: Floats) -> Floats:
    """CVaR of every limit, [limit], from the naive flow of every scenario."""
    years = [study.years.index(year) for year in study.window_years]
    z: list[list[float]] = [[] for _ in study.risk]
    for rates, demand in zip(*naive_scenarios(study, sample_of(study)), strict=True):
        supply = naive.flow(rates, level.tolist())["supply"]
        for c, limit in enumerate(study.risk.values()):
            members = [r for r, name in enumerate(study.regions) if name in limit.regions]
            how = limit.scope, limit.measure, limit.statistic
            z[c].append(naive.shortfall(supply, demand, members, years, *how))
    pairs = zip(z, study.risk.values(), strict=True)
    return np.array([naive.cvar(values, limit.confidence) for values, limit in pairs])


@pytest.mark.parametrize("seed", SEEDS)
def test_costs_and_bounds_are_in_order(seed: int) -> None:
    this = ready(seed)
    solution = this.plan(this.at(0.4))
    assert solution.cost == pytest.approx(plan_cost(this.study, solution.slots))
    assert 0.0 < solution.lp_bound <= solution.lower_bound * (1.0 + 1e-9)
    assert solution.lower_bound <= solution.cost
    assert solution.gap <= this.study.solve.relative_gap
    assert solution.risk == pytest.approx(this.oracle.risk(levels(this.study, solution.slots)))


@pytest.mark.parametrize("seed", SEEDS)
def test_rounding_up_the_relaxation_is_never_cheaper(seed: int) -> None:
    """Than it, nor than the plan where it keeps the limits of the system."""
    this = ready(seed)
    for fraction in (0.3, 0.5, 0.8):
        solution = this.plan(this.at(fraction))
        rounded = system_of(this.study).rounded_up(solution.lp_slots)
        assert (np.cumsum(rounded - solution.lp_slots, axis=1) >= -1e-6).all()
        assert (rounded >= 0.0).all()
        assert solution.rounded_cost == pytest.approx(plan_cost(this.study, rounded))
        assert solution.rounded_cost >= solution.lp_bound * (1.0 - 1e-9)
        assert solution.rounded_feasible == system_of(this.study).keeps_limits(rounded)
        if solution.rounded_feasible:
            assert solution.rounded_cost >= solution.cost * (1.0 - this.study.solve.relative_gap)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_cheaper_plan_is_found_by_hand(seed: int) -> None:
    """Neither a feasible plan at random nor the plan found with a slot taken away or put off."""
    this = ready(seed)
    limits, study = this.at(0.5), this.study
    solution = this.plan(limits)
    others = integer_plans(study, 40)
    for r, y in np.argwhere(solution.slots > 0):
        fewer = solution.slots.copy()
        fewer[r, y] -= 1.0
        others.append(fewer)
        for region, later in np.ndindex(fewer.shape):
            moved = fewer.copy()
            moved[region, later] += 1.0
            others.append(moved)
    kept = 0
    for slots in others:
        if system_of(study).keeps_limits(slots):
            risk = this.oracle.risk(levels(study, slots))
            if (risk <= limits).all():
                kept += 1
                assert plan_cost(study, slots) >= solution.lower_bound * (1.0 - 1e-9)
    assert kept > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_stricter_limits_never_cost_less(seed: int) -> None:
    this = ready(seed)
    costs, bounds = [], []
    for fraction in (0.9, 0.7, 0.5, 0.3):
        solution = this.plan(this.at(fraction))
        costs.append(solution.cost)
        bounds.append(solution.lp_bound)
    assert (np.diff(bounds) >= -1e-6 * bounds[-1]).all()
    assert (np.diff(costs) >= -this.study.solve.relative_gap * costs[-1]).all()
    assert costs[-1] > costs[0]


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_higher_confidence_never_costs_less(seed: int) -> None:
    """The same limits, asked of an ever worse share of futures."""
    this = ready(seed)
    keys = [f"risk.{name}.confidence" for name in this.study.risk]
    worst = prepared(changed(this.study, dict.fromkeys(keys, 0.9)))
    limits, costs = worst.at(0.5), []
    for confidence in (0.1, 0.4, 0.7, 0.9):
        other = prepared(changed(this.study, dict.fromkeys(keys, confidence)))
        costs.append(other.plan(limits).cost)
    assert (np.diff(costs) >= -this.study.solve.relative_gap * costs[-1]).all()
    assert costs[-1] > costs[0]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("factor", [1.0, 1.2])
def test_limits_at_the_ceiling_cost_nothing(seed: int, factor: float) -> None:
    this = ready(seed)
    solution = this.plan(this.attainable.ceilings * factor)
    assert solution.status == "optimal"
    assert (solution.cost, solution.lower_bound, solution.slots.sum()) == (0.0, 0.0, 0.0)
    assert solution.gap == 0.0


def test_one_scenario_and_all_alike() -> None:
    """With one scenario, or many alike, the confidence does not matter."""
    study = small_study(1, scenarios=1)
    alone = prepared(study)
    other = prepared(changed(study, {"risk.country.confidence": 0.0}))
    assert alone.attainable.floors == pytest.approx(other.attainable.floors)
    assert alone.plan(alone.at(0.5)).cost == pytest.approx(other.plan(alone.at(0.5)).cost)


# --- the attainable interval ---------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_attainable_interval_holds_every_feasible_plan(seed: int) -> None:
    this = ready(seed)
    assert (this.attainable.floors < this.attainable.ceilings).all()
    for slots in integer_plans(this.study, 40):
        risk = this.oracle.risk(levels(this.study, slots))
        assert (risk >= this.attainable.floors - 1e-9).all()
        assert (risk <= this.attainable.ceilings + 1e-12).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_highest_levels_are_not_exceeded(seed: int) -> None:
    """Not even by the feasible plan that raises one level as far as it goes."""
    import pyomo.environ as pyo

    this = ready(seed)
    highest = highest_levels(system_of(this.study))
    plans = integer_plans(this.study, 40)
    for r in range(len(this.study.regions)):
        for y in range(len(this.study.decision_years)):
            model = build_master(system_of(this.study), integer=False)
            model.objective = pyo.Objective(expr=-model.level[r, y])
            plans.append(solve(model, 1e-9, 10.0).slots)
    for slots in plans:
        assert (levels(this.study, slots) <= highest + 1e-6).all()


# --- cuts ----------------------------------------------------------------------------------


def test_a_false_cut_is_found_out() -> None:
    this = prepared(small_study(0, scenarios=10))
    true = this.pool.cuts[0]
    this.pool.cuts.append(Cut(true.limit, true.constant + 1e-6, true.slope))
    nothing = np.zeros((2, 5))
    with pytest.raises(InvalidCutError, match=f"cut {len(this.pool.cuts) - 1} of limit 0 exceeds"):
        this.pool.evaluate(nothing)
    assert this.pool.largest_violation == pytest.approx(1e-6, rel=1e-3)


def test_false_slope_is_found_out_by_the_search() -> None:
    this = prepared(small_study(0, scenarios=10))
    limits = this.at(0.7)
    this.pool.cuts[:] = [cut._replace(slope=0.9 * cut.slope) for cut in this.pool.cuts]
    with pytest.raises(InvalidCutError):
        this.plan(limits)


# --- infeasible and stopped ----------------------------------------------------------------


NAMED = re.compile(r"([\d.]+) -> ([\d.]+)")


@pytest.mark.thorough
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fraction", [-0.3, 0.001])
def test_the_relaxation_named_is_enough(seed: int, fraction: float) -> None:
    """Below the floor; and just above it, where only plans in fractions of slots would do."""
    this = ready(seed)
    study = with_limits(this.study, this.at(fraction))
    with pytest.raises(InfeasibleError) as refusal:
        run_study(study, ONE)
    lines = refusal.value.lines
    named = NAMED.findall(lines[-1])
    assert named, lines
    if fraction < 0:
        assert "lies below the least" in lines[0]
    limits = this.at(fraction)
    least = least_relaxation(study, this.pool, limits)
    assert (least >= limits).all()
    assert (least > limits + 1e-9).sum() == len(named)
    assert this.plan(least).status == "optimal"
    as_named = limits.copy()
    as_named[least > limits + 1e-9] = [float(to) for _, to in named]
    assert this.plan(as_named).status == "optimal"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_relaxation_named_is_the_least(seed: int) -> None:
    """Nine tenths of it would not be enough."""
    this = ready(seed)
    limits = this.at(-0.5)
    least = least_relaxation(this.study, this.pool, limits)
    assert this.plan(limits + 0.9 * (least - limits)).status == "infeasible"


def test_only_what_must_give_is_named() -> None:
    this = ready(0)
    limits = this.at(2.0)
    limits[1] = 0.5 * this.attainable.floors[1]
    lines = explain(searching(this.pool, this.study, limits, Clock(60.0))).lines
    names = [limit.name for limit in this.study.risk.values()]
    assert lines[0].startswith(f"{names[1]}: risk limit {limits[1]:.4f} (risk.region.limit)")
    assert f"{names[1]} {limits[1]:.4f} -> " in lines[-1]
    assert not any(line.strip().startswith(f"{names[0]} ") for line in lines)


def test_posts_beyond_capacity_are_named_before_any_scenario_is_drawn() -> None:
    study = small_study(0)
    rows = tuple(row.model_dump() | {"slack": -0.5} for row in study.supervision)
    with pytest.raises(InfeasibleError, match=r"Nord 2020: hospital supervision lacks \d+ hours"):
        run_study(changed(study, {"supervision": rows}), ONE)


def test_no_time_is_not_infeasible() -> None:
    this = ready(0)
    solution = find_plan(searching(this.pool, this.study, this.at(0.5), Clock(0.0)))
    assert solution.status == "stopped"
    study = changed(with_limits(this.study, this.at(0.02)), {"solve.time_limit_seconds": 1e-9})
    with pytest.raises(StoppedError, match="time_limit_seconds"):
        run_study(study, ONE)


@pytest.mark.thorough
def test_a_study_whose_condition_fails_runs_and_says_so() -> None:
    """Cuts may be loose then, under every weight table, and never false."""
    study = small_study(
        0,
        scenarios=30,
        applicants=0.9,
        leakage=(0.02, 0.04),
        changes={
            "specialists.other_exits_per_year": between(20.0, 40.0),
            "solve.frontier_points": 1,
            "solve.relative_gap": 0.01,
        },
    )
    this = prepared(study)
    assert this.attainable.certificate.failures > 0
    assert this.attainable.certificate.excess > 0.0
    answer = run_study(with_limits(study, this.at(0.5)), ONE)
    assert answer.attainable.certificate.failures == this.attainable.certificate.failures
    assert answer.solution.lower_bound <= answer.solution.cost


# --- fixed plans and the frontier ----------------------------------------------------------


def with_plans(study: Study, slots_per_year: dict[str, int]) -> Study:
    """The study with one comparison plan, as written and within capacity."""
    plan = {"slots_per_year": slots_per_year, "assumption": WHY}
    both = {"written": {"within_capacity": False}, "room": {"within_capacity": True}}
    return changed(
        study, {"comparison": {name: plan | kind | {"name": name} for name, kind in both.items()}}
    )


def compared(study: Study) -> dict[str, np.ndarray]:
    """The plans a study compares with."""
    return fixed_plans(system_of(study), study.comparison)


def test_fixed_plans_are_split_by_largest_remainder() -> None:
    study = ready(1).study
    plans = compared(with_plans(study, {"2020": 7, "2022": 11}))
    written = plans["written"]
    assert written.sum(axis=0).tolist() == [7, 0, 11, 0, 0]
    assert written[:, 0].tolist() == largest_remainder(7, study.level0).tolist()
    assert written.sum(axis=1).tolist() == largest_remainder(18, study.level0).tolist()
    assert (written >= 0).all()


def test_largest_remainder_is_whole_and_near_its_share() -> None:
    draw = np.random.default_rng(5)
    for total in range(60):
        weights = draw.integers(1, 50, draw.integers(1, 7)).astype(float)
        parts = largest_remainder(total, weights)
        assert parts.sum() == total
        assert (np.abs(parts - total * weights / weights.sum()) < 1.0).all()
    assert largest_remainder(1, np.ones(3)).tolist() == [1.0, 0.0, 0.0]  # ties to the first


def test_fixed_plans_open_what_is_written_whatever_the_remainders() -> None:
    """Largest remainders can give a region less of one slot more (the Alabama paradox)."""
    posts = {"nord": 60, "midt": 37, "vest": 21}
    study = small_study(
        1,
        regions=3,
        changes={f"regions.{name}.posts_in_use": fixed(count) for name, count in posts.items()}
        | {"posts.unused": fixed(0)},
    )
    assert largest_remainder(36, study.level0).tolist() == [18, 11, 7]
    assert largest_remainder(37, study.level0).tolist() == [19, 12, 6]
    written = compared(with_plans(study, {"2020": 36, "2021": 1}))["written"]
    assert written.sum(axis=0).tolist() == [36, 1, 0, 0, 0]
    assert (written >= 0).all()


def test_fixed_plans_within_capacity_keep_it_and_open_early() -> None:
    study = ready(1).study
    slots = compared(with_plans(study, {"2020": 5, "2022": 4}))["room"]
    target = largest_remainder(9, study.level0)
    assert system_of(study).keeps_limits(slots)
    assert (slots.sum(axis=1) <= target).all()
    for r, y in np.argwhere(slots > 0):  # no slot could be opened a year earlier
        if y > 0:
            earlier = slots.copy()
            earlier[r, y] -= 1.0
            earlier[r, y - 1] += 1.0
            assert not system_of(study).keeps_limits(earlier)


def test_no_plan_takes_the_place_of_another_of_its_name() -> None:
    found, given = np.zeros((1, 1)), np.ones((1, 1))
    together = kept_apart({"chosen": found}, {}, {"mine": given})
    assert list(together) == ["chosen", "mine"]
    assert together["chosen"] is found
    with pytest.raises(ComparisonError, match=r"^two plans are named chosen; give"):
        kept_apart({"chosen": found}, {"chosen": given})


def test_a_run_refuses_a_plan_named_like_one_of_its_own() -> None:
    this = ready(2)
    study = with_limits(this.study, this.at(0.5))
    mine = np.zeros((len(study.regions), len(study.decision_years)))
    with pytest.raises(ComparisonError, match=r"^two plans are named look_ahead; give"):
        run_study(study, ONE, compared={"look_ahead": mine})


def test_no_plan_to_compare_with_is_told_and_never_taken_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = with_plans(ready(1).study, {"2020": 5})
    rows = tuple(row.model_dump() | {"slack": -0.5} for row in study.supervision)
    with pytest.raises(ComparisonError, match=r"^comparison\.room: the limits of the system leave"):
        compared(changed(study, {"supervision": rows}))
    monkeypatch.setattr(
        "lis1plan.optimise.solvers.solver.Solver.solve",
        lambda _, program, *_asked, **_how: nothing_found(program, "stopped", -np.inf),
    )
    with pytest.raises(ComparisonError, match=r"^comparison\.room: none was found in time"):
        compared(study)


@pytest.mark.parametrize("seed", SEEDS)
def test_frontier_falls_with_the_limit(seed: int) -> None:
    this = ready(seed)
    study = with_limits(this.study, this.at(0.45))
    floors, ceilings = this.attainable.floors, this.attainable.ceilings
    pool = CutPool(this.oracle)
    points = trace(Search.of(pool, Clock(60.0)).under(study), floors, ceilings)
    assert len(points) == study.solve.frontier_points
    limits = np.array([point.limits for point in points])
    assert (np.diff(limits, axis=0) > 0.0).all()
    assert np.isclose(limits, this.at(0.45)).all(axis=1).any()  # the study's own is among them
    solved = [point for point in points if point.solution.status == "optimal"]
    assert len(solved) >= 3
    assert len(points) - len(solved) == sum(np.isnan(point.risk) for point in points)
    costs = np.array([point.solution.cost for point in solved])
    assert (np.diff(costs) <= study.solve.relative_gap * costs[:-1]).all()
    for point in solved:
        assert point.risk <= point.limits[0] + 1e-8
        assert point.risk_90 >= point.risk or study.risk["country"].confidence > 0.9


def test_the_frontier_passes_through_the_plan_of_the_run() -> None:
    """At the study's own limits there is one answer, not two within the gap of each other."""
    this = ready(0)
    answer = run_study(with_limits(this.study, this.at(0.45)), Workers(1))
    own = [point for point in answer.frontier if point.solution is answer.solution]
    assert len(own) == 1
    assert own[0].limits == pytest.approx(this.at(0.45))
    assert len(answer.frontier) == this.study.solve.frontier_points


def test_fraction_of_the_interval() -> None:
    this = ready(0)
    floors, ceilings = this.attainable.floors, this.attainable.ceilings
    assert fraction_of(this.at(0.3), floors, ceilings) == pytest.approx([0.3, 0.3])
