"""Supervision at a price: nothing to buy is the wall, free of charge is no limit, and between."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.costs import plan_cost, slot_price, yearly_cost
from lis1plan.core.system.posts import levels
from lis1plan.core.system.supervision import capacity, need, use_at_start
from lis1plan.core.verify.arithmetic import bought_of, costs_of, purchasable_of
from lis1plan.optimise.analysis.information import value_of_information
from lis1plan.optimise.analysis.regret import regrets
from lis1plan.optimise.analysis.shadow_prices import shadow_prices
from lis1plan.optimise.analysis.sweep import value_of, varied, vary
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.infeasible.explain import explain
from lis1plan.optimise.infeasible.relaxations import relaxed
from lis1plan.optimise.search.attainable import floor
from lis1plan.optimise.search.solve import Solution, find_plan
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.system.feasible import overfull

from ...helpers.limited_study import budget, purchase
from ...helpers.searching import searching
from ...helpers.small_study import changed, fixed, one_limit, small_study, with_limits

Floats = NDArray[np.float64]
ONE = Workers(1)
DEAR, SHARE = 2e3, 0.08
"""NOK a unit, and share of today's use, at which plans buy some and not all."""


def sold(study: Study, price: float, share: float | None, payer: str = "hospital") -> Study:
    """The study with every capacity on sale."""
    one = purchase(fixed(price), None if share is None else fixed(share), payer)
    return changed(study, {f"capacity.{name}.purchase": one for name in study.capacity})


@cache
def walled() -> Study:
    """Two regions with little room, limits somewhat below what the wall lets anybody reach."""
    study = small_study(1, regions=2, scenarios=30, slack=0.0)
    pool = CutPool(oracle_of(study))
    wall, free = (floor(pool.under(each), Clock(60.0)) for each in (study, sold(study, DEAR, None)))
    assert (free < 0.6 * wall).all()
    return with_limits(study, 0.88 * wall + 0.12 * free)


def oracle_of(study: Study) -> Oracle:
    return prepare(study, sample_of(study), ONE)


def solved(study: Study) -> Solution:
    pool = CutPool(prepare(study, sample_of(study), ONE))
    return find_plan(searching(pool, study, study.risk_at_most, Clock(60.0)))


def same(one: Solution, other: Solution) -> bool:
    """Whether two answers are the same, bit for bit."""
    numbers = ("cost", "lower_bound", "lp_bound", "rounded_cost", "rounds", "status")
    alike = all(getattr(one, name) == getattr(other, name) for name in numbers)
    return alike and np.array_equal(one.slots, other.slots) and np.array_equal(one.risk, other.risk)


def test_a_purchase_is_what_is_needed_beyond_the_free_room() -> None:
    study = sold(walled(), DEAR, SHARE)
    slots = np.full((2, 5), 3.0)
    level, prices = levels(study, slots), system_of(study).prices
    lacking = np.maximum(need(study, level) - capacity(study), 0.0)
    lacking[:, :, : study.first] = 0.0
    most = SHARE * use_at_start(study)[:, :, None]
    assert (lacking > most).any()
    assert ((lacking > 0.0) & (lacking < most)).any()
    assert prices.purchases.bought(level) == pytest.approx(np.minimum(lacking, most))
    years = np.arange(len(study.years)) + study.time.first_year
    growth = (1.0 + study.cost.real_growth.value) ** np.maximum(years - study.cost.price_year, 0)
    discount = (1.0 + study.cost.discount_rate.value) ** -(years - study.time.first_decision)
    paid = DEAR * np.minimum(lacking, most).sum(axis=(0, 1)) * growth
    without = plan_cost(walled(), slots)
    assert plan_cost(study, slots) == pytest.approx(without + (paid * discount).sum())
    before, after = (yearly_cost(each, level) for each in (walled(), study))
    hospital = prices.payers.index("hospital")
    inside = slice(0, len(years))
    assert (after[0] - before[0])[hospital, inside] == pytest.approx(paid)
    assert (after[1] - before[1])[inside] == pytest.approx(paid)
    assert np.delete(after[0], hospital, axis=0) == pytest.approx(
        np.delete(before[0], hospital, axis=0)
    )


def test_a_payer_is_charged_for_what_it_buys_alone() -> None:
    bought = system_of(sold(small_study(3), 1000.0, 0.5, payer="state")).prices.purchases
    c = bought.payer.index("state")
    assert (bought.price[c] > 0.0).all()
    for payer in ("all", "report", "state"):
        assert bought.charged_to(payer)[c].tolist() == bought.price[c].tolist()
    assert not bought.charged_to("hospital").any()


