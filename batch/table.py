"""One table of all runs of a campaign: as CSV for people, as NetCDF for programs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..core.atomic import written_aside
from ..core.compute.versions import versions
from ..core.files.kinds import KINDS
from ..core.files.store import write_result
from ..report.export.files import harmless
from .campaign import Campaign
from .task import outcome

Rows = list[dict[str, Any]]
FIRST = ("task", "study", "run_id")
FOUND = ("status", "cost_nok", "lower_bound_nok", "relative_gap", "seconds")
UNITS = {"cost_nok": "NOK", "lower_bound_nok": "NOK", "relative_gap": "1", "seconds": "s"}


def rows_of(campaign: Campaign) -> Rows:
    """Return a row per task; what a task has not found out is empty."""
    return [_row(campaign, number) for number in range(len(campaign.tasks))]


def write_tables(campaign: Campaign) -> list[Path]:
    """Write campaign.csv and campaign.nc; return their paths."""
    rows = rows_of(campaign)
    table, data = campaign.folder / "campaign.csv", campaign.folder / "campaign.nc"
    columns = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    with written_aside(table) as aside:
        aside.write_text(text.getvalue(), "utf-8")
    write_result(_dataset(rows, columns), data, {"title": "Runs of a campaign", **_made()})
    return [table, data]


def _cell(value: object) -> object:
    """Return what stands in a cell: names and values of a user are no formulas of a spreadsheet."""
    if not isinstance(value, str):
        return value
    try:
        float(value)
    except ValueError:
        return harmless(value)
    return value  # -0.1 is a number and no formula


def _made() -> dict[str, str]:
    return {"result_kind": KINDS["campaign"].name, "lis1plan_version": versions()["lis1plan"]}


def _row(campaign: Campaign, number: int) -> dict[str, Any]:
    task, said = campaign.tasks[number], outcome(campaign, campaign.tasks[number]) or {}
    row: dict[str, Any] = dict(zip(FIRST, (number, task.study_name, task.run_id), strict=True))
    row |= task.swept
    row |= {key: said.get(key, "") for key in FOUND}
    row["status"] = said.get("status", "missing")
    for limit, risk in said.get("risk", {}).items():
        row |= {f"risk_{key}_{limit}": value for key, value in risk.items()}
    plan = said.get("slots")
    row["slots"] = "" if plan is None else sum(n for years in plan.values() for n in years.values())
    row["result"] = said.get("result", "")
    row["message"] = str(said.get("message", "")).replace("\n", " ")
    return row


def _dataset(rows: Rows, columns: list[str]) -> xr.Dataset:
    """Return the table with the dimension `run`; columns of numbers as such, others as text."""
    data = {}
    for column in columns:
        values = [row.get(column, "") for row in rows]
        name = column.replace(".", "_").replace("-", "_")
        try:
            numbers = np.array([np.nan if v == "" else float(v) for v in values])
            known = {"units": UNITS.get(column, "1"), "long_name": column}
            data[name] = ("run", numbers, known)
        except (TypeError, ValueError):
            data[name] = ("run", np.array([str(v) for v in values]), {"long_name": column})
    return xr.Dataset(data)
