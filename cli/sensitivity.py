"""The command `sensitivity`: indices of every uncertain thing under one plan."""

from __future__ import annotations

from dataclasses import dataclass

from ..jobs.options import SensitivityOptions
from .console import Reporter, Warned, print_tables, say, say_json
from .options import OUTPUTS, At, Out, Plan, Question, Telling, command, with_plan


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """What `sensitivity` is asked."""

    question: Question
    at: At
    telling: Telling
    plan: Plan = None
    options: SensitivityOptions
    out: Out = OUTPUTS


@command(Sensitivity)
def sensitivity(asked: Sensitivity) -> None:
    """Say which uncertain things drive the shortage, by Sobol or Morris indices."""
    request = with_plan(asked.question.request(asked.options), asked.plan)
    from ..jobs.request import Setting
    from ..jobs.sensitivity import JOB, outcomes_of
    from ..jobs.warnings import warnings_of
    from ..report.reading import Reading
    from ..report.sections.sensitivity import effect_table, range_in_words
    from ..report.texts.words import Words

    with Warned() as warned, Reporter(asked.telling.quiet) as progress:
        warned.of(warnings_of(request))
        result, (path,) = JOB.do(request, Setting(asked.out, asked.at.place, progress))
    reading, study = Reading(result), request.study
    if asked.telling.as_json:
        ranges = {k: range_in_words(reading, k, Words("en")) for k in reading.ids("factor")}
        said = {
            "study": study.name,
            "options": asked.options.as_data(),
            "method": result.attrs["sensitivity_method"],
            "samples": int(result.attrs["sensitivity_samples"]),
            "correlations": result.attrs["sensitivity_correlations"],
            "netcdf": str(path),
            "warnings": warned.lines,
            "outcomes": outcomes_of(result, ranges),
        }
        say_json(said)
    elif not asked.telling.quiet:
        print_tables(effect_table(reading))
        say(f"NetCDF: {path}")
