"""Rates for the benchmarks: the Norwegian study's, and the same repeated to other sizes.

A wider axis repeats what is there from its beginning (groups, regions, half-years). Where
persons or shares are spread over the axis they are scaled so that totals stay what they were.
The numbers mean nothing then, but they are of the usual size, and the flow takes as long as if they
did.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lis1plan.configs.loader import load_study
from lis1plan.core.flow.rates import build_rates
from lis1plan.core.kernels.cohorts import Rates
from lis1plan.core.scenarios.draws import draw, sample_of

Floats = NDArray[np.float64]

GROUPS, HALF_YEARS = 5, 60

# the axes of each field that are widened; "!" where its sum over them is to stay
GROUP_AXIS = {
    "group_share": "1!",
    "direct_entry": "2!",
    "trainees": "0!",
    "historic_outcome": "2",
    "outcome": "2",
    "specialists": "0!",
    "entry_age": "0",
    "foreign": "2!",
    "foreign_age": "0",
    "survival": "1",
    "fte": "0",
}
REGION_AXIS = {
    "unplaced": "1!",
    "newcomers": "2!",
    "fill_rate": "1",
    "occupants": "1!",
    "direct_entry": "3!",
    "trainees": "1!",
    "specialists": "1!",
    "foreign": "3!",
    "landing": "0!",
}
YEAR_AXIS = {"offer_share": "1", "newcomers": "1", "direct_entry": "1", "foreign": "1"}


def study_rates(scenarios: int) -> Rates:
    """Return the rates of the Norwegian study, as if the appointed began at once.

    The flows in numpy and C that the kernel is compared with know no rounds ahead.
    """
    study = load_study("norway-2019", [f"sampling.scenarios={scenarios}"])
    rates = build_rates(study, draw(study, sample_of(study), 0, scenarios))
    return rates._replace(starting=rates.starting[:0])


def widened(
    rates: Rates,
    groups: int | None = None,
    regions: int | None = None,
    half_years: int | None = None,
) -> Rates:
    """Return rates of these sizes; what is not given stays."""
    fields = rates._asdict()
    for axes, size in ((GROUP_AXIS, groups), (REGION_AXIS, regions), (YEAR_AXIS, half_years)):
        if size is not None:
            for name, axis in axes.items():
                fields[name] = _repeated(fields[name], int(axis[0]), size, scaled="!" in axis)
    if regions is not None:
        fields["starting"] = np.empty((0, regions))
        square = _repeated(_repeated(rates.choice, 1, regions), 2, regions)
        fields["choice"] = square / square.sum(axis=2, keepdims=True)  # rows still sum to 1
    return Rates(**fields)


def _repeated(values: Floats, axis: int, size: int, *, scaled: bool = False) -> Floats:
    """Return `values` repeated along the axis to this size, with the old total if scaled."""
    wide = np.take(values, np.arange(size) % values.shape[axis], axis=axis)
    if scaled:
        wide = wide * (values.sum() / wide.sum())
    return np.ascontiguousarray(wide)
