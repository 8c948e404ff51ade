"""Which versions calculate: equal versions of these give equal bits, here and on every worker."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path

NAMED = ("lis1plan", "numpy", "numba", "scipy")
ROOT = Path(str(files(__name__.partition(".")[0])))
"""The folder of the package, as Python knows it: no module counts the folders above itself."""


@cache
def versions() -> dict[str, str]:
    """Return the versions of what calculates, and a checksum of our own code that does."""
    return {
        **{name: metadata.version(name) for name in NAMED},
        "python": ".".join(platform.python_version_tuple()[:2]),
        "code": code_of(ROOT / "core"),
    }


@cache
def solving_versions() -> dict[str, str]:
    """Return the versions of what calculates and of what solves."""
    solvers = {name: metadata.version(name) for name in ("highspy", "pyomo")}
    return versions() | solvers | {"optimise": code_of(ROOT / "optimise")}


def modules_of(folder: Path) -> list[Path]:
    """Return all modules below a folder of code, in order of their paths."""
    return sorted(folder.rglob("*.py"), key=lambda file: file.relative_to(folder).as_posix())


def code_of(folder: Path) -> str:
    """Return a short checksum of the code below a folder: a checkout has no other version.

    It covers each module's bytes and its path in the folder: a module that moves may be imported
    where another was.
    """
    found = hashlib.sha256()
    for file in modules_of(folder):
        path = file.relative_to(folder).as_posix()
        found.update(f"{path}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return found.hexdigest()[:12]


def mismatch(here: dict[str, str], there: dict[str, str]) -> str:
    """Return in words what differs there from here, or nothing."""
    differing = [
        f"{name} {there.get(name, 'missing')} there, {version} here"
        for name, version in here.items()
        if there.get(name) != version
    ]
    return "; ".join(differing)
