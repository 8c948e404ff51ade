"""Several results in one table: plan, cost and risk of each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from ..core.errors import InputError
from ..core.files.kinds import held_by, is_projected
from ..report.reading import Reading


def compared(results: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """Return a row for the first plan of every result; what a result lacks is missing there."""
    require_comparable(results)
    rows = {name: _row(Reading(each)) for name, each in results.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("result")


def require_comparable(results: Mapping[str, xr.Dataset]) -> None:
    """Refuse results that cannot be set side by side.

    Raises
    ------
    InputError
        If there is none, or one is no result of `plan` or `project`.
    """
    if not results:
        raise InputError("compare: give results by name, such as {'base': result, 'more': other}")
    problems = [
        f"compare: {name} holds {held_by(each)}; only results of plan and project can be compared"
        for name, each in results.items()
        if not is_projected(each)
    ]
    if problems:
        raise InputError(problems)


def _row(reading: Reading) -> dict[str, float | str]:
    """Return the outcome of a result's first plan."""
    last = reading.study.time.window[1]
    t = reading.year(last)
    row: dict[str, float | str] = {
        "study": reading.study.name,
        "slots": float(reading.slots.sum()),
        "cost_nok": reading.at("plan_cost", plan=0),
        f"shortage_probability_{last}": reading.at("national_shortage_probability", plan=0, time=t),
        f"missing_fte_{last}": reading.at("national_missing_mean", plan=0, time=t),
    }
    for n, name in enumerate(reading.ids("limit")):
        row[f"risk_{name}"] = reading.at("risk_in_sample", plan=0, limit=n)
        limit = reading.limits[n].limit
        row[f"limit_{name}"] = np.nan if limit is None else limit
    return row
