"""Chance limits: how close the plan is to what is proved, by number of scenarios.

    python benchmarks/chance.py 100 1000 10000

In the built-in study: with probability 0.9 the country lacks at most 21 % of the specialists wanted
in every year of the window. With `--everywhere` every region must keep as much, each with the same
probability. For the first size HiGHS also solves the extensive form, a flag for each scenario, for
`--seconds`; the gap is then to the better of both bounds.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

LIMIT, CONFIDENCE = 0.21, 0.9
REGIONAL_LIMIT = 0.215
MOST_GAP = {100: 0.01, 1_000: 0.05}
MOST_SECONDS = {10_000: 60.0}


def chance_study(scenarios: int, everywhere: bool) -> Any:
    """Return the built-in study with one chance limit, or one for the country and each region."""
    from lis1plan.configs.loader import load_study

    study, risk = load_study("norway-2019", [f"sampling.scenarios={scenarios}"]), {}
    for name, limit in study.risk.items():
        national = name == "national"
        if national or everywhere:
            risk[name] = limit.model_copy(
                update={
                    "rule": "chance",
                    "statistic": "max",
                    "confidence": CONFIDENCE,
                    "limit": LIMIT if national else REGIONAL_LIMIT,
                }
            )
    return study.model_copy(update={"risk": risk})


def ready(scenarios: int, everywhere: bool) -> tuple[Any, Any, Any]:
    """Return study, oracle and limits, everything compiled."""
    from lis1plan.core.compute.place import silent
    from lis1plan.core.compute.workers import Workers
    from lis1plan.core.risk.oracle import prepare
    from lis1plan.core.scenarios.draws import sample_of
    from lis1plan.core.warmup import warm_up
    from lis1plan.optimise.search.value import limits_of

    study = chance_study(scenarios, everywhere)
    warm_up(study, silent)
    return study, prepare(study, sample_of(study), Workers(2)), limits_of(study)


def by_cuts(scenarios: int, everywhere: bool, seconds: float) -> dict[str, Any]:
    """Return seconds, cost and bound (million NOK) of the optimiser."""
    from lis1plan.optimise.cuts.pool import CutPool
    from lis1plan.optimise.search.solve import find_plan
    from lis1plan.optimise.search.value import Search
    from lis1plan.optimise.solvers.clock import Clock

    _, oracle, limits = ready(scenarios, everywhere)
    began = time.perf_counter()
    found = find_plan(Search.of(CutPool(oracle), Clock(seconds), limits))
    return _told(time.perf_counter() - began, found.cost / 1e6, found.lower_bound / 1e6)


def by_flags(scenarios: int, everywhere: bool, seconds: float) -> dict[str, Any]:
    """Return the same of the extensive form with a flag for each scenario."""
    from extensive import data_of, extensive_form, solve_extensive

    study, oracle, limits = ready(scenarios, everywhere)
    began = time.perf_counter()
    model = extensive_form(data_of(study, oracle, scenarios), limits, integer=True)
    cost, bound = solve_extensive(model, seconds, study.solve.relative_gap)
    return _told(time.perf_counter() - began, cost, bound)


def _told(seconds: float, cost: float, bound: float) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"seconds": seconds, "cost": cost, "bound": bound, "peak": peak}


def measured(form: str, scenarios: int, everywhere: bool, seconds: float) -> dict[str, Any]:
    """Return what a form finds, in a process of its own; print its row."""
    command = [sys.executable, __file__, "--one", form, str(scenarios), "--seconds", str(seconds)]
    done = subprocess.run(
        [*command, *(["--everywhere"] * everywhere)], stdout=subprocess.PIPE, text=True, check=True
    )
    found = dict(json.loads(done.stdout.splitlines()[-1]))
    gap = (found["cost"] - found["bound"]) / found["cost"]
    plan = f"{found['cost']:.2f}" if np.isfinite(gap) else "none found"
    print(
        f"| {scenarios:,} | {form} | {found['seconds']:.1f} | {plan} | {found['bound']:.2f} "
        f"| {f'{gap:.3%}' if np.isfinite(gap) else '–'} | {found['peak']:.2f} |",
        flush=True,
    )
    return found


def main() -> None:
    """Measure the sizes on the command line and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*", default=[100, 1_000, 10_000])
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--no-flags", action="store_true", help="leave the extensive form out")
    parser.add_argument("--everywhere", action="store_true")
    parser.add_argument("--one", choices=("cuts", "flags"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        by = {"cuts": by_cuts, "flags": by_flags}[asked.one]
        print(json.dumps(by(asked.sizes[0], asked.everywhere, asked.seconds)))
        return
    print("| scenarios | form | time, s | plan, million NOK | bound | gap | peak, GB |")
    print("|---|---|---|---|---|---|---|", flush=True)
    good = True
    for number, size in enumerate(asked.sizes):
        ours = measured("cuts", size, asked.everywhere, asked.seconds)
        bound = ours["bound"]
        if number == 0 and not asked.no_flags:
            other = measured("flags", size, asked.everywhere, asked.seconds)
            good &= not other["cost"] < bound * (1.0 - 1e-6)
            good &= not other["bound"] > ours["cost"] * (1.0 + 1e-6)
            bound = float(np.nanmax([bound, other["bound"]]))
        good &= (ours["cost"] - bound) / ours["cost"] <= MOST_GAP.get(size, 0.05)
        good &= ours["seconds"] <= MOST_SECONDS.get(size, np.inf)
    print(f"\nBounds and plans agree, gaps and times {'suffice' if good else 'FAIL'}.")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
