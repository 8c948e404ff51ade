"""Another MILP solver Pyomo knows, by name, for the masters: rows in, values and a bound out.

HiGHS is embedded and needs none of this. Others differ in how they are told a gap and in what they
say of a bound; what they find is judged by the kernel like any plan.
"""

from __future__ import annotations

from subprocess import TimeoutExpired
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.errors import ApplicationError
from pyomo.contrib.solver.common.factory import SolverFactory as Current
from pyomo.contrib.solver.common.results import SolutionStatus
from pyomo.contrib.solver.common.results import TerminationCondition as Ended
from pyomo.core.expr.numeric_expr import LinearExpression
from pyomo.opt import TerminationCondition

from ...core.errors import Exit, LisError
from .program import (
    INFINITE,
    Found,
    Program,
    SolverError,
    Status,
    nothing_found,
    require_numbers,
    sound,
    unit_of,
)

EMBEDDED = "highs"
GAP_OPTION = {
    "cbc": "ratioGap",
    "highs": "mip_rel_gap",
    "glpk": "mipgap",
    "gurobi": "MIPGap",
    "cplex_direct": "mip_tolerances_mipgap",
    "cplex": "mipgap",
    "xpress": "miprelstop",
    "scip": "limits/gap",
}
"""How solvers of Pyomo's older interface are told a relative gap; one not here keeps its own."""
BY_THE_CLOCK = (TerminationCondition.maxTimeLimit, TerminationCondition.feasible)
"""How they end at the time limit; of GLPK Pyomo says "feasible" if it has a plan by then."""


class NoSolverError(LisError):
    """The solver asked for is not here; the message says what to do."""

    exit_code = Exit.BAD_INPUT
    final = True


ADVICE = f"install it, or leave solve.solver at {EMBEDDED}, which needs nothing"


def require_known(name: str) -> None:
    """Check that there is a solver of a name, here or elsewhere.

    Raises
    ------
    NoSolverError
        If Pyomo knows no such solver.
    """
    if name != EMBEDDED and name not in Current and name not in pyo.SolverFactory:
        known = ", ".join(sorted(GAP_OPTION))
        raise NoSolverError(
            f"solve.solver: Pyomo knows no solver '{name}' (it knows {known} and others); {ADVICE}"
        )


def require(name: str) -> None:
    """Check that a solver can be used.

    Raises
    ------
    NoSolverError
        If Pyomo knows no such solver, or it is not installed, or it has no licence.
    """
    if name == EMBEDDED:
        return
    require_known(name)
    try:
        there = bool(_maker(name).available())
    except (ApplicationError, ImportError, OSError) as error:
        raise NoSolverError(
            f"solve.solver: {name}: {str(error).splitlines()[0]}; {ADVICE}"
        ) from None
    if not there:
        raise NoSolverError(f"solve.solver: {name} is not installed or has no licence; {ADVICE}")


def version_of(name: str) -> str:
    """Return name and version of a solver, as far as it says one."""
    parts = _maker(name).version() or ()
    return f"{name} {'.'.join(map(str, parts))}".rstrip()


def solve_by(name: str, program: Program, whole: bool, gap: float, seconds: float) -> Found:
    """Solve a program with a solver to a relative gap, within a time.

    Raises
    ------
    SolverError
        If it ends in any other way than optimal, infeasible or stopped by the clock.
    """
    ends = program.lower, program.upper, program.row_lower, program.row_upper
    require_numbers(program.cost, program.offset, program.rows.data, *ends)
    unit = unit_of(program.cost)
    model = _model(program._replace(cost=program.cost / unit, offset=program.offset / unit), whole)
    if model is None:
        return nothing_found(program, "infeasible", np.inf)
    by = _by_current if name in Current else _by_older
    status, values, bound = by(name, model, gap, max(seconds, 0.1))
    if status == "infeasible" or values is None:
        return sound(program, nothing_found(program, status, bound * unit))
    objective, bound = float(program.cost @ values) + program.offset, bound * unit
    if np.isnan(bound):  # not said: that of a solver that kept the gap it was told
        told = name in Current or _gap_option(name) is not None
        kept = status == "optimal" and (not whole or told)
        bound = objective - gap * abs(objective) if kept else -np.inf
    none = np.zeros(0)
    return sound(program, Found(status, values, objective, min(bound, objective), none, none))


