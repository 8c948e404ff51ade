"""The command `backtest`: a projection as of an earlier year against what was counted since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from ..jobs.options import BacktestOptions, Option
from .console import Reporter, print_tables, say, say_json
from .options import OUTPUTS, At, Out, Question, Telling, command


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """What `backtest` is asked."""

    question: Question
    at: At
    telling: Telling
    observed: Annotated[
        Path | None,
        Option(
            "CSV of what was counted: series, year, value, and if wanted region, group, vintage, "
            "source, fitted. By default the series that the report of 2019 prints.",
            metavar="FILE",
        ),
    ] = None
    out: Out = OUTPUTS


@command(Backtest)
def backtest(asked: Backtest) -> None:
    """Score a projection made as of an earlier year against what was counted since.

    Naive forecasts (the level stays, its growth goes on) are scored alike.
    """
    request = asked.question.request(BacktestOptions(observed=""))
    from ..configs.observed import as_text, read_observed
    from ..jobs.backtest import JOB, scope_of
    from ..jobs.request import Setting
    from ..report.reading import Reading
    from ..report.sections.backtest import score_table, scores_of, verdicts
    from ..report.texts.words import Words

    counted = as_text(read_observed(asked.observed, scope_of(request)))
    request = replace(request, options=BacktestOptions(observed=counted))
    with Reporter(asked.telling.quiet) as progress:
        result, (path, page) = JOB.do(request, Setting(asked.out, asked.at.place, progress))
    reading = Reading(result)
    if asked.telling.as_json:
        said = {"study": request.study.name, "netcdf": str(path), "report": str(page)}
        say_json(said | {"series": scores_of(reading)})
    elif not asked.telling.quiet:
        print_tables(score_table(reading))
        words = Words("en")
        for line in (words("backtest.caption"), "", *verdicts(reading, words)):
            say(line)
        say(f"NetCDF: {path}")
        say(f"Report: {page}")
