"""Measures by columns: what a search sees of units is what the same units do in force."""

from __future__ import annotations

import random
from functools import cache
from itertools import combinations, islice
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.measures.choice import (
    by_columns,
    chosen,
    columns_in,
    in_force_together,
    in_portfolios,
    portfolios,
)
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import System, system_of
from lis1plan.core.system.costs import measure_cost, measure_price
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import per_slot

from ..helpers.small_study import WHY, between, changed, fixed, small_study

Floats = NDArray[np.float64]
Data = dict[str, Any]
SEEDS = range(4)
FINE = 1e-5
"""A part of a unit, for differences."""


def effect(lever: str, key: str, amount: Data, **more: Any) -> Data:
    return {"lever": lever, "key": key, "amount": amount} | more


def measure(*effects: Data, **said: Any) -> Data:
    """A measure left open, four units from the first decision year on unless said otherwise."""
    known = {
        "name": str(effects[0]["key"]) + str(said.get("delay_years", 0)),
        "unit": "units",
        "decision": "choose",
        "most": 4.0,
        "first_year": 2020,
        "prices": ({"payer": "hospital", "nok": 1e5, "nok_once": 3e5, "years": 2},),
        "assumption": WHY,
    }
    return known | {"effects": effects} | said


OPEN = {
    "room": measure(effect("capacity", "municipal_places", fixed(3.0), region="midt")),
    "late": measure(
        effect("capacity", "hospital_supervision", fixed(50.0)), delay_years=2, lead_years=1
    ),
    "newcomers": measure(
        effect("arrivals", "applicants.norway.net_per_year", between(0.8, 1.2)), most_per_year=2.0
    ),
    "students": measure(
        effect("arrivals", "applicants.eu_eea.net_per_year", fixed(0.9)), delay_years=1
    ),
    "foreign": measure(
        effect("arrivals", "specialists.foreign_per_year", between(0.5, 2.0)), delay_years=1
    ),
    "entry": measure(effect("arrivals", "direct_entry.per_year_after", fixed(1.5))),
}


def many(one: Data) -> Data:
    """The same measure, bringing thirty times as many."""
    (brought,) = one["effects"]
    return one | {"effects": (brought | {"amount": between(24.0, 36.0)},)}


class Asked(NamedTuple):
    """A study with measures left open, as it is searched, and its oracle."""

    written: Study
    system: System
    oracle: Oracle


@cache
def asked(seed: int, alone: str = "") -> Asked:
    """One with two groups, limits pooled and summed, over one and several streams.

    With all measures left open, or with one that brings so many that applicants do not run out.
    """
    study = small_study(seed, groups=2, regions=2, applicants=(1.0, 1.3)[seed % 2], scenarios=70)
    limit = next(iter(study.risk.values())).model_dump()
    kinds: Data = {
        "pooled": limit | {"name": "a"},
        "apart": limit | {"name": "b", "scope": "summed_over_both"},
        "doctors": limit | {"name": "c", "counts": "doctors", "statistic": "max"},
    }
    left_open = {alone: many(OPEN[alone])} if alone else OPEN
    written = changed(study, {"measure": left_open, "risk": kinds})
    ask = written.asking()
    return Asked(written, system_of(ask), prepare(ask, sample_of(ask), Workers(1)))


def plan_of(this: Asked, seed: int) -> Floats:
    """Random slots, and units that can be had."""
    choose, most = np.random.default_rng(seed), this.system.most_slots
    plan = np.floor(choose.random(most.shape) * (np.minimum(most, 6.0) + 0.99))
    for row, name in enumerate(this.written.asking().columns, start=this.system.families[-1].first):
        total = np.minimum(np.cumsum(plan[row]), this.written.measure[name].most)
        plan[row] = np.diff(total, prepend=0.0)
    return plan


def decided(this: Asked, plan: Floats) -> Study:
    """The study as written in which the same units are in use."""
    rows, use = plan[this.system.families[-1].first :], {}
    for row, name in zip(rows, this.written.asking().columns, strict=True):
        steps = zip(this.written.decision_years, np.cumsum(row), strict=True)
        use[name] = {str(year): float(units) for year, units in steps if units > 0.0}
    return this.written.deciding(use)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("seed", SEEDS)
