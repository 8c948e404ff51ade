"""Each block of the master, built alone on a tiny study, is the LP text stored in golden/."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyomo.environ as pyo
import pytest

from lis1plan.core.flow.trainees import Leaving
from lis1plan.core.study.study import Study
from lis1plan.core.system import arrays, once
from lis1plan.core.system.arrays import System, system_of
from lis1plan.optimise.cuts.pool import Cut
from lis1plan.optimise.master import risk_blocks as risk
from lis1plan.optimise.master.build import minimise_cost
from lis1plan.optimise.master.elastic import elastic_master
from lis1plan.optimise.master.risk_blocks import Price, add_shortage_cost
from lis1plan.optimise.master.rows import with_cuts
from lis1plan.optimise.solvers.highs import OPTIONS, SilentHighs
from lis1plan.optimise.solvers.program import program_of, with_column
from lis1plan.optimise.system import blocks as limit_blocks
from lis1plan.optimise.system import decision_blocks, measure_blocks, post_blocks, track_blocks
from lis1plan.optimise.system.blocks import (
    add_budget,
    add_capacity,
    add_closing,
    add_intake_change,
    add_least_share,
    add_levels,
    add_national_ramp,
    add_purchase,
    add_slots,
    add_trainees,
)
from lis1plan.optimise.system.decision_blocks import add_constant_after, add_multiples_of
from lis1plan.optimise.system.measure_blocks import add_from_abroad, add_most_units
from lis1plan.optimise.system.post_blocks import (
    add_post_closing,
    add_posts_in,
    add_specialist_posts,
)
from lis1plan.optimise.system.track_blocks import (
    add_earmarked,
    add_newcomers,
    add_track_least_share,
    add_track_levels,
    add_track_most_share,
)

from ...helpers.decided_posts import decided
from ...helpers.decided_tracks import decided_tracks, grant
from ...helpers.limited_study import budget, closing, places, purchase, tiny, trainees
from ...helpers.searching import solve
from ...helpers.small_study import WHY, changed, fixed, small_study

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
Block = Callable[[pyo.ConcreteModel, System], None]


def lead_time() -> Study:
    return changed(tiny(), {"ramp.lead_time_years": {"midt": fixed(1)}})


CUTS = [
    Cut(0, 0.3, np.array([[-0.02, -0.01], [-0.04, 0.0]])),
    Cut(1, 50.0, np.array([[-4.0, -2.0], [0.0, 0.0]])),
    Cut(0, 0.2, np.array([[-0.01, -1e-12], [-0.01, -0.01]])),  # one slope the solver would drop
]


def places_for_sale() -> Study:
    """Municipal places at 1 000 NOK in 2018 and 1 % more a year, up to a tenth of today's use."""
    sold = purchase(fixed(1000.0), fixed(0.1), "municipality")
    return changed(tiny(), {"capacity.municipal_places.purchase": sold})


def bought(model: pyo.ConcreteModel, system: System) -> None:
    add_levels(model, system)
    add_purchase(model, system)
    add_capacity(model, system)
    minimise_cost(model, system)


def posts() -> Study:
    """LIS2/3 posts in fractions: fewer in one region, in the country and in all years."""
    most = [
        {"group": "hospital", "most": 6.5, "assumption": WHY},
        {"group": "hospital", "region": "midt", "most": 3.0, "assumption": WHY},
    ]
    limits = {"national": fixed(5.0), "total": fixed(8.0), "lead_time": fixed(1), "whole": False}
    return decided(tiny(), **limits | {"most": tuple(most)})


def remix() -> Study:
    """The same where posts may be closed, in whole numbers, and are paid for once, too."""
    limits = {"national": fixed(5.0), "total": fixed(1.0), "closing": True}
    most = ({"group": "hospital", "region": "midt", "most": 3.0, "assumption": WHY},)
    study = decided(tiny(budget=budget({2020: 1e7, 2023: 2e7})), **limits, most=most)
    supervised = {"capacity.municipal_places.need_per_specialist_post": fixed(0.25)}
    return changed(study, supervised)


