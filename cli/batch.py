"""Commands on long work: go on with what was interrupted, campaigns of many runs."""

from __future__ import annotations

import datetime
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from ..core.errors import InputError
from ..jobs.options import Option
from .console import Exit, Reporter, Warned, fail, say, say_json
from .options import Argument, At, Json, Quiet, command, refuse_idle

if TYPE_CHECKING:
    from ..batch.campaign import Campaign


@dataclass(frozen=True, kw_only=True)
class Resume:
    """What `resume` is asked."""

    folder: Annotated[Path, Argument()]
    at: At
    quiet: Quiet = False


@command(Resume)
def resume(asked: Resume) -> None:
    """Go on with an interrupted run, or with a campaign, from its folder.

    FOLDER is the output folder of a run, its working folder, or the folder of a campaign. What
    comes out equals the result of an undisturbed run, bit for bit. A campaign without Slurm ends
    with 1 if a task could not be done.
    """
    if (asked.folder / "campaign.json").is_file():
        refuse_idle("tasks of a campaign run as its campaign.json says", "workers", "cluster")
        from ..batch.campaign import read_campaign, saying_how_to_go_on
        from ..batch.scripts import write_scripts

        campaign = read_campaign(asked.folder)
        with saying_how_to_go_on(campaign):
            write_scripts(campaign)
            _start(campaign, asked.quiet)
        return
    from ..jobs.resume import finished_runs, interrupted_runs, resume_run

    stopped, interrupted = False, interrupted_runs(asked.folder)
    if not interrupted:
        done = ", ".join(map(str, finished_runs(asked.folder)))
        say(f"nothing to go on with: finished already: {done}")
    for each in interrupted:
        with Reporter(asked.quiet) as progress:
            result, files = resume_run(each, asked.at.place, progress)
        status = result.attrs.get("solution_status", "done")
        stopped |= status == "stopped"
        if not asked.quiet:
            name = result.attrs["study_name"]
            say("\n".join([f"{name}: {status}", *map(str, files)]))
    sys.exit(Exit.STOPPED if stopped else Exit.SOLVED)


@dataclass(frozen=True, kw_only=True)
class Submit:
    """What `submit` is asked."""

    studies: Annotated[tuple[str, ...], Argument("STUDY...")]
    sweeps: Annotated[
        tuple[str, ...],
        Option("Values of a key, all combined.", name="--sweep", metavar="KEY=V1,V2"),
    ] = ()
    cases: Annotated[
        Path | None,
        Option("CSV of named scenarios: their names in `scenario`, a key in each other column."),
    ] = None
    overrides: Annotated[
        tuple[str, ...], Option("For all runs.", name="--set", metavar="KEY=VALUE")
    ] = ()
    scheduler: Annotated[Literal["slurm", "local"], Option("Who runs the tasks.")] = "slurm"
    profile: Annotated[Path | None, Option("What jobs ask for, see docs/cluster.md.")] = None
    out: Annotated[
        Path | None, Option("Folder of the campaign; by default a new one in outputs.")
    ] = None
    dry_run: Annotated[bool, Option("Write the scripts, submit nothing.")] = False


@command(Submit)
def submit(asked: Submit) -> None:
    """Submit many runs: every study with every named scenario and combination of swept values.

    Exit codes: 0 submitted, or without Slurm all done; 1 without Slurm a task could not be done.
    """
    from ..batch.asking import Hearing, as_asked
    from ..batch.campaign import Runs, new_campaign, saying_how_to_go_on
    from ..batch.scripts import write_scripts
    from ..core.compute.profile import Profile, read_profile
    from ..core.compute.slurm import SlurmError, require_slurm

    profile = Profile() if asked.profile is None else read_profile(asked.profile)
    if asked.scheduler == "slurm" and not asked.dry_run:
        try:
            require_slurm()
        except SlurmError as error:
            raise SlurmError(
                f"{error}; to run the tasks here, one after the other: add --scheduler local"
            ) from None
    now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    folder = asked.out or Path("outputs") / f"campaign-{now}"
    runs = Runs(asked.studies, asked.sweeps, asked.overrides, asked.cases)
    with Reporter(quiet=False) as progress:
        hearing = Hearing(progress, Warned().of)
        campaign = new_campaign(folder, runs, asked.scheduler, profile, hearing)
    with saying_how_to_go_on(campaign):
        scripts = write_scripts(campaign)
        asks = [as_asked(campaign.profile)] if campaign.scheduler == "slurm" else []
        say("; ".join([f"{folder}: {len(campaign.tasks)} tasks", *asks]))
        if not asked.dry_run:
            _start(campaign, quiet=False)
            return
        for script in scripts:
            say(f"\n# {script}\n{script.read_text('utf-8')}")
        say(f"nothing was submitted; to do so: lis1plan resume {folder}")


