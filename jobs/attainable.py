"""The attainable interval of each risk limit, for `validate`."""

from __future__ import annotations

from typing import Any

from ..core.compute.place import Progress, Where
from ..core.risk.oracle import prepare
from ..core.scenarios.draws import sample_of
from ..optimise.cuts.pool import CutPool
from ..optimise.job import attain
from ..optimise.search.value import Search
from .options import Options
from .request import JobRequest, Seeks, at_work


def attainable_intervals(
    request: JobRequest[Options], where: Where, progress: Progress
) -> list[dict[str, Any]]:
    """Return each risk limit with its floor and ceiling."""
    study = request.study
    with at_work(study, where, progress, Seeks.BOUNDS) as work:
        pool = CutPool(prepare(study, sample_of(study), work.workers, progress))
        attainable = attain(Search.of(pool, work.clock()))
    return [
        {
            "id": key,
            "name": limit.name,
            "limit": limit.limit,
            "floor": float(low),
            "ceiling": float(high),
        }
        for (key, limit), low, high in zip(
            study.risk.items(), attainable.floors, attainable.ceilings, strict=True
        )
    ]
