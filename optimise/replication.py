"""Is the sample large enough? The same question on other scenarios, and on fewer of them.

Each replication draws its own scenarios (the study's seed plus its number) and is solved for
itself; all plans are judged on the same fresh scenarios. The spread of the cost over replications
is the error of one run. From its fall between a quarter of the scenarios and all of them follows
the size at which it would be small enough.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.compute import Progress, Workers, silent
from ..core.evaluation import judge_plans, risks
from ..core.oracle import prepare
from ..core.scenarios import sample_of
from ..core.study import Study
from ..core.system import levels
from .attainable import ceiling, highest_levels
from .clock import Clock
from .cuts import CutPool
from .solve import Solution, find_plan

Floats = NDArray[np.float64]
SPREAD, EXCESS = 0.01, 0.002
"""Enough: the cost's relative standard deviation, and fresh risk above its limit."""
SLOWEST, FASTEST = 0.5, 1.0
"""Powers of the size with which the error can fall: Monte Carlo, and a sequence at its best."""


class Replications(NamedTuple):
    """Solutions by size and replication; risks on fresh scenarios likewise."""

    sizes: list[int]
    seeds: list[int]
    solutions: list[list[Solution]]  # [size][replication]
    fresh: Floats  # [size, replication, limit]


class Verdict(NamedTuple):
    """Whether the larger size is enough, and what is recommended."""

    spread: Floats  # [size] relative standard deviation of the cost
    excess: Floats  # [size] mean over replications of the worst excess of a risk over its limit
    solved: NDArray[np.int64]  # [size] replications with a plan
    enough: bool
    recommended: int  # 0: cannot be said


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
    limits = np.array([limit.at_most for limit in study.risk.values()])
    spread, excess, solved = [], [], []
    for row, fresh in zip(found.solutions, found.fresh, strict=True):
        cost = np.array([one.cost for one in row])
        kept = np.isfinite(cost)
        solved.append(int(kept.sum()))
        mean = cost[kept].mean() if kept.any() else 0.0
        spread.append(float(cost[kept].std(ddof=1) / mean) if kept.sum() > 1 and mean > 0 else 0.0)
        over = (fresh[kept] - limits).max(axis=1) if kept.any() else np.array([np.nan])
        excess.append(float(over.mean()))
    enough = solved[-1] == len(found.seeds) and spread[-1] <= SPREAD and excess[-1] <= EXCESS
    return Verdict(
        np.array(spread), np.array(excess), np.array(solved), enough, _size(found, spread, solved)
    )


def _size(found: Replications, spread: list[float], solved: list[int]) -> int:
    """Return the power of two at which the spread would be small enough; 0 where unknown."""
    if solved[-1] < 2:
        return 0
    if spread[-1] <= 0.0:
        return found.sizes[-1]
    power = SLOWEST
    if spread[0] > 0.0 and found.sizes[1] > found.sizes[0]:
        fall = np.log(spread[0] / spread[1]) / np.log(found.sizes[1] / found.sizes[0])
        power = float(np.clip(fall, SLOWEST, FASTEST))
    wanted = found.sizes[-1] * (spread[-1] / SPREAD) ** (1.0 / power)
    return int(2 ** np.ceil(np.log2(max(wanted, 1.0)) - 1e-9))


def _other(study: Study, size: int, seed: int) -> Study:
    sampling = study.sampling.model_copy(update={"scenarios": size, "seed": seed})
    return Study.model_validate(study.model_copy(update={"sampling": sampling}).model_dump())


def _solve(study: Study, workers: Workers, clock: Clock) -> Solution:
    oracle = prepare(study, sample_of(study), workers)
    certified = not (oracle.concavity_excess(highest_levels(study)) > 1e-9).any()
    pool = CutPool(study, oracle, certified)
    ceiling(study, pool)
    limits = np.array([limit.at_most for limit in study.risk.values()])
    return find_plan(study, pool, limits, clock)
