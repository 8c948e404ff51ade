"""Regions that no limit tells apart: 17 counties, one national limit; the gap over time.

    python benchmarks/alike_regions.py                       benchmarks/studies/norway-2019-counties
    python benchmarks/alike_regions.py 1000 900 0.125 0.11   scenarios, seconds, national limits

Seconds are those of attainable interval and search, scenarios ready before, beside those of the
processor, since a machine may be shared. A line is printed whenever bound or plan got better.
Ends with 1 where the gap after five minutes is above 0.5 %, or that in the end above 0.1 %.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent
from lis1plan.core.compute.workers import local_workers
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.warmup import warm_up
from lis1plan.optimise.cuts.pool import CutPool, Round
from lis1plan.optimise.job import attain
from lis1plan.optimise.search.convex import Solution
from lis1plan.optimise.search.solve import find_plan
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock

STUDY = Path(__file__).parent / "studies/norway-2019-counties/norway-2019-counties.toml"
LIMITS = (0.125, 0.115)
SOON, MOST_SOON, MOST = 300.0, 0.005, 0.001
"""Seconds, the gap by then, and in the end."""


class Watched(CutPool):
    """A pool that notes when bound or plan got better."""

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self.began, self.worked = time.perf_counter(), time.process_time()
        self.lines: list[tuple[float, float, float, float, int, int]] = []

    def note(self, found: Round) -> None:
        """Keep the round, and when it was."""
        super().note(found)
        self.at(found.lower, found.upper)

    def at(self, lower: float, upper: float) -> None:
        """Note bound and plan now, if either is new."""
        known = self.lines[-1][2:4] if self.lines else (-np.inf, np.inf)
        if lower > known[0] or upper < known[1]:
            seconds = time.perf_counter() - self.began, time.process_time() - self.worked
            self.lines.append((*seconds, lower, upper, len(self.cuts), self.evaluations))


def gap(lower: float, upper: float) -> float:
    """Return the relative gap; infinite without a plan."""
    return (upper - lower) / abs(upper) if np.isfinite(upper) else np.inf


def measure(oracle: Oracle, limit: float, seconds: float) -> tuple[Watched, Solution]:
    """Return what was noted on the way to a plan within a national limit, and the plan."""
    pool = Watched(oracle)
    search = Search.of(pool, Clock(seconds), np.array([limit]))
    attain(search)
    solution = find_plan(search)
    pool.at(solution.lower_bound, solution.cost)
    return pool, solution


def main() -> None:
    """Print a table in Markdown for every limit."""
    given = [float(number) for number in sys.argv[1:]]
    scenarios, seconds = int(given[0]) if given else 1_000, given[1] if len(given) > 1 else 900.0
    study = load_study(str(STUDY), [f"sampling.scenarios={scenarios}"])
    warm_up(study, silent)
    good = True
    print(
        "| national limit | s | of the processor | bound, million NOK | plan | gap | cuts "
        "| plans judged |"
    )
    print("|---" * 8 + "|", flush=True)
    with local_workers() as workers:
        oracle = prepare(study, sample_of(study), workers)
        for limit in given[2:] or LIMITS:
            pool, solution = measure(oracle, limit, seconds)
            for at, worked, lower, upper, cuts, judged in pool.lines:
                cost = f"{lower / 1e6:,.2f} | {upper / 1e6:,.2f} | {gap(lower, upper):.3%}"
                print(f"| {limit:g} | {at:.1f} | {worked:.1f} | {cost} | {cuts} | {judged} |")
            soon = [gap(low, up) for at, _, low, up, _, _ in pool.lines if at <= SOON]
            good &= min(soon, default=np.inf) <= MOST_SOON and solution.gap <= MOST
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
