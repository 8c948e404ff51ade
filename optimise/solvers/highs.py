"""HiGHS through Pyomo: fresh, single-threaded, so that equal masters give equal answers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.contrib.solver.common.factory import SolverFactory
from pyomo.contrib.solver.common.results import Results, SolutionStatus, TerminationCondition

Floats = NDArray[np.float64]
OPTIONS: dict[str, int | float | str] = {
    "random_seed": 0,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
    "presolve_rule_off": 512,
    "mip_allow_restart": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_pscost_minreliable": 4,
}
"""Of every master. Rule 9 of presolve (doubleton equations) is off: with it HiGHS 1.15.1 calls a
plan optimal that is a fifth too dear, since levels follow slots (tests/golden/presolve.lp). Masters
are small: without restarts, one heuristic and half the strong branching they took two thirds of the
time, over 24 of them along the frontier of the built-in study."""
LOG = logging.getLogger("lis1plan")


class Answer(NamedTuple):
    """What a solve says; `slots` and `objective` are NaN without a solution."""

    status: Literal["optimal", "stopped", "infeasible"]
    slots: Floats  # [region, decision year]
    objective: float
    bound: float


class SolverError(RuntimeError):
    """HiGHS ended in a way no master problem should lead to."""


def solve(model: pyo.ConcreteModel, gap: float, seconds: float) -> Answer:
    """Solve a master with HiGHS to a relative gap, within a time.

    "Infeasible" is believed only without presolve: HiGHS 1.15's presolve was seen to call
    whole-number masters infeasible whose capacity can be met exactly.

    Raises
    ------
    SolverError
        If HiGHS reports anything but optimal, infeasible or stopped by the clock.
    """
    answer = _solve(model, gap, seconds, "choose")
    if answer.status == "infeasible":
        answer = _solve(model, gap, seconds, "off")
    LOG.info("%s: %s, %.9g, bound %.9g", model.name, answer.status, answer.objective, answer.bound)
    return answer


def reduced_costs(
    model: pyo.ConcreteModel, variables: Sequence[pyo.Var], seconds: float
) -> list[float]:
    """Return the reduced cost of each variable in an LP at its optimum; NaN without one."""
    results = _results(model, 1e-9, seconds, "choose")
    if results.solution_status != SolutionStatus.optimal:
        return [np.nan] * len(variables)
    found = results.solution_loader.get_reduced_costs(variables)
    return [float(found[variable]) for variable in variables]


def _results(model: pyo.ConcreteModel, gap: float, seconds: float, presolve: str) -> Results:
    return SolverFactory("highs").solve(
        model,
        load_solutions=False,
        raise_exception_on_nonoptimal_result=False,
        time_limit=max(seconds, 0.1),
        rel_gap=gap,
        threads=1,
        solver_options=OPTIONS | {"presolve": presolve},
    )


def _solve(model: pyo.ConcreteModel, gap: float, seconds: float, presolve: str) -> Answer:
    results = _results(model, gap, seconds, presolve)
    shape = (len(model.regions), len(model.years))
    found = results.solution_status in (SolutionStatus.optimal, SolutionStatus.feasible)
    condition = results.termination_condition
    if condition == TerminationCondition.convergenceCriteriaSatisfied:
        status: Literal["optimal", "stopped", "infeasible"] = "optimal"
    elif condition in (
        TerminationCondition.provenInfeasible,
        TerminationCondition.infeasibleOrUnbounded,
        TerminationCondition.locallyInfeasible,
    ):
        return Answer("infeasible", np.full(shape, np.nan), np.nan, np.inf)
    elif condition == TerminationCondition.maxTimeLimit:
        status = "stopped"
    else:
        raise SolverError(f"HiGHS ended with {condition}")
    bound = results.objective_bound
    if not found:
        return Answer(status, np.full(shape, np.nan), np.nan, -np.inf if bound is None else bound)
    values = results.solution_loader.get_vars()
    slots = np.array([[values[model.slots[r, y]] for y in model.years] for r in model.regions])
    objective = float(results.incumbent_objective)
    least = np.array([[model.slots[r, y].lb for y in model.years] for r in model.regions])
    slots = np.maximum(slots, least)
    return Answer(status, slots, objective, objective if bound is None else bound)
