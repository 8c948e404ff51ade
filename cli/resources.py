"""The command `resources`: what a run will need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..jobs.options import ExtrasOptions, Option
from .console import say, say_json
from .options import MOST_WORKERS, Question, Telling, command


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What `resources` is asked."""

    question: Question
    workers: Annotated[
        int | None,
        Option(
            "Cores the run will have; by default those of this machine.",
            least=1,
            most=MOST_WORKERS,
        ),
    ] = None
    extras: ExtrasOptions
    telling: Telling


@command(Resources)
def resources(asked: Resources) -> None:
    """Say what a run will need: time, memory, disk, and what to ask Slurm for.

    Measured: a few blocks of the study are timed on this machine, half a minute at most.
    """
    study = asked.question.request(asked.extras).study
    from ..jobs.resources import in_words, needed

    found = needed(study, asked.workers, asked.extras)
    if asked.telling.as_json:
        said = found._asdict() | {"timed": found.timed._asdict(), "request": found.request}
        say_json({"study": study.name, "options": asked.extras.as_data()} | said)
    elif not asked.telling.quiet:
        say("\n".join(in_words(study, found)))