def test_mean_price_and_mean_maximum_are_used() -> None:
    three = {"distribution": "triangular", "low": 0.0, "mode": 500.0, "high": 1300.0}
    most = {"distribution": "uniform", "low": 0.1, "high": 0.3}
    one = purchase(three | {"assumption": "x"}, most | {"assumption": "x"})
    study = changed(walled(), {"capacity.hospital_supervision.purchase": one})
    purchases = system_of(study).prices.purchases
    assert purchases.price[0, 0] == pytest.approx(600.0)
    assert purchases.most[0, :, -1] == pytest.approx(0.2 * use_at_start(study)[0])
    assert not purchases.most[1:].any()
    assert not purchases.most[:, :, : study.first].any()
    assert not any(key.startswith("capacity.") for key in study.uncertain)


def test_nothing_to_buy_is_the_wall_bit_for_bit() -> None:
    wall = solved(walled())
    assert wall.status == "infeasible"
    eased = with_limits(walled(), 1.12 * walled().risk_at_most)
    wall = solved(eased)
    assert wall.status == "optimal"
    assert same(wall, solved(sold(eased, DEAR, 0.0)))


def test_free_of_charge_without_a_maximum_is_no_limit_bit_for_bit() -> None:
    free = solved(sold(walled(), 0.0, None))
    none = solved(changed(walled(), {"capacity": {}, "supervision": ()}))
    assert none.status == "optimal"
    assert none.slots.any()
    assert same(free, none)


def test_cost_falls_with_the_maximum_and_rises_with_the_price() -> None:
    pool = CutPool(oracle_of(walled()))

    def cost(price: float, share: float | None) -> float:
        study = sold(walled(), price, share)
        found = find_plan(searching(pool, study, study.risk_at_most, Clock(60.0)))
        assert found.status in ("optimal", "infeasible")
        return np.inf if found.status == "infeasible" else found.cost

    gap = 1.0 + walled().solve.relative_gap + 1e-9
    by_share = [cost(DEAR, share) for share in (0.0, 0.05, SHARE, 0.15, 0.4, None)]
    by_price = [cost(price, 0.15) for price in (0.0, 0.1 * DEAR, DEAR, 5.0 * DEAR)]
    assert all(more <= less * gap for less, more in itertools.pairwise(by_share))
    assert all(cheap <= dear * gap for cheap, dear in itertools.pairwise(by_price))
    assert by_share[0] == np.inf
    assert by_share[-1] < np.inf
    assert by_price[0] < by_price[-1]


def tight(seed: int, **changes: Any) -> Study:
    """Few slots and years: every plan can be listed."""
    study = small_study(seed, regions=2, scenarios=20, slack=0.0)
    time = study.time.model_dump() | {"last_decision": study.time.first_decision + 1}
    time["window"] = tuple(time["window"])
    regional = {name: fixed(3.0) for name in study.regions}
    study = changed(study, {"time": time, "ramp.regional": regional, "ramp.national": fixed(6.0)})
    both = one_limit(tuple(study.regions))
    study = changed(sold(study, DEAR * (1 + seed), 0.03), {"risk": {"country": both}})
    oracle = oracle_of(study)
    nothing, some = (
        oracle.risk(levels(study, np.array(slots)))
        for slots in ([[0.0, 0.0], [0.0, 0.0]], [[3.0, 1.0], [1.0, 1.0]])
    )
    return changed(with_limits(study, 0.4 * nothing + 0.6 * some), changes)


@pytest.mark.parametrize("seed", [1, 2])
def test_cheapest_of_all_plans_is_found(seed: int) -> None:
    """By the arithmetic of the checks, not by the optimiser's own."""
    study = tight(seed)
    oracle, best, bought_by, beyond = oracle_of(study), np.inf, 0.0, 0
    most = capacity(study) + purchasable_of(study)
    for opened in itertools.product(range(4), repeat=4):
        slots = np.array(opened, dtype=float).reshape(2, 2)
        level = levels(study, slots)
        over = (need(study, level) > most * (1.0 + 1e-9))[:, :, study.first :].any()
        beyond += bool(over)
        assert system_of(study).keeps_limits(slots) != over
        if not over and (oracle.risk(level) <= study.risk_at_most + 1e-9).all():
            cost = costs_of(study, slots)[2]
            assert plan_cost(study, slots) == pytest.approx(cost, rel=1e-9)
            if cost < best:
                best, bought_by = cost, bought_of(study, level).sum()
    assert beyond > 0
    assert bought_by > 0.0
    found = solved(study)
    assert found.status == "optimal"
    assert found.cost == pytest.approx(best, rel=2e-4)
    assert found.lower_bound <= best * (1.0 + 1e-9)