def test_units_do_what_they_do_in_force(seed: int, number: int) -> None:
    """Z of every scenario, room and cost are those of the study with the units in use."""
    this = asked(seed)
    plan = plan_of(this, 10 * seed + number)
    written, lis1 = decided(this, plan), this.system.lis1(plan)
    study = written.in_force
    ordinary, system = prepare(study, sample_of(study), Workers(1)), system_of(study)
    wanted = ordinary.shortfall(system.levels(lis1))
    assert this.oracle.shortfall(this.system.levels(plan)) == pytest.approx(wanted, abs=1e-11)
    room = this.system.prices.purchases.free_under(this.system.levels(plan))
    assert room == pytest.approx(system.prices.purchases.free, rel=1e-12)
    cost = this.system.prices.plan(plan) - system.prices.plan(lis1)
    paid = this.system.prices.yearly(this.system.levels(plan) - this.system.given_levels)
    alone = system.prices.yearly(system.levels(lis1) - system.given_levels)
    told = np.zeros((len(paid[0]), len(paid[1])))
    for name, used in written.measure.items():
        if used.units > 0.0:
            cost -= measure_price(written, name)
            own = measure_cost(written, name)[:, : len(study.years)]
            told[:, : own.shape[1]] += own
    assert cost == pytest.approx(0.0, abs=1.0)
    assert paid[0] - alone[0] == pytest.approx(told, abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_cuts_bound_every_other_use_and_meet_their_own(seed: int) -> None:
    this, choose = asked(seed), random.Random(seed)
    plans = [plan_of(this, 100 * seed + n) for n in range(6)]
    first, years = this.system.first, plans[0].shape[1]
    every = [this.oracle.shortfall(this.system.levels(plan)) for plan in plans]
    for c in range(len(this.oracle.limits)):
        own = choose.randrange(len(plans))
        found = this.oracle.bound(this.system.levels(plans[own]), c, every[own][c])
        slope = per_slot(found.slope)[:, first : first + years]
        risks = [this.oracle.risk_of(z)[c] for z in every]
        for plan, risk in zip(plans, risks, strict=True):
            bound = risks[own] - found.drop + (slope * (plan - plans[own])).sum()
            assert bound <= risk + 1e-9 * max(1.0, abs(risk))
        each = this.oracle.each_bound(this.system.levels(plans[own]), c)
        own_slopes = per_slot(each.slope)[..., first : first + years]
        for plan, z in zip(plans, every, strict=True):
            moved = (own_slopes * (plan - plans[own])).sum(axis=(1, 2))
            assert (every[own][c] - each.drop + moved <= z[c] + 1e-9).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_slope_of_a_unit_is_the_difference_that_it_makes(seed: int) -> None:
    """Where the plan lies inside a linear piece of the mean: differences to both sides agree."""
    this, plan = asked(seed), plan_of(asked(seed), seed)
    level, z = this.system.levels(plan), this.oracle.shortfall(this.system.levels(plan))
    found, first = this.oracle.bound(level, 0, z[0]), this.system.first
    slope, compared = per_slot(found.slope)[:, first:], 0
    for row in range(this.system.families[-1].first, len(plan)):
        for y in range(plan.shape[1]):
            sides = []
            for step in (-FINE, FINE):
                moved = plan.copy()
                moved[row, y] += step
                sides.append(this.oracle.risk(this.system.levels(moved))[0])
            here = this.oracle.risk_of(z)[0]
            if abs((sides[1] - here) - (here - sides[0])) < 1e-12 and found.drop == 0.0:
                assert slope[row, y] == pytest.approx((sides[1] - sides[0]) / (2 * FINE), abs=1e-8)
                compared += 1
    assert compared > 10


@pytest.mark.parametrize("name", ["newcomers", "foreign"])
def test_a_single_measure_teaches_what_single_scenarios_do(name: str) -> None:
    """Of those it brings to the queue, or beside it: the slope is the scenarios' own, weighed."""
    this = asked(0, name)
    plan, unused = plan_of(this, 1), plan_of(this, 1)
    unused[this.system.families[-1].first :] = 0.0
    level, z = this.system.levels(plan), this.oracle.shortfall(this.system.levels(plan))
    for c, limit in enumerate(this.oracle.limits):
        found, each = this.oracle.bound(level, c, z[c]), this.oracle.each_bound(level, c)
        share = limit.risk_rule.weights(z[c], this.oracle.weight)
        assert found.slope == pytest.approx(np.tensordot(share, each.slope, 1), abs=1e-12)
        assert found.drop == pytest.approx(share @ each.drop, abs=1e-12)
        without = this.oracle.each_bound(this.system.levels(unused), c).slope
        assert np.abs(without - each.slope).max() > 1e-6


def test_no_plan_with_measures_lies_above_the_highest_levels() -> None:
    this = asked(0)
    highest = highest_levels(this.system)
    room = this.system.widest
    for number in range(20):
        plan = plan_of(this, number)
        while not this.system.keeps_limits(plan) and plan[:2].any():
            row, year = np.argwhere(plan[:2] > 0)[-1]
            plan[row, year] -= 1.0
        assert (this.system.levels(plan) <= highest + 1e-9).all()
        assert (this.system.prices.purchases.free_under(this.system.levels(plan)) <= room).all()


def many_open(seed: int, number: int, **limits: int) -> Study:
    """A study with so many measures left open, half of them by columns; some exclude others."""
    choose, names = random.Random(seed), [f"m{n}" for n in range(number)]
    open_ = {}
    for name in names:
        whole = effect("factor", "lis1.leave", fixed(0.5))
        open_[name] = measure(whole, name=name, most=1.0) if choose.random() < 0.5 else OPEN["room"]
        others = [other for other in names if other != name and choose.random() < 0.15]
        open_[name] = open_[name] | {"name": name, "excludes": tuple(others)}
    said: Data = {f"limits.{key}": value for key, value in limits.items()}
    return changed(small_study(seed), {"measure": open_} | said)


@pytest.mark.parametrize("seed", range(12))
def test_portfolios_are_the_largest_of_those_allowed(seed: int) -> None:
    """Of every set that may be in force together, those with the most columns beside the rest."""
    study = many_open(seed, 6, **({"measures_at_once": seed % 5} if seed % 3 else {}))
    gates = set(in_portfolios(study)) & {name for name in study.measure if by_columns(study, name)}
    every = [
        frozenset(some)
        for count in range(len(study.measure) + 1)
        for some in combinations(in_portfolios(study), count)
        if not in_force_together(study, some)
    ]
    largest = [
        one for one in every if not any(one < two and one - gates == two - gates for two in every)
    ]
    found = [frozenset(one) for one in portfolios(study)]
    assert len(found) == len(set(found))
    assert set(found) == set(largest)


def test_portfolios_come_one_by_one() -> None:
    """Of forty left open there are more than can be listed: the first come all the same."""
    apart = {"excludes": tuple(f"c{n}" for n in range(0, 40, 2))}
    wholes = {
        f"w{n}": measure(effect("factor", "lis1.leave", fixed(0.5)), name=f"w{n}", most=1.0)
        for n in range(40)
    }
    columns = {
        f"c{n}": OPEN["room"] | {"name": f"c{n}"} | (apart if n % 2 else {}) for n in range(40)
    }
    counted: Data = {"limits.measures_at_once": 10}
    for open_, said in ((wholes, {}), (columns, {}), (columns, counted)):
        study = changed(small_study(3), {"measure": open_} | said)
        assert len(list(islice(portfolios(study), 100))) in (2, 100)


def test_portfolios_are_what_may_be_in_force_together() -> None:
    """Two wholes and a column that excludes one of them: allowed only where that one is not."""
    whole = effect("factor", "lis1.leave", fixed(0.5))
    open_ = {
        "a": measure(whole, name="a", most=1.0),
        "b": measure(effect("factor", "lis1.drop_out", fixed(0.5)), name="b", most=1.0),
        "c": OPEN["room"] | {"excludes": ("a",)},
        "d": OPEN["foreign"],
    }
    study = changed(small_study(3), {"measure": open_})
    assert [by_columns(study, name) for name in open_] == [False, False, True, True]
    assert set(portfolios(study)) == {("c",), ("a",), ("b", "c"), ("a", "b")}
    assert columns_in(study, ("a",)) == ("d",)
    assert columns_in(study, ("b", "c")) == ("c", "d")
    few = changed(study, {"limits.measures_at_once": 1})
    assert set(portfolios(few)) == {("c",), ("d",), ("a",), ("b",)}
    assert study.asking("b", "c").columns == ("c", "d")
    assert study.asking("a").columns == ("d",)


def test_what_is_not_linear_is_all_or_nothing() -> None:
    """Less than a unit, before the first decision, rates beside it, two queues."""
    study = changed(small_study(3), {"measure": OPEN})
    assert all(by_columns(study, name) for name in OPEN)
    rate = effect("factor", "lis1.leave", fixed(0.5))
    part = OPEN["room"] | {"most": 0.5}
    early = OPEN["room"] | {"first_year": 2019, "name": "early"}
    both = measure(OPEN["foreign"]["effects"][0], rate, most=1.0, name="both")
    slow = OPEN["room"] | {"most": 3.0, "years_to_full": 4, "name": "slow"}
    kinds = {"part": part, "early": early, "both": both, "slow": slow}
    whole = changed(study, {"measure": kinds})
    assert not any(by_columns(whole, name) for name in kinds)


def test_a_choice_is_undone_where_it_is_opened_again() -> None:
    study = changed(small_study(3), {"measure": OPEN})
    decided = study.deciding({"room": {"2021": 2.0, "2023": 4.0}})
    assert decided.measure["room"].units_in(2022) == 2.0
    assert decided.measure["foreign"].units == 0.0
    assert chosen(decided) == ()
    assert decided.undecided(*OPEN) == study


def test_budgets_hold_what_measures_leave_of_them() -> None:
    study = changed(
        small_study(3),
        {
            "measure": OPEN,
            "limits.budget": tuple(
                {"payer": payer, "year": 2024, "nok": 2e6, "assumption": WHY}
                for payer in ("all", "hospital", "state")
            ),
        },
    )
    growth = (1.0 + study.cost.real_growth.value) ** (2024 - study.cost.price_year)
    spent = 1e5 * (2 + 2) * growth  # two units of this year, and of the last: each is paid twice
    left = study.deciding({"room": {"2022": 2.0}}).in_force.limits.budget
    assert [row.nok for row in left] == pytest.approx([2e6 - spent, 2e6 - spent, 2e6], rel=1e-12)
    with pytest.raises(ValueError, match="million NOK more than the 2 mil"):
        _ = study.deciding({"room": {"2024": 4.0}, "entry": {"2024": 4.0}}).in_force
