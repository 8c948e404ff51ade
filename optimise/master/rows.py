"""The master as plain rows: what Pyomo says of the limits, built once, with cuts as further rows.

A round adds rows and solves anew; building the Pyomo model again each time took longer than HiGHS.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ...core.study.settings import Solve
from ...core.study.study import Study
from ..cuts.pool import Cut, CutPool
from ..cuts.scenario_rows import NEGLIGIBLE
from ..solvers.highs import Answer
from ..solvers.program import INFINITE, Found, Program, Solver, program_of, with_column, with_rows
from ..solvers.pyomo_solvers import EMBEDDED, solve_by
from .build import build_master, minimise_cost
from .risk_blocks import add_shortage_cost

Floats = NDArray[np.float64]
LOG = logging.getLogger("lis1plan")


def plain_master(study: Study) -> Program:
    """Return the least-cost master of a study without any cuts; its slots are whole if asked."""
    model = build_master(study, integer=True)
    minimise_cost(model, study)
    add_shortage_cost(model, study, [])
    return program_of(model)


def master_of(pool: CutPool) -> Program:
    """Return the plain master of a pool's study, built by Pyomo once."""
    program: Program | None = pool.memory.get("program")
    if program is None:
        pool.memory["program"] = program = plain_master(pool.study)
    return program


def least_risk_master(program: Program, limit: int, least: float) -> Program:
    """Return the master that minimises the risk of one limit, a column of its own from `least` on.

    Cuts of that limit bound the column from below (`with_cuts`).
    """
    wide = with_column(program, least)
    cost = np.zeros(len(wide.cost))
    cost[-1] = 1.0
    return wide._replace(cost=cost, offset=0.0, missing={limit: len(cost) - 1})


def with_cuts(program: Program, cuts: Sequence[Cut], limits: Floats) -> Program:
    """Return the program with cuts of limits and prices as rows, as `limit_risk` has them."""
    cuts = [cut for cut in cuts if np.isfinite(limits[cut.limit]) or cut.limit in program.missing]
    if not cuts:
        return program
    wide, upper = np.zeros((len(cuts), len(program.cost))), np.zeros(len(cuts))
    for n, cut in enumerate(cuts):
        wide[n, program.slots.ravel()] = cut.slope.ravel()
        upper[n] = limits[cut.limit] - cut.constant
        if cut.limit in program.missing:
            wide[n, program.missing[cut.limit]] = -1.0
            upper[n] = -cut.constant
    scale = np.abs(wide).max(axis=1)
    scale[scale == 0.0] = 1.0
    wide /= scale[:, None]
    small = np.abs(wide) <= NEGLIGIBLE
    ends = np.maximum(np.abs(program.lower), np.abs(program.upper))
    ends[~np.isfinite(ends)] = 0.0
    loose = (np.abs(np.where(small, wide, 0.0)) * ends).sum(axis=1)  # only ever loosens a cut
    wide[small] = 0.0
    lower = np.full(len(cuts), -INFINITE)
    return with_rows(program, csr_matrix(wide), lower, upper / scale + loose)


def solve_plain(program: Program, solve: Solve, whole: bool, gap: float, seconds: float) -> Answer:
    """Solve a master to a relative gap, within a time, as the study says."""
    nodes = solve.node_limit if whole else None
    found = solve_rows(program, solve.solver, whole, gap, seconds, nodes)
    status: Literal["optimal", "stopped", "infeasible"] = "optimal"
    if found.infeasible or found.stopped:
        status = "infeasible" if found.infeasible else "stopped"
    LOG.info("master: %s, %.9g, bound %.9g", status, found.objective, found.bound)
    return Answer(status, found.values[program.slots], found.objective, found.bound)


def solve_rows(
    program: Program,
    solver: str,
    whole: bool,
    gap: float,
    seconds: float,
    nodes: int | None = None,
) -> Found:
    """Solve a program with a solver by name; the number of nodes is told to HiGHS only."""
    if solver != EMBEDDED:
        return solve_by(solver, program, whole, gap, seconds)
    return Solver(program, whole).solve(gap, seconds, nodes)
