"""The optimise phase by number of scenarios: times, rounds, cuts, model size, and where time goes.

    python benchmarks/optimise_scaling.py            1 000, 10 000 and 100 000 scenarios
    python benchmarks/optimise_scaling.py --most     also 1 000 000

Scenarios and responses are ready before the clock starts; threads as many as cores. The Pyomo model
of slots and limits must be the same at every size; only cuts are added to it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

SIZES, MOST = (1_000, 10_000, 100_000), 1_000_000
STEPS = ("evaluate", "slope", "rank", "certify", "build", "solve")


def timed(where: Any, name: str, step: str, times: dict[str, float]) -> None:
    """Note the time a function takes, whoever calls it."""
    inner: Callable[..., Any] = getattr(where, name)

    def outer(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return inner(*arguments, **named)
        finally:
            times[step] += time.perf_counter() - began

    setattr(where, name, outer)


def watched() -> dict[str, float]:
    """Return where the seconds of every step of the optimise phase are added up."""
    from lis1plan.core.risk import oracle
    from lis1plan.core.study import risk_rules as risk
    from lis1plan.optimise.master import build
    from lis1plan.optimise.solvers import highs

    times: dict[str, float] = defaultdict(float)
    timed(oracle.Oracle, "shortfall", "evaluate", times)
    timed(oracle.Oracle, "slope", "slope and rank", times)
    timed(risk, "cvar_weights", "rank", times)
    timed(oracle.Oracle, "concavity_excess", "certify", times)
    timed(build, "master_of", "build", times)
    timed(highs.HeldProgram, "solve", "solve", times)
    return times


def measure(scenarios: int) -> dict[str, Any]:
    """Return seconds of every part, rounds, cuts, size of the master and peak memory in GB."""
    from lis1plan.configs.loader import load_study
    from lis1plan.core.compute.place import silent
    from lis1plan.core.compute.workers import local_workers
    from lis1plan.core.risk.oracle import prepare
    from lis1plan.core.scenarios.draws import sample_of
    from lis1plan.core.system.arrays import system_of
    from lis1plan.core.warmup import warm_up
    from lis1plan.optimise.cuts.pool import CutPool
    from lis1plan.optimise.job import attain
    from lis1plan.optimise.master.build import build_master
    from lis1plan.optimise.search.convex import relaxed_plan
    from lis1plan.optimise.search.solve import find_plan
    from lis1plan.optimise.search.value import Search, limits_of
    from lis1plan.optimise.solvers.clock import Clock

    study = load_study("norway-2019", [f"sampling.scenarios={scenarios}"])
    limits, few = limits_of(study), load_study("norway-2019", ["sampling.scenarios=64"])
    warm_up(study, silent)
    with local_workers() as workers:
        first = CutPool(prepare(few, sample_of(few), workers))
        attain(Search.of(first, Clock(600.0)))  # loads Pyomo and HiGHS
        oracle, times = prepare(study, sample_of(study), workers), watched()
        began = time.perf_counter()
        relaxed, lp_rounds = relaxed_plan(Search.of(CutPool(oracle), Clock(3600.0), limits))
        lp = time.perf_counter() - began
        pool = CutPool(oracle)
        began = time.perf_counter()
        alone = find_plan(Search.of(pool, Clock(3600.0), limits))
        plan = time.perf_counter() - began
        times.clear()
        began = time.perf_counter()
        pool = CutPool(oracle)
        attain(Search.of(pool, Clock(3_600.0)))
        attained = time.perf_counter() - began
        solution = find_plan(Search.of(pool, Clock(3600.0), limits))
        phase = time.perf_counter() - began
    exact = relaxed.objective * 1e6  # the bound of a plan gathers cuts to a coarser precision
    assert (1.0 - 1e-4) * exact <= solution.lp_bound <= (1.0 + 1e-9) * exact
    model = build_master(system_of(study))
    times["slope"] = times["slope and rank"]
    return {
        "seconds": {"lp": lp, "plan": plan, "attain": attained, "phase": phase},
        "steps": {step: times[step] for step in STEPS},
        "rounds": [lp_rounds, alone.rounds, solution.rounds],
        "cuts": len(pool.cuts),
        "evaluations": pool.evaluations,
        "model": [model.nvariables(), model.nconstraints()],
        "gap": solution.gap,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def main() -> None:
    """Measure every size in a process of its own and print two tables in Markdown."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    sizes = [int(size) for size in sys.argv[1:] if size != "--most"] or list(SIZES)
    found = {}
    print(
        "| scenarios | LP, s | LP and whole slots, s | attainable intervals, s | both, s | rounds "
        "| cuts | variables, rows | gap | peak, GB |"
    )
    print("|---" * 10 + "|", flush=True)
    for size in sizes + [MOST] * ("--most" in sys.argv):
        command = [sys.executable, __file__, "--one", str(size)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found[size] = this = json.loads(done.stdout.splitlines()[-1])
        seconds = " | ".join(f"{value:.2f}" for value in this["seconds"].values())
        print(
            f"| {size:,} | {seconds} | {this['rounds'][0]}, {this['rounds'][1]} | {this['cuts']} "
            f"| {this['model'][0]}, {this['model'][1]} | {this['gap']:.3%} | {this['peak']:.2f} |",
            flush=True,
        )
    assert len({tuple(this["model"]) for this in found.values()}) == 1
    print("\nWhere the seconds of both go; `rank` is part of judging Z and of a slope:\n")
    print("| scenarios | plans judged | " + " | ".join(f"{s}, s" for s in STEPS) + " |")
    print("|---" * (len(STEPS) + 2) + "|")
    for size, this in found.items():
        cells = " | ".join(f"{this['steps'][step]:.2f}" for step in STEPS)
        print(f"| {size:,} | {this['evaluations']} | {cells} |")


if __name__ == "__main__":
    main()
