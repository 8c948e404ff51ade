"""What HiGHS says is believed where it can be, and asked again where it says nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.sparse import csc_matrix

from lis1plan.optimise.solvers.highs import HeldProgram, SilentHighs
from lis1plan.optimise.solvers.program import Program

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
