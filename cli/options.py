"""The options of the command line: each said once, for every command that takes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .console import plain_errors

if TYPE_CHECKING:
    from ..core.study.study import Study

Command = Callable[..., Any]


def place_options(command: Command) -> Command:
    """Add the options; the command gets both as `workers`, a `core.compute.workers.Place`."""

    @wraps(command)
    def placed(*args: Any, workers: int | None, cluster: str, **options: Any) -> Any:
        from ..core.compute.place import Place

        if cluster != "threads":
            with plain_errors():
                _known(cluster)
        return command(*args, workers=Place(workers, cluster), **options)

    for option in (
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            help="Threads, processes or jobs; by default all cores, or what the profile says.",
        ),
        click.option(
            "--cluster",
            default="threads",
            show_default=True,
            metavar="WHERE",
            help="threads, local (processes), tcp://HOST:PORT (Dask), slurm, or a FILE.toml.",
        ),
    ):
        placed = option(placed)
    return placed


def _known(cluster: str) -> None:
    """Refuse what names no cluster, and a profile that cannot be used, before any work."""
    from ..configs.errors import InputError
    from ..core.compute.cluster import ClusterError
    from ..core.compute.clusters import profile_of

    try:
        profile_of(cluster)
    except ClusterError as error:
        raise InputError(str(error)) from None


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


def refuse_idle(why: str, *names: str) -> None:
    """Refuse options of the command at work, named as its parameters, where they are given.

    Raises
    ------
    InputError
        Naming each of them, and why it would change nothing.
    """
    from ..configs.errors import InputError

    context = click.get_current_context()
    given = [
        each.opts[0]
        for each in context.command.params
        if each.name in names
        and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise InputError([f"{option}: {why}" for option in given])
