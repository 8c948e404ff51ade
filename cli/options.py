"""How click asks: a command receives one frozen value, made of the fields of its class.

A field is an option (`jobs.options.Option`), an argument, or again a value of options. Type and
default are those of the field: `int` with bounds, `Literal` a choice, `bool` a flag, a tuple what
may be given more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Literal,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import click
from click.core import ParameterSource

from ..core.errors import InputError
from ..jobs.options import Option, Options, ProjectOptions
from .console import printing
from .examples import EXAMPLES

if TYPE_CHECKING:
    from ..configs.plan_file import GivenPlan
    from ..core.compute.place import Place
    from ..core.scenarios.followed import FollowedBranch
    from ..jobs.request import JobRequest

MOST_WORKERS = 1_024
RESULT = ".nc"
"""Ending of result files."""
T = TypeVar("T")
O = TypeVar("O", bound=Options)  # noqa: E741 - the options of a job


@dataclass(frozen=True)
class Argument:
    """How an argument looks on the command line."""

    metavar: str | None = None


class _Parameter(NamedTuple):
    """A field that click asks for: its annotation taken apart."""

    field: Field[object]
    kind: object  # the type, without None
    said: Option | Argument


def command(asked: type[T]) -> Callable[[Callable[[T], None]], click.Command]:
    """Make a command of a function that takes one value; what goes wrong is told in lines.

    The command has the function's name and docstring, and a parameter for each field of `asked`.
    """

    def made(function: Callable[[T], None]) -> click.Command:
        def called(**given: object) -> None:
            function(_built(asked, given))

        parameters = [_as_click(each) for each in _parameters(asked)]
        return _Command(
            function.__name__, callback=called, params=parameters, help=function.__doc__
        )

    return made


class _Command(click.Command):
    """A command of click, whose help ends in examples and names a full standard output, too."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the examples."""
        with formatter.section("Examples"):
            for line in EXAMPLES[str(self.name)]:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the options; where help is asked for it is printed here."""
        with printing():
            return super().parse_args(ctx, args)


def _built(asked: type[T], given: Mapping[str, object]) -> T:
    """Return the value of a class, its fields taken from what click found."""
    hints = get_type_hints(asked)
    return asked(
        **{
            each.name: _built(hints[each.name], given)
            if is_dataclass(hints[each.name])
            else given[each.name]
            for each in fields(asked)  # type: ignore[arg-type]
        }
    )


def _parameters(asked: type[object]) -> Iterator[_Parameter]:
    """Yield the fields of a class and of the classes in it."""
    hints = get_type_hints(asked, include_extras=True)
    for each in fields(asked):  # type: ignore[arg-type]
        hint = hints[each.name]
        if is_dataclass(hint):
            yield from _parameters(hint)  # type: ignore[arg-type]
            continue
        kind, said = get_args(hint)
        inner = [part for part in get_args(kind) if part is not NoneType]
        optional = NoneType in get_args(kind)
        yield _Parameter(each, inner[0] if optional else kind, said)


def _as_click(parameter: _Parameter) -> click.Parameter:
    """Return the argument or option of click for a field."""
    field, kind, said = parameter
    many = get_origin(kind) is tuple
    inner = get_args(kind)[0] if many else kind
    required = field.default is MISSING
    if isinstance(said, Argument):
        return click.Argument(
            [field.name],
            type=_click_type(inner, None),
            nargs=-1 if many else 1,
            required=required,
            metavar=said.metavar,
        )
    names = [said.name or f"--{field.name.replace('_', '-')}", field.name]
    asks = _click_type(inner, said)
    if required:
        return click.Option(names, type=asks, required=True, help=said.help, metavar=said.metavar)
    return click.Option(
        names,
        type=asks,
        is_flag=kind is bool,
        multiple=many,
        default=field.default,
        show_default=said.shown and kind is not bool and field.default not in (None, ()),
        help=said.help,
        metavar=said.metavar,
    )


def _click_type(kind: object, said: Option | None) -> click.ParamType[object]:
    """Return what click makes of a type."""
    if get_origin(kind) is Literal:
        return click.Choice(get_args(kind))
    if kind is int and said is not None and (said.least, said.most) != (None, None):
        return click.IntRange(said.least, said.most)
    if kind is Path:
        return click.Path(path_type=Path)
    return click.types.convert_type(kind)


def refuse_idle(why: str, *names: str) -> None:
    """Refuse options of the command at work, named as its parameters, where they are given.

    Raises
    ------
    InputError
        Naming each of them, and why it would change nothing.
    """
    context = click.get_current_context()
    given = [
        each.opts[0]
        for each in context.command.params
        if each.name in names
        and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise InputError([f"{option}: {why}" for option in given])


# ----------------------------------------------------------------- options that commands share

Overrides: TypeAlias = Annotated[
    tuple[str, ...],
    Option(
        "Override any key of the study, e.g. risk.national.limit=0.12. May be repeated.",
        name="--set",
        metavar="KEY=VALUE",
    ),
]
Plan: TypeAlias = Annotated[
    Path | None,
    Option(
        "CSV: year, region, slots; or a result, whose plan it is. By default no new posts.",
        name="--plan",
    ),
]
Out: TypeAlias = Annotated[Path, Option("Folder for what is written.")]
Json: TypeAlias = Annotated[bool, Option("Print as JSON.", name="--json")]
Quiet: TypeAlias = Annotated[bool, Option("No progress.")]
OUTPUTS = Path("outputs")


@dataclass(frozen=True, kw_only=True)
class Question:
    """A study, and what is changed in it."""

    study: Annotated[str, Argument()]
    overrides: Overrides = ()
    scenarios: Annotated[
        int | None, Option("Number of scenarios (study: sampling.scenarios).", least=1)
    ] = None
    seed: Annotated[int | None, Option("Seed (study: sampling.seed).", least=0)] = None

    @property
    def changes(self) -> list[str]:
        """What to change in the study, as KEY=VALUE."""
        changes = [*self.overrides]
        changes += [f"sampling.scenarios={self.scenarios}"] * (self.scenarios is not None)
        changes += [f"sampling.seed={self.seed}"] * (self.seed is not None)
        return changes

    def request(self, options: O) -> JobRequest[O]:
        """Return the request of a job on the study."""
        from ..configs.loader import load
        from ..jobs.request import JobRequest
        from ..optimise.solvers.pyomo_solvers import NoSolverError, require_known

        loaded = load(self.study, self.changes)
        study, places = loaded.study, loaded.places
        try:
            require_known(study.solve.solver)
        except NoSolverError as error:
            raise InputError(places.placed(str(error))) from None
        return JobRequest(study, options, placed=places.placed)


@dataclass(frozen=True, kw_only=True)
class SolverQuestion(Question):
    """A study to solve."""

    solver: Annotated[
        str | None,
        Option(
            "Any MILP solver Pyomo knows, e.g. cbc, scip_direct, gurobi (study: solve.solver).",
            metavar="NAME",
        ),
    ] = None

    @property
    def changes(self) -> list[str]:
        """What to change in the study, as KEY=VALUE."""
        return super().changes + [f"solve.solver={self.solver}"] * (self.solver is not None)


@dataclass(frozen=True, kw_only=True)
class At:
    """Where a command calculates."""

    workers: Annotated[
        int | None,
        Option(
            "Threads, processes or jobs; by default all cores, or what the profile says.",
            least=1,
            most=MOST_WORKERS,
        ),
    ] = None
    cluster: Annotated[
        str,
        Option(
            "threads, local (processes), tcp://HOST:PORT (Dask), slurm, or a FILE.toml.",
            metavar="WHERE",
        ),
    ] = "threads"

    def __post_init__(self) -> None:
        """Refuse what names no cluster, and a profile that cannot be used, before any work."""
        if self.cluster == "threads":
            return
        from ..core.compute.cluster import ClusterError
        from ..core.compute.clusters import profile_of

        try:
            profile_of(self.cluster)
        except ClusterError as error:
            raise InputError(str(error)) from None

    @property
    def place(self) -> Place:
        """The place, for a job."""
        from ..core.compute.place import Place

        return Place(self.workers, self.cluster)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What a command prints."""

    as_json: Annotated[bool, Option("Print the outcome as JSON on stdout.", name="--json")] = False
    quiet: Annotated[bool, Option("No progress, no tables.")] = False


