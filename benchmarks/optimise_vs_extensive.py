"""The cuts against the extensive form, in Pyomo and in linopy: the same optimum, in what time.

    python benchmarks/optimise_vs_extensive.py --scenarios 20 100 1000 --whole 100 [--chart]

All start from scenarios drawn and responses projected. First the LP relaxation: time to build and
to solve, each form in a process of its own. Then whole slots on fewer scenarios: what HiGHS knows
of the extensive form after so many seconds. A form stopped by `--seconds` has no optimum to
compare; its time is then a lower bound, and it is not tried with more scenarios. HiGHS picks the
simplex method; "interior" is Pyomo with its interior-point method instead, which nobody gets
unasked. "started" is the same LP with the primal simplex method, started from the cuts' plan:
no way to find it, but the way to see at any size that HiGHS finds nothing better.
With --chart, docs/images/extensive.svg is drawn as well.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

TOLERANCE = 1e-6
REPEATS = 5
FORMS = ("cuts", "pyomo", "interior", "linopy", "started")
LEAST_RATIO = {"cuts": 0.0, "pyomo": 50.0, "interior": 50.0, "linopy": 25.0, "started": 0.0}
"""At the greatest size; the ratios grow with the scenarios."""
INTERIOR = {"solver": "ipm", "run_crossover": "off"}
LONG = 7_200.0
"""Seconds for the started form: the optimum to compare with is worth them."""
HAIR = 1e-6
"""By how much limits are laxer while slots are held: a plan just at a limit is a hair too much."""
Point = tuple[str, float, float]


def ready(scenarios: int) -> tuple[Any, Any, Any]:
    """Return study, oracle and limits, everything compiled; the linopy form knows no purchases."""
    from lis1plan.configs.loader import load_study
    from lis1plan.core.compute.place import silent
    from lis1plan.core.compute.workers import Workers
    from lis1plan.core.risk.oracle import prepare
    from lis1plan.core.scenarios.draws import sample_of
    from lis1plan.core.warmup import warm_up
    from lis1plan.optimise.search.value import limits_of

    sold = load_study("norway-2019", [f"sampling.scenarios={scenarios}"])
    free = {name: x.model_copy(update={"purchase": None}) for name, x in sold.capacity.items()}
    study = sold.model_copy(update={"capacity": free})
    warm_up(study, silent)
    return study, prepare(study, sample_of(study), Workers(1)), limits_of(study)


def by_cuts(scenarios: int, whole: bool, seconds: float) -> dict[str, Any]:
    """Return time, objective (million NOK) and bound of the cuts; the median of some repeats."""
    from lis1plan.optimise.cuts.pool import CutPool
    from lis1plan.optimise.search.convex import relaxed_plan
    from lis1plan.optimise.search.solve import find_plan
    from lis1plan.optimise.search.value import Search
    from lis1plan.optimise.solvers.clock import Clock

    _, oracle, limits = ready(scenarios)
    times = []
    for _ in range(REPEATS + 1):  # the first warms Pyomo and HiGHS up
        began = time.perf_counter()
        if whole:
            found = find_plan(Search.of(CutPool(oracle), Clock(seconds), limits))
            objective, bound = found.cost / 1e6, found.lower_bound / 1e6
        else:
            answer, _ = relaxed_plan(Search.of(CutPool(oracle), Clock(seconds), limits))
            objective, bound = answer.objective, answer.bound
        times.append(time.perf_counter() - began)
    return {"build": 0.0, "solve": float(np.median(times[1:]))} | _values(objective, bound)


def by_pyomo(scenarios: int, whole: bool, seconds: float, **options: str) -> dict[str, Any]:
    """Return the same of the extensive form in Pyomo, HiGHS with its own settings or others."""
    from extensive import data_of, extensive_form, solve_extensive

    study, oracle, limits = ready(scenarios)
    data = data_of(study, oracle, scenarios)
    began = time.perf_counter()
    model = extensive_form(data, limits, integer=whole)
    built = time.perf_counter()
    gap = study.solve.relative_gap if whole else 0.0
    objective, bound = solve_extensive(model, seconds, gap, **options)
    return {"build": built - began, "solve": time.perf_counter() - built} | _values(
        objective, bound
    )


def by_start(scenarios: int, whole: bool, seconds: float) -> dict[str, Any]:
    """Return the same of the extensive form, HiGHS started from the cuts' plan; no model is kept.

    First with slots held at that plan, then free, by the primal simplex method from there.
    """
    import highspy
    from extensive import data_of, extensive_form

    from lis1plan.optimise.cuts.pool import CutPool
    from lis1plan.optimise.search.convex import relaxed_plan
    from lis1plan.optimise.search.value import Search
    from lis1plan.optimise.solvers.clock import Clock
    from lis1plan.optimise.solvers.highs import SilentHighs

    assert not whole
    study, oracle, limits = ready(scenarios)
    answer, _ = relaxed_plan(Search.of(CutPool(oracle), Clock(seconds), limits))
    began = time.perf_counter()
    model = extensive_form(data_of(study, oracle, scenarios), limits, integer=False)
    highs = SilentHighs()
    with tempfile.TemporaryDirectory() as folder:
        model.write(f"{folder}/form.mps", io_options={"symbolic_solver_labels": True})
        highs.readModel(f"{folder}/form.mps")
    lp, entries = highs.getLp(), np.bincount(highs.getLp().a_matrix_.index_)
    risk = {int(row): lp.row_upper_[row] for row in np.flatnonzero(entries > scenarios)}
    slots = {n: at for n, name in enumerate(lp.col_names_) if (at := _place(name))}
    free = {n: (lp.col_lower_[n], lp.col_upper_[n]) for n in slots}
    built = time.perf_counter()
    for row, most in risk.items():
        highs.changeRowBounds(row, -highspy.kHighsInf, most + HAIR)
    for n, place in slots.items():
        highs.changeColBounds(n, *(float(np.clip(answer.slots[place], *free[n])),) * 2)
    highs.run()
    for row, most in risk.items():
        highs.changeRowBounds(row, -highspy.kHighsInf, most)
    for n, ends in free.items():
        highs.changeColBounds(n, *ends)
    for option, value in (("presolve", "off"), ("simplex_strategy", 4), ("time_limit", seconds)):
        highs.setOptionValue(option, value)
    highs.run()
    optimal = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    objective = highs.getObjectiveValue() if optimal else np.nan
    return {"build": built - began, "solve": time.perf_counter() - built} | _values(
        objective, objective
    )


def _place(name: str) -> tuple[int, int] | None:
    """Return region and year of a column that is a slot."""
    found = re.fullmatch(r"slots\((\d+)_(\d+)\)", name)
    return (int(found[1]), int(found[2])) if found else None


def by_linopy(scenarios: int, whole: bool, seconds: float) -> dict[str, Any]:
    """Return the same of the extensive form in linopy, handed to HiGHS without a file."""
    from extensive import data_of
    from extensive_linopy import linopy_form

    assert not whole
    study, oracle, limits = ready(scenarios)
    data = data_of(study, oracle, scenarios)
    began = time.perf_counter()
    model = linopy_form(data, limits)
    built = time.perf_counter()
    _, condition = model.solve(
        solver_name="highs", io_api="direct", output_flag=False, time_limit=seconds
    )
    objective = float(model.objective.value) if condition == "optimal" else np.nan
    return {"build": built - began, "solve": time.perf_counter() - built} | _values(
        objective, objective
    )


def _values(objective: float, bound: float) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"objective": objective, "bound": bound, "peak": peak}


def measured(form: str, scenarios: int, whole: bool, seconds: float) -> dict[str, Any]:
    """Return what a form needs, measured in a process of its own."""
    asked = ["--one", form, "--scenarios", str(scenarios), "--seconds", str(seconds)]
    command = [sys.executable, __file__, *asked, *(["--integer"] * whole)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def relaxation(sizes: Sequence[int], seconds: float) -> tuple[bool, list[Point]]:
    """Print the table of the LP relaxation, sizes ascending, no form again after it was stopped.

    Return whether all optima agree and the ratios at the greatest size suffice; and the seconds
    to build and solve of each form that found its optimum, as points of a chart.
    """
    print("LP relaxation:\n")
    print("| scenarios | form | build, s | solve, s | times the cuts ", end="")
    print("| optimum, million NOK | peak, GB |\n" + "|---" * 7 + "|", flush=True)
    good, points, stopped_at = True, [], dict[str, int]()
    for scenarios in sizes:
        ours = None
        for form in FORMS:
            if form in stopped_at:
                print(f"| {scenarios:,} | {form} | – | – | – | {_left_out(stopped_at[form])} | – |")
                continue
            found = measured(form, scenarios, False, LONG if form == "started" else seconds)
            ours = ours or found
            print(f"| {scenarios:,} | {form} | {_told(found, ours)} |", flush=True)
            optimum, ratio = found["objective"], _seconds(found) / _seconds(ours)
            if np.isfinite(optimum):
                points.append((form, float(scenarios), _seconds(found)))
                least = max(abs(optimum), 1.0)  # few scenarios may need no slot
                good &= abs(optimum - ours["objective"]) <= TOLERANCE * least
            else:
                stopped_at[form] = scenarios
            good &= scenarios < sizes[-1] or ratio >= LEAST_RATIO[form]
    print(f"\nOptima {'agree to 1e-6 and ratios suffice' if good else 'or ratios FAIL'}.")
    return good, points


def _seconds(found: dict[str, Any]) -> float:
    """Return the seconds to build and to solve."""
    return float(found["build"] + found["solve"])


def _left_out(scenarios: int) -> str:
    """Return what stands for the optimum of a form stopped at a smaller size."""
    return f"not tried: stopped by the clock at {scenarios:,} scenarios"


def _told(found: dict[str, Any], ours: dict[str, Any]) -> str:
    """Return what a row says of a form, next to the cuts."""
    optimum, stopped = found["objective"], not np.isfinite(found["objective"])
    return (
        f"{found['build']:.2f} | {found['solve']:.2f} "
        f"| {'more than ' * stopped}{_seconds(found) / _seconds(ours):,.0f} "
        f"| {'stopped by the clock' if stopped else f'{optimum:.6f}'} | {found['peak']:.2f}"
    )


def whole_slots(scenarios: int, seconds: float) -> None:
    """Print the table of whole slots: plan, bound and gap of both."""
    print(f"\nWhole slots, {scenarios:,} scenarios, at most {seconds:,.0f} s:\n")
    print("| form | time, s | plan, million NOK | bound | gap |\n|---|---|---|---|---|", flush=True)
    for form in FORMS[:2]:
        found = measured(form, scenarios, True, seconds)
        plan, bound = found["objective"], found["bound"]
        told = f"{plan:.2f} | {bound:.2f} | {(plan - bound) / plan:.3%}"
        if not np.isfinite(plan):
            told = f"none found | {bound:.2f} | –"
        print(f"| {form} | {found['build'] + found['solve']:.1f} | {told} |", flush=True)


def main() -> None:
    """Read the command line and print both tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, nargs="+", default=[1_000])
    parser.add_argument("--seconds", type=float, default=7_200.0, help="for each LP")
    parser.add_argument("--whole", type=int, default=100, help="scenarios; 0: none")
    parser.add_argument("--whole-seconds", type=float, default=600.0)
    parser.add_argument("--chart", action="store_true", help="draw the LP's seconds")
    parser.add_argument("--one", choices=FORMS, help=argparse.SUPPRESS)
    parser.add_argument("--integer", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        by = {
            "cuts": by_cuts,
            "pyomo": by_pyomo,
            "interior": partial(by_pyomo, **INTERIOR),
            "linopy": by_linopy,
            "started": by_start,
        }[asked.one]
        print(json.dumps(by(*asked.scenarios, asked.integer, asked.seconds)))
        return
    good, points = relaxation(sorted(asked.scenarios), asked.seconds)
    if asked.chart:
        from charts import log_log

        log_log("extensive", points, "scenarios", "seconds to build and solve")
    if asked.whole:
        whole_slots(asked.whole, asked.whole_seconds)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
