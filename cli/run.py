"""The command `run`: the cheapest plan, its proof, result file and report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..jobs.options import Option, RunOptions
from .console import Exit, Reporter, Warned, fail, print_tables, say, say_json
from .options import OUTPUTS, At, Out, SolverQuestion, Telling, command, with_plans

if TYPE_CHECKING:
    from ..jobs.job import Done


@dataclass(frozen=True, kw_only=True)
class Run:
    """What `run` is asked."""

    question: SolverQuestion
    at: At
    telling: Telling
    out: Out = OUTPUTS
    options: RunOptions
    compare: Annotated[
        Path | None,
        Option("CSV: plan, year, region, slots. Further plans to judge on the same scenarios."),
    ] = None


@command(Run)
def run(asked: Run) -> None:
    """Find the cheapest plan, prove it, and write result file and report."""
    telling = asked.telling
    request = asked.question.request(asked.options)
    from ..configs.plan_file import read_plans
    from ..jobs.outcome import summary_of
    from ..jobs.request import Setting
    from ..jobs.run import JOB
    from ..jobs.warnings import intervals_in, outside, warnings_of

    if asked.compare is not None:
        request = with_plans(request, read_plans(asked.compare, request.study))
    began = time.perf_counter()
    with Warned() as warned, Reporter(telling.quiet) as progress:
        warned.of(warnings_of(request))
        done = JOB.do(request, Setting(asked.out, asked.at.place, progress))
    result, (path, page) = done
    if "chosen_measures" not in result.attrs:  # else limits may hold by measures alone
        warned.of(outside(request, intervals_in(request, result)))
    stopped = result.attrs["solution_status"] != "optimal"
    gap = f"stopped with a gap of {result.attrs['relative_gap']:.2%}"
    gap += "; the plan is usable, not proven"
    if telling.as_json:
        said = summary_of(result) | {"options": request.options.as_data()}
        said |= {"netcdf": str(path), "report": str(page), "message": gap * stopped}
        said |= {"warnings": warned.lines}
        say_json(said)
    elif not telling.quiet:
        _tell(done, time.perf_counter() - began)
    if stopped:
        fail([gap], Exit.STOPPED)


def _tell(done: Done, seconds: float) -> None:
    """Print a result as tables."""
    from ..report.pages import terminal

    result, (path, page) = done
    tables = terminal.plan_table(result), *terminal.beside_tables(result)
    print_tables(*tables, terminal.risk_table(result))
    say(terminal.cost_in_words(result))
    for line in terminal.asked_in_words(result):
        say(line)
    if "replications" in result.attrs:
        say("\n".join(terminal.replications_in_words(result)))
    say(f"NetCDF: {path}\nReport: {page}\n({seconds:.0f} s)")
