"""Kernel time by number of scenarios, half-years, regions and groups, against its operations.

    python benchmarks/cost_growth.py [--chart]

With --chart, docs/images/cost-growth.svg is drawn as well. The Norwegian study widened as in
`rates_widened.py`; one thread. All sizes take turns in one process; read the ratios of the minima.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from charts import log_log
from flow_numpy import room_for, sizes_of
from kernel_vs_c import operations
from kernel_vs_numpy import run_kernel
from rates_widened import study_rates, widened

from lis1plan.core.kernels.cohorts import Rates, new_flow

SCENARIOS, REPEATS = 128, 60
SCALED = {
    "scenarios": (32, 64, 128),
    "half_years": (56, 112, 224),
    "regions": (4, 8, 16),
    "groups": (2, 4, 8),
}


def runs() -> dict[tuple[str, int], tuple[Rates, int]]:
    """Return rates and number of scenarios by (axis, size)."""
    study = study_rates(SCENARIOS)
    sizes = [(axis, size) for axis, column in SCALED.items() for size in column]
    return {
        (axis, size): (study, size)
        if axis == "scenarios"
        else (widened(study, **{axis: size}), SCENARIOS)
        for axis, size in sizes
    }


def measure() -> dict[tuple[str, int], float]:
    """Return the least milliseconds by (axis, size)."""
    least: dict[tuple[str, int], float] = {}
    prepared = []
    for key, (rates, count) in runs().items():
        z = sizes_of(rates)
        flow = new_flow(z.half_years, z.stages, z.groups, z.regions, z.ages)
        prepared.append((key, rates, count, np.empty((z.regions, 0)), flow, room_for(rates)))
    for repeat in range(REPEATS + 1):  # the first compiles
        for key, rates, count, nobody, flow, out in prepared:
            began = time.process_time()
            run_kernel(rates, 0, count, nobody, flow, out)
            if repeat:
                taken = (time.process_time() - began) * 1e3
                least[key] = min(taken, least.get(key, taken))
    return least


def draw(least: dict[tuple[str, int], float]) -> None:
    """Draw time against size, both as multiples of the first of each axis."""
    points = [
        (axis.replace("_", "-"), size / SCALED[axis][0], taken / least[axis, SCALED[axis][0]])
        for (axis, size), taken in least.items()
    ]
    log_log("cost-growth", points, "size, times the first", "time, times the first")


def main() -> None:
    """Measure and print a table in Markdown; draw it if asked."""
    least, sizes = measure(), runs()
    if "--chart" in sys.argv[1:]:
        draw(least)
    titles = ("axis", "size", "ms", "size", "operations", "time")
    print(
        "| " + " | ".join(titles[:3]) + " | " + " | ".join(f"{t}, times" for t in titles[3:]) + " |"
    )
    print("|---" * len(titles) + "|")
    for (axis, size), taken in least.items():
        first = SCALED[axis][0]
        counts = [operations(rates) * n for rates, n in (sizes[axis, size], sizes[axis, first])]
        print(
            f"| {axis.replace('_', '-')} | {size} | {taken:.2f} | {size / first:.0f} "
            f"| {counts[0] / counts[1]:.2f} | {taken / least[axis, first]:.2f} |"
        )
    print(
        f"\nTimes the first of its axis; {SCENARIOS} scenarios if not said otherwise, 4 regions, "
        f"2 groups and 56 half-years; minima over {REPEATS} repeats, all in turn. People move from "
        "every region to every other: that part grows with the square of their number."
    )


if __name__ == "__main__":
    main()
