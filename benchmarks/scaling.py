"""Time and memory of a run by number of scenarios, split into draw, project, optimise and write.

    python benchmarks/scaling.py 1000 10000 100000

Each size runs in a process of its own, so that the peak memory is its own. Absolute seconds depend
on the machine; read the growth from one size to the next.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PHASES = ("draw", "project", "optimise", "describe", "write")


def measure(scenarios: int) -> dict[str, float]:
    """Return seconds per phase, peak memory in GB, rounds and gap of one run."""

    from lis1plan.configs.loader import load_study
    from lis1plan.core.compute.place import silent, split
    from lis1plan.core.compute.workers import local_workers
    from lis1plan.core.files.provenance import provenance
    from lis1plan.core.files.store import write_result
    from lis1plan.core.files.summary import project_and_tell
    from lis1plan.core.flow.projection import Request
    from lis1plan.core.risk.oracle import BLOCK, prepare
    from lis1plan.core.scenarios.draws import draw, sample_of
    from lis1plan.core.system.posts import levels, no_slots
    from lis1plan.core.warmup import warm_up
    from lis1plan.optimise.cuts.pool import CutPool
    from lis1plan.optimise.job import attain
    from lis1plan.optimise.result.run import describe_plans
    from lis1plan.optimise.search.solve import find_plan
    from lis1plan.optimise.search.value import Search
    from lis1plan.optimise.solvers.clock import Clock

    study = load_study("norway-2019", [f"sampling.scenarios={scenarios}"])
    sample, times = sample_of(study), {}
    warm_up(study, silent)

    began = time.perf_counter()
    for first, count in split(scenarios, BLOCK):
        draw(study, sample, first, count)
    times["draw"] = time.perf_counter() - began
    with local_workers() as workers:
        began = time.perf_counter()
        oracle = prepare(study, sample, workers)
        times["project"] = time.perf_counter() - began
        began = time.perf_counter()
        search = Search.of(CutPool(oracle), Clock(3_600.0))
        attain(search)
        solution = find_plan(search)
        times["optimise"] = time.perf_counter() - began
        del oracle, search
        began = time.perf_counter()
        plans = {"chosen": solution.slots, "none": no_slots(study)}
        by_level = {name: levels(study, slots) for name, slots in plans.items()}
        told = project_and_tell(Request(study, sample, by_level), workers)
        dataset = describe_plans(study, plans, told)
        times["describe"] = time.perf_counter() - began
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        write_result(dataset, Path(folder) / "result.nc", provenance(study, 0.0))
    times["write"] = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return times | {"peak_gb": peak, "rounds": solution.rounds, "gap": solution.gap}


def main() -> None:
    """Measure the sizes on the command line and print a table in Markdown."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    sizes = [int(size) for size in sys.argv[1:]] or [1_000, 10_000, 100_000]
    print("| scenarios | " + " | ".join(f"{p}, s" for p in PHASES) + " | peak, GB | rounds | gap |")
    print("|---" * (len(PHASES) + 4) + "|")
    for size in sizes:
        command = [sys.executable, __file__, "--one", str(size)]
        found = json.loads(subprocess.check_output(command, text=True))
        cells = " | ".join(f"{found[phase]:.1f}" for phase in PHASES)
        print(
            f"| {size:,} | {cells} | {found['peak_gb']:.2f} | {found['rounds']:.0f} "
            f"| {found['gap']:.3%} |"
        )


if __name__ == "__main__":
    main()
