"""The oracle: shortfall Z of every scenario under a plan, what each rule makes of it, its slope.

This is all the optimiser sees of the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..compute.graph import Call
from ..compute.parts import digest
from ..compute.place import Progress, Range, silent, split
from ..compute.workers import Workers
from ..flow.finite import require_finite
from ..flow.observed import drawn_to_count
from ..flow.rates import all_levels, build_rates, rows_of_levels
from ..flow.sound import UnsoundError, blaming_rates, drawn_from, require_sound
from ..kernels.concavity import concavity
from ..kernels.shortage import Judgement, Lanes, shortage
from ..kernels.slope import slopes
from ..kernels.state import LANES
from ..kernels.two_queues import shortage_of_both
from ..kernels.two_queues_slope import cuts_of_both
from ..scenarios.draws import Draws, draw
from ..scenarios.sampling import Sample
from ..study.risk_limit import RiskLimit
from ..study.study import Study
from .blocks import AnyLanes, fill_up, place_lanes
from .lanes import (
    Bound,
    Bounds,
    ByBlock,
    CheckpointedLanes,
    HeldLanes,
    Judged,
    LocalLanes,
)
from .streams import (
    appointment_lanes,
    empty_lanes,
    entries_of,
    entry_lanes,
    held_in,
    in_lanes,
    judgement_of,
    lane_mb,
    with_units,
    years_that_count,
)
from .weight import require_weight, with_mean_one

T = TypeVar("T")
Floats = NDArray[np.float64]
ByLimit: TypeAlias = Floats | Mapping[int, T]
"""Figures or rows [realization] by the number of a limit: of all, or of those asked about."""
BLOCK, BLOCK_MB = 2048, 20.0
"""Scenarios per task: so many that turns of Python do not keep threads waiting, as measured by
benchmarks/cluster.py, and that Dask's 2 ms a task do not count; fewer where limits judge so many
streams that more would be held of them than so much. A task takes several times that."""
Weights: TypeAlias = Iterator[tuple[Range, Floats]]


class Oracle:
    """Prepared scenarios of one sample, judged by the study's risk limits.

    Levels are always [row, year] over all projected years: LIS1 by region and, where the study
    limits them, LIS2/3 posts by group and region, then tracks; left out, they are as stated.
    `raw_weight` [realization] is what each scenario weighs by itself, `weight` the same with mean
    one; it is None where all weigh one.
    """

    def __init__(
        self,
        study: Study,
        scenarios: int,
        held: HeldLanes,
        weight: Floats | None = None,
    ) -> None:
        self.study = study
        self.scenarios = scenarios
        self.limits: tuple[RiskLimit, ...] = tuple(study.risk.values())
        self.judgement = judgement_of(study)
        self.entries = entries_of(study, self.judgement)
        self.years_that_count = years_that_count(study)
        self.confidence = tuple(limit.tail_confidence for limit in self.limits)
        self.raw_weight = np.ones(scenarios) if weight is None else weight
        equal = bool((self.raw_weight == 1.0).all())
        self.weight = None if equal else with_mean_one(self.raw_weight)
        self.held = held

    def judged_by(self, study: Study) -> Oracle:
        """Return the same scenarios judged by other rules on the same Z."""
        return Oracle(study, self.scenarios, self.held, self.raw_weight)

    def only(self, numbers: NDArray[np.int64]) -> Oracle:
        """Return an oracle of some of the scenarios, in their order."""
        held = LocalLanes(in_lanes(self.study, self.held.take(numbers)), self.held.workers)
        return Oracle(self.study, len(numbers), held, self.raw_weight[numbers])

    def shortfall(self, level: Floats) -> Floats:
        """Return Z of every limit and scenario under a plan, [limit, realization]."""
        return self.shortfall_by(level, range(len(self.limits)))

    def shortfall_by(self, level: Floats, limits: Sequence[int]) -> Floats:
        """Return Z of some limits alone, [limit asked, realization]."""
        z = np.empty((len(limits), self.held.blocks, LANES))
        judgement, whole = of_limits(self.judgement, limits), all_levels(self.study, level)
        if self.entries is None:
            self.held.fill(shortage, (judgement, whole), z, axis=1)
        else:
            entries = self.entries._replace(judgement=judgement)
            self.held.fill(shortage_of_both, (entries, whole), z, axis=1)
        return _finite_shortfall(self.study, z, 0, self.scenarios, limits)

    def risk(self, level: Floats) -> Floats:
        """Return the risk of every limit under a plan, [limit]."""
        return self.risk_of(self.shortfall(level))

    def risk_of(self, z: Floats) -> Floats:
        """Return the risk of every limit for given Z [limit, realization], [limit]."""
        return np.array([self.risk_of_one(limit, row) for limit, row in enumerate(z)])

    def risk_of_one(self, limit: int, z: Floats) -> float:
        """Return the risk of one limit for its own Z [realization]."""
        return float(self.limits[limit].risk_rule.risk(z, self.weight))

    def slope(self, level: Floats, limit: int, z: Floats) -> Floats:
        """Return the slope of the risk of one limit in the levels, [row, year], as in `bound`."""
        return self.bound(level, limit, z).slope

    def bound(self, level: Floats, limit: int, z: Floats) -> Bound:
        """Return what a plan teaches about one limit: a subgradient of its risk in the levels.

        `z` [realization] is that limit's Z under the same plan. The risk of a chance limit is not
        convex: its slope is that of the scenario at the quantile, and bounds nothing.
        """
        weights = self.limits[limit].risk_rule.weights(z, self.weight)
        return self.bounds_by(level, [limit], [weights])[0]

    def bounds(self, level: Floats, limits: Sequence[int], z: ByLimit[Floats]) -> list[Bound]:
        """Return the same of several limits in one pass; `z` [realization] by limit."""
        weights = (self.limits[c].risk_rule.weights(z[c], self.weight) for c in limits)
        return self.bounds_by(level, limits, weights) if limits else []

    def bounds_by(
        self, level: Floats, limits: Sequence[int], weights: Iterable[Floats]
    ) -> list[Bound]:
        """Return the same where scenarios count by other `weights` than the rules'.

        Of each limit asked [realization]. These need not add up to one: then it is their share of
        a risk that others have a part in.
        """
        blocks = self.held.blocks
        share, flat = np.empty((blocks, len(limits), LANES)), np.zeros(blocks * LANES)
        for n, each in enumerate(weights):
            flat[: self.scenarios] = each
            share[:, n] = flat.reshape(blocks, LANES)
        cut = self._cuts(level, limits, share, 1)[..., 0]
        total = np.zeros(cut.shape[1:])
        for part in cut:  # in the order of the blocks: the same bits for any number of workers
            total += part
        for n, limit in enumerate(limits):
            self._require_number(cut[:, n], f"slope of risk.{[*self.study.risk][limit]}")
        found = total[:, : level.size].reshape(-1, *level.shape)
        return [Bound(*each) for each in zip(found, total[:, -1].tolist(), strict=True)]

    def _cuts(self, level: Floats, limits: Sequence[int], share: Floats, lanes: int) -> Floats:
        """Return slopes and drop [block, limit asked, row · year + 1, lane] of all years.

        Scenarios count by `share` [block, limit asked, lane]; as one lane they are added up.
        """
        judgement, whole = of_limits(self.judgement, limits), all_levels(self.study, level)
        begin = self._begin(level)
        cut = np.empty((self.held.blocks, len(limits), whole.size + 1, lanes))
        if self.entries is None:
            self.held.fill(slopes, (judgement, whole, begin[0], ByBlock(share)), cut)
        else:
            entries = self.entries._replace(judgement=judgement)
            self.held.fill(cuts_of_both, (entries, whole, begin, ByBlock(share)), cut)
        return cut

    def _require_number(self, cut: Floats, name: str) -> None:
        """Refuse slopes [block of lanes, ...] that are no numbers."""
        broken = ~np.isfinite(cut).all(axis=1)
        if broken.any():
            first = int(broken.argmax()) * LANES
            raise UnsoundError(first, f"{name} is no number, of it or one of the {LANES} after it")

    def each_bound(self, level: Floats, limit: int) -> Bounds:
        """Return what a plan teaches about every scenario's own Z of one limit."""
        cut = self._cuts(level, [limit], np.ones((self.held.blocks, 1, LANES)), LANES)[:, 0]
        flat = np.moveaxis(cut, -1, 1).reshape(-1, cut.shape[1])[: self.scenarios]
        return Bounds(flat[:, : level.size].reshape(-1, *level.shape), flat[:, -1])

    def least_within(self, highest: Floats, lowest: Floats) -> Floats:
        """Return Z that no plan between levels `lowest` and `highest` [row, year] lies below.

        [limit, realization]. Of slots and LIS2/3 posts slopes are not above zero and no plan within
        these levels opens more, so it is Z there less the drop: Z itself, where more posts never
        hurt. More earmarked posts may help or hurt. From the cut at the fewest of them, which
        newcomers fill if they fill any,

            Z >= Z0 - drop + sum_e,r,y min(0, slope) (highest - lowest)
        """
        level = highest.copy()
        own = self._decided_tracks(highest)
        level[own] = lowest[own]
        z, room = self.shortfall(level), (highest - lowest)[own]
        for c, least in enumerate(z):
            bound = self.each_bound(level, c)
            least -= bound.drop
            if room.size:
                least += (np.minimum(bound.slope[:, own], 0.0) * room).sum(axis=(1, 2))
        return z

    def _decided_tracks(self, level: Floats) -> slice:
        """Return the rows of tracks among levels [row, year] that hold them; else no rows."""
        end = rows_of_levels(self.study)
        rows = len(self.study.track) * len(self.study.regions)
        return slice(end - rows, end) if len(level) >= end else slice(0, 0)

    def _begin(self, level: Floats) -> tuple[int, int]:
        """Return the first half-year in which a plan changes who is appointed, who begins LIS2/3.

        Where LIS2/3 posts are as stated it changes entry through LIS1 alone.
        """
        decided = 2 * self.study.first
        appointed = max(0, decided - self.judgement.to_start)
        through_lis1 = self.study.decides_tracks and not self.study.decides_posts
        if self.entries is not None and (through_lis1 or len(level) == len(self.study.regions)):
            return appointed, appointed + self.entries.completes
        return appointed, decided

    def concavity_excess(self, highest: Floats) -> Floats:
        """Return by how many FTE the concavity condition fails in each scenario, [realization].

        `highest` are the largest feasible levels. Where all are zero every cut is tight. It is a
        condition of the first queue alone: where LIS2/3 posts are limited there is none to ask.
        """
        assert self.entries is None
        excess = np.empty((self.held.blocks, LANES))
        begin = 2 * self.study.first - self.judgement.to_start
        whole = all_levels(self.study, highest)
        self.held.fill(concavity, (self.judgement, whole, begin), excess)
        return excess.reshape(-1)[: self.scenarios]


