"""A master problem as plain rows: what Pyomo says of the limits, for any solver, with more rows.

Every master goes this way: a model in Pyomo, its rows here once, cuts as further rows, a solver.
"""

from __future__ import annotations

import logging
from typing import Any, Literal, NamedTuple

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.common.collections import ComponentSet
from pyomo.core.expr.visitor import identify_variables
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.sparse import csr_matrix, diags, hstack, vstack

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
INFINITE = np.inf
SMALL_ROW = 1e-6
"""Largest coefficient of a row: HiGHS drops what is below 1e-9, and keeps rows to 1e-7."""
logging.getLogger("pyomo.core").setLevel(logging.CRITICAL)
"""What Pyomo logs as an error it raises, too: interrupted, it would print lines of its own."""
Status = Literal["optimal", "stopped", "infeasible"]


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
    names: tuple[str, ...]  # [row] of the model; cuts, which come after, have none
    slots: Counts  # [region, decision year] the columns of the slots
    missing: dict[int, tuple[int, float]]  # limit -> column its cuts bound, what one of it means
    gives: Counts  # [limit that may give way] the columns of what each gives
    raised: dict[int, tuple[int, float]]  # limit on risk -> its give, and what one of it means

    def plain(self) -> tuple[Any, ...]:
        """Return what a solver is told, as plain arrays and numbers."""
        rows = self.rows
        columns = (self.cost, self.offset, self.lower, self.upper, self.whole)
        return (*columns, rows.data, rows.indices, rows.indptr, self.row_lower, self.row_upper)


class SolverError(RuntimeError):
    """A solver ended in a way no master problem should lead to."""


class Found(NamedTuple):
    """What a solver says; values, objective and duals are NaN or empty without a solution.

    As every answer leaves this room (see `sound`), the bound is a number or infinite, never NaN.
    """

    status: Status
    values: Floats  # [column]
    objective: float
    bound: float
    duals: Floats  # [row]; empty for whole numbers, and of solvers that tell none
    reduced: Floats  # [column] reduced costs; empty likewise


class Plan(NamedTuple):
    """What a master says of its slots; they and the objective are NaN without a solution."""

    status: Status
    slots: Floats  # [region, decision year]
    objective: float
    bound: float


def unit_of(cost: Floats) -> float:
    """Return the largest price of an objective, [column], as a power of two; one if there is none.

    Solvers compare objectives with tolerances of their own size: in this unit no price is above two
    and the largest at least one, in whatever money a study counts. A power of two rounds nothing.
    """
    largest = float(np.abs(cost).max(initial=0.0))
    return float(2.0 ** np.floor(np.log2(largest))) if largest > 0.0 else 1.0


def in_units(found: Found, unit: float) -> Found:
    """Return an answer whose objective was divided by a unit as it is without."""
    return found._replace(
        objective=found.objective * unit,
        bound=found.bound * unit,
        duals=found.duals * unit,
        reduced=found.reduced * unit,
    )


def nothing_found(program: Program, status: Status, bound: float) -> Found:
    """Return the answer without a solution."""
    none = np.zeros(0)
    return Found(status, np.full(len(program.cost), np.nan), np.nan, bound, none, none)


def sound(program: Program, found: Found) -> Found:
    """Return an answer as the rest of the program may believe it.

    HiGHS was seen to call "optimal" what has no number for an objective. A solution that is no
    number is none, a bound that is no number, or above all numbers without a proof that nothing is
    there, bounds nothing; with either of them an answer is one that was stopped.
    """
    if found.status == "infeasible":
        return found
    bounded = not np.isnan(found.bound) and found.bound != INFINITE
    bound = found.bound if bounded else -INFINITE
    status: Status = found.status if bounded else "stopped"
    if np.isfinite(found.objective) and np.isfinite(found.values).all():
        return found._replace(status=status, bound=bound)
    return nothing_found(program, "stopped", bound)


def require_numbers(*told: Floats | float) -> None:
    """Refuse to ask a solver about what is no number: HiGHS leaves such coefficients out.

    Raises
    ------
    SolverError
        If any price, coefficient or end of a row is NaN.
    """
    if any(np.isnan(each).any() for each in told):
        raise SolverError("a master problem holds what is no number")


def plan_of(program: Program, found: Found) -> Plan:
    """Return what an answer says of the slots."""
    return Plan(found.status, found.values[program.slots], found.objective, found.bound)


def inside(program: Program, plan: Plan) -> Plan:
    """Return the plan with no slots below their bounds by a solver's tolerance."""
    return plan._replace(slots=np.maximum(plan.slots, program.lower[program.slots]))


def program_of(model: pyo.ConcreteModel, *, by_rows: bool = False) -> Program:
    """Return a model with an objective as plain rows.

    Columns stand in the order in which the objective names them, then the rows; `by_rows`: in that
    of the rows. Among equally good plans it decides which one a solver finds.
    """
    order = _in_order_of_rows(model) if by_rows else None
    form = LinearStandardFormCompiler().write(model, mixed_form=True, column_order=order)
    slots, missing, gives = (_variables(model, name) for name in ("slots", "missing", "give"))
    known = {id(column) for column in form.columns}
    unused = [x for x in (*slots.values(), *gives.values()) if id(x) not in known]
    every = [*form.columns, *unused]
    columns = {id(column): n for n, column in enumerate(every)}
    rows = hstack([form.A, csr_matrix((form.A.shape[0], len(unused)))]).tocsr()
    sense = np.array([row.bound_type for row in form.rows])
    bounds = np.array([column.bounds for column in every], dtype=object)
    size = _size_of_rows(rows)
    return Program(
        cost=np.append(form.c.toarray()[0], np.zeros(len(unused))),
        offset=float(form.c_offset[0]),
        lower=np.array([-INFINITE if low is None else low for low in bounds[:, 0]], dtype=float),
        upper=np.array([INFINITE if high is None else high for high in bounds[:, 1]], dtype=float),
        whole=np.array([column.is_integer() for column in every]),
        rows=diags(size) @ rows,
        row_lower=np.where(sense <= 0, form.rhs * size, -INFINITE) * 1.0,
        row_upper=np.where(sense >= 0, form.rhs * size, INFINITE) * 1.0,
        names=tuple(row.constraint.name for row in form.rows),
        slots=np.array([columns[id(x)] for x in slots.values()]).reshape(-1, len(model.years)),
        missing={c: (columns[id(x)], 1.0) for c, x in missing.items()},
        gives=np.array([columns[id(x)] for x in gives.values()], dtype=np.int64),
        raised={},
    )


def _size_of_rows(rows: csr_matrix) -> Floats:
    """Return by what rows are multiplied that a solver would take for nothing, [row]; else 1.

    A power of two, so that no bit changes: budgets may be in any money.
    """
    largest = abs(rows).max(axis=1).toarray().ravel()
    small = (largest > 0.0) & (largest < SMALL_ROW)
    return np.where(small, 2.0 ** -np.floor(np.log2(np.where(small, largest, 1.0))), 1.0)


def _in_order_of_rows(model: pyo.ConcreteModel) -> list[Any]:
    """Return the variables of a model's rows, in the order of their first appearance."""
    rows = model.component_data_objects(pyo.Constraint, active=True)
    return list(ComponentSet(x for row in rows for x in identify_variables(row.body)))


def _variables(model: pyo.ConcreteModel, name: str) -> dict[Any, Any]:
    """Return the variables of a block by index; none where a model has no such block."""
    block = model.find_component(name)
    return {} if block is None else dict(block.items())


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
