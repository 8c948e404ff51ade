"""Submitting, watching and stopping the tasks of a campaign on Slurm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..core.compute.profile import as_memory, as_walltime, megabytes, minutes
from ..core.compute.slurm import (
    SlurmError,
    ending,
    most_of_array,
    require_slurm,
    slurm,
    states,
    stuck_for_good,
)
from .campaign import Campaign, Task, read_note, write_json
from .task import done, outcome

TIME, MEMORY = "time", "memory"


class Need(NamedTuple):
    """What a task asks Slurm for."""

    walltime: str
    memory: str


class Standing(NamedTuple):
    """Where a task stands, in a word and with a reason."""

    state: str  # a way to end (see task.DONE), failed, running, waiting, stuck, lost, not started
    reason: str = ""


def submit(campaign: Campaign, tasks: Sequence[Task]) -> list[str]:
    """Submit tasks as arrays by need, and a job that collects after them; return what to say."""
    require_slurm()
    before, most = _submissions(campaign), most_of_array()
    groups: dict[tuple[Need, int], list[int]] = {}
    for task in tasks:
        offset = task.number // most * most
        groups.setdefault((_need(campaign, task, before), offset), []).append(task.number - offset)
    said, started = list[str](), list[str]()
    for (need, offset), indices in groups.items():
        array = f"{as_ranges(indices)}%{campaign.profile.slurm.at_once}"
        job = _sbatch(
            f"--array={array}",
            f"--time={need.walltime}",
            f"--mem={need.memory}",
            f"--export=ALL,LIS1PLAN_OFFSET={offset}",
            str(campaign.folder / "task.sbatch"),
        )
        entry = {"job": job, "offset": offset, "tasks": indices, **need._asdict()}
        before.append(entry)
        write_json(campaign.folder / "jobs.json", before)
        started.append(job)
        said.append(f"job {job}: {len(indices)} tasks, {need.walltime}, {need.memory}")
    collecting = _sbatch(
        f"--dependency=afterany:{':'.join(started)}",
        "--kill-on-invalid-dep=yes",
        str(campaign.folder / "collect.sbatch"),
    )
    before.append({"job": collecting, "offset": 0, "tasks": []})
    write_json(campaign.folder / "jobs.json", before)
    return [*said, f"job {collecting}: collects after them", *_warnings(started)]


def standings(campaign: Campaign) -> dict[int, Standing]:
    """Return where every task stands. Our files are the truth; Slurm explains what lacks one."""
    found, open_ = dict[int, Standing](), dict[int, str]()
    submissions = _submissions(campaign)
    latest = {
        entry["offset"] + index: f"{entry['job']}_{index}"
        for entry in submissions
        for index in entry["tasks"]
    }
    for task in campaign.tasks:
        said = outcome(campaign, task)
        if said is not None and (said["status"] != "failed" or task.number not in latest):
            found[task.number] = Standing(said["status"], said.get("message", ""))
        elif task.number not in latest:
            found[task.number] = Standing("not started")
        else:
            open_[task.number] = latest[task.number]
    queue = states(sorted({job.partition("_")[0] for job in open_.values()}))
    for number, job in open_.items():
        found[number] = _standing(campaign, number, job, queue)
    return dict(sorted(found.items()))


def cancel(campaign: Campaign) -> list[str]:
    """Cancel all jobs of the campaign still in the queue."""
    jobs = [entry["job"] for entry in _submissions(campaign)]
    left = sorted({job.partition("_")[0] for job in states(jobs)})
    if left:
        slurm("scancel", *left)
    return [f"cancelled: job {job}" for job in left] or ["no job of this campaign is in the queue"]


def as_ranges(numbers: Sequence[int]) -> str:
    """Return numbers as Slurm writes them.

    >>> as_ranges([3, 0, 1, 2, 7])
    '0-3,7'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)


def _submissions(campaign: Campaign) -> list[dict[str, Any]]:
    return read_note(campaign.folder / "jobs.json") or []


def _sbatch(*arguments: str) -> str:
    return slurm("sbatch", "--parsable", *arguments, seconds=60.0).strip().partition(";")[0]


def _warnings(jobs: Sequence[str]) -> list[str]:
    """Return a line for every reason for which jobs would wait for ever, however many tasks."""
    found: dict[str, list[str]] = {}
    for job, (_, reason) in states(jobs).items():
        if words := stuck_for_good(reason):
            found.setdefault(words, []).append(job.partition("_")[0])
    return [
        f"job {', '.join(dict.fromkeys(each))} will not start: {words}"
        for words, each in found.items()
    ]


def _standing(
    campaign: Campaign, number: int, job: str, queue: dict[str, tuple[str, str]]
) -> Standing:
    if job in queue:
        state, reason = queue[job]
        if state in ("RUNNING", "COMPLETING", "CONFIGURING"):
            return Standing("running", f"job {job}")
        words = stuck_for_good(reason)
        return Standing("stuck", words) if words else Standing("waiting", reason)
    said = outcome(campaign, campaign.tasks[number])
    if said is not None:
        return Standing(said["status"], said.get("message", ""))
    cause, words = why(job)
    return Standing("lost", words or cause)


def why(job: str) -> tuple[str, str]:
    """Return why a job ended, `time`, `memory` or nothing known, and in words."""
    end = ending(job)
    state, code = end.get("JobState", ""), end.get("ExitCode", "")
    if state == "TIMEOUT":
        return TIME, f"ran out of time ({end.get('TimeLimit', '')})"
    if state == "OUT_OF_MEMORY" or (state == "FAILED" and code == "0:9"):
        return MEMORY, "killed, most likely for lack of memory"
    return "", f"{state} {end.get('Reason', '')} exit {code}".strip() if state else "left the queue"


def _need(campaign: Campaign, task: Task, submissions: Sequence[dict[str, Any]]) -> Need:
    """Return what a task asks for: what it asked before, twice that where it was too little."""
    jobs = campaign.profile.slurm
    mine = [e for e in submissions if task.number - e["offset"] in e["tasks"]]
    if not mine:
        return Need(jobs.walltime, jobs.memory)
    last = Need(mine[-1]["walltime"], mine[-1]["memory"])
    try:
        cause = why(f"{mine[-1]['job']}_{task.number - mine[-1]['offset']}")[0]
    except SlurmError:
        cause = ""
    cause = cause or (outcome(campaign, task) or {}).get("cause", "")
    if cause == TIME:
        most = min(2 * minutes(last.walltime), minutes(jobs.most_walltime))
        return last._replace(walltime=as_walltime(most))
    if cause == MEMORY:
        most = min(2 * megabytes(last.memory), megabytes(jobs.most_memory))
        return last._replace(memory=as_memory(most))
    return last


def unfinished(campaign: Campaign) -> list[Task]:
    """Return the tasks that are not done and not in the queue."""
    left = [task for task in campaign.tasks if not done(campaign, task)]
    if campaign.scheduler == "slurm" and left:
        now = standings(campaign)
        left = [t for t in left if now[t.number].state not in ("running", "waiting", "stuck")]
    return left
