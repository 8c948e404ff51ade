"""Commands on experiments with a study: a frontier over one limit, replications over seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import Reporter, plain_errors
from .options import load, out_option, solver_option, study_options

if TYPE_CHECKING:
    import xarray as xr

    from ..core.compute.place import Where


@click.command()
@study_options
@solver_option
@click.option("--over", required=True, help="Key to vary, e.g. risk.national.limit.")
@click.option("--points", type=click.IntRange(min=2), default=12, show_default=True)
@click.option("--from", "low", type=float, help="First value. Risk: from near its floor.")
@click.option("--to", "high", type=float, help="Last value. Risk: to no new slots.")
@out_option
def frontier(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    solver: str | None,
    workers: Where,
    as_json: bool,
    quiet: bool,
    over: str,
    points: int,
    low: float | None,
    high: float | None,
    out: Path,
) -> None:
    """Solve a study for a row of values of one limit: what a stricter or laxer one costs."""
    with plain_errors():
        loaded = load(study, overrides, scenarios, seed, solver)
        from ..jobs.frontier import frontier_job

        with Reporter(quiet) as progress:
            found, path = frontier_job(loaded, over, points, (low, high), out, workers, progress)
        if as_json:
            click.echo(json.dumps({"over": over, "points": _points(found), "netcdf": str(path)}))
        elif not quiet:
            click.echo(f"{over:>24} {'million NOK':>12} {'at least':>10} {'slots':>6}")
            for point in _points(found):
                if point["cost_nok"] is None:
                    click.echo(f"{point['value']:24.4f} {point['status']:>12}")
                else:
                    cost, bound = point["cost_nok"] / 1e6, point["lower_bound_nok"] / 1e6
                    click.echo(
                        f"{point['value']:24.4f} {cost:12,.0f} {bound:10,.0f} {point['slots']:6.0f}"
                    )
            click.echo(f"NetCDF: {path}")


def _points(found: xr.Dataset) -> list[dict[str, Any]]:
    names = ("infeasible", "solved", "stopped")
    return [
        {
            "value": float(found["over_value"][p]),
            "status": names[int(found["over_status"][p])],
            "cost_nok": _number(found["over_cost"].values[p]),
            "lower_bound_nok": _number(found["over_lower_bound"].values[p]),
            "slots": _number(found["over_total"].values[p]),
        }
        for p in range(found.sizes["frontier"])
    ]


def _number(value: float) -> float | None:
    return float(value) if value == value else None


@click.command()
@study_options
@solver_option
@click.option("--seeds", type=click.IntRange(min=2), default=8, show_default=True)
@out_option
def replicate(
    study: str,
    overrides: tuple[str, ...],
    scenarios: int | None,
    seed: int | None,
    solver: str | None,
    workers: Where,
    as_json: bool,
    quiet: bool,
    seeds: int,
    out: Path,
) -> None:
    """Solve a study on other scenarios: how much cost and plan change, and how many suffice."""
    with plain_errors():
        loaded = load(study, overrides, scenarios, seed, solver)
        from ..jobs.replication import replication_job
        from ..report.pages.terminal import replications_in_words

        with Reporter(quiet) as progress:
            found, said, path = replication_job(loaded, seeds, out, workers, progress)
        if as_json:
            click.echo(json.dumps(said | {"netcdf": str(path)}))
        elif not quiet:
            click.echo("\n".join(replications_in_words(found)))
            click.echo(f"NetCDF: {path}")
