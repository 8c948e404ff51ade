"""Our responses handed to mpi-sppy as scenarios: its extensive form must find our optimum.

    python benchmarks/mpisppy_bridge.py 25 100

mpi-sppy has no CVaR constraints, so shortage is priced: minimise the cost of the slots and the
price of the expected FTE-years missing, slots in fractions. The first stage is the slots, alike in
all scenarios; queue, supply and shortage of a scenario are its second stage. Needs the extra
`benchmarks`; no MPI is needed for an extensive form.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import pyomo.environ as pyo
from extensive import Data, add_world, data_of
from mpisppy.opt.ef import ExtensiveForm
from mpisppy.utils.sputils import attach_root_node

from lis1plan.configs.loader import load_study
from lis1plan.core.compute import Workers, silent
from lis1plan.core.oracle import prepare
from lis1plan.core.scenarios import sample_of
from lis1plan.core.study import Study
from lis1plan.core.warmup import warm_up
from lis1plan.optimise.clock import Clock
from lis1plan.optimise.convex import relaxed_plan
from lis1plan.optimise.cuts import CutPool
from lis1plan.optimise.job import limits_of
from lis1plan.optimise.master import MILLION, build_master, minimise_cost

PRICE = 1.0e6
"""NOK per missing FTE-year, for the country and for each region: enough to open slots."""
TOLERANCE = 1e-6


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
    n = int(name.removeprefix("scenario"))
    model = build_master(data.study, integer=False)
    minimise_cost(model, data.study)
    model.world = pyo.Block(rule=lambda block: add_world(block, model, data, n))
    first_stage, priced = model.objective.expr, data.study.risk.values()
    shortage = sum(
        (limit.price or 0.0) / MILLION * model.world.z[c] for c, limit in enumerate(priced)
    )
    model.objective.set_value(first_stage + shortage)
    attach_root_node(model, first_stage, [model.slots])
    model._mpisppy_probability = float(data.weight[n])
    return model


def compared(scenarios: int) -> bool:
    """Solve one size in both ways, print its row, return whether the optima agree."""
    study = priced_study(scenarios)
    warm_up(study, silent)
    oracle = prepare(study, sample_of(study), Workers(1))
    began = time.perf_counter()
    ours, rounds = relaxed_plan(study, CutPool(study, oracle), limits_of(study), Clock(600.0))
    seconds = time.perf_counter() - began
    names = [f"scenario{n}" for n in range(scenarios)]
    began = time.perf_counter()
    form = ExtensiveForm(
        options={"solver": "appsi_highs"},
        all_scenario_names=names,
        scenario_creator=scenario,
        scenario_creator_kwargs={"data": data_of(study, oracle, scenarios)},
    )
    form.solve_extensive_form()
    theirs = form.get_objective_value()
    took = time.perf_counter() - began
    apart = abs(theirs - ours.objective) / abs(theirs)
    print(
        f"| {scenarios} | {ours.objective:.6f} | {theirs:.6f} | {apart:.1e} "
        f"| {ours.slots.sum():.1f} | {rounds} | {seconds:.2f} | {took:.2f} |",
        flush=True,
    )
    return bool(apart <= TOLERANCE) and bool(np.isfinite(theirs)) and ours.slots.sum() > 1.0


def main() -> None:
    """Compare the sizes on the command line and print a table in Markdown."""
    sizes = [int(size) for size in sys.argv[1:]] or [25, 100]
    print(
        "| scenarios | cuts, million NOK | mpi-sppy, million NOK | apart | slots | rounds "
        "| cuts, s | mpi-sppy, s |"
    )
    print("|---" * 8 + "|", flush=True)
    good = [compared(size) for size in sizes]
    print(f"\nOptima {'agree to 1e-6' if all(good) else 'DIFFER'}.")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
