"""Time of the baseline flow per scenario: the compiled kernel against numpy, one thread each.

    python benchmarks/kernel_vs_numpy.py [scenarios] [--wide]

`--wide`: the study widened to 5 groups and 60 half-years (`rates_widened.py`).

All take turns in one process, so that a busy machine disturbs them alike. Read the ratios of the
minima; absolute times depend on the machine. Processor time is what is taken: on one thread, the
time on the clock of a machine with nothing else to do.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from flow_numpy import Baseline, Innermost, Layout, Outermost, room_for, run_blocks
from numba import njit
from numpy.typing import NDArray
from rates_widened import GROUPS, HALF_YEARS, study_rates, widened

from lis1plan.core.kernels.cohorts import Flow, Rates, new_flow, project

BLOCKS = (8, 16, 32, 64, 128, 256)
PART = 256  # scenarios timed at a time: short, so that some are timed undisturbed
REPEATS = 15
LAYOUTS = {"scenario innermost": Innermost, "scenario outermost": Outermost}
KERNEL = ("kernel", 0)

Run = Callable[[range], None]


@njit(nogil=True)
def run_kernel(
    rates: Rates, first: int, count: int, nobody: NDArray[np.float64], flow: Flow, out: Baseline
) -> None:
    """Fill `out` for `count` scenarios from `first` on with the kernel, one by one in one flow."""
    for i in range(first, first + count):
        project(rates, i, nobody, flow)
        out.supply[i] = flow.supply
        out.persons[i] = flow.persons
        out.qualified[i] = flow.qualified
        out.trainees[i] = flow.trainees


def contenders(rates: Rates) -> dict[tuple[str, int], Run]:
    """Return what is timed by (name, block size), having checked that all give the same."""
    groups, regions, ages = rates.specialists.shape
    flow = new_flow(rates.newcomers.shape[1], len(rates.occupants), groups, regions, ages)
    nobody, expected, out = np.empty((regions, 0)), room_for(rates), room_for(rates)
    everyone = range(len(rates.leakage))
    run_kernel(rates, 0, len(everyone), nobody, flow, expected)
    found: dict[tuple[str, int], Run] = {
        KERNEL: lambda part: run_kernel(rates, part.start, len(part), nobody, flow, out)
    }
    for name, layout in LAYOUTS.items():
        for block in BLOCKS:
            room = layout(rates, block)
            found[name, block] = partial(_run_numpy, room, rates, block, out)
            for values in out:
                values[:] = np.nan
            found[name, block](everyone)
            for field, one, other in zip(Baseline._fields, expected, out, strict=True):
                np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-9, err_msg=field)
    return found


def _run_numpy(room: Layout, rates: Rates, block: int, out: Baseline, part: range) -> None:
    run_blocks(room, rates, part, block, out)


def measure(rates: Rates) -> dict[tuple[str, int], tuple[float, float]]:
    """Return (min, median) of the microseconds per scenario."""
    runs = contenders(rates)
    times: dict[tuple[str, int], list[float]] = {key: [] for key in runs}
    for _ in range(REPEATS):
        for first in range(0, len(rates.leakage), PART):
            for key, run in runs.items():
                began = time.process_time()
                run(range(first, first + PART))
                times[key].append((time.process_time() - began) / PART * 1e6)
    return {key: (min(taken), float(np.median(taken))) for key, taken in times.items()}


def main() -> None:
    """Measure and print a table in Markdown."""
    sizes = [word for word in sys.argv[1:] if word != "--wide"]
    scenarios = int(sizes[0]) if sizes else 1024
    if scenarios < 1 or scenarios % PART:
        sys.exit(f"the number of scenarios must be a multiple of {PART}")
    rates = study_rates(scenarios)
    if "--wide" in sys.argv:
        rates = widened(rates, groups=GROUPS, half_years=HALF_YEARS)
    groups, regions, ages = rates.specialists.shape
    taken = measure(rates)
    print(
        f"{scenarios:,} scenarios, {regions} regions, {groups} groups, {ages} ages, "
        f"{rates.newcomers.shape[1]} half-years; {REPEATS} repeats of "
        f"{scenarios // PART} parts, all in turn; one thread.\n"
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
