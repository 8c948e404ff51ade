"""Every rule, scope, measure, statistic, group and count: the naive one, the whole program's."""

from __future__ import annotations

import itertools
import random
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.demand import build_doctors_demand
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import draw, sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost
from lis1plan.core.system.posts import levels
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.convex import relaxed_plan
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

from ..helpers import naive
from ..helpers.naive_decision import World, concavity_excess, decision, naive_risk, naive_z, world
from ..helpers.searching import attained, searching, solve
from ..helpers.small_study import WHY, fixed, naive_scenarios, random_slots, small_study

pytestmark = pytest.mark.thorough

Floats = NDArray[np.float64]

RULES = ("cvar", "mean", "worst", "chance", "price")
GAP = 1e-4


def random_limit(choose: random.Random, rule: str, regions: list[str], groups: list[str]) -> Any:
    """One rule on anything it can judge."""
    priced = rule == "price"
    some = regions[: choose.randint(1, len(regions))]
    return {
        "rule": rule,
        "regions": tuple(some),
        "groups": tuple(groups[: choose.randint(0, len(groups) - 1)]),
        "counts": choose.choice(["specialists", "doctors"]),
        "scope": choose.choice(["pooled", "summed"]),
        "measure": "absolute" if priced else choose.choice(["relative", "absolute"]),
        "statistic": "sum" if priced else choose.choice(["mean", "max", "sum"]),
        "confidence": choose.choice([0.3, 0.5, 0.75]) if rule in ("cvar", "chance") else None,
        "limit": None if priced else 1.0,
        "price": choose.uniform(0.5e6, 3e6) if priced else None,
        "assumption": WHY,
    }


def random_study(seed: int, scenarios: int = 8, rules: tuple[str, ...] = ()) -> Study:
    """A tiny study with one to three rules; every fifth starts with another."""
    choose = random.Random(seed)
    regions, groups = choose.randint(1, 2), choose.randint(1, 2)
    names = ["hospital", "general_practice"][:groups]
    rules = rules or (RULES[seed % 5], *choose.sample(RULES, choose.randint(0, 2)))
    limits = {
        f"limit_{n}": random_limit(choose, rule, ["nord", "midt"][:regions], names)
        | {"name": f"{rule} {n}"}
        for n, rule in enumerate(rules)
    }
    weights = {"sampling.proposal_table": "steep"} if seed % 4 == 3 else {}
    return small_study(
        seed,
        regions=regions,
        groups=groups,
        scenarios=scenarios,
        applicants=choose.choice([1.0, 1.3]),
        slack=0.1,
        changes={"risk": limits, "demand.weight_table": "even", **_covered(weights)},
    )


def _covered(weights: dict[str, Any]) -> dict[str, Any]:
    """A proposal must be able to draw whatever has weight: here it favours the steep path."""
    if not weights:
        return {}
    rows = [
        {"table": table, "alternative": f"path_{i}", "weight": weight, "assumption": WHY}
        for table, all_weights in (("even", (1.0, 1.0, 1.0)), ("steep", (0.5, 1.0, 2.0)))
        for i, weight in enumerate(all_weights)
    ]
    return {"demand.weights": tuple(rows), **weights}


class Prepared(NamedTuple):
    study: Study
    oracle: Oracle
    worlds: list[World]
    weight: list[float]
    limits: Floats
    pool: CutPool
    concave: bool


def naive_worlds(study: Study) -> tuple[list[World], list[Any], list[Any], list[Any]]:
    """Every scenario's world, and its rates and demands."""
    sample = sample_of(study)
    rates, demand = naive_scenarios(study, sample)
    doctors = build_doctors_demand(study, draw(study, sample, 0, sample.scenarios)).tolist()
    worlds = [world(study, *one) for one in zip(rates, demand, doctors, strict=True)]
    return worlds, rates, demand, doctors


@cache
def ready(seed: int, scenarios: int = 8, rules: tuple[str, ...] = ()) -> Prepared:
    """A study with each limit somewhere inside its interval."""
    study = random_study(seed, scenarios, rules)
    oracle = prepare(study, sample_of(study), Workers(1))
    attainable, pool = attained(oracle, 600.0)
    fraction = random.Random(seed).uniform(0.3, 0.8)
    limits = attainable.floors + fraction * (attainable.ceilings - attainable.floors)
    limits[[limit.limit is None for limit in study.risk.values()]] = np.inf
    worlds = naive_worlds(study)[0]
    weight = np.ones(scenarios) if oracle.weight is None else oracle.weight
    highest = highest_levels(system_of(study)).tolist()
    concave = all(concavity_excess(study, one, highest) < 1e-12 for one in worlds)
    return Prepared(study, oracle, worlds, weight.tolist(), limits, pool, concave)