def test_wall_bounds_the_levels_that_the_certificate_covers() -> None:
    study = tight(1)
    highest = highest_levels(system_of(study))
    free = highest_levels(system_of(sold(study, DEAR, None)))
    wall = highest_levels(system_of(sold(study, DEAR, 0.0)))
    assert (wall <= highest + 1e-9).all()
    assert (highest <= free + 1e-9).all()
    assert (wall < free).any()


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_a_budget_counts_what_is_bought(share: float) -> None:
    """Of the purchases of the year that buys most, the payer can afford a share."""
    slots = np.array([[0.0, 0.0], [0.0, 3.0]])
    oracle = oracle_of(tight(2))
    study = with_limits(tight(2), 1.001 * oracle.risk(levels(tight(2), slots)))
    assert system_of(study).keeps_limits(slots)
    bought = bought_of(study, levels(study, slots)).sum(axis=(0, 1))
    y = int(bought.argmax())
    paid = costs_of(study, slots)[0]["hospital"][y]
    alone = costs_of(sold(study, 0.0, 0.03), slots)[0]["hospital"][y]
    assert alone < paid
    most = budget({study.years[y]: alone + share * (paid - alone)}, "hospital")
    narrow = changed(study, {"limits.budget": most})
    assert not system_of(narrow).keeps_limits(slots)
    found, best = solved(narrow), np.inf
    for opened in itertools.product(range(4), repeat=4):
        plan = np.array(opened, dtype=float).reshape(2, 2)
        within = costs_of(narrow, plan)[0]["hospital"][y] <= most[0]["nok"]
        assert not within or system_of(narrow).keeps_limits(plan) == system_of(study).keeps_limits(
            plan
        )
        safe = oracle.risk(levels(study, plan)) <= study.risk_at_most + 1e-9
        if within and safe.all() and system_of(narrow).keeps_limits(plan):
            best = min(best, plan_cost(narrow, plan))
    assert best < np.inf
    assert found.cost == pytest.approx(best, rel=2e-4)
    assert system_of(narrow).keeps_limits(found.slots)


def test_too_low_a_maximum_is_what_would_have_to_give() -> None:
    study = sold(walled(), DEAR, 0.01)
    pool = CutPool(oracle_of(walled()))
    search = searching(pool, study, study.risk_at_most, Clock(60.0))
    assert find_plan(search).status == "infeasible"
    said = explain(search)
    assert said.together.status == "enough"
    ways = [way for way in (said.together, *said.alone) if way.status == "enough"]
    capacities = [way for way in ways if any(each.limit.kind == "capacity" for each in way.reliefs)]
    assert capacities
    assert any("beyond what can be bought" in line for line in said.lines)
    for way in ways:
        assert find_plan(relaxed(search, way)).status == "optimal"


def test_posts_that_are_there_may_need_what_is_bought() -> None:
    """Less room than today's posts need is no contradiction where the rest can be bought."""
    rows = tuple(row.model_dump() | {"slack": -0.05} for row in walled().supervision)
    cramped = changed(walled(), {"supervision": rows})
    assert overfull(system_of(cramped))
    bought = sold(cramped, DEAR, 0.3)
    assert not overfull(system_of(bought))
    assert plan_cost(bought, np.zeros((2, 5))) > 0.0
    found = solved(bought)
    assert found.status == "optimal"
    assert found.cost == pytest.approx(plan_cost(bought, found.slots))


