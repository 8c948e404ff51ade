"""What a run will need: a few blocks timed on this machine, and counts of what a run does."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .core.compute import Workers, available_cores
from .core.oracle import empty_lanes, judged_block, prepare
from .core.profile import as_memory, as_walltime
from .core.projection import projected_block
from .core.scenarios import Sample, sample_of
from .core.shortage_kernel import LANES
from .core.study import Study
from .core.warmup import warm_up
from .optimise.clock import Clock
from .optimise.job import attain
from .optimise.plans import fixed_plans
from .optimise.tables import weight_tables

TRIAL = 256
"""Scenarios timed: enough for a block, few enough for seconds."""
ASKED, LEARNED = 16, 9
"""Plans evaluated, and slopes taken, in a search (the tutorial: 150 and 83 in nine searches)."""
MASTERS = 2
"""Master problems for every plan evaluated: regret and shadow prices solve many, asking little."""
START_SECONDS, BASE_MB = 5.0, 450.0
"""Libraries, kernels from the cache, the report; and what they hold."""
SPARE = 1.5
"""What a request to Slurm adds: a job that asks for too little is lost."""


class Timed(NamedTuple):
    """Seconds on one core of this machine."""

    judge: float  # to draw and project a scenario for the oracle
    project: float  # to project a scenario under one plan
    ask: float  # for Z of a scenario under one more plan
    learn: float  # for its slope
    master: float  # for a master problem


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


def needed(study: Study, cores: int | None = None) -> Needed:
    """Time a few blocks of a study and return what all of it is expected to need."""
    cores = cores or available_cores()
    timed = calibrate(study)
    count, fresh = study.sampling.scenarios, study.sampling.fresh_scenarios
    tables, plans = len(weight_tables(study)), 3 + len(fixed_plans(study))
    searches = 1 + study.solve.frontier_points + tables
    drawn = count * (2 + tables) + fresh
    work = drawn * timed.judge + count * plans * timed.project
    work += searches * count * (ASKED * timed.ask + LEARNED * timed.learn)
    alone = START_SECONDS + searches * ASKED * MASTERS * timed.master
    seconds = alone + work / (1.0 + 0.8 * (cores - 1))
    lanes = sum(array.nbytes for array in empty_lanes(study, LANES)) / LANES / 1e6
    path = 4e-6 * len(study.years) * len(study.groups) * len(study.regions)
    limits = 8e-6 * len(study.risk)
    asked = searches * ASKED * limits
    return Needed(
        cores=cores,
        seconds=seconds,
        memory_mb=BASE_MB + count * (1.3 * lanes + 3.0 * (plans + 1) * path + 20.0 * limits),
        disk_mb=5.0 + drawn * lanes + count * ((plans + 2) * path + asked),
        timed=timed,
    )


def calibrate(study: Study) -> Timed:
    """Return the seconds of each kind of work, from a few hundred scenarios on one core."""
    warm_up(study, lambda *_: None)
    sample = Sample(sample_of(study).method, study.sampling.seed, TRIAL)
    level = study.given_levels
    oracle = prepare(study, sample, Workers(1))
    z = oracle.shortfall(level)
    ask = _seconds(lambda: oracle.shortfall(level)) / TRIAL
    began, clock = time.perf_counter(), Clock(study.solve.time_limit_seconds)
    _, pool = attain(study, prepare(study, sample._replace(scenarios=LANES), Workers(1)), clock)
    masters = (time.perf_counter() - began) / max(1, pool.evaluations)
    return Timed(
        judge=_seconds(lambda: judged_block(0, TRIAL, study, sample)) / TRIAL,
        project=_seconds(lambda: projected_block(0, TRIAL, study, sample, np.stack([level] * 2)))
        / (2 * TRIAL),
        ask=ask,
        learn=_seconds(lambda: oracle.slope(level, 0, z[0])) / TRIAL,
        master=masters,
    )


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
