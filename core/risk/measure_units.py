"""What one unit of a measure brings, by scenario: persons to the queue, and FTE beside it.

Both are differences between the same scenario with one unit in use and without, so that whatever a
lever does is said in one place (core/study/measures/in_force.py). They are the same from whatever
year on a unit is in use, but for the years until it acts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..flow.rates import build_rates
from ..kernels.shortage import Lanes
from ..scenarios.draws import Draws
from ..study.study import Study
from .streams import AnyLanes, stream_tiers, years_held

Floats = NDArray[np.float64]


def with_one_unit(study: Study, name: str) -> Study:
    """Return the ordinary study with one unit of a measure in use as early as can be, for free."""
    measure = study.measure[name]
    free = {"use_by_year": {str(measure.in_use_from): 1.0}, "prices": ()}
    one = measure.model_copy(update=free)
    return study.model_copy(update={"measure": {name: one}}).in_force


def with_units(study: Study, lanes: AnyLanes, draw: Callable[[Study], Draws]) -> AnyLanes:
    """Return lanes with what a unit of each measure decided by columns does; fields [n, ...].

    `draw` returns the draws of the same scenarios of another study.
    """
    if not isinstance(lanes, Lanes):  # two queues: measures bring nobody
        return lanes
    without = study.model_copy(update={"measure": {}})
    rates = build_rates(without, draw(without))
    baseline = stream_tiers(without, rates, 1)[0]
    until = years_held(study)[1] - study.time.first_year + 1
    joining = np.zeros((len(rates.leakage), len(study.columns), 2))
    beside = np.zeros(
        (len(baseline), baseline.shape[1], len(study.columns), until, baseline.shape[3])
    )
    for m, name in enumerate(study.columns):
        measure = study.measure[name]
        if all(effect.lever == "capacity" for effect in measure.effects):
            continue
        one = with_one_unit(study, name)
        own = build_rates(one, draw(one))
        more = (own.newcomers - rates.newcomers).sum(axis=2)
        joining[:, m] = more[:, -2:]  # of the last year: all who come in a year
        begun = measure.in_use_from - study.time.first_year
        found = stream_tiers(one, own, 1)[0][:, :, begun:until] - baseline[:, :, begun:until]
        beside[:, :, m, : until - begun] = found
    return lanes._replace(joining=joining, beside=beside)
