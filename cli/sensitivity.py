"""The door to what drives the shortage: indices of every uncertain thing under one plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .console import Reporter, plain_errors, print_tables
from .options import load, out_option, plan_option, study_options

if TYPE_CHECKING:
    from ..core.compute.place import Where


@click.command()
@study_options
@plan_option
@click.option(
    "--method",
    type=click.Choice(["sobol", "morris"]),
    default="sobol",
    show_default=True,
    help="Sobol: shares of the variance. Morris: a quick screening.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    help="Sobol: base points (a power of two), by default 4096; Morris: trajectories, 256.",
)
@out_option
def sensitivity(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    workers: Where,
    as_json: bool,
    quiet: bool,
    plan_file: Path | None,
    method: Literal["sobol", "morris"],
    samples: int | None,
    out: Path,
) -> None:
    """Say which uncertain things drive the shortage, by Sobol or Morris indices."""
    with plain_errors():
        _refuse_uneven(method, samples)
        loaded = load(study, overrides, scenarios, seed)
        from ..configs.plan_file import read_plan
        from ..core.risk.sensitivity import SAMPLES
        from ..jobs.sensitivity import outcomes_of, sensitivity_job
        from ..optimise.search.attainable import no_slots
        from ..report.reading import Reading
        from ..report.sections.sensitivity import effect_table, range_in_words
        from ..report.texts.words import Words

        slots = no_slots(loaded) if plan_file is None else read_plan(plan_file, loaded)
        how = (method, samples or SAMPLES[method])
        with Reporter(quiet) as progress:
            result, path = sensitivity_job(loaded, slots, how, out, workers, progress)
        reading = Reading(result)
        if as_json:
            ranges = {k: range_in_words(loaded, k, Words("en")) for k in reading.ids("factor")}
            said = {"study": loaded.name, "method": method, "samples": how[1]}
            said |= {"correlations": result.attrs["sensitivity_correlations"]}
            said |= {"netcdf": str(path), "outcomes": outcomes_of(result, ranges)}
            click.echo(json.dumps(said, ensure_ascii=False))
        elif not quiet:
            print_tables(effect_table(reading))
            click.echo(f"NetCDF: {path}")


def _refuse_uneven(method: str, samples: int | None) -> None:
    """Refuse a number of base points that would leave a Sobol sequence unbalanced."""
    from ..configs.errors import InputError

    if method == "sobol" and samples is not None and samples & (samples - 1):
        above = 1 << samples.bit_length()
        raise InputError(
            f"--samples {samples}: Sobol takes a power of two, such as {above // 2} or {above}"
        )
