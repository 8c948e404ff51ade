"""The doors to studies: list, copy, check and project them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import Reporter, plain_errors
from .idle import refuse_idle
from .places import place_options

if TYPE_CHECKING:
    from ..core.compute import Where
    from ..core.study import Study

Command = Callable[..., Any]


def _together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return what adds several options to a command."""

    def add(command: Command) -> Command:
        for option in options:
            command = option(command)
        return command

    return add


question_options = _together(
    click.argument("study"),
    click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override any key of the study, e.g. risk.national.limit=0.12. May be repeated.",
    ),
    click.option(
        "--scenarios",
        type=click.IntRange(min=1),
        help="Number of scenarios (study: sampling.scenarios).",
    ),
    click.option("--seed", type=click.IntRange(min=0), help="Seed (study: sampling.seed)."),
)
telling_options = _together(
    click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON on stdout."),
    click.option("--quiet", is_flag=True, help="No progress, no tables."),
)
study_options = _together(question_options, place_options, telling_options)
"""What every command that calculates with a study understands."""
ensemble_options = _together(
    click.option("--ensemble", is_flag=True, help="Keep every flow of every scenario."),
    click.option(
        "--significant-digits",
        type=click.IntRange(1, 6),
        help="Digits to which --ensemble keeps its values. By default all.",
    ),
)
extras_options = _together(
    click.option(
        "--sensitivity", is_flag=True, help="Add what drives the shortage under the plan (Sobol)."
    ),
    click.option(
        "--replicate",
        type=click.IntRange(min=2),
        metavar="SEEDS",
        help="Add whether there are scenarios enough, by solving on so many other draws.",
    ),
)


def refuse_idle_digits(ensemble: bool) -> None:
    """Refuse digits for an ensemble that is not kept."""
    if not ensemble:
        refuse_idle("rounds what --ensemble keeps, which is not given", "significant_digits")


plan_option = click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    help="CSV: year, region, slots. By default no new slots.",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("outputs"),
    show_default=True,
    help="Folder for what is written.",
)


solver_option = click.option(
    "--solver",
    metavar="NAME",
    help="Any MILP solver Pyomo knows, e.g. cbc, scip_direct, gurobi (study: solve.solver).",
)


def load(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    solver: str | None = None,
) -> Study:
    """Return the study a command names, with its options applied."""
    from ..configs.loader import load_study

    extra = [f"sampling.scenarios={scenarios}"] * (scenarios is not None)
    extra += [f"sampling.seed={seed}"] * (seed is not None)
    extra += [f"solve.solver={solver}"] * (solver is not None)
    return load_study(study, [*overrides, *extra])


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
    from ..core.aside import written_aside

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
        from ..jobs import attainable_intervals

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
        from ..jobs import project_job
        from ..optimise.attainable import no_slots

        slots = no_slots(loaded) if plan_file is None else read_plan(plan_file, loaded)
        if realization is not None:
            from .replay import tell_scenario

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
