"""A master problem as plain rows for HiGHS itself: for thousands of small solves with more rows.

Pyomo says what the limits are; its standard form is solved here without building a model anew.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import highspy
import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.sparse import csr_matrix, hstack, vstack

from .highs import OPTIONS, SolverError

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
INFINITE = highspy.kHighsInf
STOPPED = (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
INFEASIBLE = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


class Program(NamedTuple):
    """minimise cost . v, rows within bounds, v within bounds, some of v whole."""

    cost: Floats  # [column]
    offset: float
    lower: Floats  # [column]
    upper: Floats  # [column]
    whole: NDArray[np.bool_]  # [column]
    rows: csr_matrix  # [row, column]
    row_lower: Floats
    row_upper: Floats
    slots: Counts  # [region, decision year] the columns of the slots
    missing: dict[int, int]  # limit that is a price -> column of its expected missing FTE-years


class Found(NamedTuple):
    """What HiGHS says: values [column] are NaN without a solution."""

    infeasible: bool
    values: Floats
    objective: float
    bound: float
    duals: Floats  # [row]; empty for whole numbers
    stopped: bool = False  # by the clock or the nodes


def program_of(model: pyo.ConcreteModel) -> Program:
    """Return a model with an objective as plain rows."""
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    columns = {id(column): n for n, column in enumerate(form.columns)}
    missing = [column for column in model.slots.values() if id(column) not in columns]
    every = [*form.columns, *missing]
    columns |= {id(column): len(form.columns) + n for n, column in enumerate(missing)}
    rows = hstack([form.A, csr_matrix((form.A.shape[0], len(missing)))]).tocsr()
    sense = np.array([row.bound_type for row in form.rows])
    bounds = np.array([column.bounds for column in every], dtype=object)
    return Program(
        cost=np.append(form.c.toarray()[0], np.zeros(len(missing))),
        offset=float(form.c_offset[0]),
        lower=np.array([-INFINITE if low is None else low for low in bounds[:, 0]], dtype=float),
        upper=np.array([INFINITE if high is None else high for high in bounds[:, 1]], dtype=float),
        whole=np.array([column.is_integer() for column in every]),
        rows=rows,
        row_lower=np.where(sense <= 0, form.rhs, -INFINITE) * 1.0,
        row_upper=np.where(sense >= 0, form.rhs, INFINITE) * 1.0,
        slots=np.array(
            [[columns[id(model.slots[r, y])] for y in model.years] for r in model.regions]
        ),
        missing={c: columns[id(x)] for c, x in _priced(model).items()},
    )


def _priced(model: pyo.ConcreteModel) -> dict[int, Any]:
    """Return the variables of priced shortage, by limit."""
    return dict(model.missing.items()) if model.find_component("missing") is not None else {}


def with_rows(program: Program, rows: csr_matrix, lower: Floats, upper: Floats) -> Program:
    """Return the program with more rows over its first columns."""
    wide = csr_matrix((rows.data, rows.indices, rows.indptr), (rows.shape[0], len(program.cost)))
    return program._replace(
        rows=vstack([program.rows, wide]).tocsr(),
        row_lower=np.append(program.row_lower, lower),
        row_upper=np.append(program.row_upper, upper),
    )


def with_column(program: Program, lower: float) -> Program:
    """Return the program with one column more, at least `lower`, without cost, in no row."""
    rows = hstack([program.rows, csr_matrix((program.rows.shape[0], 1))]).tocsr()
    return program._replace(
        cost=np.append(program.cost, 0.0),
        lower=np.append(program.lower, lower),
        upper=np.append(program.upper, INFINITE),
        whole=np.append(program.whole, False),
        rows=rows,
    )


def with_flags(program: Program, count: int) -> Program:
    """Return the program with `count` more columns, each 0 or 1, without cost."""
    empty = csr_matrix((program.rows.shape[0], count))
    return program._replace(
        cost=np.append(program.cost, np.zeros(count)),
        lower=np.append(program.lower, np.zeros(count)),
        upper=np.append(program.upper, np.ones(count)),
        whole=np.append(program.whole, np.ones(count, dtype=bool)),
        rows=hstack([program.rows, empty]).tocsr(),
    )


class SilentHighs(highspy.Highs):  # type: ignore[misc]  # highspy is not typed for mypy here
    """HiGHS that prints nothing on C's standard output, not even while it is constructed.

    From 1.16 on HiGHS introduces itself in two lines at the first call that finds output switched
    on, and highspy's constructor makes such a call: it enables callbacks. An option set afterwards
    comes too late, so output is switched off just before that call.
    """

    def enableCallbacks(self) -> None:  # noqa: N802
        """Switch output off, then do as highspy does."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


