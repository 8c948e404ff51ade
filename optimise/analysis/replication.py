"""Is the sample large enough? The same question on other scenarios, and on fewer of them.

Each replication draws its own scenarios (the study's seed plus its number) and is solved for
itself; all plans are judged on the same fresh scenarios. The spread of the cost over replications
is the error of one run. From its fall between a quarter of the scenarios and all of them follows
the size at which it would be small enough (`core.scenarios.sample_size`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.compute.workers import Workers
from ...core.risk.evaluation import judge_plans, risks
from ...core.risk.oracle import prepare
from ...core.scenarios.draws import sample_of
from ...core.scenarios.sample_size import Verdict, judge
from ...core.study.study import Study
from ...core.system.posts import levels
from ..cuts.pool import CutPool
from ..search.attainable import ceiling
from ..search.solve import Solution, find_plan
from ..search.value import Search
from ..solvers.clock import Clock

Floats = NDArray[np.float64]


class Replications(NamedTuple):
    """Solutions by size and replication; risks on fresh scenarios likewise."""

    sizes: list[int]
    seeds: list[int]
    solutions: list[list[Solution]]  # [size][replication]
    fresh: Floats  # [size, replication, limit]


def replicate(
    study: Study, seeds: int, workers: Workers, clock: Clock, progress: Progress = silent
) -> Replications:
    """Return the study solved on `seeds` samples of its size and on as many of a quarter of it."""
    whole = study.sampling.scenarios
    sizes = [max(whole // 4, 1), whole]
    numbers = [study.sampling.seed + n for n in range(seeds)]
    solutions: list[list[Solution]] = []
    for size in sizes:
        row = []
        for number in numbers:
            row.append(_solve(_other(study, size, number), workers, clock))
            progress(f"{size} scenarios", len(row), seeds)
        solutions.append(row)
    flat = [levels(study, np.nan_to_num(solution.slots)) for row in solutions for solution in row]
    judged = judge_plans(study, sample_of(study, "fresh"), flat, workers, progress)
    fresh = risks(study, judged).reshape(len(sizes), seeds, -1)
    found = np.array([[np.isfinite(one.cost) for one in row] for row in solutions])
    return Replications(sizes, numbers, solutions, np.where(found[:, :, None], fresh, np.nan))


def verdict(study: Study, found: Replications) -> Verdict:
    """Return whether the larger size is enough, by the spread of cost and by fresh risk."""
    costs = np.array([[one.cost for one in row] for row in found.solutions])
    return judge(study.risk_at_most, found.sizes, costs, found.fresh)


def _other(study: Study, size: int, seed: int) -> Study:
    sampling = study.sampling.model_copy(update={"scenarios": size, "seed": seed})
    return Study.model_validate(study.model_copy(update={"sampling": sampling}).model_dump())


def _solve(study: Study, workers: Workers, clock: Clock) -> Solution:
    """Return the answer on a sample of its own, of which nothing else is kept."""

    def find() -> Solution:
        pool = CutPool(prepare(study, sample_of(study), workers))
        ceiling(pool)
        return find_plan(Search.of(pool, clock, checkpoint=workers.checkpoint))

    def lasts(found: Solution) -> bool:
        return found.stopped_by != "time"

    return workers.checkpoint.summed_up("replication", (study,), find, lasts)