def with_plan(request: JobRequest[O], file: Path | None) -> JobRequest[O]:
    """Return a request with the plan of a file; without one nothing new is opened."""
    from ..configs.plan_file import read_plan
    from ..core.system.posts import no_slots
    from ..jobs.request import PLAN

    study = request.study
    if file is None:
        return replace(request, plans={PLAN: no_slots(study)})
    if file.suffix == RESULT:
        return _with_plan_in(request, file, None)[0]
    return with_plans(request, {PLAN: read_plan(file, study)})


def with_branch(
    request: JobRequest[ProjectOptions], file: Path | None, branch: int | None
) -> JobRequest[ProjectOptions]:
    """Return a request with the plan of a file, or of a branch of a result, in its own futures.

    Raises
    ------
    InputError
        If a branch is named and no result that it could be of.
    """
    if branch is None:
        return with_plan(request, file)
    if file is None or file.suffix != RESULT:
        raise InputError(f"--branch {branch}: is one of a result; name it: --plan RESULT{RESULT}")
    given, found = _with_plan_in(request, file, branch)
    text = "" if found is None else found.as_text()
    return replace(given, options=replace(request.options, follow=text))


def _with_plan_in(
    request: JobRequest[O], file: Path, branch: int | None
) -> tuple[JobRequest[O], FollowedBranch | None]:
    """Return a request with a plan of a result, and the branch it is of."""
    from ..jobs.request import PLAN, plan_in_result

    found = plan_in_result(file, request.study, branch)
    said = str(file) if branch is None else f"{file}, branch {branch}"
    given = replace(request, plans={PLAN: found.slots}, plan_place=lambda _name, _cells: said)
    return given, found.branch


def with_plans(request: JobRequest[O], given: Mapping[str, GivenPlan]) -> JobRequest[O]:
    """Return a request with the plans of a file beside the study."""
    return replace(
        request,
        plans={name: plan.slots for name, plan in given.items()},
        plan_place=lambda name, cells: given[name].place(cells),
    )
