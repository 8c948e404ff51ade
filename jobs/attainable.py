"""The attainable interval of each risk limit, for `validate`."""

from __future__ import annotations

import math
import sys
from typing import Any, NamedTuple

import numpy as np

from ..core.compute.place import Progress, Where
from ..core.risk.oracle import prepare
from ..core.scenarios.draws import sample_of
from ..optimise.cuts.pool import CutPool
from ..optimise.job import attain
from ..optimise.search.value import Search
from ..optimise.solvers.clock import Clock
from ..report.texts.words import Words
from .options import Options
from .outcome import judgement
from .request import JobRequest, Seeks, at_work


class Effort(NamedTuple):
    """How much may go into attainable intervals: seconds, and scenarios they are judged on."""

    seconds: float = math.inf
    scenarios: int = sys.maxsize


ANY = Effort()


def attainable_intervals(
    request: JobRequest[Options], where: Where, progress: Progress, effort: Effort = ANY
) -> list[dict[str, Any]]:
    """Return each risk limit: floor (and whether it was met), ceiling, risk without slots."""
    study, sample = request.study, sample_of(request.study)
    sample = sample._replace(scenarios=min(sample.scenarios, effort.scenarios))
    with at_work(study, where, progress, Seeks.BOUNDS) as work:
        pool = CutPool(prepare(study, sample, work.workers, progress))
        attainable = attain(Search.of(pool, Clock(min(work.limit_seconds, effort.seconds))))
        short = pool.oracle.shortfall(study.given_levels) > 0.0
        chances = np.average(short, axis=1, weights=pool.oracle.weight)
    words = Words("en")
    return [
        {
            "id": key,
            "name": limit.name,
            "limit": limit.limit,
            "floor": float(low),
            "ceiling": float(high),
            "floor_stopped": stopped,
            "probability_without_slots": float(chance),
            **judgement(limit, words),
        }
        for (key, limit), low, high, stopped, chance in zip(
            study.risk.items(),
            attainable.floors,
            attainable.ceilings,
            attainable.stopped,
            chances,
            strict=True,
        )
    ]
