"""What a call costs beside its work: empty kernels on the pool of old and on Dask, in turn.

    python benchmarks/dask_overhead.py

Two threads. The pool is a plain one of 32 ranges of lanes, as every call had before; Dask has the
tasks that `core.risk.lanes.shares_of` makes. The second table says what a task is made of: the
time of each kernel by the memory of the lanes it reads, on one thread, least of several.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

import numpy as np

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import silent, split
from lis1plan.core.compute.workers import Workers
from lis1plan.core.kernels.shortage import Lanes
from lis1plan.core.kernels.state import LANES
from lis1plan.core.risk.lanes import LocalLanes
from lis1plan.core.risk.oracle import prepare
from lis1plan.core.risk.streams import empty_lanes
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.warmup import warm_up

REPEATS, THREADS = 200, 2
MOST_MS = 1.0
SIZES = (64, 2_000, 10_000, 100_000)


def empty(lanes: Lanes, first: int, last: int, out: object) -> None:
    """Do nothing for some blocks of lanes."""


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


def call_costs(study: Study, scenarios: int, pool: ThreadPoolExecutor) -> tuple[str, float]:
    """Return a row of the table, and the median of Dask."""
    lanes = Lanes(*(np.zeros_like(array) for array in empty_lanes(study, scenarios)))
    held, out = LocalLanes(lanes, Workers(THREADS)), np.zeros((-(-scenarios // LANES), LANES))
    ranges = split(held.blocks, max(1, -(-held.blocks // 32)))

    def old() -> None:
        waiting = [pool.submit(empty, lanes, first, first + n, out) for first, n in ranges]
        for future in waiting:
            future.result()

    times: dict[str, list[float]] = {"old": [], "new": []}
    for _ in range(REPEATS):
        times["old"].append(milliseconds(old))
        times["new"].append(milliseconds(lambda: held.fill(empty, (), out)))
    tasks = f"{len(ranges)} | {len(held.shares)}"
    spread = " | ".join(f"{median(t):.2f} | {quantiles(t, n=10)[-1]:.2f}" for t in times.values())
    return f"| {study.name} | {scenarios:,} | {tasks} | {spread} |", median(times["new"])


def kernel_rates(name: str) -> str:
    """Return a row of milliseconds per MB of lanes, by kernel."""
    study = load_study(name, [f"sampling.scenarios={32 * LANES}"])
    warm_up(study, silent)
    oracle, level = prepare(study, sample_of(study), Workers(1)), study.given_levels
    size = sum(a.nbytes for a in empty_lanes(study, 32 * LANES)) / 1e6
    z = oracle.shortfall(level)[0]
    kernels: list[Callable[[], object]] = [
        lambda: oracle.shortfall(level),
        lambda: oracle.slope(level, 0, z),
        lambda: oracle.concavity_excess(level),
    ]
    least = [min(milliseconds(kernel) for _ in range(20)) / size for kernel in kernels]
    return f"| {name} | " + " | ".join(f"{each:.2f}" for each in least) + " |"


def main() -> None:
    """Print both tables in Markdown; fail if Dask costs more than a millisecond a call."""
    print(
        "| study | scenarios | ranges, pool | tasks, Dask | pool, ms | 9 of 10 "
        "| Dask, ms | 9 of 10 |"
    )
    print("|---" * 8 + "|", flush=True)
    worst = 0.0
    with ThreadPoolExecutor(THREADS) as pool:
        for name in ("tutorial", "norway-2019"):
            for scenarios in SIZES:
                row, found = call_costs(load_study(name), scenarios, pool)
                print(row, flush=True)
                worst = max(worst, found)
    print("\n| study | Z, ms/MB | slope, ms/MB | certificate, ms/MB |")
    print("|---" * 4 + "|")
    for name in ("tutorial", "norway-2019"):
        print(kernel_rates(name), flush=True)
    if worst > MOST_MS:
        sys.exit(f"a call costs {worst:.2f} ms at the median: more than {MOST_MS} ms")


if __name__ == "__main__":
    main()
