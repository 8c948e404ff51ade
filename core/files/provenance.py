"""Provenance: which program, versions, command and study made a result."""

from __future__ import annotations

import datetime
import json
import platform
import subprocess
import sys
from importlib import metadata
from typing import Any

from ..compute.versions import ROOT
from ..study.study import Study

PACKAGES = (
    "numba",
    "numpy",
    "scipy",
    "SALib",
    "pyomo",
    "highspy",
    "dask",
    "xarray",
    "netCDF4",
    "pydantic",
)


def provenance(study: Study, seconds: float) -> dict[str, Any]:
    """Return the attributes that let a result be explained and run again."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    command = " ".join(["lis1plan", *sys.argv[1:]])
    return {
        "title": study.title,
        "summary": (
            "Cheapest path of new LIS1 posts by region and year under limits on the risk of a "
            "shortage of specialists; assumptions and sources stand in study_json"
        ),
        "institution": "not stated",
        "source": f"lis1plan {metadata.version('lis1plan')}",
        "history": f"{now} {command}",
        "date_created": now,
        "comment": "stocks are those at the end of a year's autumn half-year",
        "run_id": run_id(study),
        "study_name": study.name,
        "known_as_of": study.known_as_of,
        "study_json": study.canonical_text,
        "study_sha256": study.sha256,
        "seed": study.sampling.seed,
        "scenarios": study.sampling.scenarios,
        "sampling_method": study.sampling.method,
        "fresh_scenarios": study.sampling.fresh_scenarios,
        "command_line": command,
        "lis1plan_version": metadata.version("lis1plan"),
        "git_commit": git_commit(),
        "package_versions": json.dumps({name: metadata.version(name) for name in PACKAGES}),
        "platform": f"Python {platform.python_version()}, {platform.machine()}",
        "seconds_total": seconds,
    }


def run_id(study: Study) -> str:
    """Return the short name of a run: equal studies, seeds and sizes give equal results."""
    return study.sha256[:8]


def git_commit() -> str:
    """Return the commit of the source checkout, or 'installed package' where there is none."""
    if not (ROOT / ".git").exists():
        return "installed package"
    try:
        found = subprocess.run(
            ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown (git not available)"
    return found.stdout.strip()
