"""The optimiser's corners: faults once found by trying every plan of tiny studies, one kind each.

test_enumeration.py looks for more of them, at random; here are those that stood.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.risk.weight import NoWeightError
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.limits import Capacity
from lis1plan.optimise.analysis.binding import binding_risks
from lis1plan.optimise.analysis.equal_cost import equally_cheap
from lis1plan.optimise.analysis.information import value_of_information
from lis1plan.optimise.analysis.regret import regrets
from lis1plan.optimise.analysis.shadow_prices import shadow_prices
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import Cut, CutPool
from lis1plan.optimise.infeasible.explain import explain
from lis1plan.optimise.job import InfeasibleError, StoppedError, run_study
from lis1plan.optimise.master.build import master_of
from lis1plan.optimise.master.rows import with_cuts
from lis1plan.optimise.search import convex
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.fractional import cheapest_fractions
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.highs import HeldProgram
from lis1plan.optimise.solvers.program import SolverError, with_rows

from ..helpers.limited_study import closing, places, tiny
from ..helpers.searching import searching
from ..helpers.small_study import WHY, changed, fixed, one_limit, small_study
from ..helpers.tiny import tiny_study

ONE = Workers(1)
FEW_LEAVE_THE_QUEUE: dict[str, Any] = {"applicants": 0.9, "leakage": (0.001, 0.01)}
"""The condition of concavity fails in such studies."""


def pool_of(study: Study) -> CutPool:
    return CutPool(prepare(study, sample_of(study), ONE))


def at(pool: CutPool, share: float) -> Search:
    """The search for the pool's study with its limits at a share of their intervals."""
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    priced = [limit.limit is None for limit in pool.risk]
    limits = np.where(priced, np.inf, low + share * (high - low))
    return searching(pool, pool.oracle.study, limits, Clock(60.0))


def found(study: Study, share: float) -> tuple[Search, Solution]:
    search = at(pool_of(study), share)
    return search, find_plan(search)


# -------------------------------------------------------------- 1: opened and closed, every limit


