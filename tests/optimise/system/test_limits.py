"""The further limits: refused where they make no sense, kept where they stand, paid for right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from pydantic import ValidationError

from lis1plan.core.compute.workers import Workers
from lis1plan.core.flow.projection import Request, project_plans
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import System, system_of
from lis1plan.core.system.costs import plan_cost, slot_price, yearly_cost
from lis1plan.core.system.posts import intakes, levels
from lis1plan.core.system.supervision import capacity
from lis1plan.optimise.cuts.certificate import highest_levels
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.master.build import build_master
from lis1plan.optimise.search.attainable import ceiling, floor
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.solvers.clock import Clock

from ...helpers import limited_study as limited
from ...helpers.searching import searching, solve
from ...helpers.small_study import changed, fixed, small_study, with_limits

ONE = Workers(1)


def small(**limits: Any) -> Study:
    study = small_study(1, regions=2, scenarios=30, slack=0.15)
    return changed(study, {f"limits.{key}": value for key, value in limits.items()})


def solved(study: Study, fraction: float = 0.4) -> tuple[np.ndarray, float]:
    pool = CutPool(prepare(study, sample_of(study), ONE))
    high, low = ceiling(pool), floor(pool, Clock(60.0))
    limits = low + fraction * (high - low)
    found = find_plan(searching(pool, with_limits(study, limits), limits, Clock(60.0)))
    assert found.status == "optimal"
    assert (found.risk <= limits + 1e-8).all()
    return found.slots, found.cost


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"limits.budget": limited.budget({2019: 1.0})}, "a row for 2019"),
        ({"limits.budget": limited.budget({2021: 1.0}, "nobody")}, "unknown label 'nobody'"),
        (
            {"limits.capacity": limited.places({("municipal_places", "north", 2021): 1.0})},
            "unknown label 'north'",
        ),
        ({"limits.least_share": {"nord": fixed(0.7), "midt": fixed(0.5)}}, "add up to 1.2"),
        ({"limits.least_share": {"nord": fixed(1.7)}}, "must lie within 0 to 1"),
        ({"limits.closing": limited.closing({"nord": 1}, saved=1.5)}, "must lie within 0 to 1"),
        ({"ramp.lead_time_years": {"nord": fixed(1.5)}}, "a whole number expected"),
        (
            {
                "limits.closing": limited.closing({"nord": 1}),
                "limits.trainees": limited.trainees(("nord",), 100.0),
            },
            "cannot stand beside limits.closing",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        changed(small_study(1, regions=2), change)


def test_table_of_capacities_stands_instead_of_the_formula() -> None:
    study = small(capacity=limited.places({("municipal_places", "midt", 2024): 77.0}))
    found, before = capacity(study), capacity(small())
    place = 2, 1, study.years.index(2024)
    assert found[place] == 77.0
    found[place] = before[place]
    assert (found == before).all()


def test_lead_time_budget_share_and_trainees_are_kept() -> None:
    free, _ = solved(small())
    study = small(least_share={"midt": fixed(0.6)})
    slots, _ = solved(study)
    assert free[1].sum() < 0.6 * free.sum()
    assert slots[1].sum() >= 0.6 * slots.sum() - 1e-9
    study = changed(small(), {"ramp.lead_time_years": {"nord": fixed(2)}})
    slots, _ = solved(study)
    assert slots[0, :2].sum() == 0.0
    assert free[0, :2].sum() > 0.0
    paid = yearly_cost(small(), levels(small(), free))[1][2:13]
    tight = limited.budget({2020: 0.6 * paid[0]})
    study = small(budget=tight)
    slots, _ = solved(study)
    assert yearly_cost(study, levels(study, slots))[1][2] <= 0.6 * paid[0] * (1.0 + 1e-6)
    assert system_of(study).keeps_limits(slots)
    assert not system_of(study).keeps_limits(free)


def test_bound_of_the_trainees_is_never_below_their_number() -> None:
    """The median scenario by the whole flow, under a plan that exhausts the applicants."""
    study = changed(
        small_study(0, regions=2, applicants=1.0, scenarios=1),
        {"limits.trainees": limited.trainees(("nord", "midt"), 1e6)},
    )
    slots = np.full((2, 5), 6.0)
    limit = system_of(study).limit("trainees.all")
    bound, none = limit.used(slots), limit.used(np.zeros((2, 5)))
    assert (bound >= none - 1e-9).all()
    assert bound[-1] > none[-1]
    from lis1plan.core.flow.intake import build_origins
    from lis1plan.core.flow.rates import build_rates
    from lis1plan.core.kernels.loops import ensemble
    from lis1plan.core.scenarios.draws import dimensions, draws_of

    draws = draws_of(study, np.full((1, len(dimensions(study))), 0.5))
    rates = build_rates(study, draws)
    flow = ensemble(rates, build_origins(study, draws, rates), levels(study, slots))
    real = flow.training[0].sum(axis=(1, 2))[2:]
    assert (bound >= real - 1e-9).all()
    assert limit.excess(slots).max() == 0.0


def test_closing_saves_its_share_and_can_pay() -> None:
    study = small(closing=limited.closing({"midt": 3}, saved=0.5))
    slots = np.zeros((2, 5))
    slots[1, 1], slots[0, 1] = -2.0, 2.0
    price = slot_price(study)[1]
    assert plan_cost(study, slots) == pytest.approx(2.0 * price - 0.5 * 2.0 * price)
    _, report = yearly_cost(study, levels(study, slots))
    one = slots.copy()
    one[1] = 0.0
    assert report == pytest.approx(0.5 * yearly_cost(study, levels(study, one))[1])
    assert (levels(study, slots) <= highest_levels(system_of(study)) + 1e-9).all()
    found, cost = solved(study)
    _, without = solved(small())
    assert (found >= [[0.0], [-3.0]]).all()
    assert cost <= without * (1.0 + 1e-4)
    lax, saved = solved(study, fraction=1.2)
    assert saved < 0.0
    assert (lax[1] < 0.0).any()
    assert (lax[0] >= 0.0).all()


def test_intakes_are_whole_and_differ_by_one() -> None:
    study = changed(small_study(1, regions=2), {"posts.spring_share": fixed(0.5)})
    level = np.array([[10.0, 11.0, 12.0, 13.0], [7.0, 7.0, 8.0, 10.0]])
    spring, autumn = intakes(study, level)
    assert (spring + autumn == level).all()
    assert (spring == np.round(spring)).all()
    assert (np.abs(spring - autumn) <= 1.0).all()
    assert (np.abs((spring - autumn).sum(axis=0)) <= 1.0).all()
    assert spring.sum(axis=0).tolist() == [9.0, 9.0, 10.0, 12.0]


def test_projection_of_closed_slots_conserves() -> None:
    study = small(closing=limited.closing({"midt": 3}))
    slots = np.zeros((2, 5))
    slots[1, 0] = -3.0
    plans = {"closed": levels(study, slots), "none": levels(study, 0.0 * slots)}
    found = project_plans(Request(study, sample_of(study), plans), ONE)
    appointed = found.means["appointed"].sum(axis=(1, 2))
    assert appointed[0] < appointed[1]


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e-12, 1e4])
def test_a_budget_binds_in_whatever_money(unit: float) -> None:
    """Costs and budgets in billionths of a krone as in ten thousands: plans keep them."""
    told = small()
    components = tuple(
        {**row.model_dump(), "amount_nok": row.amount_nok * unit} for row in told.cost.components
    )
    free = changed(told, {"cost.components": components})
    unbound, _ = solved(free)
    spent = yearly_cost(free, levels(free, unbound))[1][free.first : free.first + 2]
    rows = {free.time.first_decision + y: 0.4 * float(nok) for y, nok in enumerate(spent) if nok}
    study = changed(free, {"limits.budget": limited.budget(rows)})
    system = system_of(study)
    most = solve(_most_slots(system), 1e-9, 30.0)
    assert not system.keeps_limits(unbound)
    assert system.keeps_limits(np.floor(most.slots + 1e-6))
    assert most.slots.sum() < np.floor(system.most_slots).sum()


def _most_slots(system: System) -> pyo.ConcreteModel:
    """The master that opens as many slots as it may."""
    model = build_master(system)
    model.objective = pyo.Objective(expr=-pyo.quicksum(model.slots.values()))
    return model