# --- Z and risk ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_z_and_risk_are_the_naive_ones(seed: int) -> None:
    this = ready(seed)
    _, rates, demand, doctors = naive_worlds(this.study)
    for slots in (random_slots(this.study, 1), random_slots(this.study, 2, fractional=True)):
        level = levels(this.study, slots)
        z = this.oracle.shortfall(level)
        wanted = np.empty_like(z)
        for i, one in enumerate(rates):
            flow = naive.flow(one, level.tolist())
            for c, limit in enumerate(this.study.risk.values()):
                of_what = demand[i] if limit.counts == "specialists" else doctors[i]
                wanted[c, i] = naive_z(this.study, limit, flow, of_what)
        assert np.allclose(z, wanted, rtol=1e-9, atol=1e-9)
        risk = [
            naive_risk(limit, row.tolist(), this.weight)
            for limit, row in zip(this.study.risk.values(), wanted, strict=True)
        ]
        assert this.oracle.risk(level) == pytest.approx(risk, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_concavity_is_judged_for_every_stream(seed: int) -> None:
    this = ready(seed)
    highest = highest_levels(system_of(this.study))
    wanted = [concavity_excess(this.study, one, highest.tolist()) for one in this.worlds]
    assert np.allclose(this.oracle.concavity_excess(highest), wanted, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("seed", range(0, 30, 3))
def test_cuts_and_scenario_slopes_bound_every_other_plan(seed: int) -> None:
    this = ready(seed)
    if not this.concave:
        pytest.skip("supply is not concave: cuts prove nothing")
    study, oracle, rules = this.study, this.oracle, [x.rule for x in this.study.risk.values()]
    pool = CutPool(oracle)
    some = [random_slots(study, n, fractional=n % 2 == 0) for n in range(6)]
    seen = [oracle.shortfall(levels(study, slots)) for slots in some]
    risks = [oracle.risk_of(z) for z in seen]
    for slots, risk, z in zip(some, risks, seen, strict=True):
        pool.learn(slots, list(range(len(rules))), risk, z)
    assert len(pool.cuts) == sum(rule != "chance" for rule in rules) * len(some)
    for cut, (slots, risk) in itertools.product(pool.cuts, zip(some, risks, strict=True)):
        assert cut.at(slots) <= risk[cut.limit] * (1.0 + 1e-12) + 1e-12
    for c in range(len(rules)):
        for at, before in zip(some, seen, strict=True):
            slope = oracle.each_bound(levels(study, at), c).slope
            for slots, z in zip(some, seen, strict=True):
                step = levels(study, slots) - levels(study, at)
                bound = before[c] + (slope * step).sum(axis=(1, 2))
                assert (bound <= z[c] * (1.0 + 1e-9) + 1e-9).all()


# --- the whole program ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(50))
def test_the_plan_is_that_of_the_whole_program(seed: int) -> None:
    """LP to 1e-6; whole numbers and chance limits (flags of scenarios): the bounds enclose."""
    this = ready(seed)
    if not this.concave:
        pytest.skip("supply is not concave: cuts prove nothing")
    study, rules = this.study, {limit.rule for limit in this.study.risk.values()}
    if "chance" not in rules:
        relaxed, _ = relaxed_plan(searching(this.pool, study, this.limits, Clock(60.0)))
        model = decision(
            study, this.worlds, this.limits.tolist(), integer=False, weight=this.weight
        )
        whole = solve(model, 0.0, 60.0)
        assert relaxed.status == whole.status
        if whole.status == "optimal":
            assert relaxed.objective == pytest.approx(whole.objective, rel=1e-6, abs=1e-6)
    if "chance" in rules or seed % 5 == 0:
        solution = find_plan(searching(this.pool, study, this.limits, Clock(60.0)))
        model = decision(study, this.worlds, this.limits.tolist(), integer=True, weight=this.weight)
        whole = solve(model, GAP, 10.0)
        assert (solution.status == "infeasible") == (whole.status == "infeasible")
        if solution.status != "infeasible":
            assert solution.lower_bound <= whole.objective * 1e6 * (1.0 + 1e-6) + 1.0
            assert solution.cost >= whole.bound * 1e6 * (1.0 - 1e-6) - 1.0
            assert solution.gap <= study.solve.relative_gap + 1e-9
            risk = this.oracle.risk(levels(study, solution.slots))
            assert (risk <= this.limits * (1.0 + 1e-9) + 1e-9).all()
            assert solution.cost == pytest.approx(
                Search.of(this.pool, Clock(1.0)).total_cost(solution.slots, risk)
            )


# --- chance limits -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_at_all_beats_the_chance_limited_one(seed: int) -> None:
    """Every plan of a small country, one by one."""
    choose = random.Random(seed)
    study = small_study(
        seed,
        scenarios=30,
        changes={
            "time": {
                "first_year": 2018,
                "last_year": 2030,
                "first_decision": 2020,
                "last_decision": 2021,
                "window": (2027, 2030),
            },
            "ramp": {"national": fixed(8), "regional": {"nord": fixed(5), "midt": fixed(5)}},
            "risk": {
                f"limit_{n}": random_limit(choose, "chance", ["nord", "midt"], ["hospital"])
                | {"name": f"chance {n}", "counts": "specialists"}
                for n in range(1 + seed % 2)
            },
        },
    )
    oracle = prepare(study, sample_of(study), Workers(1))
    attainable, pool = attained(oracle, 600.0)
    limits = attainable.floors + 0.4 * (attainable.ceilings - attainable.floors)
    solution = find_plan(searching(pool, study, limits, Clock(60.0)))
    best = np.inf
    for whole in itertools.product(range(6), repeat=4):
        slots = np.array(whole, dtype=float).reshape(2, 2)
        if system_of(study).keeps_limits(slots) and plan_cost(study, slots) < best:
            risk = oracle.risk(levels(study, slots))
            if (risk <= limits * (1.0 + 1e-9) + 1e-9).all():
                best = plan_cost(study, slots)
    assert np.isinf(best) == (solution.status == "infeasible")
    if np.isfinite(best):
        assert solution.lower_bound <= best * (1.0 + 1e-9)
        assert solution.cost <= best * (1.0 + study.solve.relative_gap)
        assert solution.cost >= best * (1.0 - 1e-9)


@pytest.mark.parametrize("seed", [3, 13])
def test_chance_bounds_are_honest_on_more_scenarios(seed: int) -> None:
    this = ready(seed, 300, ("chance",))
    solution = find_plan(searching(this.pool, this.study, this.limits, Clock(60.0)))
    assert solution.status in ("optimal", "stopped")
    assert solution.lower_bound <= solution.cost
    assert solution.gap <= 0.005
    assert (solution.risk <= this.limits * (1.0 + 1e-9) + 1e-9).all()
