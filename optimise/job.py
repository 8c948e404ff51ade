"""The job: whoever reads this file has read the whole program. Study in, answer out."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.compute import Progress, Workers, silent
from ..core.oracle import Oracle, prepare
from ..core.projection import Projection, project_plans
from ..core.risk import cvar, cvar_interval
from ..core.scenarios import sample_of
from ..core.study import Study
from ..core.system import levels
from .attainable import ceiling, floor, highest_levels
from .clock import Clock
from .cuts import CutPool
from .feasible import overfull
from .frontier import Point, fraction_of, trace
from .plans import fixed_plans
from .relaxation import in_words
from .solve import Solution, find_plan
from .tables import TableResult, solve_tables

Floats = NDArray[np.float64]


class InfeasibleError(Exception):
    """No plan keeps all limits; `lines` say in words what stands in the way and what must give."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class StoppedError(Exception):
    """The time limit came before any plan was found."""


class Attainable(NamedTuple):
    """The interval of each risk, [limit], and how the concavity condition fared."""

    floors: Floats
    ceilings: Floats
    concavity_failures: int
    concavity_excess: float  # FTE


class Evaluation(NamedTuple):
    """Risk of every plan, [plan, limit]: in sample, and on fresh scenarios with interval."""

    z: Floats  # [plan, limit, realization]
    in_sample: Floats
    fresh: Floats
    fresh_low: Floats
    fresh_high: Floats


class Answer(NamedTuple):
    """All a run finds out, plain; `result.py` puts labels on it."""

    solution: Solution
    attainable: Attainable
    plans: dict[str, Floats]  # chosen first: slots [region, decision year]
    evaluation: Evaluation
    frontier: list[Point]
    tables: list[TableResult]
    projection: Projection
    slopes: Floats  # [limit, region, decision year] of the chosen plan
    cuts: int
    seconds: dict[str, float]


def run_study(
    study: Study, workers: Workers, progress: Progress = silent, ensemble: bool = False
) -> Answer:
    """Find the cheapest plan inside all limits, prove it, and set it beside the alternatives.

    With `ensemble`, every scenario's flows under the chosen plan are kept.

    Raises
    ------
    InfeasibleError
        If no plan keeps all limits.
    StoppedError
        If the time limit came before any plan was found.
    """
    clock, seconds, began = Clock(study.solve.time_limit_seconds), {}, time.perf_counter()
    if problems := overfull(study):
        raise InfeasibleError(problems)
    sample = sample_of(study)
    oracle = prepare(study, sample, workers, progress)
    seconds["draw_and_project"] = time.perf_counter() - began

    began = time.perf_counter()
    attainable, pool = attain(study, oracle)
    limits = np.array([limit.limit for limit in study.risk.values()])
    solution = find_plan(study, pool, limits, clock, progress)
    if solution.status == "infeasible":
        raise InfeasibleError(in_words(study, pool, limits))
    if np.isnan(solution.cost):
        raise StoppedError(
            f"no plan found within solve.time_limit_seconds = {study.solve.time_limit_seconds:g}"
        )
    risk, z = pool.evaluate(solution.slots)
    pool.learn(solution.slots, list(range(len(limits))), risk, z)
    slopes = np.stack([cut.slope for cut in pool.cuts[-len(limits) :]])
    seconds["optimise"] = time.perf_counter() - began

    began = time.perf_counter()
    plans = {"chosen": solution.slots} | fixed_plans(study)
    frontier = trace(study, oracle, pool, attainable.floors, attainable.ceilings, clock, progress)
    evaluation = evaluate(study, oracle, plans, workers, progress)
    cuts = len(pool.cuts)
    del oracle, pool
    fractions = fraction_of(limits, attainable.floors, attainable.ceilings)
    certified = attainable.concavity_failures == 0
    tables = solve_tables(study, fractions, certified, workers, clock, progress)
    by_level = {name: levels(study, slots) for name, slots in plans.items()}
    projection = project_plans(study, sample, by_level, workers, progress, ensemble=ensemble)
    seconds["compare_and_describe"] = time.perf_counter() - began
    return Answer(
        solution, attainable, plans, evaluation, frontier, tables, projection, slopes, cuts, seconds
    )


def attain(study: Study, oracle: Oracle) -> tuple[Attainable, CutPool]:
    """Return each risk's attainable interval, the concavity check, and the cuts learned."""
    excess = oracle.concavity_excess(highest_levels(study))
    failures = int((excess > 1e-9).sum())
    pool = CutPool(study, oracle, certified=failures == 0)
    ceilings = ceiling(study, pool)
    floors = floor(study, pool)
    return Attainable(floors, ceilings, failures, float(excess.max())), pool


def evaluate(
    study: Study,
    oracle: Oracle,
    plans: dict[str, Floats],
    workers: Workers,
    progress: Progress = silent,
) -> Evaluation:
    """Return the risk of every plan on the oracle's scenarios and on fresh, independent ones."""
    confidences = oracle.confidence
    z = np.stack([oracle.shortfall(levels(study, slots)) for slots in plans.values()])
    fresh_oracle = prepare(study, sample_of(study, "fresh"), workers, progress)
    fresh_z = np.stack([fresh_oracle.shortfall(levels(study, slots)) for slots in plans.values()])

    def each(values: Floats, what: object) -> Floats:
        return np.array(
            [
                [what(values[p, c], alpha) for c, alpha in enumerate(confidences)]  # type: ignore[operator]
                for p in range(len(plans))
            ]
        )

    interval = each(fresh_z, cvar_interval)
    return Evaluation(z, each(z, cvar), each(fresh_z, cvar), interval[..., 0], interval[..., 1])
