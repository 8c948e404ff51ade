"""What is asked of Slurm for the tasks of a campaign, and what a campaign is warned of, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..core.compute.place import Progress, silent
from ..core.compute.profile import Profile, as_memory, as_walltime, megabytes, minutes

if TYPE_CHECKING:
    from ..jobs.options import RunOptions
    from ..jobs.request import JobRequest

MEASURED = ("walltime", "memory", "cpus")
"""Keys of a profile that are measured where it leaves them out."""


def unheard(lines: Iterable[str]) -> None:
    """Tell nobody."""


class Hearing(NamedTuple):
    """Who hears how far the writing of a campaign has come, and what it is warned of."""

    progress: Progress = silent
    warn: Callable[[Iterable[str]], None] = unheard


def with_request(
    profile: Profile, runs: Iterable[JobRequest[RunOptions]], progress: Progress
) -> Profile:
    """Return a profile that asks for what the largest of the runs needs (`resources`).

    What the profile says itself stays. Runs of one size are measured once.
    """
    jobs = profile.slurm
    if set(MEASURED) <= jobs.model_fields_set:
        return profile
    from ..jobs.resources import needed

    by_size = {_size(run): run for run in runs}
    asked: list[dict[str, str]] = []
    for number, run in enumerate(by_size.values(), start=1):
        cores = jobs.cpus if "cpus" in jobs.model_fields_set else None
        asked.append(needed(run.study, cores).request)
        progress("measure what a run needs", number, len(by_size))
    time = max(minutes(each["--time"]) for each in asked)
    memory = max(megabytes(each["--mem"]) for each in asked)
    found = {
        "walltime": as_walltime(min(time, minutes(jobs.most_walltime))),
        "memory": as_memory(min(memory, megabytes(jobs.most_memory))),
        "cpus": max(int(each["--cpus-per-task"]) for each in asked),
    }
    left_out = {key: value for key, value in found.items() if key not in jobs.model_fields_set}
    return profile.model_copy(update={"slurm": jobs.model_copy(update=left_out)})


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
