"""The register: which formula belongs to which row, and the recomputing of rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from . import costs, demand, earlier_costs, growth, needs, others, rounds, supervision
from .row import Formula, Outcome, Row

SECTIONS = (needs, growth, demand, rounds, costs, earlier_costs, supervision, others)
FORMULAS: dict[str, Formula] = {
    name: formula for section in SECTIONS for name, formula in section.FORMULAS.items()
}


class NotComputableError(ValueError):
    """The inputs of a row allow no result: a division by zero, a count that is not whole."""


def recompute(rows: Iterable[Row]) -> list[Outcome]:
    """Return every row with the values that its formula gives, in the order of the rows.

    Raises
    ------
    NotComputableError
        Naming every row whose inputs allow no result, one line each.
    """
    outcomes, problems = [], []
    for row in rows:
        try:
            outcomes.append(Outcome(row, _values(row)))
        except (ArithmeticError, ValueError) as error:
            problems.append(f"{row.id}: cannot be computed from these inputs: {error}")
    if problems:
        raise NotComputableError("\n".join(problems))
    return outcomes


def _values(row: Row) -> tuple[float, ...]:
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        values = tuple(FORMULAS[row.id](row.inputs))
    if not np.isfinite(values).all():
        raise ValueError("the result is not finite")
    return values
