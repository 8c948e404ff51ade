"""The door to the main job: the cheapest plan, its proof, result file and report."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Exit, Reporter, fail, plain_errors, print_tables, refusals_as_json
from .options import (
    ensemble_options,
    extras_options,
    load,
    out_option,
    refuse_idle_digits,
    solver_option,
    study_options,
)

if TYPE_CHECKING:
    from ..core.compute.place import Where


@click.command()
@study_options
@solver_option
@out_option
@ensemble_options
@extras_options
@click.option(
    "--compare",
    type=click.Path(path_type=Path),
    help="CSV: plan, year, region, slots. Further plans to judge on the same scenarios.",
)
def run(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    solver: str | None,
    workers: Where,
    as_json: bool,
    quiet: bool,
    out: Path,
    ensemble: bool,
    significant_digits: int | None,
    sensitivity: bool,
    replicate: int | None,
    compare: Path | None,
) -> None:
    """Find the cheapest plan, prove it, and write result file and report."""
    with plain_errors(), refusals_as_json(as_json):
        refuse_idle_digits(ensemble)
        loaded = load(study, overrides, scenarios, seed, solver)
        from ..configs.plan_file import read_plans
        from ..jobs.outcome import summary_of
        from ..jobs.run import run_job
        from ..report.pages import terminal

        began = time.perf_counter()
        with Reporter(quiet) as progress:
            result, path, page = run_job(
                loaded,
                out,
                workers,
                ensemble,
                progress,
                significant_digits,
                sensitivity,
                {} if compare is None else read_plans(compare, loaded),
                replicate or 0,
            )
        stopped = result.attrs["solution_status"] != "optimal"
        if as_json:
            click.echo(
                json.dumps(
                    summary_of(result) | {"netcdf": str(path), "report": str(page)},
                    ensure_ascii=False,
                )
            )
        elif not quiet:
            print_tables(terminal.plan_table(result), terminal.risk_table(result))
            click.echo(terminal.cost_in_words(result))
            if replicate:
                click.echo("\n".join(terminal.replications_in_words(result)))
            click.echo(f"NetCDF: {path}\nReport: {page}\n({time.perf_counter() - began:.0f} s)")
        if stopped:
            fail(
                [
                    f"stopped with a gap of {result.attrs['relative_gap']:.2%}; "
                    "the plan is usable, not proven"
                ],
                Exit.STOPPED,
            )
