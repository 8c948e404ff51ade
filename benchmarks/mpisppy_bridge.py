"""Our responses handed to mpi-sppy as scenarios: its two methods must find our optimum.

    python benchmarks/mpisppy_bridge.py 25 100

mpi-sppy has no CVaR constraints, so shortage is priced: minimise the cost of the slots and the
price of the expected FTE-years missing, slots in fractions. The first stage is slots and levels,
alike in all scenarios; queue, supply and shortage of a scenario are its second stage. Both the
extensive form and the L-shaped method are solved by HiGHS, in one process. Needs the extra
`benchmarks`, with mpi4py and an MPI library: without them Pyomo makes no L-shaped cuts.
"""

from __future__ import annotations

import sys
import time
from typing import Any, NamedTuple

import pyomo.environ as pyo
from extensive import Data, add_world, data_of
from pyomo.common.tee import redirect_fd

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import Workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.arrays import system_of
from lis1plan.core.system.limits import MILLION
from lis1plan.core.warmup import warm_up
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.master.build import build_master, minimise_cost
from lis1plan.optimise.search.convex import relaxed_plan
from lis1plan.optimise.search.value import Search, limits_of
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.highs import OPTIONS

PRICE = 1.0e6
"""NOK per missing FTE-year, for the country and for each region: enough to open slots."""
TOLERANCE = 1e-6
SECONDS, MOST_ROUNDS = 1_200.0, 300
"""After which the L-shaped method is stopped, between two rounds; its bound is then all it has."""

ROOT = {"presolve_rule_off": OPTIONS["presolve_rule_off"]}
SECOND_STAGE = ROOT | {"simplex_strategy": 4}
"""Primal simplex: from the basis of the round before, whose rows mpi-sppy takes out and puts back,
HiGHS 1.15.1 gives up by dual simplex ("excessive primal values"), in half of the samples tried."""


class Found(NamedTuple):
    """What a method found: million NOK (a lower bound where it was stopped), rounds and time."""

    objective: float
    rounds: int
    seconds: float
    stopped: bool = False


class Deadline:
    """What mpi-sppy asks after every round of the L-shaped method: is the time up?"""

    def __init__(self, *_: Any) -> None:
        self._clock = Clock(SECONDS)

    def convergence_value(self) -> None:
        """Work out nothing: time alone counts."""

    def is_converged(self) -> bool:
        """Return whether to stop now."""
        return self._clock.left <= 0.0


def priced_study(scenarios: int) -> Study:
    """Return the built-in study with a price instead of every limit on risk."""
    study = load_study("norway-2019", [f"sampling.scenarios={scenarios}"])
    priced = {
        "rule": "price",
        "measure": "absolute",
        "statistic": "sum",
        "confidence": None,
        "limit": None,
        "price": PRICE,
    }
    risk = {name: limit.model_copy(update=priced) for name, limit in study.risk.items()}
    return study.model_copy(update={"risk": risk})


def scenario(name: str, data: Data) -> Any:
    """Return one scenario as mpi-sppy wants it: a model, its probability and its first stage."""
    from mpisppy.utils.sputils import attach_root_node

    n = int(name.removeprefix("scenario"))
    model = build_master(system_of(data.study), integer=False)
    minimise_cost(model, system_of(data.study))
    chosen = list(model.component_objects(pyo.Var))
    model.world = pyo.Block(rule=lambda block: add_world(block, model, data, n))
    first_stage, priced = model.objective.expr, data.study.risk.values()
    shortage = sum(
        (limit.price or 0.0) / MILLION * model.world.z[c] for c, limit in enumerate(priced)
    )
    model.objective.set_value(first_stage + shortage)
    attach_root_node(model, first_stage, chosen)
    model._mpisppy_probability = float(data.weight[n])
    return model