def posts_supervised(model: pyo.ConcreteModel, system: System) -> None:
    add_levels(model, system)
    add_posts_in(model, system)
    add_capacity(model, system)


def after_closing(block: Block) -> Block:
    """The block on a model that knows what is closed."""

    def add(model: pyo.ConcreteModel, system: System) -> None:
        add_post_closing(model, system)
        block(model, system)

    return add


def few_decisions() -> Study:
    """Fives, of one number a year after the first; one region may open some a year later."""
    study = tiny(constant_after=1, multiples_of=5, closing=closing({"midt": 20}, 0.4))
    years = {"time.last_decision": study.time.first_decision + 3}
    return changed(study, years | {"ramp.lead_time_years": {"midt": fixed(2)}})


def tracks() -> Study:
    """Two earmarked tracks, one with posts and more of them to come; newcomers fill few."""
    shares = {"least_share": fixed(0.05), "most_share": fixed(0.25)}
    study = decided_tracks(tiny(), posts=8.0, prices=grant(1e5), **shares)
    rows = study.track["alis"].posts
    more = rows[0].model_copy(update={"year": study.years[-1], "posts": 9.0})
    return changed(study, {"track.alis.posts": (*rows, more)})


def measures() -> Study:
    """Two measures by column: three units from 2021 on, two a year, of twelve places each in one
    region a year later; two units that bring doctors.
    """
    room = {
        "lever": "capacity",
        "key": "municipal_places",
        "region": "midt",
        "amount": fixed(12.0),
    }
    come = {"lever": "arrivals", "key": "specialists.foreign_per_year", "amount": fixed(1.0)}
    both = {
        "rooms": {"most": 3.0, "most_per_year": 2.0, "first_year": 2020, "effects": (room,)},
        "doctors": {"most": 2.0, "first_year": 2021, "effects": (come,)},
    }
    price = {"payer": "municipality", "nok": 1e5, "nok_once": 2e5}
    said = {"unit": "units", "decision": "choose", "prices": (price,), "assumption": WHY}
    told = {name: said | {"name": name} | each for name, each in both.items()}
    target = {"from_abroad": {"persons": 12.0, "from_year": 2022, "assumption": WHY}}
    free = changed(places_for_sale(), {"measure": told, "target": target})
    return free.asking()


def opened_with_measures(model: pyo.ConcreteModel, system: System) -> None:
    bought(model, system)
    add_most_units(model, system)


def after_levels(block: Block) -> Block:
    """The block on a model with the levels that it speaks of."""

    def add(model: pyo.ConcreteModel, system: System) -> None:
        add_levels(model, system)
        add_track_levels(model, system)
        block(model, system)

    return add


def opened(model: pyo.ConcreteModel, system: System) -> None:
    add_specialist_posts(model, system)
    minimise_cost(model, system)


def shortage_cost(model: pyo.ConcreteModel, _: System) -> None:
    model.objective = pyo.Objective(expr=pyo.quicksum(model.slots.values()))
    add_shortage_cost(model, [Price(1, 2e6)])


