"""Other weights of the demand alternatives: the plan at the same limits, and at the same place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.compute.place import Progress, silent
from ...core.compute.workers import Workers
from ...core.risk.oracle import Oracle
from ...core.risk.other_demand import under_demand
from ...core.scenarios.draws import sample_of
from ...core.study.study import Study
from ..cuts.pool import CutPool
from ..search.attainable import Attainable, ceiling, floor
from ..search.solve import Solution, find_plan
from ..search.value import Search
from ..solvers.clock import Clock

Floats = NDArray[np.float64]


class TableResult(NamedTuple):
    """What one weight table would ask for."""

    table: str
    floors: Floats
    ceilings: Floats
    limits: Floats  # at the study's fractions of the intervals
    solution: Solution  # inside these
    same: Solution  # inside the study's own limits


def weight_tables(study: Study) -> list[str]:
    """Return the names of the study's weight tables, in order."""
    return list(dict.fromkeys(row.table for row in study.demand.weights))


def with_weights(study: Study, table: str) -> Study:
    """Return the study under another weight table."""
    data = study.model_dump()
    data["demand"]["weight_table"] = table
    return Study.model_validate(data)


class Own(NamedTuple):
    """What a run knows of the study under its own weights; other weights change demand alone."""

    oracle: Oracle
    attainable: Attainable
    fractions: Floats  # [limit] where the study's limits lie between its ends
    solution: Solution


def solve_tables(
    study: Study, own: Own, workers: Workers, clock: Clock, progress: Progress = silent
) -> list[TableResult]:
    """Return the plans of every weight table: at the study's limits, and at their place.

    The same limits ask for more or for less under another table, or for what no plan can keep. At
    the study's fraction of each interval the question stays equally hard; limits on supervision
    stay. Of the table that the study itself goes by the answer is known.
    """
    results, names = [], weight_tables(study)
    for number, table in enumerate(names, start=1):
        if table == study.demand.weight_table:
            found = own.solution
            ends = own.attainable.floors, own.attainable.ceilings
            results.append(TableResult(table, *ends, study.risk_at_most, found, found))
        else:
            results.append(_solved(with_weights(study, table), own, workers, clock))
        progress("weight tables", number, len(names))
    return results


def _solved(study: Study, own: Own, workers: Workers, clock: Clock) -> TableResult:
    oracle = under_demand(own.oracle, study, sample_of(study), workers)
    pool = CutPool(oracle, own.attainable.certificate)  # it depends on supply alone
    ceilings = ceiling(pool)
    floors = floor(pool, clock)
    search = Search.of(pool, clock, checkpoint=workers.checkpoint)
    moved = floors + own.fractions * (ceilings - floors)
    limits = np.where(study.on_shortage, moved, search.limits)
    found = find_plan(search.with_limits(limits))
    table = study.demand.weight_table
    return TableResult(table, floors, ceilings, limits, found, find_plan(search))
