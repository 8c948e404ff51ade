"""Kinds of result file: what each holds, which command makes it, what checks and repeats it."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr


@dataclass(frozen=True)
class Kind:
    """All there is to say of a kind of result; a new kind is one more entry of `KINDS`."""

    name: str
    """Stands in the file, as its attribute `result_kind`."""
    holds: str
    """What a file of it holds, in words."""
    command: str
    """Of the program: makes files of this kind."""
    ending: str = ""
    """Of the file's name, before `.nc`; braces hold options of the job, or what tells its plan."""
    laws: tuple[str, ...] = ()
    """Groups of laws (`core.verify.laws.GROUPS`) it keeps, beside those of any file."""
    job: str | None = None
    """Module of `jobs` whose `JOB` makes it, and makes it again; None: it cannot be repeated."""
    projects: bool = False
    """Whether it holds plans with all that follows from them: what a comparison is made of."""


_OF_A_PLAN = ("study", "axes", "conservation", "recomputation")
KINDS = {
    kind.name: kind
    for kind in (
        Kind("run", "the result of a run", "run", "", _OF_A_PLAN, "run", projects=True),
        Kind(
            "projection",
            "a projection",
            "project",
            "-projection{plan}",
            _OF_A_PLAN,
            "project",
            projects=True,
        ),
        Kind(
            "scenario",
            "one scenario",
            "project --realization",
            "-scenario-{realization}{plan}",
            _OF_A_PLAN,
            "replay",
        ),
        Kind(
            "sensitivity",
            "a sensitivity analysis",
            "sensitivity",
            "-sensitivity-{method}{plan}",
            ("study", "labels", "indices"),
            "sensitivity",
        ),
        Kind(
            "frontier",
            "a frontier over one limit",
            "frontier",
            "-frontier-{over}",
            ("study", "labels", "plans found", "frontier"),
            "frontier",
        ),
        Kind(
            "replication",
            "replications",
            "replicate",
            "-replication",
            ("study", "labels", "plans found", "replications"),
            "replication",
        ),
        Kind(
            "infeasible",
            "what would have to give, and no plan",
            "run",
            "-infeasible",
            ("study", "labels", "ways out"),
            "run",
        ),
        Kind(
            "backtest",
            "a projection beside what was counted since",
            "backtest",
            "-backtest",
            ("study", "labels"),
            "backtest",
        ),
        Kind(
            "measures",
            "what each measure does alone",
            "measures",
            "-measures{plan}",
            ("study", "labels", "measures"),
            "measures",
        ),
        Kind("campaign", "the table of a campaign", "collect"),
    )
}


def kind_of(result: xr.Dataset) -> Kind | None:
    """Return the kind that a result says it is; None where this program knows no such kind."""
    return KINDS.get(str(result.attrs.get("result_kind")))


def is_run(result: xr.Dataset) -> bool:
    """Tell whether a result is that of `lis1plan run`: what the report is made of."""
    return kind_of(result) == KINDS["run"]


def is_projected(result: xr.Dataset) -> bool:
    """Tell whether plans are projected in a result: what a comparison is made of."""
    kind = kind_of(result)
    return kind is not None and kind.projects


def held_by(result: xr.Dataset) -> str:
    """Return what a result holds, in words."""
    kind = kind_of(result)
    if kind is not None:
        return kind.holds
    if "result_kind" not in result.attrs:
        return "neither a plan nor a projection"
    return f"a result of another kind, '{result.attrs['result_kind']}'"
