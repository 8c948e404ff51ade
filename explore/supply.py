"""Supply against demand under a plan tried by hand: projected anew for every move of a slider."""

from __future__ import annotations

from collections.abc import Mapping
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
Single = NDArray[np.float32]
BAND = (0.1, 0.5, 0.9)
"""Quantiles drawn: the middle, and the band in which four of five scenarios lie."""


class Outlook(NamedTuple):
    """Supply and demand of every scenario under a plan, [realization, year, group, region] FTE."""

    supply: Single
    demand: Single
    weight: Floats | None  # [realization]; None where all weigh the same
    means: Mapping[str, Floats]  # flow -> [year, (group,) region], over the scenarios

    def band(self, values: Single, where: tuple[int, int]) -> Floats:
        """Return the quantiles of a group and place by year, [year, quantile].

        Group 0 is all of them, place 0 the country.
        """
        group, place = where
        some = values if group == 0 else values[:, :, group - 1 : group]
        every = some.sum(axis=2, dtype=np.float64)
        there = every.sum(axis=2) if place == 0 else every[:, :, place - 1]
        if self.weight is None:
            return np.asarray(np.quantile(there, BAND, axis=0)).T
        weight = np.broadcast_to(self.weight[:, None], there.shape)
        found = np.quantile(there, BAND, axis=0, weights=weight, method="inverted_cdf")
        return np.asarray(found).T

    def lines(self, where: tuple[int, int], words: Words) -> list[Line]:
        """Return demand and supply of a group and place: the median and its band."""
        return [
            _line(words("word.demand"), self.band(self.demand, where), VERMILION),
            _line(words("word.supply"), self.band(self.supply, where), BLUE),
        ]


def outlook(oracle: Oracle, level: Floats, workers: Workers) -> Outlook:
    """Return what the scenarios of an oracle lead to under levels [row, year].

    Norway, 2 000 scenarios: 0.6 s of a processor.
    """
    study = oracle.study
    found = project_plans(Request(study, sample_of(study), {"plan": level}), workers)
    means = {name: values[0] for name, values in found.means.items()}
    return Outlook(found.supply[0], found.demand, found.weight, means)


def _line(label: str, band: Floats, colour: str) -> Line:
    low, middle, high = band.T
    return Line(label, middle, colour, (), np.stack([low, low, high, high], axis=1))
