"""What the optimise phase asks of every scenario, beside a plain sum over the same arrays.

    python benchmarks/beside_memory.py 10000 100000

A kernel that reads all it is given once cannot be faster than that sum by as many threads. All in
turn in one run, the median of several turns; the study is that of optimise_scaling.py. `share` is
that of the bandwidth the sum reaches. Bytes are those of the arrays, read once; a slope reads in
the regions of its limit alone, which for the national limit are all.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

from lis1plan.benchmarks.optimise_scaling import FROZEN
from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import available_cores, silent
from lis1plan.core.compute.workers import local_workers
from lis1plan.core.risk.lanes import LocalLanes
from lis1plan.core.risk.oracle import Oracle, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.system.arrays import system_of
from lis1plan.core.warmup import warm_up

TURNS = 7


def summed(arrays: Sequence[Any], share: tuple[int, int]) -> float:
    """Return the sum over some blocks of lanes: as fast as numpy adds up what memory gives."""
    first, last = share
    return sum(float(each[first:last].sum()) for each in arrays)


def asked(oracle: Oracle, pool: ThreadPoolExecutor) -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    assert isinstance(oracle.held, LocalLanes)
    arrays, cores = list(oracle.held.lanes), available_cores()
    edges = np.linspace(0, oracle.held.blocks, cores + 1).astype(int).tolist()
    shares = list(pairwise(edges))
    system = system_of(oracle.study)
    highest = system.levels(system.most_slots)
    level = system.levels(np.floor(0.2 * system.most_slots))
    z, national = oracle.shortfall(level), oracle.study.frontier_axis
    assert national is not None
    return {
        "sum": lambda: list(pool.map(lambda share: summed(arrays, share), shares)),
        "judge a plan": lambda: oracle.shortfall(level),
        "slope of one limit": lambda: oracle.bound(level, national, z[national]),
        "slopes of all limits": lambda: oracle.bounds(level, range(len(z)), z),
        "certificate": lambda: oracle.concavity_excess(highest),
    }


def main() -> None:
    """Print a table in Markdown."""
    sizes = [int(each) for each in sys.argv[1:]] or [10_000, 100_000]
    print("| scenarios | MB | | ms | µs a scenario | GB/s | share of the sum's |")
    print("|---" * 7 + "|", flush=True)
    for scenarios in sizes:
        study = load_study(FROZEN, [f"sampling.scenarios={scenarios}"])
        warm_up(study, silent)
        with local_workers() as workers, ThreadPoolExecutor(available_cores()) as pool:
            oracle = prepare(study, sample_of(study), workers)
            measured = asked(oracle, pool)
            seconds: dict[str, list[float]] = {name: [] for name in measured}
            for _ in range(TURNS):
                for name, call in measured.items():
                    began = time.perf_counter()
                    call()
                    seconds[name].append(time.perf_counter() - began)
            assert isinstance(oracle.held, LocalLanes)
            size = sum(each.nbytes for each in oracle.held.lanes)
        middle = {name: statistics.median(each) for name, each in seconds.items()}
        for name, each in middle.items():
            print(
                f"| {scenarios:,} | {size / 1e6:,.0f} | {name} | {1e3 * each:.1f} "
                f"| {1e6 * each / scenarios:.2f} | {size / each / 1e9:.1f} "
                f"| {middle['sum'] / each:.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
