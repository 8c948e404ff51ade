"""The door to what a run will need."""

from __future__ import annotations

import json

import click

from .console import plain_errors
from .options import extras_options, load, question_options, telling_options


@click.command()
@question_options
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Cores the run will have; by default those of this machine.",
)
@extras_options
@telling_options
def resources(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    workers: int | None,
    sensitivity: bool,
    replicate: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what a run will need: time, memory, disk, and what to ask Slurm for.

    Measured: a few blocks of the study are timed on this machine, half a minute at most.
    """
    with plain_errors():
        loaded = load(study, overrides, scenarios, seed)
        from ..jobs.resources import in_words, needed

        found = needed(loaded, workers, sensitivity, replicate or 0)
        if as_json:
            said = found._asdict() | {"timed": found.timed._asdict(), "request": found.request}
            click.echo(json.dumps({"study": loaded.name} | said))
        elif not quiet:
            click.echo("\n".join(in_words(loaded, found)))
