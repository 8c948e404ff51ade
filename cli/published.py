"""The command `published`: the published calculations of the field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from ..jobs.options import Option
from .console import Exit, fail, print_tables, say
from .options import command


@dataclass(frozen=True, kw_only=True)
class Published:
    """What `published` is asked."""

    form: Annotated[Literal["table", "csv", "json"], Option("How to print.", name="--format")] = (
        "table"
    )
    inputs: Annotated[
        Path | None, Option("CSV: a changed copy of the inputs, to compute from instead.")
    ] = None
    copy_inputs: Annotated[
        Path | None,
        Option("Write the built-in inputs to this file, to change; compute nothing."),
    ] = None
    remarks: Annotated[bool, Option("Remarks on rows that agree, too (csv, json: always)")] = False


@command(Published)
def published(asked: Published) -> None:
    """Recompute the published calculations of the field.

    Each from its published inputs, beside what was printed. Those that no computation can reproduce
    are explained and counted apart. Exit code 1 if one that should agree does not, or one of those
    gives another value than the one explained.
    """
    from ..configs.published import copy_of_inputs, outcomes_of
    from ..report.pages import published as told

    copy = asked.copy_inputs
    if copy is not None:
        copy_of_inputs(copy)
        say(f"{copy}: edit it, then: lis1plan published --inputs {copy}")
        return
    outcomes = outcomes_of(asked.inputs)
    if asked.form == "table":
        print_tables(*told.as_tables(outcomes, asked.remarks))
        say(told.closing_line(outcomes))
    else:
        say((told.as_csv if asked.form == "csv" else told.as_json)(outcomes).rstrip("\n"))
    differing = [outcome.row.id for outcome in outcomes if outcome.status == "differs"]
    if differing:
        fail([f"{row}: does not agree with what was published" for row in differing], Exit.OTHER)
