"""The doors to results: what can be made of a result file."""

from __future__ import annotations

from pathlib import Path

import click

from ..console import plain_errors


@click.command()
@click.argument("result", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="HTML file; by default beside the result."
)
def report(result: Path, out: Path | None) -> None:
    """Write the HTML report of a result file."""
    with plain_errors():
        from ..configs.errors import InputError
        from ..core.store import open_result
        from ..report.html import write_report

        dataset = open_result(result)
        if "frontier_cost" not in dataset:
            raise InputError(
                f"{result}: holds a projection; the report needs the result of `lis1plan run`"
            )
        page = out or result.with_suffix(".html")
        try:
            click.echo(f"Report: {write_report(dataset, page)}")
        except OSError as error:
            raise InputError(f"{page}: cannot be written: {error.strerror}") from None
