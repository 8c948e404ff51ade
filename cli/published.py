"""The door to the published calculations of the field."""

from __future__ import annotations

from pathlib import Path

import click

from .console import Exit, fail, plain_errors, print_tables


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print.",
)
@click.option(
    "--inputs",
    type=click.Path(path_type=Path),
    help="CSV: a changed copy of the inputs, to compute from instead.",
)
@click.option(
    "--copy-inputs",
    type=click.Path(path_type=Path),
    help="Write the built-in inputs to this file, to change; compute nothing.",
)
@click.option("--remarks", is_flag=True, help="Remarks on rows that agree, too (csv, json: always)")
def published(form: str, inputs: Path | None, copy_inputs: Path | None, remarks: bool) -> None:
    """Recompute the published calculations of the field.

    Each from its published inputs, beside what was printed. Exit code 1 if one that should agree
    does not; those that no computation can reproduce are explained and counted apart.
    """
    with plain_errors():
        from ..configs.published import copy_of_inputs, outcomes_of
        from ..report.pages import published as told

        if copy_inputs is not None:
            copy_of_inputs(copy_inputs)
            click.echo(f"{copy_inputs}: edit it, then: lis1plan published --inputs {copy_inputs}")
            return
        outcomes = outcomes_of(inputs)
        if form == "table":
            print_tables(*told.as_tables(outcomes, remarks))
            click.echo(told.closing_line(outcomes))
        else:
            click.echo((told.as_csv if form == "csv" else told.as_json)(outcomes).rstrip("\n"))
        differing = [outcome.row.id for outcome in outcomes if outcome.status == "differs"]
        if differing:
            fail(
                [f"{row}: does not agree with what was published" for row in differing], Exit.OTHER
            )
