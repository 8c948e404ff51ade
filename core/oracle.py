"""The oracle: shortfall Z of every scenario under a plan, its CVaR and its slope.

This is all the optimiser sees of the world.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .blocks import baseline_and_response
from .compute import Progress, Workers, silent, split
from .demand import build_demand
from .rates import build_rates
from .risk import cvar, cvar_weights
from .scenarios import Sample, draw
from .shortage_kernel import (
    LANES,
    MAXIMUM,
    MEAN,
    TOTAL,
    Judgement,
    Lanes,
    concavity,
    shortage,
    slope,
)
from .study import Study

Floats = NDArray[np.float64]
BLOCK = 512
"""Scenarios per task: 50-100 ms, so that Dask's 2 ms a task do not count."""


class Oracle:
    """Prepared scenarios of one sample, judged by the study's risk limits.

    Levels are always [region, year] over all projected years.
    """

    def __init__(self, study: Study, scenarios: int, lanes: Lanes, workers: Workers) -> None:
        self.study = study
        self.scenarios = scenarios
        self.judgement = judgement_of(study)
        self.confidence = tuple(limit.confidence for limit in study.risk.values())
        self._lanes = lanes
        self._workers = workers
        blocks = len(lanes.leakage)
        self._ranges = [
            (first, first + count) for first, count in split(blocks, max(1, -(-blocks // 32)))
        ]

    def shortfall(self, level: Floats) -> Floats:
        """Return Z of every limit and scenario under a plan, [limit, realization]."""
        z = np.empty((len(self.confidence), len(self._lanes.leakage), LANES))
        self._workers.each(
            lambda first, last: shortage(self._lanes, self.judgement, level, first, last, z),
            self._ranges,
        )
        return z.reshape(len(z), -1)[:, : self.scenarios]

    def risk(self, level: Floats) -> Floats:
        """Return the CVaR of every limit under a plan, [limit]."""
        return self.risk_of(self.shortfall(level))

    def risk_of(self, z: Floats) -> Floats:
        """Return the CVaR of every limit for given Z [limit, realization], [limit]."""
        return np.array([cvar(row, alpha) for row, alpha in zip(z, self.confidence, strict=True)])

    def slope(self, level: Floats, limit: int, z: Floats) -> Floats:
        """Return a subgradient of the CVaR of one limit in the levels, [region, year].

        `z` [realization] is that limit's Z under the same plan.
        """
        blocks = len(self._lanes.leakage)
        flat = np.zeros(blocks * LANES)
        flat[: self.scenarios] = cvar_weights(z, self.confidence[limit])
        share = flat.reshape(blocks, LANES)
        gradient = np.zeros((blocks, *level.shape))
        self._workers.each(
            lambda first, last: slope(
                self._lanes, self.judgement, level, limit, share, first, last, gradient
            ),
            self._ranges,
        )
        total = np.zeros(level.shape)
        for part in gradient:  # in the order of the blocks: the same bits for any number of workers
            total += part
        return total

    def concavity_excess(self, highest: Floats) -> Floats:
        """Return by how many FTE the concavity condition fails in each scenario, [realization].

        `highest` are the largest feasible levels. Where all are zero every cut is valid.
        """
        excess = np.empty((len(self._lanes.leakage), LANES))
        begin = 2 * (self.study.time.first_decision - self.study.time.first_year)
        self._workers.each(
            lambda first, last: concavity(
                self._lanes, self.judgement, highest, begin, first, last, excess
            ),
            self._ranges,
        )
        return excess.reshape(-1)[: self.scenarios]


def judgement_of(study: Study) -> Judgement:
    """Return what the study judges as the kernel's arrays."""
    limits = list(study.risk.values())
    names = {"mean": MEAN, "max": MAXIMUM, "sum": TOTAL}
    return Judgement(
        member=np.array([[float(r in limit.regions) for r in study.regions] for limit in limits]),
        summed=np.array([limit.scope == "summed" for limit in limits]),
        relative=np.array([limit.measure == "relative" for limit in limits]),
        statistic=np.array([names[limit.statistic] for limit in limits]),
        first=study.time.window[0] - study.time.first_year,
        delay=shortest_delay(study),
    )


def shortest_delay(study: Study) -> int:
    """Return the half-years before which an appointment cannot add a specialist.

    LIS1 without leave, then the shortest LIS2/3 (durations are taken to the nearest half-year); the
    specialist counts at the end of the last half-year of training.
    """
    return len(study.posts.stages) + round(2 * study.training.shortest_years.value) - 1


def prepare(
    study: Study, sample: Sample, workers: Workers, progress: Progress = silent, block: int = BLOCK
) -> Oracle:
    """Draw and project all scenarios of a sample: baseline and response, ready to judge plans."""
    lanes = _room(study, sample.scenarios)
    done = 0
    for (first, count), parts in workers.blocks(
        judged_block, split(sample.scenarios, block), study, sample
    ):
        _place(lanes, first, count, parts)
        done += count
        progress("scenarios", done, sample.scenarios)
    _fill_up(lanes, sample.scenarios)
    return Oracle(study, sample.scenarios, lanes, workers)


def judged_block(first: int, count: int, study: Study, sample: Sample) -> Lanes:
    """Return the judged part of a block of scenarios, the fields of Lanes as [n, ...]."""
    draws = draw(study, sample, first, count)
    rates = build_rates(study, draws)
    window = slice(
        study.time.window[0] - study.time.first_year,
        study.time.window[1] - study.time.first_year + 1,
    )
    length, delay = 2 * window.stop, shortest_delay(study)
    baseline, response = baseline_and_response(rates, length)
    demand = build_demand(study, draws)[:, window]
    by_region = demand[:, :, 0].copy()
    for k in range(1, demand.shape[2]):
        by_region += demand[:, :, k]
    return Lanes(
        leakage=rates.leakage,
        offer=rates.fill_rate[:, None, :] * rates.offer_share[:, :length, None],
        unplaced=rates.unplaced,
        newcomers=rates.newcomers[:, :length],
        baseline=baseline[:, window],
        demand=by_region,
        response=response[:, delay:],
    )


def _room(study: Study, scenarios: int) -> Lanes:
    """Return room for all scenarios, in blocks of lanes."""
    blocks, regions = -(-scenarios // LANES), len(study.regions)
    first, last = study.time.window
    length = 2 * (last - study.time.first_year + 1)
    shapes = {
        "leakage": (),
        "offer": (length, regions),
        "unplaced": (regions,),
        "newcomers": (length, regions),
        "baseline": (last - first + 1, regions),
        "demand": (last - first + 1, regions),
        "response": (max(length - shortest_delay(study), 0), regions, regions),
    }
    return Lanes(**{name: np.empty((blocks, *shape, LANES)) for name, shape in shapes.items()})


def _place(lanes: Lanes, first: int, count: int, parts: Lanes) -> None:
    """Put scenarios first to first + count - 1 into their lanes."""
    number = np.arange(first, first + count)
    for target, values in zip(lanes, parts, strict=True):
        target[number // LANES, ..., number % LANES] = values


def _fill_up(lanes: Lanes, scenarios: int) -> None:
    """Fill the unused lanes of the last block with its first scenario; they never carry weight."""
    used = scenarios - (len(lanes.leakage) - 1) * LANES
    for array in lanes:
        array[-1, ..., used:] = array[-1, ..., :1]
