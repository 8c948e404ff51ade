"""Which versions calculate: equal versions of these give equal bits, here and on every worker."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

NAMED = ("lis1plan", "numpy", "numba", "scipy")


@cache
def versions() -> dict[str, str]:
    """Return the versions of what calculates, and a checksum of our own code that does."""
    return {
        **{name: metadata.version(name) for name in NAMED},
        "python": ".".join(platform.python_version_tuple()[:2]),
        "code": code_of(Path(__file__).parent),
    }


def code_of(folder: Path) -> str:
    """Return a short checksum of the modules of a folder: a checkout has no other version."""
    found = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()[:12]


def mismatch(here: dict[str, str], there: dict[str, str]) -> str:
    """Return in words what differs there from here, or nothing."""
    differing = [
        f"{name} {there.get(name, 'missing')} there, {version} here"
        for name, version in here.items()
        if there.get(name) != version
    ]
    return "; ".join(differing)
