"""A frontier of twelve points against single runs: the cuts of one point serve the next.

    python benchmarks/frontier.py 10000 12

A single run draws, projects, finds the attainable intervals and the plan. The frontier has all that
behind it and adds its points. "Alone" is one point without any cuts, its intervals known.
"""

from __future__ import annotations

import sys
import time

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import local_workers
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.warmup import warm_up
from lis1plan.optimise.analysis.frontier import trace
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.job import attain
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

MOST_RATIO, LEAST_DISTINCT = 4.0, 8


def main() -> None:
    """Trace, solve every point alone, and print a table in Markdown."""
    given = [int(number) for number in sys.argv[1:]]
    scenarios, count = (*given, 10_000, 12)[:2] if not given else (*given, 12)[:2]
    changes = [f"sampling.scenarios={scenarios}", f"solve.frontier_points={count}"]
    study = load_study("norway-2019", changes)
    warm_up(study, silent)
    with local_workers() as workers:
        started = time.perf_counter()
        oracle = prepare(study, sample_of(study), workers)
        search = Search.of(CutPool(oracle), Clock(3_600.0))
        known = attain(search)
        find_plan(search)
        began = time.perf_counter()
        single = began - started
        points = trace(search, known.floors, known.ceilings)
        together = time.perf_counter() - began
        print("| national limit | cost, million NOK | gap | status | alone, s |")
        print("|---|---|---|---|---|", flush=True)
        alone, good = [], True
        for point in points:
            began = time.perf_counter()
            found = find_plan(Search.of(CutPool(oracle), Clock(3600.0), point.limits))
            alone.append(time.perf_counter() - began)
            told = point.solution
            good &= found.status == told.status == "optimal"
            good &= found.lower_bound <= told.cost and told.lower_bound <= found.cost
            print(
                f"| {point.limits[0]:.4f} | {told.cost / 1e6:,.1f} | {told.gap:.3%} "
                f"| {told.status} | {alone[-1]:.2f} |",
                flush=True,
            )
    ratio = together / single
    distinct = len({round(point.solution.cost) for point in points})
    print(
        f"\n{len(points)} points in {together:.1f} s: {ratio:.1f} times a single run "
        f"({single:.1f} s), {together / sum(alone):.2f} of the time of all of them one by one; "
        f"{distinct} distinct costs, {len(search.pool.cuts)} cuts in the end."
    )
    good &= distinct >= LEAST_DISTINCT and ratio < MOST_RATIO
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
