"""Time of the baseline flow per scenario: the compiled kernel against plain C, one thread each.

    python benchmarks/kernel_vs_c.py [scenarios]

`flow_c.c` is the same flow written for gcc (-O3 -march=native) and called on the same arrays; both
must agree to 1e-9. They take turns in one process, and with them a loop of independent
multiply-adds, the most a core can do: what share of it the kernel reaches is printed too. Read the
ratios of the minima; absolute times depend on the machine.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from flow_numpy import Baseline, moves_in, room_for, sizes_of
from kernel_vs_numpy import run_kernel
from rates_widened import GROUPS, HALF_YEARS, study_rates, widened

from lis1plan.core.kernels.cohorts import Rates, new_flow

SOURCE = Path(__file__).with_name("flow_c.c")
PART = 64  # scenarios timed at a time: short, so that some are timed undisturbed
REPEATS = 40
CHAINS, PASSES = 64, 20_000  # of multiply-adds, as in flow_c.c
FIELDS = (
    *("leave", "drop_out", "occupants", "choice", "group_share", "direct_entry", "trainees"),
    *("historic_outcome", "outcome", "specialists", "entry_age", "foreign", "foreign_age"),
    *("survival", "mobility", "fte"),
)
MOST = {"stages": 8, "ages": 128, "half_years": 256, "longest": 60, "regions": 4}  # as in flow_c.c


def compiled(folder: Path) -> ctypes.CDLL:
    """Compile `flow_c.c` into the folder and load it."""
    library = folder / "flow.so"
    options = ["-O3", "-march=native", "-std=gnu11", "-shared", "-fPIC"]
    subprocess.run(["gcc", *options, str(SOURCE), "-o", str(library)], check=True)
    return ctypes.CDLL(str(library))


def operations(rates: Rates) -> int:
    """Return the multiplications and additions of one scenario's flow, a multiply-add counted two.

    What the formulas of docs/model.md need with a year's two half-years in one step, on the ages
    and durations there are: nothing for padding, tables or moving data.
    """
    z = sizes_of(rates)
    stages = 3 * z.half_years * z.regions * z.stages  # passing on; staying and arriving
    choosing = 2 * z.half_years * z.regions * (z.regions + z.groups)
    late = sum(z.half_years - z.until - d for d in range(z.longest) if d + z.until < z.half_years)
    early = z.until * min(z.longest, z.half_years) + z.longest * (z.longest - 1) // 2
    training = z.groups * z.regions * (2 * 2 * (late + early) + 3 * z.half_years)
    years = z.half_years // 2
    moving = 2 * z.regions + 2 * 4  # those of all regions; new and foreign, spring's and autumn's
    sums = 3  # FTE; persons
    working = years * z.groups * z.regions * z.ages * (moving + sums)
    joining = years * z.groups * 2 * 2 * z.regions**2
    return stages + choosing + training + working + joining


def measure(rates: Rates, library: ctypes.CDLL) -> tuple[float, float, float]:
    """Return the least microseconds per scenario of kernel and C, and 10⁹ operations a second."""
    z, count = sizes_of(rates), len(rates.leakage)
    for name, most in MOST.items():
        if getattr(z, name) > most:
            sys.exit(f"flow_c.c has room for {most} {name}, not {getattr(z, name)}")
    found, expected = room_for(rates), room_for(rates)
    sizes = (ctypes.c_long * 7)(*z)
    told = rates._asdict() | {"mobility": moves_in(rates, slice(None))}
    inputs = [np.ascontiguousarray(told[name]) for name in FIELDS]
    given = (ctypes.c_void_p * len(inputs))(*(array.ctypes.data for array in inputs))
    filled = (ctypes.c_void_p * 4)(*(array.ctypes.data for array in found))
    flow = new_flow(z.half_years, z.stages, z.groups, z.regions, z.ages)
    nobody = np.empty((z.regions, 0))
    library.multiply_add.restype = ctypes.c_double
    runs = (
        lambda first: run_kernel(rates, first, PART, nobody, flow, expected),
        lambda first: library.project(
            sizes, given, ctypes.c_long(first), ctypes.c_long(PART), filled
        ),
        lambda _: library.multiply_add(ctypes.c_long(PASSES)),
    )
    least = [float("inf")] * 3
    for repeat in range(REPEATS + 1):  # the first compiles
        for first in range(0, count, PART):
            for n, run in enumerate(runs):
                began = time.process_time()
                run(first)
                if repeat:
                    least[n] = min(least[n], time.process_time() - began)
    for name, one, other in zip(Baseline._fields, expected, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-9, err_msg=name)
    per_second = 2 * CHAINS * PASSES / least[2] / 1e9
    return least[0] / PART * 1e6, least[1] / PART * 1e6, per_second


def main() -> None:
    """Measure and print a table in Markdown."""
    scenarios = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    if scenarios < 1 or scenarios % PART:
        sys.exit(f"the number of scenarios must be a multiple of {PART}")
    if shutil.which("gcc") is None:
        print("Not measured: gcc is missing on this machine.")
        return
    study = study_rates(scenarios)
    print(
        "| groups | half-years | kernel, µs per scenario | C, µs | kernel / C "
        "| operations | share of the core's peak |"
    )
    print("|---" * 7 + "|")
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(Path(folder))
        for rates in (study, widened(study, groups=GROUPS, half_years=HALF_YEARS)):
            kernel, plain, peak = measure(rates, library)
            z, count = sizes_of(rates), operations(rates)
            share = count / (kernel * 1e3) / peak
            print(
                f"| {z.groups} | {z.half_years} | {kernel:.1f} | {plain:.1f} "
                f"| {kernel / plain:.2f} | {count:,} | {share:.0%} of {peak:.0f} · 10⁹ a second |"
            )
    print(f"\n{z.regions} regions, {z.ages} ages; minima over {REPEATS} repeats, all in turn.")


if __name__ == "__main__":
    main()
