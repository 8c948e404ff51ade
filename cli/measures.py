"""The command `measures`: what else than new posts may be done, and what it does alone."""

from __future__ import annotations

from dataclasses import dataclass

from ..jobs.options import MeasuresOptions
from .console import Reporter, Warned, print_tables, say, say_json
from .options import OUTPUTS, At, Out, Plan, Question, Telling, command, with_plan


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What `measures` is asked."""

    question: Question
    at: At
    telling: Telling
    plan: Plan = None
    options: MeasuresOptions
    out: Out = OUTPUTS


@command(Measures)
def measures(asked: Measures) -> None:
    """Say what else than new posts may be done: each measure of a study alone, and its price.

    Effect on judged FTE and on shortage, new posts that would do the same, NOK for each FTE-year
    of shortage avoided, and the ratings of the 2019 report beside the signs that come out.
    """
    request = with_plan(asked.question.request(asked.options), asked.plan)
    from ..jobs.measures import JOB, rows_of
    from ..jobs.request import Setting
    from ..jobs.warnings import warnings_of
    from ..report.pages.terminal import measure_tables
    from ..report.reading import Reading
    from ..report.sections.measures import notes
    from ..report.texts.words import Words

    with Warned() as warned, Reporter(asked.telling.quiet) as progress:
        warned.of(warnings_of(request))
        result, (path, page) = JOB.do(request, Setting(asked.out, asked.at.place, progress))
    if asked.telling.as_json:
        files = {"netcdf": str(path), "report": str(page), "warnings": warned.lines}
        say_json({"study": request.study.name, "measures": rows_of(result)} | files)
    elif not asked.telling.quiet:
        print_tables(*measure_tables(result))
        for line in notes(Reading(result), Words("en")):
            say(line)
        say(f"NetCDF: {path}\nReport: {page}")
