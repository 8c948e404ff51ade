"""The scripts of a campaign: plain, to be read, changed and submitted by hand where need be."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from ..core.compute.profile import Jobs
from .campaign import Campaign

AGAIN = 3
"""How often a task whose time runs out puts itself back into the queue."""


def write_scripts(campaign: Campaign) -> list[Path]:
    """Write the scripts of the array and of the job after it."""
    folder, jobs = campaign.folder, campaign.profile.slurm
    scripts = {
        "task.sbatch": _task(folder, jobs),
        "collect.sbatch": _collect(folder, jobs),
    }
    written = []
    for name, text in scripts.items():
        path = folder / name
        path.write_text(text, "utf-8")
        path.chmod(0o755)
        written.append(path)
    return written


def program() -> str:
    """Return how the jobs start lis1plan: the script beside this Python, else through it."""
    script = Path(sys.executable).with_name("lis1plan")
    if script.exists():
        return shlex.quote(str(script))
    return f"{shlex.quote(sys.executable)} -c 'from lis1plan.cli import main; main()'"


_WORDS = re.compile(r"[^\w.-]+")


def _as_pattern(folder: Path) -> str:
    """Return a folder as Slurm reads it inside quotes: its own sign for numbers doubled."""
    return str(folder).replace("%", "%%")


def _head(folder: Path, jobs: Jobs, log: str, cpus: int) -> list[str]:
    asked = {
        "job-name": f"lis1plan-{_WORDS.sub('-', folder.resolve().name)}",
        "output": f'"{_as_pattern(folder.resolve())}/logs/{log}"',
        "open-mode": "append",
        "cpus-per-task": str(cpus),
        "partition": jobs.partition,
        "account": jobs.account,
    }
    lines = [f"#SBATCH --{key}={value}" for key, value in asked.items() if value]
    return ["#!/bin/bash", *lines, *(f"#SBATCH {line}" for line in jobs.extra)]


def _surroundings(jobs: Jobs) -> list[str]:
    return [
        "set -euo pipefail",
        *(f"module load {module}" for module in jobs.modules),
        *jobs.before,
        "# compiled kernels: on the node's own disk, where no other node writes at the same time",
        'export NUMBA_CACHE_DIR="${NUMBA_CACHE_DIR:-${TMPDIR:-/tmp}/lis1plan-numba-$(id -u)}"',
        "export OMP_NUM_THREADS=1 HDF5_USE_FILE_LOCKING=FALSE",
    ]


def _task(folder: Path, jobs: Jobs) -> str:
    again = f"""\
# Slurm sends USR1 before the time is up: what is worked out is kept, and the task queues once more.
again() {{
  kill -TERM "$child" 2>/dev/null || true
  wait "$child" || true
  if [ "${{SLURM_RESTART_COUNT:-0}}" -lt {AGAIN} ]; then
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}"
  fi
  exit 75
}}
trap again USR1"""
    lines = [
        *_head(folder, jobs, "%A_%a.log", jobs.cpus),
        f"#SBATCH --time={jobs.walltime}",
        f"#SBATCH --mem={jobs.memory}",
        *(["#SBATCH --requeue"] * jobs.requeue),
        "#SBATCH --signal=B:USR1@120",
        "# One task of the array: lis1plan task says which run that is; done tasks end at once.",
        *_surroundings(jobs),
        again,
        "number=$((SLURM_ARRAY_TASK_ID + ${LIS1PLAN_OFFSET:-0}))",
        f'{program()} task {shlex.quote(str(folder.resolve()))} "$number" '
        f"--workers {jobs.cpus} --quiet &",
        "child=$!",
        "wait $child",
    ]
    return "\n".join(lines) + "\n"


def _collect(folder: Path, jobs: Jobs) -> str:
    lines = [
        *_head(folder, jobs, "collect.log", 1),
        "#SBATCH --time=00:30:00",
        "#SBATCH --mem=1G",
        *_surroundings(jobs),
        f"{program()} collect {shlex.quote(str(folder.resolve()))}",
    ]
    return "\n".join(lines) + "\n"
