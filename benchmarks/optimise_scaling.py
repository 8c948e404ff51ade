"""The optimise phase by number of scenarios: times, rounds, cuts, model size, and where time goes.

    python benchmarks/optimise_scaling.py            1 000, 10 000 and 100 000 scenarios
    python benchmarks/optimise_scaling.py --most     also 1 000 000
    python benchmarks/optimise_scaling.py --study norway-2019 10000

The study is a frozen copy of the default one of 22 November 2026, so that years stay comparable, if
no other is named. Scenarios and responses are ready before the clock starts; threads as many as
cores. The Pyomo model of slots and limits must be the same at every size; only cuts are added.
Beside seconds of the clock stand those of all processors, which tell more on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

FROZEN = str(Path(__file__).with_name("studies") / "norway-2019-a.toml")
SIZES, MOST = (1_000, 10_000, 100_000), 1_000_000
STEPS = ("evaluate", "slope", "rank", "certify", "build", "solve")


def timed(where: Any, name: str, step: str, times: dict[str, float]) -> None:
    """Note the processor seconds a function takes, whoever calls it."""
    inner: Callable[..., Any] = getattr(where, name)

    def outer(*arguments: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return inner(*arguments, **named)
        finally:
            times[step] += time.process_time() - began

    setattr(where, name, outer)


def watched() -> dict[str, float]:
    """Return where the processor seconds of every step of the optimise phase are added up."""
    from lis1plan.core.risk import oracle
    from lis1plan.core.study import risk_rules as risk
    from lis1plan.optimise.search import attainable, value
    from lis1plan.optimise.solvers import highs

    times: dict[str, float] = defaultdict(float)
    timed(oracle.Oracle, "shortfall_by", "evaluate", times)
    timed(oracle.Oracle, "bounds", "slope", times)
    timed(risk, "cvar_weights", "rank", times)
    timed(oracle.Oracle, "concavity_excess", "certify", times)
    for module in (attainable, value):  # each has the function by a name of its own
        timed(module, "master_of", "build", times)
    timed(highs.HeldProgram, "solve", "solve", times)
    return times


def measure(name: str, scenarios: int) -> dict[str, Any]:
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

    study = load_study(name, [f"sampling.scenarios={scenarios}"])
    limits, few = limits_of(study), load_study(name, ["sampling.scenarios=64"])
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
        began, processors = time.perf_counter(), time.process_time()
        pool = CutPool(oracle)
        attain(Search.of(pool, Clock(3_600.0)))
        attained = time.perf_counter() - began
        solution = find_plan(Search.of(pool, Clock(3600.0), limits))
        phase, processors = time.perf_counter() - began, time.process_time() - processors
    exact = relaxed.objective * 1e6  # the bound of a plan gathers cuts to a coarser precision
    assert (1.0 - 1e-4) * exact <= solution.lp_bound <= (1.0 + 1e-9) * exact
    model = build_master(system_of(study))
    assert name != FROZEN or all(times[step] > 0.0 for step in STEPS)  # none passes its clock by
    return {
        "seconds": {"lp": lp, "plan": plan, "attain": attained, "phase": phase, "cpu": processors},
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
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sizes", metavar="SCENARIOS", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--study", default=FROZEN, help="a study's name or file")
    parser.add_argument("--most", action="store_true", help=f"{MOST} scenarios, too")
    given = parser.parse_args()
    found = {}
    print(
        "| scenarios | LP, s | LP and whole slots, s | attainable intervals, s | both, s "
        "| both, processor s | rounds | cuts | variables, rows | gap | peak, GB |"
    )
    print("|---" * 11 + "|", flush=True)
    for size in given.sizes + [MOST] * given.most:
        command = [sys.executable, __file__, "--one", given.study, str(size)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found[size] = this = json.loads(done.stdout.splitlines()[-1])
        seconds = " | ".join(f"{value:.2f}" for value in this["seconds"].values())
        print(
            f"| {size:,} | {seconds} | {this['rounds'][0]}, {this['rounds'][1]} | {this['cuts']} "
            f"| {this['model'][0]}, {this['model'][1]} | {this['gap']:.3%} | {this['peak']:.2f} |",
            flush=True,
        )
    assert len({tuple(this["model"]) for this in found.values()}) == 1
    print("\nWhere the processor seconds of both go; `rank` is part of judging Z and of a slope:\n")
    print("| scenarios | plans judged | " + " | ".join(f"{s}, s" for s in STEPS) + " |")
    print("|---" * (len(STEPS) + 2) + "|")
    for size, this in found.items():
        cells = " | ".join(f"{this['steps'][step]:.2f}" for step in STEPS)
        print(f"| {size:,} | {this['evaluations']} | {cells} |")


if __name__ == "__main__":
    main()
