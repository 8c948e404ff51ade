"""Both queues handed to mpi-sppy as scenarios, from the naive flow: its methods and ours.

Run as a module; prints the optimum of our cuts, of mpi-sppy's extensive form and of its L-shaped
method, million NOK. mpi-sppy has no CVaR constraints: shortage is priced, posts in fractions. The
first stage is slots, posts and their levels; both queues and the shortage are the second.
"""

from __future__ import annotations

import sys
from typing import Any

import pyomo.environ as pyo
from mpisppy.opt.ef import ExtensiveForm
from mpisppy.opt.lshaped import LShapedMethod
from mpisppy.utils.sputils import attach_root_node
from pyomo.common.tee import redirect_fd

from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.search.convex import relaxed_plan
from lis1plan.optimise.search.value import Search, limits_of
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.highs import OPTIONS

from .decided_posts import prices
from .limited_training import with_posts
from .naive_decision import MILLION, add_z
from .naive_two_queues import TwoQueues, add_both_queues, plan_model, two_queues
from .small_study import WHY, changed, fixed, small_study

PRICE = 2.5e6
"""NOK per missing FTE-year: enough to open posts of both kinds."""
SCENARIOS, MOST_ROUNDS = 5, 200
ROOT = {"presolve_rule_off": OPTIONS["presolve_rule_off"]}
SECOND_STAGE = ROOT | {"simplex_strategy": 4}
"""As in benchmarks/mpisppy_bridge.py: dual simplex gives up after rows were taken out and back."""


def priced_study() -> Study:
    """Two regions, one group, few posts of either kind, and a price of shortage in the country."""
    study = with_posts(small_study(7, scenarios=SCENARIOS, applicants=1.0), room=0.01, growth=0.005)
    price = {
        "name": "Shortage",
        "rule": "price",
        "price": PRICE,
        "measure": "absolute",
        "statistic": "sum",
        "regions": tuple(study.regions),
        "scope": "summed",
        "assumption": WHY,
    }
    rows = tuple({"group": group, "most": 4.0, "assumption": WHY} for group in study.groups)
    lasting = {
        "specialists.retirement_scale": fixed(0.0),
        "specialists.fte_per_head_senior": fixed(0.9),
        "specialists.fte_per_head": fixed(0.9),
    }
    new = {"specialist_posts.new": {"most": rows, "prices": prices(4e5)}}
    return changed(study, lasting | new | {"risk": {"shortage": price}})


def scenario(study: Study, one: TwoQueues) -> Any:
    """Return one scenario as mpi-sppy wants it: a model, its probability and its first stage."""
    model = plan_model(study, [one], integer=False)
    chosen = list(model.component_objects(pyo.Var))
    first_stage = model.cost.expr
    add_both_queues(model, study, [one])
    (limit,) = study.risk.values()
    model.risk = pyo.Block()
    add_z(model.risk, model, study, [one.second], limit, 0, model.begun)
    shortage = PRICE / MILLION * model.risk.z[0]
    model.objective = pyo.Objective(expr=first_stage + shortage)
    attach_root_node(model, first_stage, chosen)
    model._mpisppy_probability = 1.0 / SCENARIOS
    return model


def by_cuts(study: Study) -> tuple[float, float, float]:
    """Return what our cuts find, and the slots and posts of the plan."""
    oracle = prepare(study, sample_of(study), Workers(1))
    plan, _ = relaxed_plan(Search.of(CutPool(oracle), Clock(600.0), limits_of(study)))
    regions = len(study.regions)
    return plan.objective, float(plan.slots[:regions].sum()), float(plan.slots[regions:].sum())


def main() -> None:
    """Print what the three methods find, and slots and posts of our plan."""
    study = priced_study()
    worlds = {f"scenario{n}": one for n, one in enumerate(two_queues(study))}
    names, creator = list(worlds), lambda name: scenario(study, worlds[name])
    ours = by_cuts(study)
    with redirect_fd(1, 2):  # mpi-sppy tells what it does
        form = ExtensiveForm({"solver": "appsi_highs"}, names, creator)
        form.solve_extensive_form()
        options = {
            "root_solver": "highs",
            "sp_solver": "highs",
            "root_solver_options": ROOT,
            "sp_solver_options": SECOND_STAGE,
            "max_iter": MOST_ROUNDS,
            "valid_eta_lb": dict.fromkeys(names, 0.0),
            "verbose": False,
        }
        shaped = LShapedMethod(options, names, creator)
        shaped.lshaped_algorithm()
    found = ours[0], form.get_objective_value(), pyo.value(shaped.root.obj), *ours[1:]
    print(" ".join(f"{value:.9g}" for value in found))
    sys.exit(0 if shaped.first_stage_solution_available else 1)


if __name__ == "__main__":
    main()
