"""Searches for the tests: a pool asked within other limits, or for a study that asks otherwise."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from lis1plan.core.risk.oracle import Oracle
from lis1plan.core.study.study import Study
from lis1plan.optimise.cuts.pool import CutPool
from lis1plan.optimise.job import attain
from lis1plan.optimise.search.attainable import Attainable
from lis1plan.optimise.search.value import Search
from lis1plan.optimise.solvers.clock import Clock
from lis1plan.optimise.solvers.program import Plan, inside, plan_of, program_of
from lis1plan.optimise.solvers.solver import HIGHS

Floats = NDArray[np.float64]


def searching(pool: CutPool, study: Study, limits: Floats, clock: Clock) -> Search:
    """The search for a study within limits on risk, by the cuts of a pool."""
    return Search.of(pool, clock).under(study, limits)


def attained(oracle: Oracle, seconds: float = 600.0) -> tuple[Attainable, CutPool]:
    """The attainable intervals, and the pool of the cuts they taught."""
    pool = CutPool(oracle)
    return attain(Search.of(pool, Clock(seconds))), pool


def solve(model: pyo.ConcreteModel, gap: float, seconds: float) -> Plan:
    """A model in Pyomo solved as any master is, in whole slots if they are."""
    program = program_of(model)
    whole = bool(program.whole.any())
    return inside(program, plan_of(program, HIGHS.solve(program, gap, seconds, whole=whole)))
