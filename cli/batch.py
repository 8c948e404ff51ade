"""Commands on long work: go on with what was interrupted, campaigns of many runs."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Exit, Reporter, fail, plain_errors
from .options import place_options, refuse_idle

if TYPE_CHECKING:
    from ..batch.campaign import Campaign
    from ..core.compute.place import Where

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=FOLDER)
@place_options
@click.option("--quiet", is_flag=True, help="No progress.")
def resume(folder: Path, workers: Where, quiet: bool) -> None:
    """Go on with an interrupted run, or with a campaign, from its folder.

    FOLDER is the output folder of a run, its working folder, or the folder of a campaign. What
    comes out equals the result of an undisturbed run, bit for bit. A campaign without Slurm ends
    with 1 if a task could not be done.
    """
    with plain_errors():
        from ..jobs.resume import interrupted_runs, resume_run

        if (folder / "campaign.json").is_file():
            from ..batch.campaign import read_campaign
            from ..batch.scripts import write_scripts

            refuse_idle("tasks of a campaign run as its campaign.json says", "workers", "cluster")
            campaign = read_campaign(folder)
            write_scripts(campaign)
            _start(campaign, quiet)
            return
        stopped = False
        for each in interrupted_runs(folder):
            with Reporter(quiet) as progress:
                done = resume_run(each, workers, progress)
            stopped |= done.status == "stopped"
            if not quiet:
                click.echo("\n".join([f"{done.study}: {done.status}", *map(str, done.files)]))
        sys.exit(Exit.STOPPED if stopped else Exit.SOLVED)


@click.command()
@click.argument("studies", nargs=-1, required=True, metavar="STUDY...")
@click.option(
    "--sweep", "sweeps", multiple=True, metavar="KEY=V1,V2", help="Values of a key, all combined."
)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="For all runs.")
@click.option(
    "--scheduler", type=click.Choice(["slurm", "local"]), default="slurm", show_default=True
)
@click.option("--profile", type=FOLDER, help="What jobs ask for, see docs/cluster.md.")
@click.option("--out", type=FOLDER, help="Folder of the campaign; by default a new one in outputs.")
@click.option("--dry-run", is_flag=True, help="Write the scripts, submit nothing.")
def submit(
    studies: tuple[str, ...],
    sweeps: tuple[str, ...],
    overrides: tuple[str, ...],
    scheduler: str,
    profile: Path | None,
    out: Path | None,
    dry_run: bool,
) -> None:
    """Submit many runs: every study with every combination of swept values.

    Exit codes: 0 submitted, or without Slurm all done; 1 without Slurm a task could not be done.
    """
    with plain_errors():
        from ..batch.campaign import new_campaign
        from ..batch.scripts import write_scripts
        from ..core.compute.profile import Profile, read_profile
        from ..core.compute.slurm import require_slurm

        asked = Profile() if profile is None else read_profile(profile)
        if scheduler == "slurm" and not dry_run:
            require_slurm()
        now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
        folder = out or Path("outputs") / f"campaign-{now}"
        campaign = new_campaign(folder, studies, sweeps, overrides, scheduler, asked)
        scripts = write_scripts(campaign)
        click.echo(f"{folder}: {len(campaign.tasks)} tasks")
        if dry_run:
            for script in scripts:
                click.echo(f"\n# {script}\n{script.read_text('utf-8')}")
            click.echo(f"nothing was submitted; to do so: lis1plan resume {folder}")
            return
        _start(campaign, quiet=False)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(folder: Path, as_json: bool) -> None:
    """Say where every task of a campaign stands, and why one does not come on."""
    with plain_errors():
        from ..batch.campaign import read_campaign
        from ..batch.operations import in_words
        from ..batch.operations import status as standings

        campaign = read_campaign(folder)
        found = standings(campaign)
        if as_json:
            click.echo(json.dumps({n: each._asdict() for n, each in found.items()}))
        else:
            click.echo("\n".join(in_words(campaign, found)))


@click.command()
@click.argument("folder", type=FOLDER)
def cancel(folder: Path) -> None:
    """Stop what is under way in a campaign; what is done stays."""
    with plain_errors():
        from ..batch.operations import cancel as cancelled

        click.echo("\n".join(cancelled(folder)))


@click.command()
@click.argument("folder", type=FOLDER)
def collect(folder: Path) -> None:
    """Write one table of all runs of a campaign, as CSV and NetCDF.

    Exit codes: 0 all runs are in it, 1 some are missing or failed: the table says which.
    """
    with plain_errors():
        from ..batch.campaign import read_campaign
        from ..batch.operations import collect as collected

        campaign = read_campaign(folder)
        click.echo("\n".join(collected(campaign)))
        _end(campaign)


@click.command()
@click.argument("folder", type=FOLDER)
@click.argument("number", type=click.IntRange(min=0))
@place_options
@click.option("--quiet", is_flag=True, help="No progress.")
def task(folder: Path, number: int, workers: Where, quiet: bool) -> None:
    """Do one task of a campaign: what its scripts call."""
    with plain_errors():
        from ..batch.campaign import read_campaign
        from ..batch.task import run_task
        from ..configs.errors import InputError

        campaign = read_campaign(folder)
        if number >= len(campaign.tasks):
            raise InputError(f"task {number}: {folder} has tasks 0 to {len(campaign.tasks) - 1}")
        with Reporter(quiet) as progress:
            said = run_task(campaign, campaign.tasks[number], workers, progress)
        click.echo(f"task {number}: {said['status']} {said.get('message', '')}".rstrip())
        codes = {"infeasible": Exit.INFEASIBLE, "stopped": Exit.STOPPED, "failed": Exit.OTHER}
        sys.exit(codes.get(said["status"], Exit.SOLVED))


def _start(campaign: Campaign, quiet: bool) -> None:
    """Start what is missing and tell what happens; without Slurm all of it has then happened."""
    from ..batch.operations import start

    for line in start(campaign):
        if not quiet:
            click.echo(line)
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
