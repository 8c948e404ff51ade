"""The same scenarios under other weights of the demand alternatives: supply stays as it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compute.place import split
from ..compute.workers import Workers
from ..flow.finite import require_finite
from ..flow.observed import drawn_to_count
from ..flow.sound import drawn_from
from ..scenarios.sampling import Sample
from ..study.study import Study
from .blocks import AnyLanes, fill_up_field, place_field
from .lanes import CheckpointedLanes, LocalLanes
from .oracle import BLOCK, Oracle, Weights, prepare, weighed
from .streams import held_in, stream_demand

Floats = NDArray[np.float64]


def under_demand(oracle: Oracle, study: Study, sample: Sample, workers: Workers) -> Oracle:
    """Return the same sample of a study that differs in the weights of demand alternatives alone.

    They decide who draws which alternative, and what a scenario weighs; supply draws nothing from
    them. So all but demand is the oracle's, to the last bit what `prepare` makes. Where a cluster
    holds the lanes, it makes them anew.
    """
    held = oracle.held.held if isinstance(oracle.held, CheckpointedLanes) else oracle.held
    if not isinstance(held, LocalLanes):
        return prepare(study, sample, workers)
    lanes = held.lanes._replace(demand=np.empty_like(held.lanes.demand))
    return weighed(
        study, sample, LocalLanes(lanes, workers), _placed(lanes, study, sample, workers)
    )


def _placed(lanes: AnyLanes, study: Study, sample: Sample, workers: Workers) -> Weights:
    """Fill the demand of lanes, whole once all weights were taken, which it yields."""
    ranges = split(sample.scenarios, BLOCK)
    for (first, count), found in workers.blocks(demanded_block, ranges, study, sample):
        place_field(lanes.demand, first, count, found.demand)
        yield (first, count), found.weight
    fill_up_field(lanes.demand, sample.scenarios)


class Demanded(NamedTuple):
    """The demand of some scenarios, and what each of them weighs."""

    demand: Floats  # [n, stream, year held, region] FTE
    weight: Floats  # [n]


def demanded_block(first: int, count: int, study: Study, sample: Sample) -> Demanded:
    """Return the demand of a block of scenarios."""
    with drawn_from(sample):
        draws = drawn_to_count(study, sample, first, count)
        demand = stream_demand(study, draws)[:, :, held_in(study)]
        require_finite({"demand": demand, "weight": draws.weight}, first)
    return Demanded(demand, draws.weight)
