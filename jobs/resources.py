"""What a run will need: a few blocks timed on this machine, and counts of what a run does."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..core.compute.place import available_cores
from ..core.compute.profile import as_memory, as_walltime
from ..core.compute.workers import Workers
from ..core.flow.projection import Request, projected_block
from ..core.kernels.state import LANES
from ..core.risk.oracle import judged_block, prepare
from ..core.risk.sensitivity import (
    EVALUATIONS,
    SAMPLES,
    design_of,
    indices_of,
    outcome_block,
    views,
)
from ..core.risk.streams import lane_mb
from ..core.scenarios.draws import sample_of
from ..core.scenarios.sampling import Sample
from ..core.study.study import Study
from ..core.system.arrays import system_of
from ..core.system.features import features_of
from ..core.warmup import warm_up
from ..optimise.analysis.weight_tables import weight_tables
from ..optimise.cuts.pool import CutPool
from ..optimise.job import attain
from ..optimise.search.value import Search
from ..optimise.solvers.clock import Clock
from .memory import BASE_MB
from .options import ExtrasOptions
from .request import mb_of_scenario

TRIAL = 256
"""Scenarios timed: enough for a block, few enough for seconds."""
ASKED, LEARNED = 14, 12
"""Plans evaluated, and slopes taken, in a search, with what follows from its plan.

The tutorial: 127 and 76 in eleven searches; norway-2019 on 512 scenarios: 255 and 283 in sixteen.
"""
BY_END = 3
"""Searches' worth of masters and evaluations for both ends of a feature of near-optimal plans."""
BY_TABLE = 2
"""Searches for other weights: at the study's own limits, and at their place."""
MASTERS = 2
"""Master problems of a run for every plan evaluated: regret and shadow prices ask little."""
NOTHING_ELSE = ExtrasOptions()
START_SECONDS = 5.0
"""Libraries, kernels from the cache and the report."""
SPARE = 1.5
"""What a request to Slurm adds: a job that asks for too little is lost."""


class Timed(NamedTuple):
    """Seconds on one core of this machine."""

    judge: float  # to draw and project a scenario for the oracle
    project: float  # to project a scenario under one plan
    ask: float  # for Z of a scenario under one more plan
    learn: float  # for its slope
    master: float  # for a master problem
    evaluate: float = 0.0  # for a point of the sensitivity analysis, where it is asked for
    indices: float = 0.0  # for the indices of one of its outcomes


class Needed(NamedTuple):
    """What a run is expected to need, on so many cores."""

    cores: int
    seconds: float
    memory_mb: float
    disk_mb: float  # of the working folder and the result together
    timed: Timed

    @property
    def request(self) -> dict[str, str]:
        """Return what to ask Slurm for."""
        return {
            "--cpus-per-task": str(self.cores),
            "--mem": as_memory(256 * math.ceil(SPARE * self.memory_mb / 256)),
            "--time": as_walltime(max(10, math.ceil(SPARE * 2.0 * self.seconds / 60))),
        }


class _Counts(NamedTuple):
    """What a run does, in scenarios, each as often as it is gone through."""

    drawn: int  # and projected for the oracle, which the working folder keeps
    passing: int  # the same for a judgement of plans, of which it keeps Z alone
    projected: int  # under a plan
    searched: int  # in a search: `ASKED` plans evaluated, `LEARNED` slopes taken
    asked: int  # for Z under a plan found already
    masters: int  # master problems solved

    def with_all(self, other: _Counts) -> _Counts:
        """Return the sums."""
        return _Counts(*(one + more for one, more in zip(self, other, strict=True)))


def needed(study: Study, cores: int | None = None, extras: ExtrasOptions = NOTHING_ELSE) -> Needed:
    """Time a few blocks of a study and return what all of it is expected to need.

    `extras`: what a run is asked for beside its plan.
    """
    cores = cores or available_cores()
    timed = calibrate(study, extras.sensitivity)
    count, plans = study.sampling.scenarios, 3 + len(study.comparison)
    seeds, run = extras.replicate or 0, _run(study, plans)
    does = run.with_all(_replications(study, seeds))
    if extras.discover:
        does = does._replace(passing=does.passing + study.sampling.fresh_scenarios)
    points, outcomes, indices = 0, len(study.risk) + 1, 0.0
    if extras.sensitivity:
        points = SAMPLES["sobol"] * design_of(study, "sobol", SAMPLES["sobol"]).rows
        indices = outcomes * timed.indices
    work = (does.drawn + does.passing) * timed.judge
    work += does.projected * timed.project + does.asked * timed.ask
    work += does.searched * (ASKED * timed.ask + LEARNED * timed.learn) + points * timed.evaluate
    alone = START_SECONDS + does.masters * timed.master + indices
    lanes = lane_mb(study)
    path = 4e-6 * len(study.years) * len(study.groups) * len(study.regions)
    limits = 8e-6 * len(study.risk)
    z = limits * does.asked + 8e-6 * outcomes * points
    once = run.with_all(_replications(study, min(seeds, 1)))  # of a solved one little stays
    kept = z + once.drawn * lanes + once.searched * ASKED * limits
    return Needed(
        cores=cores,
        seconds=alone + work / (1.0 + 0.8 * (cores - 1)),
        memory_mb=BASE_MB + z + count * mb_of_scenario(study),
        disk_mb=5.0 + kept + count * (plans + 2) * path,
        timed=timed,
    )


