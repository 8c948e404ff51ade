"""Solvers as small values: what each can do, and one way to ask any of them."""

from __future__ import annotations

from dataclasses import dataclass

from .highs import HeldProgram
from .program import Found, Program
from .pyomo_solvers import EMBEDDED, solve_by


@dataclass(frozen=True)
class Solver:
    """A solver by its name.

    `limits_nodes`: it can be told a number of nodes. `tells_duals`: of programs in fractions.
    """

    name: str
    limits_nodes: bool
    tells_duals: bool

    def solve(
        self, program: Program, gap: float, seconds: float, *, whole: bool, nodes: int | None = None
    ) -> Found:
        """Solve to a relative gap, within a time and, where it can be told, a number of nodes."""
        if self.name != EMBEDDED:
            return solve_by(self.name, program, whole, gap, seconds)
        return HeldProgram(program, whole).solve(gap, seconds, nodes if whole else None)


HIGHS = Solver(EMBEDDED, limits_nodes=True, tells_duals=True)


def solver_named(name: str) -> Solver:
    """Return a solver: HiGHS as it is embedded, or one Pyomo knows by this name."""
    return HIGHS if name == EMBEDDED else Solver(name, limits_nodes=False, tells_duals=False)