@dataclass(frozen=True, kw_only=True)
class Status:
    """What `status` is asked."""

    folder: Annotated[Path, Argument()]
    as_json: Json = False


@command(Status)
def status(asked: Status) -> None:
    """Say where every task of a campaign stands, and why one does not come on."""
    from ..batch.campaign import read_campaign
    from ..batch.operations import in_words
    from ..batch.operations import status as standings

    campaign = read_campaign(asked.folder)
    found = standings(campaign)
    if asked.as_json:
        say_json({"tasks": {n: each._asdict() for n, each in found.items()}})
    else:
        say("\n".join(in_words(campaign, found)))


@dataclass(frozen=True, kw_only=True)
class OfCampaign:
    """Of which campaign something is asked."""

    folder: Annotated[Path, Argument()]


@command(OfCampaign)
def cancel(asked: OfCampaign) -> None:
    """Stop what is under way in a campaign; what is done stays."""
    from ..batch.operations import cancel as cancelled

    say("\n".join(cancelled(asked.folder)))


@command(OfCampaign)
def collect(asked: OfCampaign) -> None:
    """Write one table of all runs of a campaign, as CSV and NetCDF.

    Exit codes: 0 all runs are in it, 1 some are missing or failed: the table says which.
    """
    from ..batch.campaign import read_campaign
    from ..batch.operations import collect as collected

    campaign = read_campaign(asked.folder)
    say("\n".join(collected(campaign)))
    _end(campaign)


@dataclass(frozen=True, kw_only=True)
class TaskOf:
    """What `task` is asked."""

    folder: Annotated[Path, Argument()]
    number: Annotated[int, Argument()]
    at: At
    quiet: Quiet = False


@command(TaskOf)
def task(asked: TaskOf) -> None:
    """Do one task of a campaign: what its scripts call."""
    from ..batch.campaign import read_campaign
    from ..batch.task import run_task

    campaign, number = read_campaign(asked.folder), asked.number
    if not 0 <= number < len(campaign.tasks):
        last = len(campaign.tasks) - 1
        raise InputError(f"task {number}: {asked.folder} has tasks 0 to {last}")
    with Reporter(asked.quiet) as progress:
        said = run_task(campaign, campaign.tasks[number], asked.at.place, progress)
    say(f"task {number}: {said['status']} {said.get('message', '')}".rstrip())
    codes = {"infeasible": Exit.INFEASIBLE, "stopped": Exit.STOPPED, "failed": Exit.OTHER}
    sys.exit(codes.get(said["status"], Exit.SOLVED))


def _start(campaign: Campaign, quiet: bool) -> None:
    """Start what is missing and tell what happens; without Slurm all of it has then happened."""
    from ..batch.operations import start

    for line in start(campaign):
        if not quiet:
            say(line)
    if campaign.scheduler == "local":
        _end(campaign)


def _end(campaign: Campaign) -> None:
    """Leave with 1 and what to do if a task is not done."""
    from ..batch.task import done

    left = [task.number for task in campaign.tasks if not done(campaign, task)]
    if left:
        numbers = ", ".join(map(str, left[:20]))
        again = f"lis1plan resume {campaign.folder}"
        fail([f"not done: task {numbers}; go on with: {again}"], Exit.OTHER)
