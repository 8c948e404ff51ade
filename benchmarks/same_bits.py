"""Whether another commit gives the same results, bit for bit: for changes that may change none.

    python benchmarks/same_bits.py COMMIT
    python benchmarks/same_bits.py COMMIT --only frontier --only infeasible

Checks COMMIT out beside this working tree, runs every job in both, as commands in processes of
their own in this Python environment, and compares the result files: every variable's axes, type and
bytes (so NaN by its bits, and -0.0 is not 0.0) and every attribute but those of `PASSING`. Of the
program it uses only `lis1plan.cli:main`: modules may have moved between the two. A job that
the clock stopped has failed: its results are no function of the code. Both sides run at once, each
on half of the cores, but two threads at least. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ENTRY = """\
import sys
import lis1plan
from lis1plan.cli import main
package = sys.argv.pop(1)
if not lis1plan.__file__.startswith(package):
    sys.exit(f"{lis1plan.__file__} was imported, not {package}")
main(prog_name="lis1plan")
"""
PASSING = {
    "bounds_sha256",  # checksums: what they cover is compared itself
    "command_line",
    "data_sha256",
    "date_created",
    "git_commit",
    "history",
    "lis1plan_version",
    "package_versions",
    "platform",
    "run_id",  # the study itself is compared, as study_json and study_sha256
    "sha256",
    "source",
}
"""Attributes that follow from the others or tell of time, version, run or command; and all that
begin with `seconds_`."""


class Job(NamedTuple):
    """A command that leaves one result file, and how it ends."""

    arguments: tuple[str, ...]
    exit_code: int = 0


JOBS = {
    "tutorial": Job(("run", "tutorial", "--ensemble")),
    "norway-2019": Job(("run", "norway-2019", "--scenarios", "1000")),
    "frontier": Job(("frontier", "tutorial", "--over", "risk.country.limit", "--points", "4")),
    "sensitivity": Job(("sensitivity", "tutorial", "--samples", "64")),
    "infeasible": Job(("run", "tutorial", "--set", "risk.country.limit=0.0001"), exit_code=3),
}


class Verdict(NamedTuple):
    """How many variables both sides have, and in what the two differ."""

    variables: int
    differing: list[str]


@contextmanager
def checkout(commit: str, folder: Path) -> Iterator[Path]:
    """Hold a second checkout, at a commit; it goes in the end."""
    git = ["git", "-C", str(ROOT), "worktree"]
    added = [*git, "add", "--quiet", "--detach", str(folder), commit]
    done = subprocess.run(added, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{commit}: cannot be checked out: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def begin(job: Job, tree: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start a job with the package of a tree; results and messages go to a new folder."""
    packages = folder / "packages"
    packages.mkdir(parents=True)
    (packages / "lis1plan").symlink_to(tree, target_is_directory=True)
    workers = max(2, (os.cpu_count() or 1) // 2)
    asked = [*job.arguments, "--quiet", "--workers", str(workers), "--out", str(folder)]
    with (folder / "stderr").open("wb") as messages:
        return subprocess.Popen(
            [sys.executable, "-P", "-c", ENTRY, str(packages / "lis1plan"), *asked],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(packages)},
            stdout=subprocess.DEVNULL,
            stderr=messages,
        )


def failure(job: Job, code: int, folder: Path) -> str:
    """Return in words what is wrong with how a job ended, or nothing."""
    if code != job.exit_code:
        said = (folder / "stderr").read_text("utf-8", "replace").strip().splitlines()
        return f"exit code {code}, not {job.exit_code}: {said[-1] if said else 'no message'}"
    count = len(list(folder.glob("*.nc")))
    return "" if count == 1 else f"{count} result files, not 1"


def judge(job: Job, trees: dict[str, Path], folder: Path) -> Verdict:
    """Run a job in both trees at once and compare what they leave."""
    under_way = {side: begin(job, tree, folder / side) for side, tree in trees.items()}
    try:
        codes = {side: process.wait() for side, process in under_way.items()}
    finally:
        for process in under_way.values():
            process.kill()  # nothing, where it has ended
            process.wait()
    wrong = {side: failure(job, code, folder / side) for side, code in codes.items()}
    if any(wrong.values()):
        return Verdict(0, [f"{side}: {what}" for side, what in wrong.items() if what])
    there, here = (next((folder / side).glob("*.nc")) for side in trees)
    return compare(there, here)


