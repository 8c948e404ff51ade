"""The attainable interval of each risk limit, for `validate`."""

from __future__ import annotations

from typing import Any

from ..core.compute.place import Progress, Where
from ..core.compute.workers import workers_at
from ..core.risk.oracle import prepare
from ..core.scenarios.draws import sample_of
from ..core.study.study import Study
from ..core.warmup import warm_up
from ..optimise.cuts.pool import CutPool
from ..optimise.job import InfeasibleError, attain
from ..optimise.search.value import Search
from ..optimise.solvers.clock import Clock
from ..optimise.system.feasible import overfull


def attainable_intervals(study: Study, where: Where, progress: Progress) -> list[dict[str, Any]]:
    """Return each risk limit with its floor and ceiling."""
    warm_up(study, progress)
    if problems := overfull(study):
        raise InfeasibleError(problems)
    with workers_at(where) as workers:
        clock = Clock(study.solve.time_limit_seconds)
        pool = CutPool(prepare(study, sample_of(study), workers, progress))
        attainable = attain(Search.of(pool, clock))
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
