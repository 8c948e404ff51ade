"""What the compute layer costs: threads, block sizes, kept parts, processes, against a plain loop.

    python benchmarks/cluster.py 100000

Every row of the first table draws the same scenarios and projects their two tiers, then judges ten
plans. The ratio to the plain loop on one thread is what to read; absolute seconds depend on the
machine and on who else uses it. The second table projects a fifth of them in full under two plans,
by number of threads and block size: efficiency is the time of one thread over that of all, times
their number.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lis1plan.configs.loader import load_study
from lis1plan.core.compute.place import Place, silent, split
from lis1plan.core.compute.workers import workers_at
from lis1plan.core.flow.projection import BLOCK as WHOLE_BLOCK
from lis1plan.core.flow.projection import Request, project_plans
from lis1plan.core.risk.oracle import BLOCK, judged_block, prepare
from lis1plan.core.scenarios.draws import sample_of
from lis1plan.core.study.study import Study
from lis1plan.core.system.posts import levels
from lis1plan.core.warmup import warm_up

PLANS = 10
REPEATS = 3
"""Of the second table, in turn; the least time of each counts."""


def plain_loop(study: Study) -> tuple[float, float, str]:
    """Return the seconds to draw and project block after block, without any layer."""
    began = time.perf_counter()
    for first, count in split(study.sampling.scenarios, BLOCK):
        judged_block(first, count, study, sample_of(study))
    return time.perf_counter() - began, np.nan, ""


def at(study: Study, place: Place, block: int = BLOCK) -> tuple[float, float, str]:
    """Return the seconds to prepare and to ask at a place, and a checksum of all answers."""
    found = hashlib.sha256()
    with workers_at(place) as workers:
        few = sample_of(study)._replace(scenarios=64, seed=0)
        for _ in range(4):  # every worker imports and loads its kernels before the clock starts
            prepare(study, few, workers).shortfall(study.given_levels)
        began = time.perf_counter()
        oracle = prepare(study, sample_of(study), workers, block=block)
        prepared = time.perf_counter() - began
        began = time.perf_counter()
        for number in range(PLANS):
            shape = (len(study.regions), len(study.decision_years))
            z = oracle.shortfall(levels(study, np.full(shape, float(number))))
            found.update(z.tobytes())
        return prepared, time.perf_counter() - began, found.hexdigest()[:8]


def full_flow(study: Study) -> None:
    """Print how long the whole flow takes under two plans, by threads and block size."""
    plans = {"none": study.given_levels, "more": study.given_levels + 10.0}
    print("\n| blocks of | 1 thread, s | 2 threads, s | efficiency |")
    print("|---|---|---|---|", flush=True)
    for block in (64, 256, WHOLE_BLOCK, 4 * WHOLE_BLOCK):
        least = {1: np.inf, 2: np.inf}
        for threads in (1, 2) * REPEATS:
            with workers_at(Place(threads)) as workers:
                began = time.perf_counter()
                project_plans(Request(study, sample_of(study), plans), workers, block=block)
                least[threads] = min(least[threads], time.perf_counter() - began)
        one, two = least.values()
        used = " (used)" * (block == WHOLE_BLOCK)
        print(f"| {block:,}{used} | {one:.1f} | {two:.1f} | {one / (2.0 * two):.2f} |", flush=True)


def main() -> None:
    """Measure the size on the command line and print a table in Markdown."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    study = load_study("norway-2019", [f"sampling.scenarios={size}"])
    warm_up(study, silent)
    with tempfile.TemporaryDirectory() as folder:
        kept = Place(2, checkpoint=Path(folder))
        rows: dict[str, Callable[[], tuple[float, float, str]]] = {
            "plain loop": lambda: plain_loop(study),
            "1 thread": lambda: at(study, Place(1)),
            "2 threads": lambda: at(study, Place(2)),
            "2 threads, blocks of 128": lambda: at(study, Place(2), 128),
            "2 threads, blocks of 512": lambda: at(study, Place(2), 512),
            "2 threads, blocks of 8192": lambda: at(study, Place(2), 8192),
            "2 threads, every part kept on disk": lambda: at(study, kept),
            "2 threads, every part read from disk": lambda: at(study, kept),
            "1 process (Dask)": lambda: at(study, Place(1, "local")),
            "2 processes (Dask)": lambda: at(study, Place(2, "local")),
        }
        print(f"| {size:,} scenarios | draw and project two tiers, s | ratio | {PLANS} plans, s |")
        print("|---|---|---|---|")
        base, said = np.nan, set[str]()
        for name, measure in rows.items():
            prepared, asked, answers = measure()
            base = prepared if np.isnan(base) else base
            told = f"{asked:.1f} |" if answers else "|"
            print(f"| {name} | {prepared:.1f} | {prepared / base:.2f} | {told}", flush=True)
            said |= {answers} - {""}
    full_flow(load_study("norway-2019", [f"sampling.scenarios={size // 5}"]))
    if len(said) > 1:
        sys.exit("the rows do not give the same bits")


if __name__ == "__main__":
    main()