@pytest.mark.parametrize("saved", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_slot_opened_and_closed_at_once_is_no_slot(saved: float, share: float) -> None:
    """It would count in the least share of what is opened."""
    study = changed(
        small_study(3, scenarios=6),
        {
            "limits.closing": closing({"nord": 2, "midt": 2}, saved),
            "limits.least_share": {"nord": fixed(0.4)},
            "risk": {"midt": one_limit(["midt"])},
        },
    )
    search, solution = found(study, share)
    assert solution.status == "optimal"
    assert (solution.slots[1] > 0).any()
    assert search.system.keeps_limits(solution.slots)


def test_levels_below_zero_keep_no_limits() -> None:
    system = system_of(tiny(closing=closing({"nord": 1000, "midt": 1000})))
    slots = system.no_slots
    assert system.keeps_limits(slots)
    slots[0, 0] = -system.level0[0] - 1.0
    assert not system.keeps_limits(slots)


# ------------------------------------------------------------------------- 2: the highest levels


def test_highest_levels_know_what_is_left_from_years_before_the_decision() -> None:
    """Posts rose just before it: what began earlier keeps fewer places than today's posts would."""
    study = small_study(3, scenarios=4)
    first = study.time.first_decision
    history = tuple(
        {"year": y, "region": r, "posts": 15 * (y - 2017), "published": True, "assumption": WHY}
        for y in range(2018, first)
        for r in study.regions
    )
    stages = ("hospital", "municipality", "municipality")  # the latter over three calendar years
    study = changed(
        study,
        {
            "posts.history": history,
            "posts.stages": stages,
            "cost.stay_months": {"hospital": 6, "municipality": 12},
        },
    )
    system = system_of(study)
    slots = system.no_slots
    slots[:, 0] = 3.0
    capacity = next(n for n, limit in study.capacity.items() if limit.arena == "municipality")
    room = {
        (capacity, limit.region, year): float(used)
        for limit in system.of_kind(Capacity)
        if limit.name == capacity
        for year, used in zip(system.watched_years, limit.used(slots), strict=True)
    }
    system = system_of(changed(study, {"limits.capacity": places(room)}))
    assert system.keeps_capacity(slots)
    assert (system.levels(slots) <= highest_levels(system) + 1e-9).all()


def test_supervision_of_what_needs_nothing_is_refused() -> None:
    study = small_study(0, scenarios=4)
    name, first = next(iter(study.capacity)), next(iter(study.risk.values()))
    watching = first.model_dump() | {"name": "Watch", "supervises": name, "limit": 0.0}
    idle = {f"capacity.{name}.need_per_place_year": fixed(0.0)}
    with pytest.raises(
        ValueError, match=rf"risk\.watch\.supervises: capacity\.{name} needs nothing"
    ):
        changed(study, idle | {"risk": {**study.model_dump()["risk"], "watch": watching}})


# ----------------------------------------------------------------------------- 3: what HiGHS takes


def test_a_slope_of_rounding_is_no_slope() -> None:
    """Divided by it, a row had coefficients of 1e15; HiGHS solved an empty model instead."""
    search = at(pool_of(tiny()), 0.5)
    program = master_of(search.pool)
    noise = np.full(program.slots.shape, -1e-15)
    limits = np.array([0.1, 0.1])
    kept = with_cuts(program, [Cut(0, 0.05, noise)], limits)
    assert np.abs(kept.rows).max() <= np.abs(program.rows).max()
    assert HeldProgram(kept, whole=True).solve().status == "optimal"
    nearly = with_cuts(program, [Cut(0, 0.1 + 1e-12, noise)], limits)
    assert HeldProgram(nearly, whole=True).solve().objective == pytest.approx(0.0)
    broken = with_cuts(program, [Cut(0, 0.2, noise)], limits)  # nothing moves it: no plan
    assert HeldProgram(broken, whole=True).solve().status == "infeasible"


def test_a_matrix_that_highs_refuses_is_an_error_and_never_solved_empty() -> None:
    program = master_of(at(pool_of(tiny()), 0.5).pool)
    row = np.zeros((1, len(program.cost)))
    row[0, 0] = 5e15
    with pytest.raises(SolverError, match="refused"):
        HeldProgram(with_rows(program, csr_matrix(row), np.zeros(1), np.ones(1)))
    held = HeldProgram(program)
    with pytest.raises(SolverError, match="refused"):
        held.add(csr_matrix(row), np.zeros(1), np.ones(1))


# ------------------------------------------------------------- 4: where the condition fails


def test_where_cuts_are_clipped_the_search_ends_and_its_bound_holds() -> None:
    """A cut that does not exclude its own plan: once the master comes back, nothing is learned."""
    search = at(pool_of(small_study(0, scenarios=20, **FEW_LEAVE_THE_QUEUE)), 0.8)
    assert search.pool.certificate.failures  # or this tests nothing
    solution = find_plan(search)
    assert search.admits(solution.slots, solution.risk)
    assert solution.lower_bound <= solution.cost
    assert solution.stopped_by in ("", "cuts")
    assert solution.rounds < 100
    noted = max(each.lower for each in search.pool.rounds)  # none of tangents: they bound nothing
    assert noted <= solution.lower_bound + 1e-9 * solution.cost
    assert (floor(search.pool, Clock(60.0)) <= ceiling(search.pool) + 1e-12).all()


def test_a_master_that_comes_back_with_a_clipped_plan_ends_the_search() -> None:
    search = at(pool_of(small_study(0, scenarios=20, **FEW_LEAVE_THE_QUEUE)), 0.8)
    found = find_plan(search)
    search.pool._clipped.add((found.slots + 0.0).tobytes())
    again = find_plan(search)
    assert (again.status, again.stopped_by) == ("stopped", "cuts")
    assert again.cost == pytest.approx(found.cost)  # of the plans evaluated, one of the best


def test_least_risk_below_levels_that_hurt_is_no_proof_of_the_highest() -> None:
    """Risk under the highest levels was said to be the least of any plan: it is not here."""
    search = at(pool_of(tiny_study(661)), 0.0)
    oracle, highest = search.pool.oracle, highest_levels(search.system)
    assert (oracle.least_within(highest, highest) < oracle.shortfall(highest) - 1e-6).any()


def test_more_slots_can_hurt_where_the_condition_fails() -> None:
    """Found by listing plans: risk under the highest levels proves nothing where cuts do not.

    Whoever is appointed early is not in the queue later, when one appointed counts for more.
    """
    search = at(pool_of(tiny_study(661)), 0.0)
    many, few = np.array([[2.0] * 3, [1.0] * 3]), np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    assert (search.pool.evaluate(many)[0] > search.pool.evaluate(few)[0] + 1e-4).any()
    solution = find_plan(search.with_limits(search.pool.evaluate(few)[0]))
    assert solution.status != "infeasible"


# ------------------------------------------------------------------------- 5: the unit of money


@pytest.mark.parametrize("unit", [0.0, 1e-12, 1e-8, 1e-3, 1e6])
@pytest.mark.parametrize("rule", ["cvar", "price"])
def test_the_plan_does_not_depend_on_the_unit_of_money(unit: float, rule: str) -> None:
    study = changed(small_study(1, scenarios=20), {"time.last_decision": 2022})
    if rule == "price":
        risk = one_limit(list(study.regions), measure="absolute", confidence=0.0) | {
            "rule": "price", "price": 3e7, "limit": None, "confidence": None, "statistic": "sum",
        }  # fmt: skip
        study = changed(study, {"risk": {"priced": risk}})
    usual = found(study, 0.4)[1]
    rows = [row.model_dump() for row in study.cost.components]
    other = {
        "cost.components": tuple(row | {"amount_nok": unit * row["amount_nok"]} for row in rows)
    }
    if rule == "price":
        other["risk.priced.price"] = unit * 3e7
    solution = found(changed(study, other), 0.4)[1]
    assert solution.status == usual.status == "optimal"
    assert solution.rounds < 100
    assert solution.lower_bound <= solution.cost
    assert solution.cost == pytest.approx(unit * usual.cost, rel=2 * study.solve.relative_gap)


def test_scenarios_without_any_weight_are_refused_in_a_line() -> None:
    """All drawn from an alternative that the study's own weights leave out."""
    changes = {"demand.weight_table": "steep", "sampling.proposal_table": "even"}
    study = changed(small_study(15, scenarios=2), changes)
    with pytest.raises(NoWeightError, match=r"sampling\.proposal_table: none of 2 scenarios"):
        prepare(study, sample_of(study), ONE)


# ------------------------------------------------------- 6: rounds, duals, steps, perfect foresight


def test_a_limit_of_rounds_is_not_called_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    study = small_study(0, scenarios=20)
    search = at(pool_of(study), 0.4)
    limits = {f"risk.{n}.limit": float(x) for n, x in zip(study.risk, search.limits, strict=True)}
    monkeypatch.setattr(convex, "ROUNDS", 2)
    monkeypatch.setattr(convex, "better_of", lambda _search, best, *_: best)
    with pytest.raises(StoppedError, match=r"most rounds of cuts.*time was left"):
        run_study(changed(study, limits), ONE)


def test_regions_alike_are_solved_within_the_rounds() -> None:
    """Each cut excludes one of many plans of the same cost; 17 counties ended at 300 rounds."""
    study = small_study(2, regions=4, scenarios=40, slack=3.0)
    same = next(iter(study.regions.values())).model_dump()
    data = study.model_dump()
    data["regions"] = {n: same | {"name": n} for n in study.regions}
    data["ramp"]["regional"] = dict.fromkeys(study.regions, fixed(6.0))
    data["ramp"]["national"] = fixed(24.0)
    data["risk"] = {"all": one_limit(list(study.regions))}
    _, solution = found(Study.model_validate(data), 0.4)
    assert solution.status == "optimal"
    assert solution.rounds < 100


@pytest.mark.parametrize("statistic", ["mean", "sum"])
def test_a_step_never_voids_a_limit(statistic: str) -> None:
    study = changed(small_study(1, scenarios=20), {"risk.country.statistic": statistic})
    search, solution = found(study, 0.4)
    for shadow in shadow_prices(search, solution, 6):
        if shadow.limit.kind == "risk":
            assert shadow.step <= 0.1 * search.limits[shadow.limit.number]  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", range(4))
def test_shadow_prices_come_from_a_converged_lp(seed: int) -> None:
    """More cuts of the same LP change nothing: stopped at 1e-6 it had duals 4 % off."""
    study = small_study(seed, scenarios=200, slack=0.1)
    search, solution = found(study, 0.35)
    duals = [shadow.dual for shadow in shadow_prices(search, solution, 0)]
    cheapest_fractions(search)
    again = [shadow.dual for shadow in shadow_prices(search, solution, 0)]
    assert duals == pytest.approx(again, rel=1e-5, abs=1.0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", ["cvar", "price"])
@pytest.mark.parametrize("share", [0.15, 0.35])
def test_foresight_has_a_value_for_every_study_with_a_plan(
    seed: int, rule: str, share: float
) -> None:
    """Also where the first 32 scenarios, the hardest here, cannot keep the limits."""
    study = small_study(seed, scenarios=40, slack=0.1)
    if rule == "price":
        priced = one_limit([next(iter(study.regions))], measure="absolute") | {
            "rule": "price", "price": 3e6, "limit": None, "confidence": None, "statistic": "sum",
        }  # fmt: skip
        study = changed(study, {"risk": {**study.model_dump()["risk"], "priced": priced}})
    search, solution = found(study, share)
    assert np.isfinite(solution.cost)
    value = value_of_information(search, np.full(len(search.limits), share))
    assert 0.0 <= value.hindsight <= value.part * (1.0 + 1e-6)


# ---------------------------------------------------------------------- what is said beside a plan


@pytest.mark.parametrize("seed", [0, 3, 4])
def test_a_limit_of_no_shortage_at_all_binds(seed: int) -> None:
    """At its kink: the plan leaves no shortage, so that no slope shows what the limit forces."""
    study = small_study(seed, scenarios=20, slack=9.0, applicants=2.0)
    ramps = dict.fromkeys(study.regions, fixed(60.0))
    risk = {"none": one_limit(list(study.regions), 0.0, confidence=0.0)}
    study = changed(study, {"ramp.national": fixed(120.0), "ramp.regional": ramps, "risk": risk})
    search = searching(pool_of(study), study, np.zeros(1), Clock(60.0))
    solution = find_plan(search)
    assert solution.slots.sum() > 100
    assert binding_risks(search, solution) == [True]
    lax = search.with_limits(1.1 * ceiling(search.pool))
    assert binding_risks(lax, find_plan(lax)) == [False]


def test_a_plan_beyond_the_limits_of_the_system_has_its_regret() -> None:
    """Beside the cheapest plan of equal risk that may break the same limits as far."""
    study = small_study(0, regions=2, scenarios=40, slack=0.1)
    search, solution = found(study, 0.35)
    beyond = np.zeros_like(solution.slots)
    beyond[:, 0] = np.ceil(search.system.most_slots[:, 0]) + 10.0
    assert not search.system.keeps_limits(beyond)
    (regret,) = regrets(search, {"was done": beyond}, search.pool.evaluate(beyond)[0][None])
    assert regret.status != 0
    assert regret.regret + 0.003 * regret.cost >= 0.0
    assert regret.cost <= search.system.prices.plan(beyond)


@pytest.mark.parametrize("seed", range(6))
def test_another_plan_of_the_same_cost_is_told_of(seed: int) -> None:
    """With a limit for both regions together, a slot may as well stand in the other."""
    study = small_study(seed, scenarios=20, slack=3.0)
    study = changed(study, {"risk": {"both": one_limit(list(study.regions))}})
    search, solution = found(study, 0.4)
    other = equally_cheap(search, solution)
    assert other is not None
    risk, _ = search.pool.evaluate(other)
    assert search.admits(other, risk)
    assert not np.array_equal(other, solution.slots)
    assert search.total_cost(other, risk) == pytest.approx(solution.cost, rel=1e-12)
    nothing = found(study, 1.0)
    assert equally_cheap(*nothing) is None


# ------------------------------------------------------------------------------------ infeasible


def test_limits_contradict_each_other_only_where_that_is_proved() -> None:
    """Never where time ran out."""
    search = at(pool_of(small_study(0, scenarios=20, slack=0.1)), -0.2)
    for seconds in (0.0, 0.2, 60.0):
        told = explain(
            searching(search.pool, search.pool.oracle.study, search.limits, Clock(seconds))
        )
        assert "contradict" not in "\n".join(told.lines)


def test_no_plan_is_told_before_its_ways_out_are_looked_for() -> None:
    study = small_study(0, scenarios=20, slack=0.1)
    limits = at(pool_of(study), -0.2).limits
    study = changed(
        study,
        {f"risk.{n}.limit": max(float(x), 0.0) for n, x in zip(study.risk, limits, strict=True)},
    )
    steps: list[str] = []
    with pytest.raises(InfeasibleError):
        run_study(study, ONE, lambda step, *_: steps.append(step))
    assert "no plan keeps all limits; ways out" in steps
