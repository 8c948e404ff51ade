"""Plans in fractions of slots: the LP over cuts, where laws hold to the last digit.

`convex.relaxed_plan` finds them on the way to whole slots; here the first years may be given, HiGHS
solves whatever the study's solver, and a plan that time cut short is none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...core.study.study import Study
from ..cuts.pool import CutPool
from ..cuts.repair import tolerance
from ..master.rows import plain_master, with_cuts
from ..solvers.clock import Clock
from ..solvers.highs import Answer
from ..solvers.program import Program, Solver

Floats = NDArray[np.float64]
COARSER = 10.0
"""Times the tolerance on the risk of whole slots: LP solvers keep their rows no better."""
ROUNDS = 300


def cheapest_fractions(
    study: Study, pool: CutPool, limits: Floats, clock: Clock, given: Floats | None = None
) -> Answer:
    """Return the cheapest plan in fractions of slots; its first years as `given` [region, year].

    The objective is in million NOK; NaN where there is no plan or no time.
    """
    program = plain_master(study)
    if given is not None:
        program = _with_first_years(program, given)
    nothing = np.full(program.slots.shape, np.nan)
    for _ in range(ROUNDS):
        found = Solver(with_cuts(program, pool.cuts, limits)).solve(1e-9, clock.left)
        if found.infeasible:
            return Answer("infeasible", nothing, np.nan, np.inf)
        if np.isnan(found.objective):
            break
        slots = found.values[program.slots]
        risk, z = pool.evaluate(slots)
        broken = np.flatnonzero(risk > limits + COARSER * tolerance(limits))
        if not broken.size:
            return Answer("optimal", slots, found.objective, found.bound)
        if clock.left <= 0:
            break
        pool.learn(slots, [int(c) for c in broken], risk, z)
    return Answer("stopped", nothing, np.nan, -np.inf)


def _with_first_years(program: Program, given: Floats) -> Program:
    """Return the program with the slots of the first years as `given` [region, year]."""
    lower, upper = program.lower.copy(), program.upper.copy()
    first = program.slots[:, : given.shape[1]]
    lower[first], upper[first] = given, given
    return program._replace(lower=lower, upper=upper)
