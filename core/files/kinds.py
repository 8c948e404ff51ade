"""What a result file holds, in words: said where a file of another kind is asked for."""

from __future__ import annotations

import xarray as xr

HOLDS = {
    "campaign": "the table of a campaign",
    "frontier": "a frontier over one limit",
    "infeasible": "what would have to give, and no plan",
    "replication": "replications",
    "scenario": "one scenario",
    "sensitivity": "a sensitivity analysis",
}
"""By the file's `result_kind`; runs and projections have none."""


def is_run(result: xr.Dataset) -> bool:
    """Tell whether a result is that of `lis1plan run`: what the report is made of."""
    return "result_kind" not in result.attrs and "frontier_cost" in result


def is_projected(result: xr.Dataset) -> bool:
    """Tell whether plans are projected in a result: what a comparison is made of."""
    return "result_kind" not in result.attrs and "supply_quantile" in result


def held_by(result: xr.Dataset) -> str:
    """Return what a result holds, in words."""
    kind = result.attrs.get("result_kind")
    if kind is not None:
        return HOLDS.get(str(kind), f"a result of another kind, '{kind}'")
    if is_run(result):
        return "the result of a run"
    return "a projection" if is_projected(result) else "neither a plan nor a projection"
