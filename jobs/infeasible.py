"""When a run finds no plan: what it found out instead, as a file and for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from ..core.files.store import write_result
from ..optimise.cuts.certificate import in_words
from ..optimise.infeasible.relaxations import Relaxation
from ..optimise.job import InfeasibleError
from ..optimise.result.analyses import describe_ways_out
from .options import Options
from .request import JobRequest

KIND = "infeasible"


def write_ways_out(
    request: JobRequest[Options], refusal: InfeasibleError, out: Path, began: float
) -> Path | None:
    """Write what would have to give, as NetCDF; None where today's posts are too many."""
    dataset = refused(request, refusal, began)
    if dataset is None:
        return None
    return write_result(dataset, request.file_in(out, KIND), dataset.attrs)


def refused(
    request: JobRequest[Options], refusal: InfeasibleError, began: float
) -> xr.Dataset | None:
    """Return what would have to give as a dataset; None where today's posts are too many."""
    if refusal.found is None:
        return None
    study, certificate = request.study, refusal.found.certificate
    return describe_ways_out(study, refusal.found).assign_attrs(
        request.attributes(time.perf_counter() - began)
        | {
            "result_kind": KIND,
            "solution_status": KIND,
            "bound_certified": True,
            "bound_reason": in_words(certificate, study.sampling.scenarios),
            "lines": json.dumps(refusal.lines, ensure_ascii=False),
            "irreducible_rows": json.dumps(refusal.found.irreducible, ensure_ascii=False),
        }
    )


def summary_of_refusal(request: JobRequest[Options], refusal: InfeasibleError) -> dict[str, Any]:
    """Return why there is no plan and what would have to give, for programs."""
    summary: dict[str, Any] = {
        "study": request.study.name,
        "status": KIND,
        "options": request.options.as_data(),
        "bound_certified": True,
        "lines": refusal.lines,
        "netcdf": None if refusal.path is None else str(refusal.path),
    }
    found, years = refusal.found, request.study.years[request.study.first :]
    if found is None:
        return summary
    return summary | {
        "together": _as_data(found.together, years),
        "risk_limits": _as_data(found.risk, years),
        "alone": [_as_data(way, years) for way in found.alone],
        "irreducible_rows": found.irreducible,
    }


def _as_data(way: Relaxation, years: Sequence[int]) -> dict[str, Any]:
    return {
        "limits": [limit.identifier for limit in way.limits],
        "status": way.status,
        "reliefs": [
            {
                "limit": relief.limit.identifier,
                "share": relief.share,
                "amount": float(relief.amounts[0])
                if len(relief.amounts) == 1
                else {
                    str(year): float(amount)
                    for year, amount in zip(years, relief.amounts, strict=True)
                    if amount > 0
                },
            }
            for relief in way.reliefs
        ],
    }
