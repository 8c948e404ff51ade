"""The job behind `measures`: what each measure does alone under one plan, as dataset and file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import xarray as xr

from ..core.compute.place import Progress, Where
from ..core.errors import InputError
from ..core.files.labels import labelled
from ..core.flow.projection import Request
from ..core.risk.measure_effects import effects_of
from ..core.risk.measure_table import described, names_of
from ..core.scenarios.draws import sample_of
from ..core.study.checks.measures import problems_of
from ..core.system.costs import discounted, measure_cost
from ..core.system.posts import levels
from .job import Job, write_with_report
from .options import MeasuresOptions, Options
from .request import PLAN, JobRequest, Seeks, at_work


def some_measure(request: JobRequest[MeasuresOptions]) -> None:
    """Refuse a study that describes none, and measures that cannot act in it."""
    if not request.written.measure:
        raise InputError(
            f"{request.written.name}: describes no measures; give [measure.NAME], or "
            'measure = { table = "measures.csv" } (docs/measures.md)'
        )
    problems = [p for name in request.written.measure for p in problems_of(request.written, name)]
    if problems:
        raise InputError([request.placed(problem) for problem in problems])


def measured(request: JobRequest[MeasuresOptions], where: Where, progress: Progress) -> xr.Dataset:
    """Return what each measure does alone under the plan of a request, beside none of them."""
    written = request.written
    with at_work(request.study, where, progress, Seeks.NOTHING) as work:
        asked = Request(written, sample_of(written), {})
        found = effects_of(asked, request.plan, work.workers, progress)
    study = request.study
    opened = np.diff(levels(study, request.plan) - study.given_levels, axis=1, prepend=0.0)
    plan = labelled(study, {"slots": opened.T[:, None]}, [PLAN])
    data, names = described(written.measure, found), names_of(written.measure)
    table = labelled(study, data, more=names)
    both = [table, plan]
    merged = xr.merge(both, join="exact", compat="identical", combine_attrs="drop_conflicts")
    return merged.assign_attrs(
        request.attributes(work.seconds) | {"measure_slot_price": found.slot_price}
    )


def with_measures_paid(
    result: xr.Dataset, request: JobRequest[Options], also: Collection[str] = ()
) -> xr.Dataset:
    """Return a result with what measures in force cost; as it is where none is.

    `also` are measures that stand beside them, used or not: those that could be chosen.
    """
    written = request.written
    used = {
        key: each.name for key, each in written.measure.items() if each.units > 0.0 or key in also
    }
    if not used:
        return result
    years = len(written.years)
    costs = [measure_cost(written, name) for name in used]
    paid = np.stack([cost[:, :years] for cost in costs])
    units = [[each.units_in(year) for each in written.measure.values()] for year in written.years]
    own = [key in used for key in written.measure]
    data = {"measure_paid": paid.transpose(2, 0, 1), "measure_use": np.array(units)[:, own]}
    told = labelled(request.study, data, more={"measure": used})
    both = xr.merge([result, told], join="exact", compat="identical", combine_attrs="no_conflicts")
    total = sum(float(discounted(written, cost).sum()) for cost in costs)
    return both.assign_attrs(measures_cost=total)


def rows_of(result: xr.Dataset) -> list[dict[str, Any]]:
    """Return what each measure does, for programs."""
    told = []
    columns = [str(each) for each in result["rated_id"].values]
    for m, key in enumerate(result["measure_id"].values):
        row: dict[str, Any] = {
            "id": str(key),
            "name": str(result["measure_name"].values[m]),
            "unit": str(result["measure_unit"].values[m]),
        }
        for name in map(str, result.data_vars):
            variable = result[name]
            if variable.dims == ("measure",) and name not in ("measure_unit", *row):
                row[name.removeprefix("measure_")] = _plain(variable.values[m])
        row["ratings"] = {
            column: {
                "rating": str(result["measure_rating"].values[m, n]),
                "sign": _plain(result["measure_sign"].values[m, n]),
                "differs": bool(result["measure_differs"].values[m, n]),
            }
            for n, column in enumerate(columns)
        }
        told.append(row)
    return told


def _plain(value: Any) -> float | bool | None:  # noqa: ANN401
    """Return a number as JSON knows it; None of no number."""
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    return None if np.isnan(value) else float(value)


JOB = Job(MeasuresOptions, measured, check=some_measure, write=write_with_report)