BLOCKS: dict[str, tuple[Callable[[], Study], Block]] = {
    "add_slots": (lead_time, lambda *_: None),
    "add_closing": (
        lambda: tiny(closing=closing({"midt": 2}, 0.4)),
        lambda m, s: add_closing(m, s, integer=True),
    ),
    "add_levels": (tiny, add_levels),
    "add_national_ramp": (tiny, add_national_ramp),
    "add_capacity": (
        lambda: tiny(capacity=places({("municipal_places", "nord", 2022): 40.0})),
        lambda m, s: (add_levels(m, s), add_capacity(m, s))[1],
    ),
    "add_purchase": (places_for_sale, bought),
    "add_budget": (lambda: tiny(budget=budget({2020: 1e7, 2023: 2e7})), add_budget),
    "add_least_share": (lambda: tiny(least_share={"nord": fixed(0.4)}), add_least_share),
    "add_intake_change": (
        lambda: tiny(intake_change={"nord": fixed(0), "midt": fixed(2)}),
        lambda m, s: (add_levels(m, s), add_intake_change(m, s))[1],
    ),
    "add_constant_after": (few_decisions, add_constant_after),
    "add_multiples_of": (few_decisions, lambda m, s: add_multiples_of(m, s, integer=True)),
    "add_trainees": (lambda: tiny(trainees=trainees(("nord", "midt"), 700.0)), add_trainees),
    "add_specialist_posts": (posts, opened),
    "add_specialist_posts-net": (remix, after_closing(opened)),
    "add_post_closing": (remix, add_post_closing),
    "add_posts_in": (remix, add_posts_in),
    "add_capacity-posts": (remix, posts_supervised),
    "add_budget-posts": (remix, after_closing(add_budget)),
    "add_track_levels": (tracks, add_track_levels),
    "add_earmarked": (tracks, after_levels(add_earmarked)),
    "add_newcomers": (tracks, after_levels(add_newcomers)),
    "add_track_least_share": (tracks, after_levels(add_track_least_share)),
    "add_track_most_share": (tracks, after_levels(add_track_most_share)),
    "add_most_units": (measures, add_most_units),
    "add_from_abroad": (measures, add_from_abroad),
    "add_capacity-measures": (measures, opened_with_measures),
    "add_shortage_cost": (tiny, shortage_cost),
}
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def plain_stock(study: Study) -> tuple[np.ndarray, np.ndarray]:
    """Round numbers in place of the compiled flow's."""
    years, regions = len(study.years), len(study.regions)
    response = np.zeros((years, regions, regions))
    for lag in range(2, years):
        response[lag] = 0.25 * (lag - 1) * (0.5 * np.eye(regions) + 0.25)
    return np.full((years, regions), 300.0), response


def plain_leaving(study: Study) -> Leaving:
    """A fiftieth of those at the start leave before each year, a hundredth of the others."""
    shape = len(study.groups), len(study.years)
    return Leaving(np.full(shape, 0.02), np.full(shape, 0.5), np.full(shape[0], 0.01))


def plain_arrivals(study: Study) -> np.ndarray:
    """Ten specialists a year from abroad, and one with a change of the flow."""
    return np.full(len(study.years), 11.0 if study.change else 10.0)


def plain_newcomers(study: Study) -> np.ndarray:
    """Room for fewer in the first region, in the last year for fewer than are earmarked."""
    room = np.array([[20.0], [60.0]]) + np.arange(len(study.years))
    room[0, -1] = 3.0
    return room


@pytest.mark.parametrize("name", BLOCKS)
def test_block_is_the_stored_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "trainee_stock", plain_stock)
    monkeypatch.setattr(once, "posts_newcomers_fill", plain_newcomers)
    monkeypatch.setattr(once, "from_abroad", lambda key: plain_arrivals(key.study))
    monkeypatch.setattr(arrays, "sure_to_leave", lambda key: plain_leaving(key.study))
    make, add = BLOCKS[name]
    system, model = system_of(make()), pyo.ConcreteModel()
    model.regions = pyo.RangeSet(0, len(system.regions) - 1)
    model.rows = pyo.RangeSet(0, len(system.most_slots) - 1)
    model.years = pyo.RangeSet(0, len(system.decision_years) - 1)
    add_slots(model, system, integer=True)
    add(model, system)
    if model.find_component("objective") is None:
        model.objective = pyo.Objective(expr=pyo.quicksum(model.slots.values()))
    path, stored = tmp_path / "block.lp", GOLDEN / f"{name}.lp"
    model.write(str(path), io_options={"symbolic_solver_labels": True})
    if os.environ.get("LIS1PLAN_WRITE_GOLDEN"):
        stored.write_text(path.read_text("utf-8"), "utf-8")
    found, wanted = path.read_text("utf-8"), stored.read_text("utf-8")
    assert NUMBER.sub("#", found) == NUMBER.sub("#", wanted)
    assert [float(n) for n in NUMBER.findall(found)] == pytest.approx(
        [float(n) for n in NUMBER.findall(wanted)], rel=1e-9
    )