BY_LIMIT = (
    *("counted", "member", "summed", "relative", "begin", "end", "supervisors", "busy"),
    "statistic",
)
"""The fields of a Judgement with an axis for limits, which is the first."""


def of_limits(judgement: Judgement, limits: Sequence[int]) -> Judgement:
    """Return the judgement by some of the limits alone, in their order."""
    own = {name: getattr(judgement, name)[list(limits)] for name in BY_LIMIT}
    return judgement._replace(**own)


def prepare(
    study: Study,
    sample: Sample,
    workers: Workers,
    progress: Progress = silent,
    block: int | None = None,
) -> Oracle:
    """Draw and project a sample: baseline and response, ready to judge plans.

    `block` is how many scenarios are a task in this process; None: `block_of` the study.
    """
    if workers.scheduler.shares_memory:
        held, weights = _made_here(study, sample, workers, block or block_of(study))
    else:
        held, weights = _made_there(study, sample, workers)
    return weighed(study, sample, held, weights, progress)


def weighed(
    study: Study,
    sample: Sample,
    held: HeldLanes,
    weights: Weights,
    progress: Progress = silent,
) -> Oracle:
    """Return the oracle of lanes that are made while their weights are taken."""
    weight, done = np.empty(sample.scenarios), 0
    for (first, count), found in weights:
        weight[first : first + count] = found
        done += count
        progress("scenarios", done, sample.scenarios)
    require_weight(sample, weight, study.drawn_and_counted_by)
    workers = held.workers
    if workers.checkpoint:
        held = CheckpointedLanes(held, workers.checkpoint, digest(study, sample))
    return Oracle(study, sample.scenarios, held, weight)