def compare(there: Path, here: Path) -> Verdict:
    """Compare two result files, whatever their names are."""
    with netCDF4.Dataset(there) as one, netCDF4.Dataset(here) as other:
        for file in (one, other):
            file.set_auto_maskandscale(False)
            file.set_auto_chartostring(False)
        found = one_sided("variable", set(one.variables), set(other.variables))
        both = [name for name in one.variables if name in other.variables]
        for name in both:
            found += [f"{name}: {how}" for how in how_variables_differ(one[name], other[name])]
        return Verdict(len(both), [*found, *how_attributes_differ(one, other)])


def how_variables_differ(one: netCDF4.Variable[Any], other: netCDF4.Variable[Any]) -> list[str]:
    """Return in words how two variables differ: axes, type, bytes, attributes."""
    found = how_attributes_differ(one, other)
    if one.dimensions != other.dimensions or one.shape != other.shape:
        return [f"{axes(one)} → {axes(other)}", *found]
    if one.dtype != other.dtype:
        return [f"{one.dtype} → {other.dtype}", *found]
    if bits(one[...]) != bits(other[...]):
        pairs = list(zip(cells(one[...]), cells(other[...]), strict=True))
        return [f"{sum(a != b for a, b in pairs)} of {len(pairs)} values", *found]
    return found


def how_attributes_differ(one: Any, other: Any) -> list[str]:
    """Return in words how the attributes of two files or variables differ."""
    before, after = (
        {
            key: part.getncattr(key)
            for key in part.ncattrs()
            if key not in PASSING and not key.startswith("seconds_")
        }
        for part in (one, other)
    )
    return one_sided("attribute", set(before), set(after)) + [
        f"attribute {key}: {' → '.join(ends(str(before[key]), str(after[key])))}"
        for key in before.keys() & after.keys()
        if bits(before[key]) != bits(after[key])
    ]


def ends(one: str, other: str) -> list[str]:
    """Return what two texts go on with where they part, up to 40 characters of each."""
    pairs = enumerate(zip(one, other, strict=False))
    same = next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = same if same > 40 else 0
    return [("…" if start else "") + text[start : start + 40] for text in (one, other)]


def one_sided(what: str, there: set[str], here: set[str]) -> list[str]:
    """Return in words what only one side has."""
    return [f"{what} {name} only there" for name in sorted(there - here)] + [
        f"{what} {name} only here" for name in sorted(here - there)
    ]


def axes(variable: netCDF4.Variable[Any]) -> str:
    """Return the axes of a variable and their sizes in words."""
    sizes = zip(variable.shape, variable.dimensions, strict=True)
    return ", ".join(f"{size} {name}" for size, name in sizes) or "one value"


def bits(values: Any) -> tuple[str, tuple[int, ...], bytes]:
    """Return what makes values the same: type, shape, bytes."""
    found = np.asarray(values)
    if found.dtype.kind == "O":  # texts of any length: their bytes as they stand are addresses
        found = found.astype(np.str_)
    return found.dtype.str, found.shape, found.tobytes()


def cells(values: Any) -> list[bytes]:
    """Return the bytes of each value."""
    return [bits(value)[2] for value in np.ravel(values)]


def main() -> None:
    """Run all jobs in both trees and print a row for each, in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("commit", metavar="COMMIT", help="what to compare this working tree with")
    parser.add_argument(
        "--only", metavar="JOB", choices=JOBS, action="append", help=", ".join(JOBS)
    )
    given = parser.parse_args()
    same = True
    with (
        tempfile.TemporaryDirectory() as temporary,
        checkout(given.commit, Path(temporary) / "checkout") as other,
    ):
        print("| job | variables compared | s | what differs |")
        print("|---|---|---|---|", flush=True)
        for name in given.only or JOBS:
            began = time.perf_counter()
            trees = {"there": other, "here": ROOT}
            verdict = judge(JOBS[name], trees, Path(temporary) / "jobs" / name)
            seconds = time.perf_counter() - began
            told = "; ".join(verdict.differing) or "nothing"
            print(f"| {name} | {verdict.variables} | {seconds:.0f} | {told} |", flush=True)
            same &= not verdict.differing
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
