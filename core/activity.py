"""Activity: demand that follows the use of services by age times the population of each region."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .demand_sections import Activity
from .study import Study

Floats = NDArray[np.float64]


def activity(study: Study, tables: Activity, years: Floats) -> Floats:
    """Return the FTE that the population of `years` would use, [year, group, region].

    Sum over age bands of FTE per 1 000 times inhabitants; the population is linear between the
    years of the table. This is the method of national staffing models (use per age band x
    population); its level is not used, only its growth.
    """
    regions, groups = list(study.regions), list(study.groups)
    result = np.zeros((len(years), len(groups), len(regions)))
    for use in tables.use:
        for r, region in enumerate(regions):
            rows = sorted(
                (row.year, row.persons)
                for row in tables.population
                if row.region == region and row.ages == use.ages
            )
            known, persons = zip(*rows, strict=True)
            inhabitants = np.interp(years, known, persons)
            result[:, groups.index(use.group), r] += use.fte_per_1000 * inhabitants / 1000.0
    return result


def activity_growth(study: Study, tables: Activity) -> Floats:
    """Return growth relative to the end of the year before the projection, [year, group, region].

    Groups without any use do not grow.
    """
    start = study.time.first_year - 1
    present = activity(study, tables, np.array([start, *study.years], dtype=float))
    base = present[0]
    return np.asarray(
        np.divide(present[1:] - base, base, out=np.zeros_like(present[1:]), where=base > 0)
    )