def test_foresight_regret_and_shadow_prices_know_of_purchases() -> None:
    """WS <= RP <= EEV; a plan beyond the wall has a regret; more free room saves what it costs."""
    study = sold(walled(), DEAR, 0.15)
    pool = CutPool(oracle_of(walled()))
    search = searching(pool, study, study.risk_at_most, Clock(60.0))
    best = find_plan(search)
    found = value_of_information(search, np.full(2, 0.5))
    assert found.stochastic <= best.cost * (1.0 + 1e-6)
    assert found.mended >= found.stochastic * (1.0 - 1e-6)
    assert 0.0 <= found.hindsight <= found.part * (1.0 + 1e-6)
    many = np.full((2, 5), 3.0)
    assert not system_of(study).keeps_limits(many)
    risks = np.array([pool.evaluate(plan)[0] for plan in (best.slots, many)])
    own, beyond = regrets(search, {"chosen": best.slots, "many": many}, risks)
    assert abs(own.regret) <= 0.003 * best.cost
    assert np.isfinite(beyond.cost)
    assert beyond.regret >= -0.003 * beyond.cost
    assert beyond.regret + beyond.cost == pytest.approx(plan_cost(study, many))
    worth = {each.limit.identifier: each for each in shadow_prices(search, best, 0)}
    level = levels(study, best.slots)
    spent = system_of(study).prices.purchases.bought(level).sum(axis=2)
    assert spent.any()
    for c, name in enumerate(study.capacity):
        for r, region in enumerate(study.regions):
            shadow = worth[f"capacity.{name}.{region}"]
            assert shadow.dual >= 0.0
            if spent[c, r] > 1.0 and study.capacity[name].unit == "places":
                assert shadow.dual > 0.0


def test_frontier_over_the_maximum_uses_the_same_cuts() -> None:
    study = sold(walled(), DEAR, 0.15)
    pool = CutPool(oracle_of(walled()))
    search = searching(pool, study, study.risk_at_most, Clock(60.0))
    key = "capacity.hospital_supervision.purchase.at_most"
    found = vary(varied(study, key, [0.02, 0.08, 0.3]), search)
    costs = [each.solution.cost for each in found if each.solution.status == "optimal"]
    assert len(costs) >= 2
    assert all(more <= less * 1.0002 for less, more in itertools.pairwise(costs))


def test_an_uncertain_figure_is_varied_by_its_mean_and_certain_then() -> None:
    most = {"distribution": "uniform", "low": 0.1, "high": 0.3, "assumption": "x"}
    one = purchase(fixed(DEAR), most)
    study = changed(walled(), {"capacity.hospital_supervision.purchase": one})
    key = "capacity.hospital_supervision.purchase.at_most"
    assert value_of(study, key) == pytest.approx(0.2)
    other = varied(study, key, [0.15])[0.15]
    assert other == changed(study, {key: {"value": 0.15, "assumption": "x"}})


def test_slots_and_purchases_are_weighed_against_each_other() -> None:
    """The dearer region is avoided where it alone must buy."""
    study = sold(walled(), DEAR, None)
    one = levels(study, np.array([[1.0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]))
    more = system_of(study).prices.one_more(np.zeros((2, 5)))
    assert (more >= slot_price(study) - 1e-9).all()
    crowded = np.full((2, 5), 3.0)
    after = crowded.copy()
    after[0, 1] += 1e-4
    slope = (plan_cost(study, after) - plan_cost(study, crowded)) / 1e-4
    assert system_of(study).prices.one_more(crowded)[0, 1] == pytest.approx(slope, rel=1e-6)
    assert slope > slot_price(study)[1] * (1.0 + 1e-6)
    assert one.shape == study.given_levels.shape


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"payer": "nobody"}, "purchase.payer: unknown label 'nobody'"),
        ({"price": fixed(-1.0)}, "price: can be -1; must be 0 or more"),
        ({"at_most": fixed(-0.1)}, "at_most: can be -0.1; must be 0 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], said: str) -> None:
    one = purchase(fixed(1.0), fixed(0.1)) | change
    with pytest.raises(ValidationError, match=said):
        changed(walled(), {"capacity.municipal_places.purchase": one})


def test_a_capacity_that_grows_with_the_specialists_is_not_sold() -> None:
    study = walled()
    watch = one_limit(tuple(study.regions), 0.0) | {"supervises": "hospital_supervision"}
    risk = {name: limit.model_dump() for name, limit in study.risk.items()} | {"watch": watch}
    one = {"risk": risk, "capacity.hospital_supervision.purchase": purchase(fixed(1.0))}
    with pytest.raises(ValidationError, match=r"cannot stand beside risk\.watch"):
        changed(study, one)


def test_another_solver_buys_the_same() -> None:
    """By Pyomo's own interface: the master with purchases goes the way of any other."""
    own = sold(walled(), DEAR, 0.15)
    other = solved(changed(own, {"solve.solver": "appsi_highs"}))
    assert other.status == "optimal"
    assert other.cost == pytest.approx(solved(own).cost, rel=3e-4)
