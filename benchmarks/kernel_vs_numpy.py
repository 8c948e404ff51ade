"""Time of the baseline flow per scenario: the compiled kernel against numpy, one thread each.

    python benchmarks/kernel_vs_numpy.py [scenarios]

All take turns in one process, so that a busy machine disturbs them alike. Read the ratios of the
minima; absolute times depend on the machine.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
import time
from collections.abc import Callable

import numpy as np
from flow_numpy import Baseline, Innermost, Outermost, room_for, run_all
from numba import njit
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study
from lis1plan.core.kernel import Flow, Rates, new_flow, project
from lis1plan.core.rates import build_rates
from lis1plan.core.scenarios import draw, sample_of

BLOCKS = (8, 16, 32, 64, 128, 256)
REPEATS = 15
LAYOUTS = {"scenario innermost": Innermost, "scenario outermost": Outermost}
KERNEL = ("kernel", 0)


@njit(nogil=True)
def run_kernel(rates: Rates, nobody: NDArray[np.float64], flow: Flow, out: Baseline) -> None:
    """Fill `out` scenario by scenario with the kernel, in one flow."""
    for i in range(rates.leakage.shape[0]):
        project(rates, i, nobody, flow)
        out.supply[i] = flow.supply
        out.persons[i] = flow.persons
        out.qualified[i] = flow.qualified
        out.trainees[i] = flow.trainees


def contenders(rates: Rates) -> tuple[dict[tuple[str, int], Callable[[], None]], Baseline]:
    """Return what is timed by (name, block size), having checked that all agree, and room."""
    groups, regions, ages = rates.specialists.shape
    flow = new_flow(rates.newcomers.shape[1], len(rates.occupants), groups, regions, ages)
    nobody, expected, out = np.empty((regions, 0)), room_for(rates), room_for(rates)
    run_kernel(rates, nobody, flow, expected)
    found: dict[tuple[str, int], Callable[[], None]] = {
        KERNEL: lambda: run_kernel(rates, nobody, flow, out)
    }
    for name, layout in LAYOUTS.items():
        for block in BLOCKS:
            room = layout(rates, block)
            for values in out:
                values[:] = np.nan
            run_all(room, rates, block, out)
            for field, one, other in zip(Baseline._fields, expected, out, strict=True):
                np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-9, err_msg=field)
            found[name, block] = lambda room=room, block=block: run_all(room, rates, block, out)
    return found, out


def measure(rates: Rates) -> dict[tuple[str, int], tuple[float, float]]:
    """Return (min, median) of the microseconds per scenario."""
    runs, _ = contenders(rates)
    times: dict[tuple[str, int], list[float]] = {key: [] for key in runs}
    for _ in range(REPEATS):
        for key, run in runs.items():
            began = time.perf_counter()
            run()
            times[key].append((time.perf_counter() - began) / len(rates.leakage) * 1e6)
    return {key: (min(taken), float(np.median(taken))) for key, taken in times.items()}


def main() -> None:
    """Measure and print a table in Markdown."""
    scenarios = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    if scenarios < 1 or scenarios % max(BLOCKS):
        sys.exit(f"the number of scenarios must be a multiple of {max(BLOCKS)}")
    study = load_study("norway-2019", [f"sampling.scenarios={scenarios}"])
    rates = build_rates(study, draw(study, sample_of(study), 0, scenarios))
    groups, regions, ages = rates.specialists.shape
    taken = measure(rates)
    print(
        f"{scenarios:,} scenarios, {regions} regions, {groups} groups, {ages} ages, "
        f"{rates.newcomers.shape[1]} half-years; {REPEATS} repeats in turn; one thread.\n"
    )
    print("| layout | block size | µs per scenario, min | median | ratio to the kernel (min) |")
    print("|---" * 5 + "|")
    fastest, _ = taken[KERNEL]
    for (name, block), (least, median) in taken.items():
        print(f"| {name} | {block or '–'} | {least:.1f} | {median:.1f} | {least / fastest:.2f} |")
    best = {}
    print()
    for layout in LAYOUTS:
        best[layout] = min((taken[layout, block][0], block) for block in BLOCKS)
        least, block = best[layout]
        print(f"Best block size, {layout}: {block} ({least / fastest:.2f} times the kernel's time)")
    layout = min(best, key=lambda name: best[name][0])
    least, block = best[layout]
    print(
        f"\nkernel {least / fastest:.1f} times as fast as numpy at its best block size "
        f"({block}, {layout})"
    )


if __name__ == "__main__":
    main()
