"""What HiGHS says is believed where it can be, and asked again where it says nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from lis1plan.optimise.solvers.highs import HeldProgram, SilentHighs
from lis1plan.optimise.solvers.program import Found, Program, SolverError, Status, plan_of, sound
from lis1plan.optimise.solvers.solver import Solver

GOLDEN = Path(__file__).parents[2] / "golden"


def stored(name: str) -> Program:
    """A program that a run once came to."""
    highs = SilentHighs()
    highs.readModel(str(GOLDEN / name))
    lp = highs.getLp()
    matrix = (lp.a_matrix_.value_, lp.a_matrix_.index_, lp.a_matrix_.start_)
    rows = csc_matrix(matrix, shape=(lp.num_row_, lp.num_col_)).tocsr()
    none = np.zeros(0, dtype=np.int64)
    return Program(
        cost=np.array(lp.col_cost_),
        offset=lp.offset_,
        lower=np.array(lp.col_lower_),
        upper=np.array(lp.col_upper_),
        whole=np.zeros(lp.num_col_, dtype=np.bool_),
        rows=rows,
        row_lower=np.array(lp.row_lower_),
        row_upper=np.array(lp.row_upper_),
        names=(),
        slots=none,
        missing={},
        gives=none,
        raised={},
    )


def test_highs_that_ends_in_no_answer_is_asked_in_another_way() -> None:
    """Capacity that no relief makes up for: the dual simplex of 1.16 ends as "unknown" here."""
    assert HeldProgram(stored("unknown.lp")).solve().status == "infeasible"


def test_options_are_as_they_were_after_another_way() -> None:
    """The next solve of the same program goes the usual way."""
    held = HeldProgram(stored("unknown.lp"))
    names = ("presolve", "simplex_strategy")
    before = [held._highs.getOptionValue(name) for name in names]
    held.solve()
    assert before == [held._highs.getOptionValue(name) for name in names]


def small(whole: bool = False) -> Program:
    """Minimise x + y over x + 2y >= 3; the optimum is 1.5, in whole numbers 2."""
    return Program(
        cost=np.ones(2),
        offset=0.0,
        lower=np.zeros(2),
        upper=np.full(2, 10.0),
        whole=np.full(2, whole),
        rows=csr_matrix(np.array([[1.0, 2.0]])),
        row_lower=np.array([3.0]),
        row_upper=np.array([np.inf]),
        names=("a",),
        slots=np.array([[0, 1]]),
        missing={},
        gives=np.zeros(0, dtype=np.int64),
        raised={},
    )


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("status", "objective", "bound", "said", "bounds"),
    [
        ("optimal", NAN, NAN, "stopped", -INF),
        ("optimal", NAN, 1.0, "stopped", 1.0),
        ("optimal", 2.0, NAN, "stopped", -INF),
        ("optimal", 2.0, INF, "stopped", -INF),
        ("stopped", 2.0, NAN, "stopped", -INF),
        ("stopped", NAN, INF, "stopped", -INF),
        ("optimal", INF, 1.0, "stopped", 1.0),
        ("optimal", 2.0, 2.0, "optimal", 2.0),
        ("optimal", 2.0, -INF, "optimal", -INF),  # of a solver that tells no bound
        ("infeasible", NAN, INF, "infeasible", INF),
    ],
)
def test_an_answer_that_is_no_number_bounds_nothing_and_is_not_optimal(
    status: Status, objective: float, bound: float, said: str, bounds: float
) -> None:
    program = small()
    told = Found(status, np.ones(2), objective, bound, np.zeros(1), np.zeros(2))
    found = sound(program, told)
    assert (found.status, found.bound) == (said, bounds)
    plan = plan_of(program, found)
    assert np.isnan(plan.objective) == (not np.isfinite(objective))
    assert np.isnan(plan.slots).all() == (status != "infeasible" and not np.isfinite(objective))
    broken = sound(program, told._replace(values=np.array([1.0, NAN])))
    assert broken.status == ("infeasible" if status == "infeasible" else "stopped")
    assert not np.isnan(broken.bound)


class _Numberless:
    """HiGHS whose "optimal" has no number for an objective, so many times."""

    def __init__(self, highs: Any, times: int) -> None:
        self._highs, self._left, self.runs = highs, times, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._highs, name)

    def run(self) -> None:
        self.runs += 1
        self._left -= 1
        self._highs.run()

    def getInfo(self) -> Any:  # noqa: N802
        info = self._highs.getInfo()
        if self._left < 0:
            return info
        objective, status = NAN, info.primal_solution_status
        return SimpleNamespace(
            objective_function_value=objective, mip_dual_bound=NAN, primal_solution_status=status
        )


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("times", [1, 2])
def test_highs_that_finds_no_number_is_asked_in_another_way(whole: bool, times: int) -> None:
    held = HeldProgram(small(whole), whole)
    held._highs = fake = _Numberless(held._highs, times)
    found = held.solve()
    assert (found.status, found.objective) == ("optimal", 2.0 if whole else 1.5)
    assert found.bound == pytest.approx(found.objective)
    assert fake.runs == 1 + times


@pytest.mark.parametrize("whole", [False, True])
def test_highs_that_never_finds_a_number_has_stopped_and_proves_nothing(whole: bool) -> None:
    held = HeldProgram(small(whole), whole)
    held._highs = _Numberless(held._highs, 99)
    found = held.solve()
    assert (found.status, found.bound) == ("stopped", -INF)
    assert np.isnan(found.objective)
    assert np.isnan(found.values).all()


@pytest.mark.parametrize("where", ["cost", "offset", "rows", "row_lower", "upper"])
@pytest.mark.parametrize("solver", ["highs", "appsi_highs"])
def test_what_is_no_number_is_not_asked(where: str, solver: str) -> None:
    """HiGHS leaves a coefficient that is NaN out of its row, and calls what it finds optimal."""
    program = small()
    old: Any = getattr(program, where)
    asked = program._replace(**{where: old * NAN})
    with pytest.raises(SolverError, match="no number"):
        Solver(solver).solve(asked, 0.0, 10.0, whole=False)


def test_rows_and_prices_that_are_no_numbers_are_not_added() -> None:
    held = HeldProgram(small())
    with pytest.raises(SolverError, match="no number"):
        held.add(csr_matrix(np.array([[NAN, 1.0]])), np.zeros(1), np.ones(1))
    with pytest.raises(SolverError, match="no number"):
        held.minimise(np.array([NAN, 1.0]))
