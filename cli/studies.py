"""Commands on studies: list, copy, check and project them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import Reporter, plain_errors, print_tables
from .options import (
    ensemble_options,
    load,
    out_option,
    plan_option,
    refuse_idle,
    refuse_idle_digits,
    study_options,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..core.compute.place import Where
    from ..core.study.study import Study


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def presets(as_json: bool) -> None:
    """List the built-in studies."""
    from ..configs.loader import presets as known

    if as_json:
        click.echo(json.dumps(known(), ensure_ascii=False))
    else:
        for name, title in known().items():
            click.echo(f"{name:16} {title}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--preset", default="norway-2019", show_default=True, help="Which preset to copy.")
def init(folder: Path, preset: str) -> None:
    """Copy a preset and its tables to FOLDER, to edit."""
    from ..configs.errors import InputError
    from ..configs.loader import preset_files
    from ..core.atomic import written_aside

    with plain_errors():
        files = preset_files(preset)
        present = [name for name in files if (folder / name).exists()]
        if present:
            raise InputError(
                f"{folder / present[0]}: exists already; nothing was written; name another folder"
            )
        try:
            for name, text in files.items():
                with written_aside(folder / name) as aside:
                    aside.write_text(text, "utf-8")
        except OSError as error:
            for name in files:
                with suppress(OSError):
                    (folder / name).unlink()
            raise InputError(f"{folder}: cannot be written to: {error.strerror}") from None
        click.echo(f"{folder / preset}.toml: edit it, then: lis1plan run {folder / preset}.toml")


@click.command()
@study_options
def validate(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    workers: Where,
    as_json: bool,
    quiet: bool,
) -> None:
    """Check a study and print the attainable interval of each risk limit."""
    with plain_errors():
        loaded = load(study, overrides, scenarios, seed)
        from ..jobs.attainable import attainable_intervals

        with Reporter(quiet) as progress:
            rows = attainable_intervals(loaded, workers, progress)
        if as_json:
            click.echo(
                json.dumps(
                    {"study": loaded.name, "sha256": loaded.sha256, "risk": rows},
                    ensure_ascii=False,
                )
            )
        elif not quiet:
            click.echo(
                f"{loaded.name}: valid ({loaded.sampling.scenarios} scenarios, "
                f"seed {loaded.sampling.seed})"
            )
            click.echo(f"{'risk limit':20} {'limit':>8} {'floor':>8} {'ceiling':>8}")
            for row in rows:
                limit, low, high = row["limit"], row["floor"], row["ceiling"]
                outside = limit is not None and not low < limit < high
                told = f"{row['name']:20} {_figure(limit)} {_figure(low)} {_figure(high)}"
                click.echo(told + "  outside: no plan, or no effect" * outside)
            click.echo(
                "floor: least over all plans inside ramp and supervision; ceiling: no new slots"
            )


@click.command()
@study_options
@plan_option
@out_option
@ensemble_options
@click.option(
    "--realization",
    type=click.IntRange(min=0),
    help="Only this scenario of the sample: what it drew and what happens in it.",
)
def project(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    workers: Where,
    as_json: bool,
    quiet: bool,
    plan_file: Path | None,
    out: Path,
    ensemble: bool,
    significant_digits: int | None,
    realization: int | None,
) -> None:
    """Project a study under a given plan, without optimising."""
    with plain_errors():
        if realization is not None:
            why = "with --realization one scenario is replayed here, and all of it is kept"
            refuse_idle(why, "cluster", "significant_digits")
        refuse_idle_digits(ensemble)
        loaded = load(study, overrides, scenarios, seed)
        from ..configs.plan_file import read_plan
        from ..jobs.project import project_job
        from ..optimise.search.attainable import no_slots

        slots = no_slots(loaded) if plan_file is None else read_plan(plan_file, loaded)
        if realization is not None:
            tell_scenario(loaded, slots, realization, out, as_json, quiet)
            return
        with Reporter(quiet) as progress:
            path, summary = project_job(
                loaded, slots, out, workers, ensemble, progress, significant_digits
            )
        if as_json:
            click.echo(json.dumps(summary, ensure_ascii=False))
        elif not quiet:
            click.echo(f"{'risk limit':20} {'risk':>8} {'limit':>8}")
            for row in summary["risk"]:
                click.echo(f"{row['name']:20} {_figure(row['risk'])} {_figure(row['limit'])}")
            click.echo(
                f"discounted cost {summary['cost_nok'] / 1e6:,.0f} million NOK "
                f"for {summary['slots_total']:.0f} slots"
            )
            click.echo(f"NetCDF: {path}")


def _figure(value: float | None) -> str:
    """Return a risk or its limit in eight columns; a rule that has no limit gets a dash."""
    return f"{'–' if value is None else f'{value:.4f}':>8}"


def tell_scenario(
    study: Study,
    slots: NDArray[np.float64],
    realization: int,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Replay a scenario under `slots` [region, decision year], write and print it."""
    import time

    from ..core.files.provenance import provenance, run_id
    from ..core.files.store import write_result
    from ..jobs.replay import drawn_rows, replayed, yearly_rows
    from ..jobs.working_folder import ready_folder

    ready_folder(out)
    began = time.perf_counter()
    dataset = replayed(study, slots, realization)
    drawn, yearly = drawn_rows(study, dataset), yearly_rows(dataset)
    attributes = provenance(study, time.perf_counter() - began) | {"result_kind": "scenario"}
    name = f"{study.name}-{run_id(study)}-scenario-{realization}.nc"
    path = write_result(dataset, out / name, attributes)
    if as_json:
        told = {"realization": realization, "drawn": drawn, "years": yearly, "netcdf": str(path)}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        print_tables(*_tables(realization, drawn, yearly))
        click.echo(f"NetCDF: {path}")


def _tables(
    realization: int, drawn: list[dict[str, object]], yearly: list[dict[str, float]]
) -> list[object]:
    from rich.table import Table

    first = Table(title=f"What scenario {realization} drew")
    for heading in ("Figure", "Drawn", "Of"):
        first.add_column(heading, justify="right" if heading == "Drawn" else "left")
    for row in drawn:
        first.add_row(str(row["key"]), f"{row['drawn']:,.4g}", str(row["meaning"]))
    second = Table(title="What happens in it (all regions and groups, FTE and persons)")
    for heading in yearly[0]:
        second.add_column(heading.replace("_", " ").capitalize(), justify="right")
    for year in yearly:
        cells = [f"{value:,.0f}" for name, value in year.items() if name != "year"]
        second.add_row(f"{year['year']:.0f}", *cells)
    return [first, second]