def test_no_block_lacks_its_stored_text_or_its_equation() -> None:
    modules = limit_blocks, decision_blocks, post_blocks, track_blocks, measure_blocks, risk
    members = [each for module in modules for each in inspect.getmembers(module)]
    blocks = {n: f for n, f in members if n.startswith(("add_", "limit_", "minimise_"))}
    assert set(blocks) == {name.split("-")[0] for name in BLOCKS}
    assert {file.stem for file in GOLDEN.glob("*.lp")} == {"presolve", "unknown", *BLOCKS}
    for name, block in blocks.items():
        text = inspect.getdoc(block) or ""
        assert "=" in text, f"{name}: no equation"
        assert len(text.splitlines()) > 2, f"{name}: does not say why"


def test_ramp_of_nothing_gives_way_after_the_lead_time_only() -> None:
    lead = {"ramp.regional.midt": fixed(0), "ramp.lead_time_years": {"midt": fixed(1)}}
    study = changed(small_study(3, slack=3.0), lead)
    system = system_of(study)
    model = elastic_master(system, [system.limit("regional_ramp.midt")], 4.0)
    model.objective = pyo.Objective(expr=-pyo.quicksum(model.slots[1, y] for y in model.years))
    assert solve(model, 1e-9, 10.0).slots[1].tolist() == [0.0, 4.0, 4.0, 4.0, 4.0]


def test_master_options_survive_a_defect_of_presolve() -> None:
    """A stored master whose optimum HiGHS 1.15.1 misses by a fifth as it comes."""
    highs = SilentHighs()
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    highs.readModel(str(GOLDEN / "presolve.lp"))
    highs.run()
    assert highs.getInfo().objective_function_value == pytest.approx(20.595941057944, rel=1e-9)


def test_cuts_are_rows_of_largest_coefficient_one() -> None:
    """As a limit, as one that gives way, as what a price counts; a slope too small is its bound."""
    system = system_of(tiny())
    model = pyo.ConcreteModel()
    model.rows, model.years = pyo.RangeSet(0, 1), pyo.RangeSet(0, 1)
    add_slots(model, system, integer=True)
    model.objective = pyo.Objective(expr=pyo.quicksum(model.slots.values()))
    plain = program_of(model)
    limits, give = np.array([0.1, 30.0]), len(plain.cost)
    rows = with_cuts(plain, CUTS, limits)
    assert rows.rows.toarray()[0, plain.slots.ravel()] == pytest.approx([-0.5, -0.25, -1.0, 0.0])
    assert rows.row_upper[:2] == pytest.approx([-0.2 / 0.04, -20.0 / 4.0])
    most = plain.upper[plain.slots[0, 1]]
    assert rows.rows[2, plain.slots[0, 1]] == 0.0
    assert rows.row_upper[2] == pytest.approx(-0.1 / 0.01 + 1e-10 * most)
    wide = with_column(plain, 0.0)
    eased = with_cuts(wide._replace(raised={0: (give, 0.1)}), CUTS[:1], limits)
    assert eased.rows.toarray()[0, give] == pytest.approx(-1.0)
    assert eased.rows.toarray()[0, plain.slots[1, 0]] == pytest.approx(-0.4)
    assert eased.row_upper[0] == pytest.approx(-0.2 / 0.1)
    counted = with_cuts(wide._replace(missing={1: (give, 1.0)}), CUTS[1:2], np.full(2, np.inf))
    assert counted.rows.toarray()[0, give] == pytest.approx(-0.25)
    assert counted.row_upper[0] == pytest.approx(-50.0 / 4.0)