def _run(study: Study, plans: int) -> _Counts:
    """Return what the search for a plan does, its frontier and the tables of weights."""
    count, others = study.sampling.scenarios, len(weight_tables(study)) - 1
    fresh = study.sampling.fresh_scenarios
    searches = study.solve.frontier_points + BY_TABLE * others  # one point is the answer
    if study.solve.near_optimal is not None:
        searches += BY_END * len(features_of(system_of(study)))
    return _Counts(
        drawn=count,  # other weights change demand alone
        passing=count + fresh,  # for the error in sample
        projected=count * plans,
        searched=searches * count,
        asked=plans * (2 * count + fresh),  # in sample, for its error, and fresh
        masters=searches * ASKED * MASTERS,
    )


def _replications(study: Study, seeds: int) -> _Counts:
    """Return what solving on so many seeds does, on all scenarios and on a quarter of them."""
    count, fresh = study.sampling.scenarios, study.sampling.fresh_scenarios
    both = count + max(count // 4, 1)
    return _Counts(
        drawn=seeds * both,
        passing=fresh * (seeds > 0),
        projected=0,
        searched=seeds * both,
        asked=2 * seeds * fresh,
        masters=2 * seeds * ASKED,
    )


def calibrate(study: Study, sensitivity: bool = False) -> Timed:
    """Return the seconds of each kind of work, from a few hundred scenarios on one core."""
    warm_up(study, lambda *_: None)
    sample = Sample(sample_of(study).method, study.sampling.seed, TRIAL)
    level = study.given_levels
    oracle = prepare(study, sample, Workers(1))
    z = oracle.shortfall(level)
    ask = _seconds(lambda: oracle.shortfall(level)) / TRIAL
    began, clock = time.perf_counter(), Clock(study.solve.time_limit_seconds)
    pool = CutPool(prepare(study, sample._replace(scenarios=LANES), Workers(1)))
    attain(Search.of(pool, clock))
    asked = Request(study, sample, {"one": level, "other": level})
    masters = (time.perf_counter() - began) / max(1, pool.evaluations)
    return Timed(
        judge=_seconds(lambda: judged_block(0, TRIAL, study, sample)) / TRIAL,
        project=_seconds(lambda: projected_block(0, TRIAL, asked)) / (2 * TRIAL),
        ask=ask,
        learn=_seconds(lambda: oracle.slope(level, 0, z[0])) / TRIAL,
        master=masters,
        **(_sensitivity(study) if sensitivity else {}),
    )


def _sensitivity(study: Study) -> dict[str, float]:
    """Return the seconds of a point, and of the indices of an outcome in a whole analysis."""
    design = design_of(study, "sobol", TRIAL)
    seen, level = views(study), study.given_levels
    block = max(1, EVALUATIONS // design.rows)
    drawn = np.random.default_rng(0).normal(size=(TRIAL, design.rows))
    judging = _seconds(lambda: outcome_block(0, block, seen, design, level))
    return {
        "evaluate": judging / (block * design.rows),
        "indices": SAMPLES["sobol"] / TRIAL * _seconds(lambda: indices_of(design, drawn)),
    }


def _seconds(work: Callable[[], object]) -> float:
    """Return the least of three times, the one least disturbed."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def in_words(study: Study, found: Needed) -> list[str]:
    """Return what a run needs, a line each."""
    asked = " ".join(f"{key}={value}" for key, value in found.request.items())
    return [
        f"{study.name}: {study.sampling.scenarios:,} scenarios on {found.cores} cores",
        f"time    about {found.seconds:,.0f} s (right within a factor of three)",
        f"memory  about {found.memory_mb:,.0f} MB",
        f"disk    up to {found.disk_mb:,.0f} MB while it runs",
        f"Slurm   {asked}",
    ]
