"""Run all benchmarks one after the other, each in a process of its own, and print their tables.

python benchmarks/all.py            only prints
python benchmarks/all.py --write    also writes docs/benchmarks.md

Takes hours: the extensive forms are slow. A benchmark that misses what it asserts is told at the
end; its table is written all the same. Needs the extra `benchmarks`.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
BENCHMARKS = (
    ("The kernel and numpy", "kernel_vs_numpy.py", ("1024",)),
    ("The same with 5 groups and 60 half-years", "kernel_vs_numpy.py", ("512", "--wide")),
    ("The kernel and C", "kernel_vs_c.py", ("256",)),
    ("Growth of the kernel's time", "cost_growth.py", ("--chart",)),
    ("Time and memory by number of scenarios", "scaling.py", ("1000", "10000", "100000")),
    ("The optimise phase by number of scenarios", "optimise_scaling.py", ("--most",)),
    (
        "The cuts and the extensive form",
        "optimise_vs_extensive.py",
        ("--scenarios", "20", "100", "1000", "--seconds", "1200", "--chart"),
    ),
    ("Chance limits", "chance.py", ("100", "1000", "10000")),
    ("A frontier and single runs", "frontier.py", ("10000", "12")),
    ("mpi-sppy as a second opinion", "mpisppy_bridge.py", ("25", "100")),
)


def machine() -> str:
    """Return what the times depend on: processor, cores and versions; nothing that names it."""
    names = ("numpy", "numba", "pyomo", "highspy", "linopy", "mpi-sppy")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    processor = platform.processor() or platform.machine()
    return (
        f"Processor {processor}, {os.cpu_count()} cores; "
        f"Python {platform.python_version()}, {libraries}."
    )


def commit() -> str:
    """Return the commit, marked if files differ from it."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        found = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def main() -> None:
    """Run, print and, if asked, write the page."""
    wanted = sys.argv[1:]
    if wanted not in ([], ["--write"]):
        sys.exit("usage: python benchmarks/all.py [--write]")
    parts = [
        "# Benchmarks",
        f"{machine()} Commit {commit()}.\nMade by `benchmarks/all.py --write`.",
    ]
    print("\n\n".join(parts), flush=True)
    missed = []
    for title, script, sizes in BENCHMARKS:
        command = [sys.executable, str(HERE / script), *sizes]
        found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        missed += [script] * (found.returncode != 0)
        heading = f"## {title}\n\n`python {' '.join((f'benchmarks/{script}', *sizes))}`"
        parts.append(f"{heading}\n\n{found.stdout.strip()}")
        print("\n" + parts[-1], flush=True)
    if wanted:
        PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    if missed:
        sys.exit(f"missed what they assert: {', '.join(missed)}")


if __name__ == "__main__":
    main()
