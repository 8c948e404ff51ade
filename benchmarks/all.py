"""Run the benchmarks that the pages quote, as quoted, and put their tables in place of those there.

python benchmarks/all.py            only prints what comes out
python benchmarks/all.py --write    also renews the tables in docs/

A page quotes a benchmark as a command in backquotes; its tables follow, before the next command or
heading. Only tables are renewed, each by the printed one of the same header: what is written around
them, and tables made otherwise, stay, and are for their author to read again. A benchmark that
misses what it asserts leaves its page as it was and is told at the end. Takes hours: the extensive
forms are slow. Needs the extra `benchmarks`.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "cluster.md")
COMMAND = re.compile(r"`python (benchmarks/(?!all\.py)\w+\.py[^`]*)`")
HEADING = re.compile(r"(?m)^#+ ")
TABLE = re.compile(r"(?m)^\|.*(?:\n\|.*)*")
Command = list[str]


def commands(page: str) -> list[Command]:
    """Return the benchmarks that a page quotes, each a script and its arguments."""
    return [found[1].split() for found in COMMAND.finditer(page)]


def section(page: str, command: Command) -> tuple[int, int]:
    """Return where the part of a page that belongs to a command begins and ends."""
    (start,) = (found.end() for found in COMMAND.finditer(page) if found[1].split() == command)
    ends = [each.search(page, start) for each in (COMMAND, HEADING)]
    return start, min((end.start() for end in ends if end), default=len(page))


def tables(text: str) -> dict[str, str]:
    """Return the tables in a text by their header."""
    return {found[0].partition("\n")[0]: found[0] for found in TABLE.finditer(text)}


def renewed(page: str, command: Command, printed: str) -> str:
    """Return a page with the tables that a command printed in place of its own.

    Raises
    ------
    KeyError
        Naming the header of a table that the page has no place for.
    """
    start, end = section(page, command)
    part, new = page[start:end], tables(printed)
    if unknown := new.keys() - tables(part).keys():
        raise KeyError(f"no such table after `python {' '.join(command)}`: {unknown.pop()}")
    part = TABLE.sub(lambda old: new.get(old[0].partition("\n")[0], old[0]), part)
    return page[:start] + part + page[end:]


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
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def run(page: Path, command: Command, write: bool) -> list[str]:
    """Run a benchmark, print what it prints, renew its tables if asked; return what went wrong."""
    print(f"\n$ python {' '.join(command)}\n", flush=True)
    asked = [sys.executable, *command]
    done = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, flush=True)
    if done.returncode:
        return [f"{' '.join(command)}: misses what it asserts, or fell"]
    try:
        text = renewed(page.read_text("utf-8"), command, done.stdout)
    except KeyError as error:
        return [f"{page.name}: {error.args[0]}"]
    if write:
        page.write_text(text, "utf-8")
    return []


def main(arguments: Sequence[str]) -> None:
    """Run all, print and, if asked, renew the pages."""
    if list(arguments) not in ([], ["--write"]):
        sys.exit("usage: python benchmarks/all.py [--write]")
    try:
        print(f"{machine()} Commit {commit()}.", flush=True)
    except PackageNotFoundError as error:
        sys.exit(f'{error.name} is not installed; pip install -e ".[benchmarks]"')
    wrong = list[str]()
    for page in PAGES:
        for command in commands(page.read_text("utf-8")):
            wrong += run(page, command, bool(arguments))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
