"""Commands on experiments with a study: a frontier over one limit, replications over seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..jobs.options import FrontierOptions, ReplicateOptions
from .console import Reporter, say, say_json
from .options import OUTPUTS, At, Out, SolverQuestion, Telling, command

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class Frontier:
    """What `frontier` is asked."""

    question: SolverQuestion
    at: At
    telling: Telling
    options: FrontierOptions
    out: Out = OUTPUTS


@command(Frontier)
def frontier(asked: Frontier) -> None:
    """Solve a study for a row of values of one limit: what a stricter or laxer one costs."""
    request = asked.question.request(asked.options)
    from ..jobs.frontier import JOB
    from ..jobs.request import Setting

    with Reporter(asked.telling.quiet) as progress:
        found, (path,) = JOB.do(request, Setting(asked.out, asked.at.place, progress))
    over = asked.options.over
    if asked.telling.as_json:
        said = {"over": over, "options": asked.options.as_data(), "points": _points(found)}
        say_json(said | {"netcdf": str(path)})
    elif not asked.telling.quiet:
        say(f"{over:>24} {'million NOK':>12} {'at least':>10} {'posts':>6}")
        for point in _points(found):
            if point["cost_nok"] is None:
                say(f"{point['value']:24.4f} {point['status']:>12}")
            else:
                cost, bound = point["cost_nok"] / 1e6, point["lower_bound_nok"] / 1e6
                say(f"{point['value']:24.4f} {cost:12,.0f} {bound:10,.0f} {point['slots']:6.0f}")
            for name, units in point.get("measures", {}).items():
                say(f"{'':24} {name}: {units:g}")
        say(f"NetCDF: {path}")


def _points(found: xr.Dataset) -> list[dict[str, Any]]:
    names = ("infeasible", "solved", "stopped")
    return [
        _measures(found, p)
        | {
            "value": float(found["over_value"][p]),
            "status": names[int(found["over_status"][p])],
            "cost_nok": _number(found["over_cost"].values[p]),
            "lower_bound_nok": _number(found["over_lower_bound"].values[p]),
            "slots": _number(found["over_total"].values[p]),
        }
        for p in range(found.sizes["frontier"])
    ]


def _measures(found: xr.Dataset, point: int) -> dict[str, Any]:
    """Return the units of measures chosen at a point, at the end of the projection."""
    if "over_measure_use" not in found:
        return {}
    units = found["over_measure_use"].values[-1, point]
    ids = [str(each) for each in found["measure_id"].values]
    used = {name: float(x) for name, x in zip(ids, units, strict=True) if x > 0.0}
    return {"measures": used, "measures_nok": _number(found["over_measures_cost"].values[point])}


def _number(value: float) -> float | None:
    return float(value) if value == value else None


@dataclass(frozen=True, kw_only=True)
class Replicate:
    """What `replicate` is asked."""

    question: SolverQuestion
    at: At
    telling: Telling
    options: ReplicateOptions
    out: Out = OUTPUTS


@command(Replicate)
def replicate(asked: Replicate) -> None:
    """Solve a study on other scenarios: how much cost and plan change, and how many suffice."""
    request = asked.question.request(asked.options)
    from ..jobs.outcome import verdict_of
    from ..jobs.replication import JOB
    from ..jobs.request import Setting
    from ..report.pages.terminal import replications_in_words

    with Reporter(asked.telling.quiet) as progress:
        found, (path,) = JOB.do(request, Setting(asked.out, asked.at.place, progress))
    if asked.telling.as_json:
        said = {"study": found.attrs["study_name"], "options": asked.options.as_data()}
        say_json(said | verdict_of(found) | {"netcdf": str(path)})
    elif not asked.telling.quiet:
        say("\n".join(replications_in_words(found)))
        say(f"NetCDF: {path}")
