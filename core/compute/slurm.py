"""Slurm's commands, each with a time limit, told apart: no Slurm, Slurm not answering, refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from ..errors import LisError

SECONDS = 20.0
TRIES = 3
STUCK = {
    "PartitionConfig": "the partition has no node for what the job asks, or its time is too long",
    "PartitionNodeLimit": "the partition has fewer nodes than the job asks for",
    "PartitionTimeLimit": "the job asks for more time than the partition allows",
    "PartitionDown": "the partition is down",
    "PartitionInactive": "the partition is inactive",
    "DependencyNeverSatisfied": "a job it waits for has failed",
    "ReqNodeNotAvail": "the nodes it needs are down or reserved",
    "BadConstraints": "no node has the features it asks for",
    "JobHeldUser": "held by its owner: scontrol release",
    "JobHeldAdmin": "held by an administrator",
    "InvalidAccount": "the account is not valid",
    "InvalidQOS": "the quality of service is not valid",
    "launch failed requeued held": "its start failed; held: scontrol release",
}
"""Reasons for which a job waits for ever, or until somebody acts."""


class SlurmError(LisError):
    """Slurm cannot be used, or refused a request; the message says which."""


def slurm(*command: str, seconds: float = SECONDS, input_text: str | None = None) -> str:
    """Run one of Slurm's commands and return what it prints.

    Raises
    ------
    SlurmError
        If it is missing, does not answer in time, or fails.
    """
    _configured(command[0])
    try:
        done = subprocess.run(
            command, input=input_text, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise SlurmError(f"{command[0]}: Slurm did not answer within {seconds:.0f} s") from None
    except OSError as error:
        raise SlurmError(f"{command[0]}: cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise SlurmError(f"{command[0]}: {lines[-1] if lines else 'failed'}")
    return done.stdout


def patient(*command: str) -> str:
    """Run a command that asks only; a busy controller is asked again, later each time."""
    for attempt in range(TRIES):
        try:
            return slurm(*command)
        except SlurmError:
            if attempt == TRIES - 1:
                raise
            time.sleep(1.0 + 2.0 * attempt)
    raise AssertionError


def require_slurm() -> None:
    """Make sure there is a Slurm that answers.

    Raises
    ------
    SlurmError
        If there is none, or it does not answer.
    """
    said = slurm("scontrol", "ping", seconds=10.0)
    if "UP" not in said:
        raise SlurmError("the controller of Slurm is down: scontrol ping")


def stuck_for_good(reason: str) -> str | None:
    """Return in words why a job waits for ever, or None where it merely waits."""
    for known, words in STUCK.items():
        if reason.startswith(known):
            return f"{words} ({reason})"
    if reason.startswith(("Assoc", "QOS")) and "Limit" in reason:
        return f"a limit of the account or quality of service stands against it ({reason})"
    return None


def states(jobs: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return state and reason of every job or task of an array still in the queue, by its id."""
    if not jobs:
        return {}
    try:
        said = patient("squeue", "-h", "-r", "-o", "%i|%T|%r", "-j", ",".join(jobs))
    except SlurmError as error:
        if "Invalid job id" in str(error):  # all of them left the queue long ago
            return {}
        raise
    rows = [line.split("|", 2) for line in said.splitlines() if line.count("|") >= 2]
    return {job.strip(): (state.strip(), reason.strip()) for job, state, reason in rows}


def ending(job: str) -> dict[str, str]:
    """Return what the controller still knows of a job that ended: JobState, Reason, ExitCode, …."""
    try:
        said = slurm("scontrol", "show", "job", job, "-o")
    except SlurmError:
        return {}
    pairs = [pair.split("=", 1) for pair in said.split() if "=" in pair]
    return {pair[0]: pair[1] for pair in pairs}


def cpus_of_nodes(partition: str = "") -> int | None:
    """Return the CPUs of the smallest node of a partition, by default the one jobs go to unasked.

    None where Slurm names no node of it.
    """
    named = ("-p", partition) if partition else ()
    rows = [
        (name, int(cpus))
        for name, _, cpus in (
            line.strip().partition("|")
            for line in patient("sinfo", "-h", "-N", "-o", "%P|%c", *named).splitlines()
        )
    ]
    usual = [cpus for name, cpus in rows if partition or name.endswith("*")]
    return min(usual or [cpus for _, cpus in rows], default=None)


def most_of_array() -> int:
    """Return the largest number of tasks of an array."""
    for line in patient("scontrol", "show", "config").splitlines():
        if line.startswith("MaxArraySize"):
            return int(line.split("=", 1)[1])
    return 1001


def _configured(program: str) -> None:
    """Refuse at once where there is no Slurm: its commands would ask the network for one."""
    if shutil.which(program) is None:
        raise SlurmError(f"{program}: not found: there is no Slurm on this machine")
    file = os.environ.get("SLURM_CONF")
    if file and not Path(file).is_file():
        raise SlurmError(f"{program}: SLURM_CONF names {file}, which does not exist")
    usual = [Path("/etc/slurm/slurm.conf"), Path("/etc/slurm-llnl/slurm.conf"), Path("/run/slurm")]
    if not file and not any(path.exists() for path in usual) and "SLURM_JOB_ID" not in os.environ:
        raise SlurmError(f"{program}: no Slurm is configured here (SLURM_CONF is not set)")