def block_of(study: Study) -> int:
    """Return how many scenarios are a task in this process: whole blocks of lanes if not all."""
    return min(BLOCK, max(1, int(BLOCK_MB / lane_mb(study)) // LANES) * LANES)


def _made_here(
    study: Study, sample: Sample, workers: Workers, block: int
) -> tuple[HeldLanes, Weights]:
    """Return the lanes of a sample in this process, whole once all weights were taken."""
    lanes = empty_lanes(study, sample.scenarios, sample.scenarios)

    def placed() -> Weights:
        ranges = split(sample.scenarios, block)
        for (first, count), judged in workers.blocks(judged_block, ranges, study, sample):
            place_lanes(lanes, first, count, judged.lanes)
            yield (first, count), judged.weight
        fill_up(lanes, sample.scenarios)

    return LocalLanes(lanes, workers), placed()


def _made_there(study: Study, sample: Sample, workers: Workers) -> tuple[HeldLanes, Weights]:
    """Return the lanes of a sample with the workers of a cluster, and their weights."""
    from .remote_lanes import made_remotely, remote_ranges

    ranges = remote_ranges(sample.scenarios, workers.scheduler.threads)
    calls = [Call(lanes_block, (*each, study, sample)) for each in ranges]
    return made_remotely(calls, ranges, workers)


def lanes_block(first: int, count: int, study: Study, sample: Sample) -> Judged:
    """Return the judged part of a block of scenarios as blocks of lanes."""
    judged = judged_block(first, count, study, sample)
    return judged._replace(lanes=in_lanes(study, judged.lanes, sample.scenarios))


def judged_block(first: int, count: int, study: Study, sample: Sample) -> Judged:
    """Return the judged part of a block of scenarios."""
    with drawn_from(sample):
        draws = drawn_to_count(study, sample, first, count)
        return judged_part(study, draws, first, lambda one: draw(one, sample, first, count))


def judged_part(
    study: Study, draws: Draws, first: int = 0, again: Callable[[Study], Draws] | None = None
) -> Judged:
    """Return the judged part of the scenarios from number `first` on, which drew `draws`.

    `again` draws the same scenarios of another study: of one with a unit of a measure in use.
    """
    rates = build_rates(study, draws)
    held = held_in(study)
    build = appointment_lanes if study.specialist_posts is None else entry_lanes
    lanes: AnyLanes = build(study, draws, rates)
    if again is not None and isinstance(lanes, Lanes):  # two queues: measures bring nobody
        lanes = with_units(study, lanes, rates, again)
    lanes = lanes._replace(baseline=lanes.baseline[:, :, held], demand=lanes.demand[:, :, held])
    by_kernels = ("baseline", "response")
    drawn = {name: v for name, v in lanes._asdict().items() if name not in by_kernels}
    require_finite(drawn | {"weight": draws.weight}, first)
    with blaming_rates(rates, first):
        # whoever is appointed adds one doctor's hours at most
        hours = max(float(rates.fte.max()), study.trainee_fte)
        require_sound({"response to a post": lanes.response}, first, most=hours)
        require_sound({"supply without new posts": lanes.baseline}, first)
    return Judged(lanes, draws.weight)


def shortfall_of(study: Study, lanes: AnyLanes, drawn: Range, level: Floats) -> Floats:
    """Return Z of the scenarios `drawn` into `lanes`, [limit, n]; by the kernel, within a task."""
    held: Any = lanes  # those the study's kernel takes
    blocks = len(lanes.leakage)
    z = np.empty((len(study.risk), blocks, LANES))
    judgement = judgement_of(study)
    entries = entries_of(study, judgement)
    whole = all_levels(study, level)
    if entries is None:
        shortage(held, judgement, whole, 0, blocks, z)
    else:
        shortage_of_both(held, entries, whole, 0, blocks, z)
    return _finite_shortfall(study, z, *drawn, range(len(study.risk)))


def _finite_shortfall(
    study: Study, z: Floats, first: int, count: int, limits: Sequence[int]
) -> Floats:
    """Return Z [limit, block, lane] as [limit, realization]; what cannot be is refused."""
    z, judged = z.reshape(len(z), -1)[:, :count], list(study.risk.items())
    for row, c in zip(z, limits, strict=True):
        name, limit = judged[c]
        require_sound({f"shortfall of risk.{name}": row}, first, limit.least, limit.largest)
    return z
