"""Supply against demand under a plan tried by hand: projected anew for every move of a slider."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.compute.workers import Workers
from ..core.flow.projection import Request, project_plans
from ..core.risk.oracle import Oracle
from ..core.scenarios.draws import sample_of
from ..report.charts.lines import Line
from ..report.charts.vega import BLUE, VERMILION
from ..report.texts.words import Words

Floats = NDArray[np.float64]
BAND = (0.1, 0.5, 0.9)
"""Quantiles drawn: the middle, and the band in which four of five scenarios lie."""


class Outlook(NamedTuple):
    """Supply and demand of every scenario under a plan, [realization, year, region] FTE."""

    supply: Floats
    demand: Floats
    weight: Floats | None  # [realization]; None where all weigh the same

    def band(self, values: Floats, place: int) -> Floats:
        """Return the quantiles of a place by year, [year, quantile]; place 0 is the country."""
        there = values.sum(axis=2) if place == 0 else values[:, :, place - 1]
        if self.weight is None:
            return np.asarray(np.quantile(there, BAND, axis=0)).T
        weight = np.broadcast_to(self.weight[:, None], there.shape)
        found = np.quantile(there, BAND, axis=0, weights=weight, method="inverted_cdf")
        return np.asarray(found).T

    def lines(self, place: int, words: Words) -> list[Line]:
        """Return demand and supply of a place: the median and its band."""
        return [
            _line(words("word.demand"), self.band(self.demand, place), VERMILION),
            _line(words("word.supply"), self.band(self.supply, place), BLUE),
        ]


def outlook(oracle: Oracle, level: Floats, workers: Workers) -> Outlook:
    """Return what the scenarios of an oracle lead to under levels [region, year].

    Norway, 2 000 scenarios: 0.6 s of a processor.
    """
    study = oracle.study
    found = project_plans(Request(study, sample_of(study), {"plan": level}), workers)
    supply, demand = (
        values.sum(axis=2, dtype=np.float64) for values in (found.supply[0], found.demand)
    )
    return Outlook(supply, demand, found.weight)


def _line(label: str, band: Floats, colour: str) -> Line:
    low, middle, high = band.T
    return Line(label, middle, colour, (), np.stack([low, low, high, high], axis=1))
