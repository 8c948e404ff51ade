"""Commands on studies: list, copy, check and project them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ..core.errors import InputError, writing_to
from ..core.interrupts import interruptible, undisturbed
from ..jobs.options import EnsembleOptions, Option, Options, ProjectOptions, ReplayOptions
from .console import Reporter, Warned, print_tables, say, say_json
from .options import (
    OUTPUTS,
    Argument,
    At,
    Json,
    Out,
    Plan,
    Question,
    Telling,
    command,
    refuse_idle,
    with_branch,
    with_plan,
)

if TYPE_CHECKING:
    from ..jobs.request import JobRequest

FLOOR_STOPPED = "floor not met, it may lie higher: its time or rounds ended, or cuts are clipped"


@dataclass(frozen=True, kw_only=True)
class Presets:
    """What `presets` is asked."""

    as_json: Json = False


@command(Presets)
def presets(asked: Presets) -> None:
    """List the built-in studies."""
    from ..configs.loader import presets as known

    if asked.as_json:
        say_json({"presets": known()})
    else:
        for name, title in known().items():
            say(f"{name:16} {title}")


@dataclass(frozen=True, kw_only=True)
class Init:
    """What `init` is asked."""

    folder: Annotated[Path, Argument()]
    preset: Annotated[str, Option("Which preset to copy.")] = "norway-2019"


@command(Init)
def init(asked: Init) -> None:
    """Copy a preset and its tables to FOLDER, to edit."""
    from ..configs.loader import preset_files
    from ..core.atomic import written_aside

    folder, files = asked.folder, preset_files(asked.preset)
    present = [name for name in files if (folder / name).exists()]
    if present:
        raise InputError(
            f"{folder / present[0]}: exists already; nothing was written; name another folder"
        )
    try:
        with interruptible(), writing_to(folder):
            for name, text in files.items():
                with written_aside(folder / name) as aside:
                    aside.write_text(text, "utf-8")
    except BaseException:
        with undisturbed():
            for name in files:
                with suppress(OSError):
                    (folder / name).unlink()
        raise
    copy = f"{folder / asked.preset}.toml"
    say(f"{copy}: edit it, then: lis1plan run {copy}")


@dataclass(frozen=True, kw_only=True)
class Validate:
    """What `validate` is asked."""

    question: Question
    at: At
    telling: Telling
    show: Annotated[
        bool,
        Option("Print the study laid together, and which file, line or --set said each key."),
    ] = False


@command(Validate)
def validate(asked: Validate) -> None:
    """Check a study and print the attainable interval of each risk limit."""
    if asked.show:
        refuse_idle("with --show nothing is computed", "workers", "cluster", "quiet")
        _show(asked)
        return
    request, telling = asked.question.request(Options()), asked.telling
    from ..jobs.attainable import attainable_intervals
    from ..jobs.warnings import intervals_of, outside, warnings_of

    with Warned() as warned, Reporter(telling.quiet) as progress:
        warned.of(warnings_of(request))
        rows = attainable_intervals(request, asked.at.place, progress)
    warned.of(outside(request, intervals_of(rows)))
    study = request.study
    if telling.as_json:
        said = {"study": study.name, "sha256": request.written.sha256, "risk": rows}
        say_json(said | {"warnings": warned.lines})
    elif not telling.quiet:
        sampling = study.sampling
        say(f"{study.name}: valid ({sampling.scenarios} scenarios, seed {sampling.seed})")
        heading = f"{'limit':20} {'allowed':>8} {'floor':>8} {'ceiling':>8} {'probability':>11}"
        for judged, alike in groupby(rows, key=itemgetter("judged")):
            say(f"{judged}:\n{heading}")
            for row in alike:
                limit, low, high = row["limit"], row["floor"], row["ceiling"]
                told = f"{row['name']:20} {_figure(limit)} {_figure(low)} {_figure(high)}"
                told += f" {row['probability_without_slots']:>11.0%}"
                say(told + f"  {FLOOR_STOPPED}" * row["floor_stopped"])
        say("floor: least over all plans inside ramp and supervision; ceiling: no new posts")
        say("probability: of any such shortage in the years judged, without new posts")
        _tell_choosers(rows)


def _show(asked: Validate) -> None:
    """Print the study as its layers make it: checked, but nothing of it is computed."""
    from ..configs.loader import load
    from ..configs.showing import as_toml, layers_of, shown

    loaded = load(asked.question.study, asked.question.changes)
    if not asked.telling.as_json:
        for line in as_toml(loaded):
            say(line)
        return
    keys = [each._asdict() for each in shown(loaded)]
    study = loaded.study
    said = {"study": study.name, "sha256": study.sha256, "layers": layers_of(loaded)}
    say_json(said | {"keys": keys})


@dataclass(frozen=True, kw_only=True)
class Project:
    """What `project` is asked."""

    question: Question
    at: At
    telling: Telling
    plan: Plan = None
    branch: Annotated[
        int | None,
        Option(
            "Follow this branch of the plan that learns in the result given by --plan, in the "
            "futures that lead there.",
            least=1,
        ),
    ] = None
    out: Out = OUTPUTS
    options: EnsembleOptions
    realization: Annotated[
        int | None,
        Option("Only this scenario of the sample: what it drew and what happens in it.", least=0),
    ] = None


@command(Project)
def project(asked: Project) -> None:
    """Project a study under a given plan, without optimising; write result file and report."""
    if asked.realization is not None:
        why = "with --realization one scenario is replayed here, and all of it is kept"
        refuse_idle(why, "cluster", "significant_digits", "branch")
        replayed = ReplayOptions(realization=asked.realization)
        _tell_scenario(with_plan(asked.question.request(replayed), asked.plan), asked)
        return
    options = ProjectOptions(**asdict(asked.options))
    request = with_branch(asked.question.request(options), asked.plan, asked.branch)
    from ..jobs.project import JOB, summary_of
    from ..jobs.request import Setting
    from ..jobs.warnings import outside_of, warnings_of
    from ..report.pages import terminal

    with Warned() as warned, Reporter(asked.telling.quiet) as progress:
        warned.of(warnings_of(request))
        dataset, (path, page) = JOB.do(request, Setting(asked.out, asked.at.place, progress))
        if asked.branch is None:  # limits are asked of all futures, not of a branch's
            warned.of(outside_of(request, asked.at.place, progress))
    summary = summary_of(request, dataset)
    if asked.telling.as_json:
        files = {"netcdf": str(path), "report": str(page)}
        say_json(summary | files | {"warnings": warned.lines})
    elif not asked.telling.quiet:
        for line in terminal.followed_in_words(dataset):
            say(line)
        for judged, alike in groupby(summary["risk"], key=itemgetter("judged")):
            say(f"{judged}:\n{'limit':20} {'plan':>8} {'allowed':>8} {'probability':>11}")
            for row in alike:
                told = f"{row['name']:20} {_figure(row['risk'])} {_figure(row['limit'])}"
                say(f"{told} {row['probability']:>11.0%}")
        say("probability: of any such shortage in the years judged, under the plan")
        _tell_choosers(summary["risk"])
        say(
            f"discounted cost {summary['cost_nok'] / 1e6:,.0f} million NOK "
            f"for {summary['slots_total']:.0f} new posts"
        )
        say(f"NetCDF: {path}\nReport: {page}")


def _tell_choosers(rows: Sequence[Mapping[str, Any]]) -> None:
    """Say who chose the limits, those chosen by the same together."""
    chosen: dict[str, list[str]] = {}
    for row in rows:
        chosen.setdefault(row["chosen_by"], []).append(row["name"])
    for chooser, names in chosen.items():
        say(f"allowed for {', '.join(names)}: {chooser}")


def _figure(value: float | None) -> str:
    """Return a risk or its limit in eight columns; a rule that has no limit gets a dash."""
    return f"{'–' if value is None else f'{value:.4f}':>8}"


def _tell_scenario(request: JobRequest[ReplayOptions], asked: Project) -> None:
    """Replay a scenario, write and print it."""
    from ..jobs.replay import JOB, drawn_rows, yearly_rows
    from ..jobs.request import Setting

    number, telling = request.options.realization, asked.telling
    with Reporter(telling.quiet) as progress:
        dataset, (path,) = JOB.do(request, Setting(asked.out, asked.at.place, progress))
    drawn, yearly = drawn_rows(request, dataset), yearly_rows(dataset)
    if telling.as_json:
        told = {"realization": number, "drawn": drawn, "years": yearly, "netcdf": str(path)}
        say_json(told)
    elif not telling.quiet:
        print_tables(*_tables(number, drawn, yearly))
        say(f"NetCDF: {path}")


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
