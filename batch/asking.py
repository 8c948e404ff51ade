"""What is asked of Slurm for the tasks of a campaign, and what a campaign is warned of, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..core.compute.place import Progress, silent
from ..core.compute.profile import Jobs, Profile, as_memory, as_walltime, megabytes, minutes
from ..core.compute.slurm import SlurmError, cpus_of_nodes

if TYPE_CHECKING:
    from ..jobs.options import RunOptions
    from ..jobs.request import JobRequest

MEASURED = ("walltime", "memory", "cpus")
"""Keys of a profile that are measured where it leaves them out."""
MOST_CPUS = 8
"""Asked for a task at most, unless the profile says more: a campaign has many tasks to work at."""


def unheard(lines: Iterable[str]) -> None:
    """Tell nobody."""


class Hearing(NamedTuple):
    """Who hears how far the writing of a campaign has come, and what it is warned of."""

    progress: Progress = silent
    warn: Callable[[Iterable[str]], None] = unheard


def with_request(
    profile: Profile, runs: Iterable[JobRequest[RunOptions]], hearing: Hearing
) -> Profile:
    """Return a profile that asks for what the largest of the runs needs (`resources`).

    What the profile says itself stays. Runs of one size are measured once, on as many cores as the
    tasks get: those of this machine say nothing of a cluster.
    """
    jobs = profile.slurm
    if set(MEASURED) <= jobs.model_fields_set:
        return profile
    from ..jobs.resources import needed

    cores = jobs.cpus if "cpus" in jobs.model_fields_set else _cores(jobs, hearing)
    by_size = {_size(run): run for run in runs}
    asked: list[dict[str, str]] = []
    for number, run in enumerate(by_size.values(), start=1):
        asked.append(needed(run.study, cores).request)
        hearing.progress("measure what a run needs", number, len(by_size))
    time = max(minutes(each["--time"]) for each in asked)
    memory = max(megabytes(each["--mem"]) for each in asked)
    found = {
        "walltime": as_walltime(min(time, minutes(jobs.most_walltime))),
        "memory": as_memory(min(memory, megabytes(jobs.most_memory))),
        "cpus": cores,
    }
    left_out = {key: value for key, value in found.items() if key not in jobs.model_fields_set}
    return profile.model_copy(update={"slurm": jobs.model_copy(update=left_out)})


def _cores(jobs: Jobs, hearing: Hearing) -> int:
    """Return how many cores every node of the partition has, up to what a task is worth."""
    try:
        cpus = cpus_of_nodes(jobs.partition)
        why = f"Slurm names no node of partition '{jobs.partition}'"
    except SlurmError as error:
        cpus, why = None, str(error)
    if cpus is None:
        hearing.warn(
            [f"slurm.cpus: every task asks for {jobs.cpus}; give more in a profile: {why}"]
        )
        return jobs.cpus
    return min(cpus, MOST_CPUS)


def as_asked(profile: Profile) -> str:
    """Return in words what every task of a campaign asks Slurm for."""
    jobs = profile.slurm
    cores = "1 core" if jobs.cpus == 1 else f"{jobs.cpus} cores"
    return f"each asks for {cores}, {jobs.memory} and {jobs.walltime}"


def warnings_in(runs: Iterable[JobRequest[RunOptions]]) -> list[str]:
    """Return what the runs of a campaign are warned of, each line once."""
    from ..jobs.warnings import warnings_of

    found = map(warnings_of, runs)
    return list(dict.fromkeys(line for lines in found for line in lines))


def _size(run: JobRequest[RunOptions]) -> Sequence[object]:
    """Return what the needs of a run depend on."""
    study, sampling = run.study, run.study.sampling
    return (
        study.name, sampling.scenarios, sampling.fresh_scenarios, sampling.method,
        study.solve.frontier_points, len(study.comparison), len(study.risk), len(study.regions),
        len(study.groups), len(study.years), len(study.demand.weights),
    )  # fmt: skip