def _maker(name: str) -> Any:
    return Current(name) if name in Current else pyo.SolverFactory(name)


def _gap_option(name: str) -> str | None:
    names = (
        option for known, option in GAP_OPTION.items() if name.startswith((known, f"appsi_{known}"))
    )
    return next(names, None)


def _model(program: Program, whole: bool) -> pyo.ConcreteModel | None:
    """Return the rows as a Pyomo model; None if a row without coefficients cannot be kept."""
    model = pyo.ConcreteModel()
    kinds = [pyo.Integers if whole and each else pyo.Reals for each in program.whole]
    ends = list(zip(map(_end, program.lower), map(_end, program.upper), strict=True))
    model.v = pyo.Var(range(len(ends)), domain=lambda _, n: kinds[n], bounds=lambda _, n: ends[n])
    columns = list(model.v.values())
    model.cost = pyo.Objective(expr=_linear(program.cost, columns, program.offset))
    model.rows = pyo.ConstraintList()
    rows = program.rows
    for n, (low, high) in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
        part = slice(rows.indptr[n], rows.indptr[n + 1])
        used = [columns[j] for j in rows.indices[part]]
        if not used:
            if low > 0.0 or high < 0.0:
                return None
            continue
        model.rows.add((_end(low), _linear(rows.data[part], used), _end(high)))
    return model


def _end(value: float) -> float | None:
    return None if abs(value) >= INFINITE else float(value)


def _linear(numbers: Any, columns: list[Any], constant: float = 0.0) -> Any:
    return LinearExpression(
        constant=constant, linear_coefs=[float(x) for x in numbers], linear_vars=columns
    )


Ending = tuple[Status, Any, float]
"""How it ended, values [column] or None, bound or NaN."""


def _by_current(name: str, model: pyo.ConcreteModel, gap: float, seconds: float) -> Ending:
    results = Current(name).solve(
        model,
        load_solutions=False,
        raise_exception_on_nonoptimal_result=False,
        time_limit=seconds,
        rel_gap=gap,
    )
    ended = results.termination_condition
    if ended in (Ended.provenInfeasible, Ended.infeasibleOrUnbounded, Ended.locallyInfeasible):
        return "infeasible", None, np.inf
    stopped = ended == Ended.maxTimeLimit
    if ended != Ended.convergenceCriteriaSatisfied and not stopped:
        raise SolverError(f"{name} ended with {ended}")
    status: Status = "stopped" if stopped else "optimal"
    bound = np.nan if results.objective_bound is None else float(results.objective_bound)
    if results.solution_status not in (SolutionStatus.optimal, SolutionStatus.feasible):
        return status, None, bound
    found = results.solution_loader.get_vars()
    return status, np.array([found[v] for v in model.v.values()], dtype=float), bound


def _by_older(name: str, model: pyo.ConcreteModel, gap: float, seconds: float) -> Ending:
    """Return how it ended; the time is told in whole seconds, since glpsol takes no others.

    A bound that equals the plan is not believed: "optimal" means within the gap, whatever that
    is, and Pyomo takes the plans of CBC and GLPK for their bounds.
    """
    solver, option = pyo.SolverFactory(name), _gap_option(name)
    if option is not None:
        solver.options[option] = gap
    try:
        results = solver.solve(model, load_solutions=False, timelimit=int(np.ceil(seconds)))
    except TimeoutExpired:  # it overran its time by more than a second, and Pyomo ended it
        return "stopped", None, np.nan
    ended, bound = results.solver.termination_condition, results.problem.lower_bound
    if ended in (TerminationCondition.infeasible, TerminationCondition.infeasibleOrUnbounded):
        return "infeasible", None, np.inf
    stopped = ended in BY_THE_CLOCK
    if ended != TerminationCondition.optimal and not stopped:
        raise SolverError(f"{name} ended with {ended}")
    status: Status = "stopped" if stopped else "optimal"
    bound = float(bound) if bound is not None and np.isfinite(bound) else np.nan
    if results.problem.upper_bound == bound:
        bound = np.nan
    if len(results.solution) == 0:
        return status, None, bound
    model.solutions.load_from(results)
    values = [v.value if v.value is not None else 0.0 for v in model.v.values()]
    return status, np.array(values, dtype=float), bound
