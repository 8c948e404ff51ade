"""The door to what a run will need."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ..console import plain_errors
from .studies import load, study_options

if TYPE_CHECKING:
    from ..core.compute import Place


@click.command()
@study_options
def resources(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    workers: Place,
    as_json: bool,
    quiet: bool,  # noqa: ARG001
) -> None:
    """Say what a run will need: time, memory, disk, and what to ask Slurm for.

    Measured: a few blocks of the study are timed on this machine, half a minute at most.
    """
    with plain_errors():
        loaded = load(study, overrides, scenarios, seed)
        from ..resources import in_words, needed

        found = needed(loaded, workers.workers)
        if as_json:
            said = found._asdict() | {"timed": found.timed._asdict(), "request": found.request}
            click.echo(json.dumps({"study": loaded.name} | said))
        else:
            click.echo("\n".join(in_words(loaded, found)))