class Solver:
    """HiGHS holding one program; rows come and go, objectives change, the basis stays."""

    def __init__(self, program: Program, whole: bool = False) -> None:
        self.program = program
        self._whole = whole
        self._highs = SilentHighs()
        for name, value in (("threads", 1), *OPTIONS.items()):
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_lp(program, whole))

    def add(self, rows: csr_matrix, lower: Floats, upper: Floats) -> None:
        """Add rows over the first columns."""
        self._highs.addRows(
            rows.shape[0],
            lower,
            upper,
            rows.nnz,
            rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32),
            rows.data,
        )

    def drop(self, count: int) -> None:
        """Drop the last rows."""
        if count:
            last = self._highs.getNumRow()
            self._highs.deleteRows(count, np.arange(last - count, last, dtype=np.int32))

    def minimise(self, cost: Floats) -> None:
        """Set another objective, [column]."""
        self._highs.changeColsCost(
            len(cost), np.arange(len(cost), dtype=np.int32), np.asarray(cost, dtype=float)
        )

    def solve(self, gap: float = 0.0, seconds: float = 60.0, nodes: int | None = None) -> Found:
        """Solve to a relative gap, within a time and a number of nodes.

        "Infeasible" is believed only without presolve, see highs.solve.

        Raises
        ------
        SolverError
            If HiGHS ends in any other way than optimal, infeasible or stopped by one of the two.
        """
        if nodes is not None:
            self._highs.setOptionValue("mip_max_nodes", nodes)
        self._highs.setOptionValue("mip_rel_gap", gap)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(seconds, 0.1))
        self._highs.run()
        if self._highs.getModelStatus() in INFEASIBLE:
            self._run_without_presolve()
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        nothing = np.full(len(self.program.cost), np.nan)
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        bound = info.mip_dual_bound if self._whole else info.objective_function_value
        stopped = status in STOPPED
        if status in INFEASIBLE:
            return Found(True, nothing, np.nan, np.inf, nothing[:0])
        if status != highspy.HighsModelStatus.kOptimal and not stopped:
            raise SolverError(f"HiGHS ended with {status}")
        if stopped and not self._whole:
            return Found(False, nothing, np.nan, -np.inf, nothing[:0], stopped)
        if not feasible:
            return Found(False, nothing, np.nan, bound, nothing[:0], stopped)
        solution = self._highs.getSolution()
        duals = np.zeros(0) if self._whole else np.array(solution.row_dual)
        values = np.array(solution.col_value)
        return Found(False, values, info.objective_function_value, bound, duals, stopped)

    def _run_without_presolve(self) -> None:
        _, presolve = self._highs.getOptionValue("presolve")
        self._highs.setOptionValue("presolve", "off")
        self._highs.clearSolver()
        self._highs.run()
        self._highs.setOptionValue("presolve", presolve)


def _lp(program: Program, whole: bool) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), program.rows.shape[0]
    lp.col_cost_, lp.offset_ = program.cost, program.offset
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.rows.indptr
    lp.a_matrix_.index_ = program.rows.indices
    lp.a_matrix_.value_ = program.rows.data
    if whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(each)] for each in program.whole]
    return lp