def by_cuts(study: Study, oracle: Oracle) -> tuple[Found, float]:
    """Return what our cuts find, scenarios and responses ready, and the slots of the plan."""
    began = time.perf_counter()
    ours, rounds = relaxed_plan(Search.of(CutPool(oracle), Clock(600.0), limits_of(study)))
    return Found(ours.objective, rounds, time.perf_counter() - began), float(ours.slots.sum())


def by_extensive_form(data: Data) -> Found:
    """Return what mpi-sppy's extensive form finds, building included."""
    from mpisppy.opt.ef import ExtensiveForm

    began = time.perf_counter()
    form = ExtensiveForm({"solver": "appsi_highs"}, *_scenarios(data))
    form.solve_extensive_form()
    return Found(form.get_objective_value(), 1, time.perf_counter() - began)


def by_l_shaped(data: Data) -> Found:
    """Return what mpi-sppy's L-shaped method finds or how far it came, building included.

    HiGHS by the name "highs", for Pyomo's cuts know the sign of its duals by no other. Shortage
    costs nothing or more: zero is a bound of every second stage. Convergence is mpi-sppy's own: no
    second stage breaks its rows or its estimated cost by more than 1e-8.
    """
    from mpisppy.opt.lshaped import LShapedMethod

    began = time.perf_counter()
    names, creator = _scenarios(data)
    options = {
        "root_solver": "highs",
        "sp_solver": "highs",
        "root_solver_options": ROOT,
        "sp_solver_options": SECOND_STAGE,
        "max_iter": MOST_ROUNDS,
        "valid_eta_lb": dict.fromkeys(names, 0.0),
        "verbose": False,
    }
    method = LShapedMethod(options, names, creator)
    method.lshaped_algorithm(Deadline)
    return Found(
        pyo.value(method.root.obj),
        method.iter + 1,
        time.perf_counter() - began,
        stopped=not method.first_stage_solution_available,
    )


def _scenarios(data: Data) -> tuple[list[str], Any]:
    """Return the names of all scenarios and what makes the model of a name."""
    return [f"scenario{n}" for n in range(len(data.weight))], lambda name: scenario(name, data)


def compared(scenarios: int) -> bool:
    """Solve one size in all ways, print its row, return whether the optima agree."""
    study = priced_study(scenarios)
    warm_up(study, silent)
    oracle = prepare(study, sample_of(study), Workers(1))
    data = data_of(study, oracle, scenarios)
    ours, slots = by_cuts(study, oracle)
    with redirect_fd(1, 2):  # mpi-sppy tells what it does, HiGHS warns of tiny coefficients in cuts
        form, shaped = by_extensive_form(data), by_l_shaped(data)
    apart = [(each.objective - ours.objective) / abs(form.objective) for each in (form, shaped)]
    stopped = f"stopped at {shaped.objective:.6f}"
    print(
        f"| {scenarios} | {ours.objective:.6f} | {abs(apart[0]):.0e} "
        f"| {stopped if shaped.stopped else f'{abs(apart[1]):.0e}'} "
        f"| {ours.rounds}, {shaped.rounds} "
        f"| {ours.seconds:.2f} | {form.seconds:.1f} | {shaped.seconds:.1f} |",
        flush=True,
    )
    same = bool(abs(apart[0]) <= TOLERANCE) and slots > 1.0
    return same and bool((apart[1] if shaped.stopped else abs(apart[1])) <= TOLERANCE)


def main() -> None:
    """Compare the sizes on the command line and print a table in Markdown."""
    sizes = [int(size) for size in sys.argv[1:]] or [25, 100]
    titles = (
        *("scenarios", "optimum of all three, million NOK", "form apart", "L-shaped apart"),
        "rounds of cuts, of L-shaped",
        *("cuts, s", "extensive form, s", "L-shaped, s"),
    )
    print("| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|", flush=True)
    good = [compared(size) for size in sizes]
    print(f"\nOptima {'agree to 1e-6' if all(good) else 'DIFFER'}.")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
