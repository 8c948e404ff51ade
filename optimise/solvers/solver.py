"""Solvers as small values, and one way to ask any of them."""

from __future__ import annotations

from dataclasses import dataclass

from .highs import HeldProgram
from .program import Found, Program
from .pyomo_solvers import EMBEDDED, solve_by


@dataclass(frozen=True)
class Solver:
    """A solver by its name."""

    name: str

    def solve(
        self, program: Program, gap: float, seconds: float, *, whole: bool, nodes: int | None = None
    ) -> Found:
        """Solve to a relative gap, within a time; HiGHS alone within a number of nodes, too."""
        if self.name != EMBEDDED:
            return solve_by(self.name, program, whole, gap, seconds)
        return HeldProgram(program, whole).solve(gap, seconds, nodes if whole else None)


HIGHS = Solver(EMBEDDED)


def solver_named(name: str) -> Solver:
    """Return a solver: HiGHS as it is embedded, or one Pyomo knows by this name."""
    return HIGHS if name == EMBEDDED else Solver(name)
