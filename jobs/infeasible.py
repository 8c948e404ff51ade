"""When a run finds no plan: what it found out instead, as a file and for programs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import xarray as xr

from ..core.files.provenance import provenance, run_id
from ..core.files.store import write_result
from ..core.study.study import Study
from ..optimise.cuts.certificate import in_words
from ..optimise.infeasible.relaxations import Relaxation
from ..optimise.job import InfeasibleError
from ..optimise.result.analyses import describe_ways_out


def write_ways_out(study: Study, refusal: InfeasibleError, out: Path, began: float) -> Path | None:
    """Write what would have to give, as NetCDF; None where today's posts are too many."""
    dataset = refused(study, refusal, began)
    if dataset is None:
        return None
    path = out / f"{study.name}-{run_id(study)}-infeasible.nc"
    return write_result(dataset, path, dataset.attrs)


def refused(study: Study, refusal: InfeasibleError, began: float) -> xr.Dataset | None:
    """Return what would have to give as a dataset; None where today's posts are too many."""
    if refusal.found is None:
        return None
    certificate = refusal.found.certificate
    return describe_ways_out(study, refusal.found).assign_attrs(
        provenance(study, time.perf_counter() - began)
        | {
            "result_kind": "infeasible",
            "solution_status": "infeasible",
            "bound_certified": certificate.holds,
            "bound_reason": in_words(study.risk.values(), certificate, study.sampling.scenarios),
            "lines": json.dumps(refusal.lines, ensure_ascii=False),
            "irreducible_rows": json.dumps(refusal.found.irreducible, ensure_ascii=False),
        }
    )


def summary_of_refusal(study: Study, refusal: InfeasibleError) -> dict[str, Any]:
    """Return why there is no plan and what would have to give, for programs."""
    summary: dict[str, Any] = {
        "study": study.name,
        "status": "infeasible",
        "bound_certified": refusal.found is None or refusal.found.certificate.holds,
        "lines": refusal.lines,
        "netcdf": None if refusal.path is None else str(refusal.path),
    }
    found = refusal.found
    if found is None:
        return summary
    return summary | {
        "together": _as_data(study, found.together),
        "risk_limits": _as_data(study, found.risk),
        "alone": [_as_data(study, way) for way in found.alone],
        "irreducible_rows": found.irreducible,
    }


def _as_data(study: Study, way: Relaxation) -> dict[str, Any]:
    years = [year for year in study.years if year >= study.time.first_decision]
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
